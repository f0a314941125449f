/** Enumeration of multiset permutations: the published order, and nothing missed or repeated. */
import fc from 'fast-check';
import { forEachPermutation } from '../../../src/mapping/permutations.js';

function visits(word: readonly number[]): readonly string[] {
  const target = new Uint8Array(word.length);
  const seen: string[] = [];
  forEachPermutation(word, target, () => seen.push(target.join('')));
  return seen;
}

/** By recursion over the first element. */
function allOrders(word: readonly number[]): readonly string[] {
  if (word.length === 0) return [''];
  return [...new Set(word)].flatMap((first) => {
    const rest = [...word];
    rest.splice(rest.indexOf(first), 1);
    return allOrders(rest).map((order) => `${first}${order}`);
  });
}

test('the published order of K2 C2 C2: K C C, C K C, C C K', () => {
  expect(visits([1, 0, 0])).toEqual(['100', '010', '001']);
});

test('nothing to order is one order', () => {
  expect(visits([])).toEqual(['']);
  expect(visits([0])).toEqual(['0']);
});

test('every distinct permutation once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 7 }), (list) => {
      const word = list.toSorted((a, b) => b - a);
      expect([...visits(word)].sort()).toEqual([...allOrders(word)].sort());
    }),
    { seed: 2023, numRuns: 200 },
  );
});

test('720 orders of six different loops', () => {
  expect(new Set(visits([5, 4, 3, 2, 1, 0])).size).toBe(720);
});
