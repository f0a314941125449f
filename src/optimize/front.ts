/**
 * Ways of which none is better than another in both energy and latency. First every candidate is evaluated that could
 * be part of a way that is wanted; then labels go forward through the graph, the dominated ones dropped.
 */
import { known } from '../base/assert.js';
import { ENERGY, LATENCY } from './hull.js';
import { NEVER, weigh, type Choice, type Weights } from './lazy-edge.js';
import type { Point } from './layer-bound.js';
import { distances, distancesToEnd } from './distances.js';
import type { SearchEdge, SearchGraph, Way } from './shortest-path.js';

/** What a way through something costs at least: in energy, in latency, and by further weights. */
export interface Least extends Point {
  readonly weighed: () => readonly { readonly weights: Weights; readonly cost: number }[];
}

/** Whether a way that costs no less than this could be wanted. */
export type Wanted = (least: Least) => boolean;

interface Label extends Point {
  readonly before: Label | undefined;
  readonly step: { readonly edge: SearchEdge; readonly choice: Choice } | undefined;
}

/** Costs from the start and to the end by some weights, as far as they are known. */
interface Reach {
  readonly weights: Weights;
  readonly from: Float64Array;
  readonly to: Float64Array;
}

const reachOf = (graph: SearchGraph, weights: Weights): Reach => ({
  weights,
  from: distances(graph, ({ lazy }) => lazy.least(weights)).cost,
  to: distancesToEnd(graph, ({ lazy }) => lazy.least(weights)),
});

/**
 * One round: in every edge the first candidate that could be part of a wanted way is looked at, unless it is told to stop
 * before. False: there was none, and all wanted ways are made of what is known.
 */
export function learnWanted(
  graph: SearchGraph,
  weights: readonly Weights[],
  wanted: Wanted,
  stop: () => boolean,
): boolean {
  const [byEnergy, byLatency, ...others] = [ENERGY, LATENCY, ...weights].map((w) => reachOf(graph, w));
  if (!byEnergy || !byLatency) return false;
  const through = ({ from, to }: SearchEdge, point: Point, { weights: w, ...reach }: Reach): number =>
    known(reach.from[from], 'node') + weigh(point, w) + known(reach.to[to], 'node');
  const couldBe = (edge: SearchEdge, point: Point): boolean =>
    wanted({
      energyPj: through(edge, point, byEnergy),
      latencyCycles: through(edge, point, byLatency),
      weighed: () => others.map((reach) => ({ weights: reach.weights, cost: through(edge, point, reach) })),
    });
  let learned = false;
  for (const edge of graph.edges) {
    if (!couldBe(edge, edge.lazy.bound)) continue;
    if (stop()) return true;
    const at = edge.lazy.all().findIndex(({ open }) => open !== undefined && couldBe(edge, open));
    if (at < 0) continue;
    edge.lazy.learn(at);
    learned = true;
  }
  return learned;
}

/** The wanted ways made of evaluated candidates, by rising energy: none is better than another in both. */
export function knownFront(graph: SearchGraph, wanted: Wanted): readonly Way[] {
  const [byEnergy, byLatency] = [ENERGY, LATENCY].map((weights) => reachOf(graph, weights));
  const labels: Label[][] = Array.from({ length: graph.nodes }, () => []);
  const start: Label = { energyPj: 0, latencyCycles: 0, before: undefined, step: undefined };
  known(labels[0], 'start').push(start);
  let node = 0;
  for (const edge of graph.edges) {
    // Edges come by their first node: all that leads to it has been followed.
    for (; node <= edge.from; node++) labels[node] = undominated(known(labels[node], 'node'));
    const toGo = {
      energyPj: known(byEnergy?.to[edge.to], 'node'),
      latencyCycles: known(byLatency?.to[edge.to], 'node'),
    };
    const arrivals = known(labels[edge.to], 'node');
    for (const { candidate, points } of edge.lazy.known())
      for (const point of points)
        for (const before of known(labels[edge.from], 'node')) {
          const label = {
            energyPj: before.energyPj + point.energyPj,
            latencyCycles: before.latencyCycles + point.latencyCycles,
            before,
            step: { edge, choice: { candidate, point } },
          };
          const least = {
            energyPj: label.energyPj + toGo.energyPj,
            latencyCycles: label.latencyCycles + toGo.latencyCycles,
            weighed: () => [],
          };
          if (wanted(least)) arrivals.push(label);
        }
  }
  return undominated(known(labels.at(-1), 'end')).map(wayOf);
}

function undominated(labels: readonly Label[]): Label[] {
  const sorted = labels.toSorted((a, b) => a.energyPj - b.energyPj || a.latencyCycles - b.latencyCycles);
  let least = NEVER.latencyCycles;
  return sorted.filter(({ latencyCycles }) => {
    if (latencyCycles >= least) return false;
    least = latencyCycles;
    return true;
  });
}

function wayOf(end: Label): Way {
  const steps: Way['steps'][number][] = [];
  for (let label: Label | undefined = end; label?.step; label = label.before) steps.push(label.step);
  return { steps: steps.reverse(), total: { energyPj: end.energyPj, latencyCycles: end.latencyCycles } };
}
