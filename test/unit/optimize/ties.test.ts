/** What is equal to 9 digits is one point of a front: the one that is better in the other respect. */
import { toldApart } from '../../../src/optimize/ties.js';

const told = (...points: readonly (readonly [number, number])[]): readonly (readonly number[])[] =>
  toldApart(
    points.map(([energyPj, latencyCycles]) => ({ steps: [], total: { energyPj, latencyCycles } })),
  ).map(({ total }) => [total.energyPj, total.latencyCycles]);

test('of equal energies the fastest is kept', () => {
  expect(told([364505637000.4799, 26_215_952], [364505637000.48, 26_121_090])).toEqual([
    [364505637000.48, 26_121_090],
  ]);
});

test('of equal latencies the cheapest', () => {
  expect(told([1, 30], [2, 20], [3, 20 - 1e-9], [4, 10])).toEqual([
    [1, 30],
    [2, 20],
    [4, 10],
  ]);
});

test('equal to the first of them, not to the one before', () => {
  const step = 1 + 0.6e-9;
  expect(told([1, 30], [step, 20], [step ** 2, 10])).toEqual([
    [step, 20],
    [step ** 2, 10],
  ]);
});

test('what differs is kept', () => {
  const points = [
    [1, 30],
    [1 + 1e-8, 29],
    [2, 28],
  ] as const;
  expect(told(...points)).toEqual(points);
});
