/** The published order of enumeration: by enumerating, nothing missed or repeated; and as paths of a graph. */
import fc from 'fast-check';
import { comesBefore, inEnumerationOrder } from '../../../src/mapping/published/cool-lex.js';
import { forEachPermutation } from '../../support/permutations.js';

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

const keyOf = (placed: readonly number[]): string => placed.toSorted((a, b) => a - b).join('');

/** All orders that the graph of placed loops allows where `allowed` prunes its arcs. */
function pathsOf(
  word: readonly number[],
  allowed: (placed: string, letter: number) => boolean,
): readonly string[] {
  const letters = Math.max(-1, ...word) + 1;
  const times = Array.from(
    { length: letters },
    (_, letter) => word.filter((other) => other === letter).length,
  );
  const reachable = new Set<string>(['']);
  for (const placed of reachable)
    times.forEach((most, letter) => {
      const before = Array.from(placed, Number);
      if (before.filter((other) => other === letter).length < most && allowed(placed, letter))
        reachable.add(keyOf([...before, letter]));
    });
  const graph = {
    isStart: (placed: string) => placed === '',
    before: (nodes: readonly string[], letter: number) =>
      nodes.flatMap((node) => {
        const at = node.indexOf(String(letter));
        if (at < 0) return [];
        const placed = node.slice(0, at) + node.slice(at + 1);
        return reachable.has(placed) && allowed(placed, letter) ? [placed] : [];
      }),
  };
  const end = keyOf([...word]);
  return [...inEnumerationOrder(graph, reachable.has(end) ? [end] : [], times)].map((order) =>
    order.join(''),
  );
}

test('paths of the graph of placed loops come in the order of enumeration, whatever arcs are missing', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 7 }), fc.nat(), (list, salt) => {
      const word = list.toSorted((a, b) => b - a);
      const allowed = (placed: string, letter: number): boolean =>
        salt % 3 === 0 || (Number(`${placed.length}${placed}`) * 7 + letter * 5 + salt) % 4 > 0;
      const follows = (order: string): boolean =>
        Array.from(order, Number).every((letter, i, all) => allowed(keyOf(all.slice(0, i)), letter));
      expect(pathsOf(word, allowed)).toEqual(visits(word).filter(follows));
    }),
    { seed: 2023, numRuns: 500 },
  );
});

test('of two orders, the one that is enumerated first', () => {
  const digits = (order: string): readonly number[] => Array.from(order, Number);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 6 }),
      fc.nat(),
      fc.nat(),
      (list, i, j) => {
        const orders = visits(list.toSorted((a, b) => b - a));
        const [a, b] = [i % orders.length, j % orders.length];
        expect(comesBefore(digits(orders[a]!), digits(orders[b]!))).toBe(a < b);
      },
    ),
    { seed: 2023, numRuns: 2000 },
  );
});
