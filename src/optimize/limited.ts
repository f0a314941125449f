/**
 * The best way within limits, and the whole front: what no single weighted sum answers. Each starts from ways that
 * weighted sums find, and ends when nothing unknown could be better.
 */
import { known } from '../base/assert.js';
import { firstPosition } from '../base/first-position.js';
import type { Objective } from '../ir/search.js';
import { TOLERANCE } from '../mapping/objective.js';
import { knownFront, learnWanted, undominated, type Wanted } from './front.js';
import { edpOf, ENERGY, LATENCY, leastProduct, type Solve } from './hull.js';
import { weigh, type Weights } from './lazy-edge.js';
import type { Point } from './layer-bound.js';
import { cheapestKnownWay, cheapestWay, type SearchGraph, type Way } from './shortest-path.js';

export interface Limits {
  readonly energyPj: number;
  readonly latencyCycles: number;
}

export const valueOf = (objective: Objective, point: Point): number =>
  objective === 'energy' ? point.energyPj : objective === 'latency' ? point.latencyCycles : edpOf(point);

/** What a little energy and a little latency are worth near a point: of a product, what the other factor is. */
export function weightsAt(objective: Objective, { energyPj, latencyCycles }: Point): Weights {
  if (objective === 'energy') return ENERGY;
  if (objective === 'latency') return LATENCY;
  return { energy: latencyCycles, latency: energyPj };
}

export const within = (point: Point, limits: Limits): boolean =>
  point.energyPj <= limits.energyPj && point.latencyCycles <= limits.latencyCycles;

export type Limited =
  | { readonly kind: 'found'; readonly way: Way; readonly proven: boolean }
  /** The least energy, or latency, that any candidate schedule has is above its limit, or both limits exclude each other. */
  | { readonly kind: 'excluded'; readonly nearest: Way; readonly proven: boolean }
  | { readonly kind: 'infeasible' };

/** The best way within limits; `fixed`: ways that are known from elsewhere. */
export function bestWithin(
  graph: SearchGraph,
  objective: Objective,
  limits: Limits,
  fixed: readonly Way[],
  outOfTime: () => boolean,
): Limited {
  const { ways: found, weights } = corners(graph, outOfTime);
  const ways = [...found, ...fixed];
  if (ways.length === 0) return { kind: 'infeasible' };
  const better = (a: Way | undefined, b: Way): Way =>
    a === undefined || valueOf(objective, b.total) < valueOf(objective, a.total) ? b : a;
  const bestOf = (some: readonly Way[]): Way | undefined =>
    some.filter(({ total }) => within(total, limits)).reduce<Way | undefined>(better, undefined);
  let best = bestOf(ways);
  const wanted: Wanted = (least, costBy) =>
    within(least, limits) && mayBeat(objective, best, limits, weights, least, costBy);
  let proven = true;
  while (learnWanted(graph, weights, wanted, outOfTime)) {
    const more = bestOf(knownFront(graph, wanted));
    if (more) best = better(best, more);
    proven = !outOfTime();
    if (!proven) break;
  }
  const last = bestOf(knownFront(graph, wanted));
  if (last) best = better(best, last);
  if (best) return { kind: 'found', way: best, proven };
  const nearest = ways.toSorted((a, b) => excess(a.total, limits) - excess(b.total, limits))[0];
  return nearest ? { kind: 'excluded', nearest, proven } : { kind: 'infeasible' };
}

/** By how much a point is beyond its limits, relatively. */
const excess = (point: Point, limits: Limits): number =>
  Math.max(point.energyPj / limits.energyPj, point.latencyCycles / limits.latencyCycles);

