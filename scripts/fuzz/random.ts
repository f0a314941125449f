/** Reproducible choices: the same seed makes the same input, on every machine. */

export interface Random {
  /** In [0, 1). */
  readonly next: () => number;
  /** In 0..count-1. */
  readonly below: (count: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(from: readonly [T, ...T[]] | readonly T[]) => T;
}

/** Input `index` of a run with a seed has a generator of its own, so that it can be made again alone. */
export function randomOf(seed: number, index: number): Random {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: <T>(from: readonly T[]): T => {
      const chosen = from[below(from.length)];
      if (chosen === undefined && from.length === 0) throw new Error('nothing to pick from');
      return chosen as T;
    },
  };
}

/** Sizes at which programs break. */
export const SIZES = [
  '0',
  '1',
  '2',
  '3',
  '7',
  '64',
  '65536',
  '2147483648',
  '4294967297',
  '94906267',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775807',
  '-1',
  '-2',
  '-9223372036854775808',
] as const;

/** Names at which programs break. */
export const NAMES = [
  '',
  'x',
  'y',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'a b',
  '../../etc/passwd',
  'é\u0000\u001b[31m',
  '@',
  '%',
  '$0',
  '{,}=',
  'n'.repeat(300),
] as const;

/** A list in another order. */
export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const result = [...list];
  for (let k = result.length - 1; k > 0; k--) {
    const other = random.below(k + 1);
    [result[k], result[other]] = [result[other] as T, result[k] as T];
  }
  return result;
}
