/**
 * Loops as factors that an order can interleave (cost-model.md 6.2). Invariant: per dim the product of the factors is
 * the loop count, whatever the limit.
 */
import type { LoopDim, LoopSize } from '../ir/layer.js';

/**
 * Prime factors of the loop counts, in the order of the loops, merged until at most `limit` are left: always the two
 * smallest of the dim that has most (ties: the first). A dim keeps at least one factor, so more dims than `limit`
 * stay more factors than `limit`.
 */
export function loopFactors(loops: readonly LoopSize[], limit: number | null): readonly LoopSize[] {
  const factors = loops.map(({ dim, size }) => ({ dim, sizes: primeFactors(size) }));
  let count = factors.reduce((sum, { sizes }) => sum + sizes.length, 0);
  while (limit !== null && count > limit) {
    const most = factors.reduce((a, b) => (b.sizes.length > a.sizes.length ? b : a));
    const [first, second, ...rest] = most.sizes;
    if (first === undefined || second === undefined) break;
    most.sizes = [first * second, ...rest].sort((a, b) => a - b);
    count--;
  }
  return factors.flatMap(({ dim, sizes }) => sizes.map((size) => ({ dim, size })));
}

/**
 * What the loop counts leave beside loops already placed, which divide them: per dim as many factors as `loopFactors`
 * makes, less the placed ones. Where the placed loops are among those factors, these are the others.
 */
export function factorsBeside(
  placed: readonly LoopSize[],
  loops: readonly LoopSize[],
  limit: number | null,
): readonly LoopSize[] {
  const all = loopFactors(loops, limit);
  return loops.flatMap(({ dim, size }) => {
    const taken = placed.filter((loop) => loop.dim === dim);
    const count = all.filter((loop) => loop.dim === dim).length - taken.length;
    const rest = taken.reduce((quotient, loop) => quotient / loop.size, size);
    return loopFactors([{ dim, size: rest }], limit === null ? null : Math.max(1, count));
  });
}

/** A multiset less another, in the same order; undefined if it does not contain it. */
export function without(all: readonly number[], some: readonly number[]): readonly number[] | undefined {
  const left = [...all];
  for (const value of some) {
    const at = left.indexOf(value);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return left;
}

/** Ascending, with multiplicity; none for 1. */
export function primeFactors(n: number): number[] {
  const primes: number[] = [];
  let rest = n;
  for (let p = 2; p * p <= rest; p++)
    while (rest % p === 0) {
      primes.push(p);
      rest /= p;
    }
  if (rest > 1) primes.push(rest);
  return primes;
}

export interface Alphabet {
  /** Distinct factors, ascending by dim name (code units), then size: the order of enumeration compares them. */
  readonly letters: readonly LoopSize[];
  /** The multiset of factors as indices of letters, not increasing. */
  readonly word: readonly number[];
}

export function alphabetOf(factors: readonly LoopSize[]): Alphabet {
  const sorted = factors.toSorted((a, b) => compareNames(a.dim, b.dim) || a.size - b.size);
  const letters = sorted.filter((factor, i) => i === 0 || !same(factor, sorted[i - 1]!));
  const word = sorted.map((factor) => letters.findIndex((letter) => same(letter, factor))).reverse();
  return { letters, word };
}

const same = (a: LoopSize, b: LoopSize): boolean => a.dim === b.dim && a.size === b.size;
const compareNames = (a: LoopDim, b: LoopDim): number => (a < b ? -1 : a > b ? 1 : 0);
