/**
 * Ways of which none is better than another in both energy and latency. First every candidate is evaluated that could
 * be part of a way that is wanted; then labels go forward through the graph, the dominated ones dropped.
 */
import { known } from '../base/assert.js';
import { ENERGY, LATENCY } from './hull.js';
import { NEVER, type Choice, type Known, type Weights } from './lazy-edge.js';
import type { Point } from './layer-bound.js';
import { distances, distancesToEnd } from './distances.js';
import type { SearchEdge, SearchGraph, Way } from './shortest-path.js';

/** Whether a way that costs no less than this could be wanted; `costBy`: by the further weights, by their number. */
export type Wanted = (least: Point, costBy: (number: number) => number) => boolean;

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
 * One round: in every edge the first candidate that could be part of a wanted way is looked at until it is known or could
 * not, unless the round is told to stop before. `weights`: further ones to tell by. False: there was none, and all wanted
 * ways are made of what is known.
 *
 * Hot core: plain numbers for every candidate of every edge.
 */
export function learnWanted(
  graph: SearchGraph,
  weights: readonly Weights[],
  wanted: Wanted,
  stop: () => boolean,
): boolean {
  const [byEnergy, byLatency] = [reachOf(graph, ENERGY), reachOf(graph, LATENCY)];
  const others = weights.map((w) => reachOf(graph, w));
  const couldBe = ({ from, to }: SearchEdge, { energyPj, latencyCycles }: Point): boolean => {
    const least = {
      energyPj: byEnergy.from[from]! + energyPj + byEnergy.to[to]!,
      latencyCycles: byLatency.from[from]! + latencyCycles + byLatency.to[to]!,
    };
    return wanted(least, (k) => {
      const reach = others[k]!;
      const { energy, latency } = reach.weights;
      return reach.from[from]! + energy * energyPj + latency * latencyCycles + reach.to[to]!;
    });
  };
  let learned = false;
  for (const edge of graph.edges) {
    if (!couldBe(edge, edge.lazy.bound)) continue;
    const isWanted = ({ open }: Known): boolean => open !== undefined && couldBe(edge, open);
    const at = edge.lazy.all().findIndex(isWanted);
    if (at < 0) continue;
    learned = true;
    while (isWanted(known(edge.lazy.known()[at], 'candidate'))) {
      if (stop()) return true;
      edge.lazy.learn(at);
    }
  }
  return learned;
}

/** The wanted ways made of evaluated candidates, by rising energy: none is better than another in both. */
export function knownFront(graph: SearchGraph, wanted: Wanted): readonly Way[] {
  const [byEnergy, byLatency] = [reachOf(graph, ENERGY), reachOf(graph, LATENCY)];
  const labels: Label[][] = Array.from({ length: graph.nodes }, () => []);
  const start: Label = { energyPj: 0, latencyCycles: 0, before: undefined, step: undefined };
  known(labels[0], 'start').push(start);
  let node = 0;
  for (const edge of graph.edges) {
    // Edges come by their first node: all that leads to it has been followed.
    for (; node <= edge.from; node++) labels[node] = undominated(known(labels[node], 'node'), itself);
    const toGo = {
      energyPj: byEnergy.to[edge.to]!,
      latencyCycles: byLatency.to[edge.to]!,
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
          };
          if (wanted(least, NOT_WEIGHED)) arrivals.push(label);
        }
  }
  return undominated(known(labels.at(-1), 'end'), itself).map(wayOf);
}

const itself = (label: Label): Point => label;

/** A way that is known is told by itself. */
const NOT_WEIGHED = (): number => -Infinity;

/** Those of which none is better than another in both, by rising energy; of equal ones the first. */
export function undominated<T>(some: readonly T[], pointOf: (one: T) => Point): T[] {
  const sorted = some.toSorted((one, other) => {
    const [a, b] = [pointOf(one), pointOf(other)];
    return a.energyPj - b.energyPj || a.latencyCycles - b.latencyCycles;
  });
  let least = NEVER.latencyCycles;
  return sorted.filter((one) => {
    const { latencyCycles } = pointOf(one);
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
