import fc from 'fast-check';
import { topologicalOrder } from '../../../src/base/topological-order.js';

describe('topological order', () => {
  test('a list already in order stays as it is', () => {
    const before: Record<string, string[]> = { a: [], b: [], c: ['a'], d: ['c', 'b'] };
    expect(topologicalOrder(['a', 'b', 'c', 'd'], (k) => before[k] ?? [])).toEqual({
      order: ['a', 'b', 'c', 'd'],
      cycle: [],
    });
  });

  test('of the keys that are ready the one given first comes first', () => {
    // d waits for e; b, c are ready from the start.
    const before: Record<string, string[]> = { d: ['e'] };
    expect(topologicalOrder(['d', 'c', 'b', 'e', 'a'], (k) => before[k] ?? []).order).toEqual([
      'c',
      'b',
      'e',
      'd',
      'a',
    ]);
  });

  test('a cycle is named in the direction of its edges, without what hangs on it', () => {
    // 0 -> 1 -> 2 -> 3 -> 1, and 3 -> 4.
    const before = [[], [0, 3], [1], [2], [3]];
    const { order, cycle } = topologicalOrder([4, 0, 1, 2, 3], (k) => before[k] ?? []);
    expect(order).toEqual([0]);
    expect(cycle).toEqual([1, 2, 3]);
  });

  test('a key that precedes itself is a cycle of one', () => {
    expect(topologicalOrder(['x'], () => ['x']).cycle).toEqual(['x']);
  });

  test('100,000 keys in a chain given backwards need no stack', () => {
    const keys = Array.from({ length: 100_000 }, (_, k) => 99_999 - k);
    const { order } = topologicalOrder(keys, (k) => (k > 0 ? [k - 1] : []));
    expect(order[0]).toBe(0);
    expect(order).toEqual([...keys].reverse());
  });

  test('is the lexicographically smallest order of positions (brute force)', () => {
    const edges = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 8 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), edges, (count, pairs) => {
        const keys = [...Array(count).keys()];
        const before = keys.map((k) =>
          pairs.flatMap(([from, to]) => (to === k && from < count ? [from] : [])),
        );
        const { order, cycle } = topologicalOrder(keys, (k) => before[k] ?? []);
        const greedy: number[] = [];
        for (let next: number | undefined = 0; next !== undefined;) {
          next = keys.find((k) => !greedy.includes(k) && (before[k] ?? []).every((b) => greedy.includes(b)));
          if (next !== undefined) greedy.push(next);
        }
        expect(order).toEqual(greedy);
        expect(cycle.length === 0).toBe(greedy.length === count);
        cycle.forEach((k, at) => expect(before[cycle[(at + 1) % cycle.length] as number]).toContain(k));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
