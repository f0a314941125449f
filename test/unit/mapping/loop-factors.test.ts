/** Loop prime factors and their limit (cost-model.md 6.2). */
import fc from 'fast-check';
import { LOOP_DIMS, type LoopSize } from '../../../src/ir/layer.js';
import { alphabetOf, factorsBeside, loopFactors, primeFactors } from '../../../src/mapping/loop-factors.js';

const text = (loops: readonly LoopSize[]): string => loops.map(({ dim, size }) => `${dim}${size}`).join(' ');

const EXAMPLE: readonly LoopSize[] = [
  { dim: 'C', size: 6 },
  { dim: 'OY', size: 18 },
  { dim: 'OX', size: 15 },
  { dim: 'FX', size: 3 },
  { dim: 'FY', size: 3 },
];

test('without a limit all factors are prime', () => {
  expect(text(loopFactors(EXAMPLE, null))).toBe('C2 C3 OY2 OY3 OY3 OX3 OX5 FX3 FY3');
});

test('the limit merges the two smallest of the dim with most factors, the first of equals', () => {
  // 9 factors: OY 2 3 3 -> 3 6; then C, OY and OX have two each: C -> 6, OY -> 18. OX keeps 3 5.
  expect(text(loopFactors(EXAMPLE, 6))).toBe('C6 OY18 OX3 OX5 FX3 FY3');
});

test('a merged factor is sorted in again', () => {
  // 2 2 2 3 -> 2 3 4 -> 4 6
  expect(text(loopFactors([{ dim: 'K', size: 24 }], 3))).toBe('K2 K3 K4');
  expect(text(loopFactors([{ dim: 'K', size: 24 }], 2))).toBe('K4 K6');
});

test('a limit below the number of loops leaves one factor each', () => {
  expect(text(loopFactors(EXAMPLE, 3))).toBe('C6 OY18 OX15 FX3 FY3');
  expect(loopFactors([{ dim: 'B', size: 1 }], 3)).toEqual([]);
});

test('the product per dim survives any limit, and the limit is kept where it can be', () => {
  const loops = fc
    .uniqueArray(fc.record({ dim: fc.constantFrom(...LOOP_DIMS), size: fc.integer({ min: 1, max: 5000 }) }), {
      selector: ({ dim }) => dim,
    })
    .filter((list) => list.length > 0);
  fc.assert(
    fc.property(loops, fc.integer({ min: 1, max: 12 }), (list, limit) => {
      const factors = loopFactors(list, limit);
      for (const { dim, size } of list) {
        const product = factors.reduce((p, factor) => (factor.dim === dim ? p * factor.size : p), 1);
        expect([dim, product]).toEqual([dim, size]);
      }
      expect(factors.length).toBeLessThanOrEqual(Math.max(limit, list.filter(({ size }) => size > 1).length));
    }),
    { seed: 2023, numRuns: 500 },
  );
});

test('prime factors', () => {
  expect(primeFactors(1)).toEqual([]);
  expect(primeFactors(97)).toEqual([97]);
  expect(primeFactors(360)).toEqual([2, 2, 2, 3, 3, 5]);
});

test('letters are sorted by dim name, then size; the word starts with the largest', () => {
  const { letters, word } = alphabetOf(loopFactors([{ dim: 'OX', size: 12 }, { dim: 'K', size: 3 }], null)); // prettier-ignore
  expect(text(letters)).toBe('K3 OX2 OX3');
  expect(word).toEqual([2, 1, 1, 0]);
});

describe('factors beside loops already placed', () => {
  const beside = (placed: readonly LoopSize[], limit: number | null): string =>
    text(factorsBeside(placed, EXAMPLE, limit));

  test('are those that the search has left, or as many', () => {
    expect(beside([], 6)).toBe(text(loopFactors(EXAMPLE, 6)));
    expect(beside([{ dim: 'OX', size: 5 }], 6)).toBe('C6 OY18 OX3 FX3 FY3');
    // 18 / 9 = 2; the search would not have divided OY.
    expect(beside([{ dim: 'OY', size: 9 }], 6)).toBe('C6 OY2 OX3 OX5 FX3 FY3');
    expect(beside([{ dim: 'OY', size: 3 }], null)).toBe('C2 C3 OY2 OY3 OX3 OX5 FX3 FY3');
    expect(beside(EXAMPLE, 6)).toBe('');
  });

  test('a factor taken out of any leaves the others', () => {
    const sizes = fc.tuple(fc.integer({ min: 2, max: 5000 }), fc.integer({ min: 2, max: 5000 }));
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 8 }), fc.nat(), ([C, K], limit, pick) => {
        const loops: readonly LoopSize[] = [
          { dim: 'C', size: C },
          { dim: 'K', size: K },
        ];
        const all = loopFactors(loops, limit);
        const at = pick % all.length;
        expect(factorsBeside(all.slice(at, at + 1), loops, limit)).toEqual(all.toSpliced(at, 1));
      }),
      { seed: 2023, numRuns: 500 },
    );
  });
});
