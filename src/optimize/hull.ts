/**
 * The way of least energy times latency. The product of two positive sums has its minimum over a set of points at a
 * corner of their convex hull (its logarithm is concave), and corners are what weighted sums find: so it is exact to
 * look at weighted sums alone, as long as the triangle between two corners could hold better. How little energy, or
 * latency, there can be at all is known by a bound, long before the ends of the hull are: beyond it there is nothing.
 */
import { weigh, type Weights } from './lazy-edge.js';
import type { Point } from './layer-bound.js';
import type { Solution, Way } from './shortest-path.js';

export const edpOf = ({ energyPj, latencyCycles }: Point): number => energyPj * latencyCycles;

/** The ends of the front: least energy, least latency. */
export const ENERGY: Weights = { energy: 1, latency: 0 };
export const LATENCY: Weights = { energy: 0, latency: 1 };

/** Costs this close, relatively, are equal: sums of the same terms in another order. */
const TOLERANCE = 1e-9;

export type Solve = (weights: Weights, stop: (bound: number) => boolean) => Solution;

export interface LeastProduct {
  readonly ways: readonly Way[];
  /** Nothing has a smaller product; equal to the least of `ways` unless time was up. */
  readonly bound: number;
}

/**
 * `solve` answers `stopped` if time is up, or if it was told to stop. `ends`: ways of least energy and of least latency,
 * where they are known; then the corners between them are looked for from there.
 */
export function leastProduct(solve: Solve, ends?: readonly [Way, Way]): LeastProduct | 'infeasible' {
  const ways: Way[] = [];
  let least = Infinity;
  let bound = Infinity;
  const keep = (way: Way): Way => {
    ways.push(way);
    least = Math.min(least, edpOf(way.total));
    return way;
  };
  /** Looks for corners between two points, each as it is by then. */
  const between = (left: () => Point, right: () => Point): void => {
    const [a, b] = [left(), right()];
    const weights = { energy: a.latencyCycles - b.latencyCycles, latency: b.energyPj - a.energyPj };
    if (!(weights.energy > 0 && weights.latency > 0)) return;
    // On and above the line of cost `c`, right of a and above b, the product is least at the line's two ends.
    const leastOnLine = (c: number): number =>
      Math.min(
        a.energyPj * ((c - weights.energy * a.energyPj) / weights.latency),
        b.latencyCycles * ((c - weights.latency * b.latencyCycles) / weights.energy),
      );
    const corner = weigh({ energyPj: a.energyPj, latencyCycles: b.latencyCycles }, weights);
    if (leastOnLine(corner) >= least) return;
    const solution = solve(weights, (c) => leastOnLine(Math.max(c, corner)) >= least);
    if (solution.kind === 'stopped') {
      bound = Math.min(bound, leastOnLine(Math.max(solution.bound, corner)));
      return;
    }
    if (solution.kind === 'infeasible') return;
    const { total } = keep(solution.way);
    if (weigh(total, weights) >= weigh(a, weights) * (1 - TOLERANCE)) return;
    between(left, () => total);
    between(() => total, right);
  };
  if (ends) {
    const [a, b] = [keep(ends[0]).total, keep(ends[1]).total];
    between(
      () => a,
      () => b,
    );
    return { ways, bound: Math.min(bound, least) };
  }
  const lows = [ENERGY, LATENCY].map((weights) => solve(weights, (low) => low > 0));
  if (lows.some(({ kind }) => kind === 'infeasible')) return 'infeasible';
  const [leastPj = 0, leastCycles = 0] = lows.map(leastOf);
  for (const low of lows) if (low.kind === 'optimal') keep(low.way);
  if (leastPj * leastCycles === 0) return { ways, bound: 0 };
  const middle = solve({ energy: leastCycles, latency: leastPj }, () => false);
  if (middle.kind === 'infeasible') return 'infeasible';
  if (middle.kind === 'stopped') {
    const corner = leastPj * leastCycles;
    return { ways, bound: Math.max(corner, middle.bound - corner) };
  }
  const { total } = keep(middle.way);
  // Left of the least energy, and below the least latency, there is nothing; from there on, only a smaller product counts.
  between(
    () => ({ energyPj: leastPj, latencyCycles: least / leastPj }),
    () => total,
  );
  between(
    () => total,
    () => ({ energyPj: least / leastCycles, latencyCycles: leastCycles }),
  );
  return { ways, bound: Math.min(bound, least) };
}

const leastOf = (solution: Solution): number =>
  solution.kind === 'optimal' ? solution.cost : solution.kind === 'stopped' ? solution.bound : Infinity;