/** Whether a way within the limits that costs no less than `least` may be better than the best so far. */
function mayBeat(
  objective: Objective,
  best: Way | undefined,
  limits: Limits,
  weights: readonly Weights[],
  least: Point,
  costBy: (number: number) => number,
): boolean {
  if (best === undefined) return true;
  if (valueOf(objective, least) >= valueOf(objective, best.total)) return false;
  const box = {
    energyPj: objective === 'energy' ? best.total.energyPj : limits.energyPj,
    latencyCycles: objective === 'latency' ? best.total.latencyCycles : limits.latencyCycles,
  };
  // A limit may be met exactly, but for the last bit of sums in another order.
  return weights.every((w, k) => costBy(k) <= weigh(box, w) * (1 + TOLERANCE));
}

export interface WholeFront {
  readonly ways: readonly Way[];
  /**
   * Of every candidate schedule, a way is better in both energy and latency by no more than this factor, less one; 0: the
   * front is whole. Undefined: the time was up before that was known of any factor.
   */
  readonly within: number | undefined;
}

/** What a front is found to, one after the other: little is looked at closely where little could be gained. */
const RESOLUTIONS = [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0];

/** All ways of which none is better than another in both energy and latency, by rising energy. */
export function wholeFront(graph: SearchGraph, outOfTime: () => boolean): WholeFront {
  const { ways, weights, ends } = corners(graph, outOfTime);
  let front = frontOf(ways);
  let within: number | undefined;
  for (const resolution of ends ? RESOLUTIONS : []) {
    const wanted = (): Wanted => mayImprove(front, weights, 1 + resolution);
    while (learnWanted(graph, weights, wanted(), outOfTime)) {
      front = frontOf([...front, ...knownFront(graph, wanted())]);
      if (outOfTime()) return { ways: front, within };
    }
    within = resolution;
  }
  return { ways: frontOf([...front, ...knownFront(graph, mayImprove(front, weights, 1))]), within };
}

/**
 * Whether a way that costs no less than that may be so many times better than all of the front: if it lies below and left
 * of a corner between two neighbours, divided by the factor, for so far neither of them dominates it.
 *
 * Hot core: asked about every candidate of every edge.
 */
function mayImprove(front: readonly Way[], weights: readonly Weights[], factor: number): Wanted {
  const corners = front.slice(1).map(({ total }, i): Point => ({
    energyPj: total.energyPj / factor,
    latencyCycles: known(front[i], 'neighbour').total.latencyCycles / factor,
  }));
  const costs = corners.map((corner) => Float64Array.from(weights, (w) => weigh(corner, w)));
  return ({ energyPj, latencyCycles }, costBy) => {
    // Energies of corners rise, latencies fall.
    const first = firstPosition(corners.length, (i) => corners[i]!.energyPj > energyPj);
    for (let i = first; i < corners.length && corners[i]!.latencyCycles > latencyCycles; i++) {
      const most = costs[i]!;
      let k = 0;
      while (k < most.length && costBy(k) < most[k]!) k++;
      if (k === most.length) return true;
    }
    return false;
  };
}

const frontOf = (ways: readonly Way[]): readonly Way[] => undominated(ways, ({ total }) => total);

/** Ways that weighted sums find between the two ends, the weights that found them, and whether the ends are the ends. */
function corners(
  graph: SearchGraph,
  outOfTime: () => boolean,
): { readonly ways: readonly Way[]; readonly weights: readonly Weights[]; readonly ends: boolean } {
  const weights: Weights[] = [];
  const solve: Solve = (asked, stop) => {
    weights.push(asked);
    return cheapestWay(graph, asked, (bound) => stop(bound) || outOfTime());
  };
  const [first, second] = [ENERGY, LATENCY].map((end) => solve(end, () => false));
  const ends = first?.kind === 'optimal' && second?.kind === 'optimal';
  const result = ends ? leastProduct(solve, [first.way, second.way]) : leastProduct(solve);
  if (result === 'infeasible') return { ways: [], weights: [], ends };
  const rest = weights.flatMap((w) => cheapestKnownWay(graph, w) ?? []);
  return { ways: [...result.ways, ...rest], weights: weights.filter((w) => !isEnd(w)), ends };
}

const isEnd = (weights: Weights): boolean => weights === ENERGY || weights === LATENCY;
