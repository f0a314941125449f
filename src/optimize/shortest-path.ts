/**
 * The cheapest way through the search graph for given weights. Edges are refined only where the cheapest way still
 * rests on a bound, so that the first way made of evaluated candidates alone is the cheapest of all.
 */
import { assert, known } from '../base/assert.js';
import { weigh, type Choice, type LazyEdge, type Weights } from './lazy-edge.js';
import type { Point } from './layer-bound.js';

/** Nodes are numbers, in an order in which every edge leads forwards. */
export interface SearchEdge {
  readonly from: number;
  readonly to: number;
  /** Layers it schedules. */
  readonly span: number;
  readonly lazy: LazyEdge;
}

export interface SearchGraph {
  readonly nodes: number;
  /** By `from`, ascending. */
  readonly edges: readonly SearchEdge[];
}

export interface Way {
  readonly steps: readonly { readonly edge: SearchEdge; readonly choice: Choice }[];
  readonly total: Point;
}

export type Solution =
  | { readonly kind: 'optimal'; readonly way: Way; readonly cost: number }
  /** Time was up, or what was asked is answered: nothing in the graph costs less than `bound`. */
  | { readonly kind: 'stopped'; readonly bound: number }
  | { readonly kind: 'infeasible' };

/** Cheapest costs from the first node to every node, and the last edge there (index; -1: none). */
export interface Distances {
  readonly cost: Float64Array;
  readonly via: Int32Array;
}

export function distances({ nodes, edges }: SearchGraph, costOf: (edge: SearchEdge) => number): Distances {
  const cost = new Float64Array(nodes).fill(Infinity);
  const via = new Int32Array(nodes).fill(-1);
  cost[0] = 0;
  for (let e = 0; e < edges.length; e++) {
    const edge = edges[e]!;
    const before = cost[edge.from]!;
    if (before === Infinity) continue;
    const sum = before + costOf(edge);
    if (sum < cost[edge.to]!) {
      cost[edge.to] = sum;
      via[edge.to] = e;
    }
  }
  return { cost, via };
}

/** Cheapest costs from every node to the last one. */
export function distancesToEnd(
  { nodes, edges }: SearchGraph,
  costOf: (edge: SearchEdge) => number,
): Float64Array {
  const cost = new Float64Array(nodes).fill(Infinity);
  cost[nodes - 1] = 0;
  for (let e = edges.length - 1; e >= 0; e--) {
    const edge = edges[e]!;
    const sum = costOf(edge) + cost[edge.to]!;
    if (sum < cost[edge.from]!) cost[edge.from] = sum;
  }
  return cost;
}

/** `stop` is asked before every step, with what is known to be a lower bound by then. */
export function cheapestWay(
  graph: SearchGraph,
  weights: Weights,
  stop: (bound: number) => boolean,
): Solution {
  for (;;) {
    const { cost, via } = distances(graph, ({ lazy }) => lazy.least(weights));
    const bound = known(cost[graph.nodes - 1], 'end');
    if (bound === Infinity) return { kind: 'infeasible' };
    const path = trace(graph, via);
    const open = path.filter(({ lazy }) => !lazy.settled(weights));
    if (open.length === 0) return { kind: 'optimal', way: wayOf(path, weights), cost: bound };
    if (stop(bound)) return { kind: 'stopped', bound };
    for (const { lazy } of open) lazy.refine(weights);
  }
}

/** Steps of refinement that a stack may take when time is up. */
const PATIENCE = 20;

/**
 * A way made of stacks of at most so many layers that look best by their bounds, one candidate of each evaluated: what
 * there is when time is up. Undefined: nothing of the kind fits.
 */
export function promisingWay(graph: SearchGraph, weights: Weights, longest: number): Way | undefined {
  for (;;) {
    const { cost, via } = distances(graph, ({ lazy, span }) =>
      span > longest ? Infinity : lazy.least(weights),
    );
    if (cost[graph.nodes - 1] === Infinity) return undefined;
    const path = trace(graph, via);
    for (const { lazy } of path) lazy.trust(weights, PATIENCE);
    // A stack that turns out not to fit is avoided from now on.
    if (path.every(({ lazy }) => lazy.best(weights))) return wayOf(path, weights);
  }
}

/** The cheapest way made of what has been evaluated so far. */
export function cheapestKnownWay(graph: SearchGraph, weights: Weights): Way | undefined {
  const { cost, via } = distances(graph, ({ lazy }) => {
    const best = lazy.best(weights);
    return best ? weigh(best.point, weights) : Infinity;
  });
  return cost[graph.nodes - 1] === Infinity ? undefined : wayOf(trace(graph, via), weights);
}

function trace({ nodes, edges }: SearchGraph, via: Int32Array): readonly SearchEdge[] {
  const path: SearchEdge[] = [];
  for (let node = nodes - 1; node > 0;) {
    const edge = known(edges[known(via[node], 'edge')], 'edge');
    path.push(edge);
    assert(edge.from < node, 'edges lead forwards');
    node = edge.from;
  }
  return path.reverse();
}

function wayOf(path: readonly SearchEdge[], weights: Weights): Way {
  const steps = path.map((edge) => ({ edge, choice: known(edge.lazy.best(weights), 'evaluated candidate') }));
  return { steps, total: totalOf(steps.map(({ choice }) => choice.point)) };
}

export const totalOf = (points: readonly Point[]): Point => ({
  energyPj: points.reduce((sum, { energyPj }) => sum + energyPj, 0),
  latencyCycles: points.reduce((sum, { latencyCycles }) => sum + latencyCycles, 0),
});
