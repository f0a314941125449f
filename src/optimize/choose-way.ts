/** From objective, limits and time to one way: weighted sums where they answer, a search within limits where not. */
import type { Objective } from '../ir/search.js';
import { ENERGY, LATENCY, leastProduct } from './hull.js';
import type { Weights } from './lazy-edge.js';
import { bestWithin, valueOf, within, type Limits } from './limited.js';
import { cheapestKnownWay, cheapestWay, promisingWay, type SearchGraph, type Way } from './shortest-path.js';

export interface Chosen {
  readonly way: Way;
  /** Nothing better is made of the candidates. */
  readonly proven: boolean;
  /** The objective of any way within the limits is at least this. */
  readonly least: number;
  readonly withinLimits: boolean;
}

/** Layers of the stacks of ways that are completed when time is up: bounds of short stacks say more, long ones may gain more. */
const LONGEST = [1, 4, Infinity];

/** Sums of the same terms in another order. */
const TOLERANCE = 1e-9;

/** Undefined: there is no way at all. */
export function chooseWay(
  graph: SearchGraph,
  objective: Objective,
  limits: Limits,
  outOfTime: () => boolean,
): Chosen | undefined {
  const free = solve(graph, objective, outOfTime);
  if (free === undefined) return undefined;
  const { way, least } = free;
  if (within(way.total, limits)) {
    const proven = least >= valueOf(objective, way.total) * (1 - TOLERANCE);
    return { way, least, proven, withinLimits: true };
  }
  const limited = bestWithin(graph, objective, limits, outOfTime);
  if (limited.kind === 'found') {
    const value = valueOf(objective, limited.way.total);
    return { ...limited, least: limited.proven ? value : least, withinLimits: true };
  }
  const nearest = limited.kind === 'excluded' ? limited : { nearest: way, proven: false };
  return { way: nearest.nearest, proven: nearest.proven, least, withinLimits: false };
}

interface Found {
  readonly way: Way;
  readonly least: number;
}

function solve(graph: SearchGraph, objective: Objective, outOfTime: () => boolean): Found | undefined {
  if (objective === 'edp') return solveProduct(graph, outOfTime);
  const weights = objective === 'energy' ? ENERGY : LATENCY;
  const solution = cheapestWay(graph, weights, () => outOfTime());
  if (solution.kind === 'optimal') return { way: solution.way, least: solution.cost };
  if (solution.kind === 'infeasible') return undefined;
  const way = anyWay(graph, [weights], objective);
  return way && { way, least: solution.bound };
}

function solveProduct(graph: SearchGraph, outOfTime: () => boolean): Found | undefined {
  const asked: Weights[] = [];
  const result = leastProduct((weights, stop) => {
    asked.push(weights);
    return cheapestWay(graph, weights, (bound) => stop(bound) || outOfTime());
  });
  if (result === 'infeasible') return undefined;
  const way = anyWay(graph, asked, 'edp', result.ways);
  return way && { way, least: result.bound };
}

/** The best way known, and what looks best, evaluated; where none is complete, the search goes on until one is. */
function anyWay(
  graph: SearchGraph,
  weights: readonly Weights[],
  objective: Objective,
  ways: readonly Way[] = [],
): Way | undefined {
  const [first = ENERGY] = weights;
  const promising = LONGEST.flatMap((longest) => promisingWay(graph, first, longest) ?? []);
  const complete = [...ways, ...promising, ...weights.flatMap((w) => cheapestKnownWay(graph, w) ?? [])];
  const best = complete.toSorted((a, b) => valueOf(objective, a.total) - valueOf(objective, b.total))[0];
  if (best) return best;
  const solution = cheapestWay(graph, first, () => cheapestKnownWay(graph, first) !== undefined);
  if (solution.kind === 'optimal') return solution.way;
  return solution.kind === 'infeasible' ? undefined : cheapestKnownWay(graph, first);
}
