/** From objective, limits and time to one way: weighted sums where they answer, a search within limits where not. */
import type { Objective } from '../ir/search.js';
import { edpOf, ENERGY, LATENCY, leastProduct } from './hull.js';
import type { Weights } from './lazy-edge.js';
import { bestWithin, valueOf, weightsAt, within, type Limits } from './limited.js';
import type { Probe } from './probes.js';
import {
  cheapestKnownWay,
  cheapestWay,
  followPromising,
  type SearchGraph,
  type Solution,
  type Way,
} from './shortest-path.js';
import { TOLERANCE, tieBroken } from './ties.js';

export interface Chosen {
  readonly way: Way;
  /** Nothing better is made of the candidates. */
  readonly proven: boolean;
  /** The objective of any way within the limits is at least this. */
  readonly least: number;
  readonly withinLimits: boolean;
}

/** What a search that may be cut knows before it begins, and what keeps it with an answer. */
export interface Anytime {
  readonly outOfTime: () => boolean;
  /** Schedules known without a search: nothing that is answered is worse. */
  readonly fixed: readonly Way[];
  readonly probe: Probe;
}

/** Undefined: there is no way at all. `anytime` absent: the search runs to its end. */
export function chooseWay(
  graph: SearchGraph,
  objective: Objective,
  limits: Limits,
  anytime: Anytime | undefined,
): Chosen | undefined {
  const free = solve(graph, objective, anytime);
  if (free === undefined) return undefined;
  const stop = (): boolean => anytime?.outOfTime() ?? false;
  const { way, least } = free;
  if (within(way.total, limits)) {
    const proven = least >= valueOf(objective, way.total) * (1 - TOLERANCE);
    const first = tieBroken(graph, objective, limits, way, () => !proven || stop());
    return { way: first, least, proven, withinLimits: true };
  }
  const limited = bestWithin(graph, objective, limits, anytime?.fixed ?? [], stop);
  if (limited.kind === 'found') {
    const value = valueOf(objective, limited.way.total);
    const first = tieBroken(graph, objective, limits, limited.way, () => !limited.proven || stop());
    return { way: first, proven: limited.proven, least: limited.proven ? value : least, withinLimits: true };
  }
  const nearest = limited.kind === 'excluded' ? limited : { nearest: way, proven: false };
  return { way: nearest.nearest, proven: nearest.proven, least, withinLimits: false };
}

interface Found {
  readonly way: Way;
  readonly least: number;
}

function solve(graph: SearchGraph, objective: Objective, anytime: Anytime | undefined): Found | undefined {
  const asked: Weights[] = [];
  const search = (weights: Weights, stop: (bound: number) => boolean): Solution => {
    asked.push(weights);
    return cheapestWay(
      graph,
      weights,
      (bound) => stop(bound) || (anytime?.outOfTime() ?? false),
      () => anytime?.probe(weights) ?? false,
    );
  };
  if (objective === 'edp') {
    const result = leastProduct(search);
    if (result === 'infeasible') return undefined;
    const way = bestKnown(graph, asked, objective, [...result.ways, ...(anytime?.fixed ?? [])]);
    return way && { way, least: result.bound };
  }
  const weights = objective === 'energy' ? ENERGY : LATENCY;
  const solution = search(weights, () => false);
  if (solution.kind === 'optimal') return { way: solution.way, least: solution.cost };
  if (solution.kind === 'infeasible') return undefined;
  const way = bestKnown(graph, asked, objective, anytime?.fixed ?? []);
  return way && { way, least: solution.bound };
}

/** The best way known; where none is complete, the search goes on until one is. */
function bestKnown(
  graph: SearchGraph,
  weights: readonly Weights[],
  objective: Objective,
  ways: readonly Way[],
): Way | undefined {
  const complete = [...ways, ...weights.flatMap((w) => cheapestKnownWay(graph, w) ?? [])];
  const best = complete.toSorted((a, b) => valueOf(objective, a.total) - valueOf(objective, b.total))[0];
  if (best) return objective === 'edp' ? descended(graph, best) : best;
  const [first = ENERGY] = weights;
  followPromising(graph, first, Infinity, 0, () => false);
  return cheapestKnownWay(graph, first);
}

/** From a way to better ones: below the line of what energy and latency are worth at a way, the product is less. */
function descended(graph: SearchGraph, way: Way): Way {
  const next = cheapestKnownWay(graph, weightsAt('edp', way.total));
  const isBetter = next && edpOf(next.total) < edpOf(way.total) * (1 - TOLERANCE);
  return isBetter ? descended(graph, next) : way;
}
