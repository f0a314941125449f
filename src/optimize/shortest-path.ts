/**
 * The cheapest way through the search graph for given weights. Edges are refined only where the cheapest way still
 * rests on a bound, so that the first way made of evaluated candidates alone is the cheapest of all.
 */
import { known } from '../base/assert.js';
import { weigh, type Choice, type LazyEdge, type Weights } from './lazy-edge.js';
import type { Point } from './layer-bound.js';
import { distances, pathTo, RisingDistances, type Edge, type Graph } from './distances.js';

export interface SearchEdge extends Edge {
  /** Layers it schedules. */
  readonly span: number;
  readonly lazy: LazyEdge;
}

export type SearchGraph = Graph<SearchEdge>;

export interface Way {
  readonly steps: readonly { readonly edge: SearchEdge; readonly choice: Choice }[];
  readonly total: Point;
}

export type Solution =
  | { readonly kind: 'optimal'; readonly way: Way; readonly cost: number }
  /** Time was up, or what was asked is answered: nothing in the graph costs less than `bound`. */
  | { readonly kind: 'stopped'; readonly bound: number }
  | { readonly kind: 'infeasible' };

/** An edge that gets dearer by no more, relatively, is mostly still on the cheapest way: worth another look for a bound. */
const LITTLE = 0.0005;

/**
 * `stop` is asked before every step, with what is known to be a lower bound by then; `aside`, before every round, may
 * look at edges of its own choice, and says whether it did.
 */
export function cheapestWay(
  graph: SearchGraph,
  weights: Weights,
  stop: (bound: number) => boolean,
  aside: () => boolean = () => false,
): Solution {
  let rising = new RisingDistances(graph, ({ lazy }) => lazy.least(weights));
  for (;;) {
    if (aside()) rising = new RisingDistances(graph, ({ lazy }) => lazy.least(weights));
    const bound = rising.toEnd();
    if (bound === Infinity) return { kind: 'infeasible' };
    const path = rising.path();
    const open = path.filter((e) => !known(graph.edges[e], 'edge').lazy.settled(weights));
    if (open.length === 0) return { kind: 'optimal', way: wayOf(edgesOf(graph, path), weights), cost: bound };
    for (const e of open) {
      const { lazy } = known(graph.edges[e], 'edge');
      const enough = lazy.least(weights) * (1 + LITTLE);
      do {
        if (stop(bound)) return { kind: 'stopped', bound };
        lazy.refine(weights);
      } while (lazy.least(weights) < enough && lazy.isNextCheap(weights));
      rising.raise(e);
    }
  }
}

/**
 * A way made of stacks of at most so many layers that look best by their bounds, one candidate of each evaluated, or as
 * far as that goes before it is told to stop. `patience`: steps of refinement per stack, before what looks best then is.
 */
export function followPromising(
  graph: SearchGraph,
  weights: Weights,
  longest: number,
  patience: number,
  stop: () => boolean,
): void {
  for (;;) {
    const { cost, via } = distances(graph, ({ lazy, span }) =>
      span > longest ? Infinity : lazy.least(weights),
    );
    if (cost[graph.nodes - 1] === Infinity) return;
    const path = edgesOf(graph, pathTo(graph, via));
    // A stack that turns out not to fit is avoided from now on.
    if (!follow(path, weights, patience, stop) || path.every(({ lazy }) => lazy.best(weights))) return;
  }
}

/** One candidate of each stack evaluated, with the same patience. False: it was told to stop before. */
export const follow = (
  path: readonly SearchEdge[],
  weights: Weights,
  patience: number,
  stop: () => boolean,
): boolean => path.every(({ lazy }) => lazy.trust(weights, patience, stop));

/** The cheapest way made of what has been evaluated so far. */
export function cheapestKnownWay(graph: SearchGraph, weights: Weights): Way | undefined {
  const { cost, via } = distances(graph, ({ lazy }) => {
    const best = lazy.best(weights);
    return best ? weigh(best.point, weights) : Infinity;
  });
  return cost[graph.nodes - 1] === Infinity ? undefined : wayOf(edgesOf(graph, pathTo(graph, via)), weights);
}

const edgesOf = ({ edges }: SearchGraph, path: readonly number[]): readonly SearchEdge[] =>
  path.map((e) => known(edges[e], 'edge'));

export function wayOf(path: readonly SearchEdge[], weights: Weights): Way {
  const steps = path.map((edge) => ({ edge, choice: known(edge.lazy.best(weights), 'evaluated candidate') }));
  return { steps, total: totalOf(steps.map(({ choice }) => choice.point)) };
}

export const totalOf = (points: readonly Point[]): Point => ({
  energyPj: points.reduce((sum, { energyPj }) => sum + energyPj, 0),
  latencyCycles: points.reduce((sum, { latencyCycles }) => sum + latencyCycles, 0),
});
