/**
 * What a stack between two nodes may cost, worked out as far as the search asks: a bound of the stack, bounds of its
 * candidates, then look by look one candidate: bounds of its tiles, the cost of its most frequent tiles, its cost.
 */
import { stackGraph, type StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import { BoundedMap } from '../base/bounded-map.js';
import { stackId } from '../base/ids.js';
import type { Stack } from '../ir/stack.js';
import type { TiledStack } from '../ir/tile.js';
import { evaluateTiled } from '../schedule/evaluate-stack.js';
import type { HandOver } from '../schedule/hand-over.js';
import type { Hierarchy } from '../schedule/hierarchy.js';
import { tileStack } from '../schedule/tile-stack.js';
import type { Places } from './bounds.js';
import type { Point } from './layer-bound.js';
import { LazyEdge, type Candidate, type CostedPoint, type Known } from './lazy-edge.js';
import type { SpaceRequest } from './space.js';
import type { Stretch } from './stretches.js';
import { candidatesOf } from './tile-candidates.js';

/** What all candidates of a stack between two nodes have in common. */
interface Setting {
  readonly request: SpaceRequest;
  readonly hierarchy: Hierarchy;
  readonly stretch: Stretch;
  readonly handOver: HandOver;
  readonly places: Places;
  readonly listing: Listing;
}

/** The candidates of a stack, the same wherever its maps are handed over: listed once, with what each adds to the bound. */
export interface Listing {
  readonly graph: StackGraph;
  readonly candidates: () => readonly { readonly candidate: Candidate; readonly more: Point }[];
  readonly tiled: (candidate: Candidate) => TiledStack;
}

/** Candidates of one stack of which the tiles are kept in mind. */
const MOST_TILED = 64;

export function listingOf(
  { workload, profile, bounds, settings, unroll }: SpaceRequest,
  hierarchy: Hierarchy,
  stretch: Stretch,
): Listing {
  const ids = stretch.layers.map(({ id }) => id);
  const graph = stackGraph(workload, ids);
  let listed: ReturnType<Listing['candidates']> | undefined;
  const tiled = new BoundedMap<Candidate, TiledStack>(MOST_TILED);
  return {
    graph,
    candidates: () =>
      (listed ??= candidatesOf(graph, hierarchy, unroll, settings).map((candidate) => ({
        candidate,
        more: bounds.candidate(stretch, graph, candidate),
      }))),
    tiled: (candidate) =>
      tiled.getOr(candidate, () =>
        tileStack(workload, stackOf(hierarchy, stretch, hierarchy.top, candidate), profile),
      ),
  };
}

export function lazyStack(
  request: SpaceRequest,
  hierarchy: Hierarchy,
  stretch: Stretch,
  handOver: HandOver,
  listing: Listing,
): LazyEdge {
  const places: Places = {
    inputs: (map) => handOver.maps.get(map) ?? hierarchy.top,
    output: handOver.output,
  };
  const setting = { request, hierarchy, stretch, handOver, places, listing };
  const bound = request.bounds.stretch(stretch, places);
  const expand = (): readonly Known[] => {
    const candidates = listing.candidates();
    request.listed(candidates.length);
    return candidates.map(({ candidate, more }) => ({
      candidate,
      bound: sum(bound, more),
      points: undefined,
      looks: 0,
    }));
  };
  return new LazyEdge(bound, expand, (entry) => lookCloser(setting, entry));
}

export function stackOf(
  hierarchy: Hierarchy,
  { layers }: Stretch,
  output: number,
  candidate: Candidate,
): Stack {
  const handOver = hierarchy.memory(output).id;
  return { id: stackId(0), layers: layers.map(({ id }) => id), ...candidate, handOver };
}

function lookCloser(setting: Setting, entry: Known): Known {
  const { request, listing, places } = setting;
  const looked = { ...entry, looks: entry.looks + 1 };
  const tiled = listing.tiled(entry.candidate);
  const counts = tiled.types.map(({ count }) => count);
  const bounds = (): readonly Point[] => request.bounds.tiles(listing.graph, tiled, places);
  if (looked.looks === 1) return raised(looked, total(bounds(), counts));
  if (looked.looks === 2 && counts.length > 1) {
    const most = counts.indexOf(Math.max(...counts));
    const costs = costsOf(setting, { ...tiled, types: [known(tiled.types[most], 'tile type')] });
    const rest = total(bounds(), counts.with(most, 0));
    return costs.length === 0 ? { ...looked, points: [] } : raised(looked, sum(least(costs), rest));
  }
  request.evaluated();
  return { ...looked, points: undominated(costsOf(setting, tiled)) };
}

const raised = (entry: Known, { energyPj, latencyCycles }: Point): Known => ({
  ...entry,
  bound: {
    energyPj: Math.max(entry.bound.energyPj, energyPj),
    latencyCycles: Math.max(entry.bound.latencyCycles, latencyCycles),
  },
});

const sum = (one: Point, other: Point): Point => ({
  energyPj: one.energyPj + other.energyPj,
  latencyCycles: one.latencyCycles + other.latencyCycles,
});

const total = (points: readonly Point[], counts: readonly number[]): Point => ({
  energyPj: points.reduce((all, { energyPj }, t) => all + energyPj * counts[t]!, 0),
  latencyCycles: points.reduce((all, { latencyCycles }, t) => all + latencyCycles * counts[t]!, 0),
});

const least = (points: readonly Point[]): Point => ({
  energyPj: Math.min(...points.map(({ energyPj }) => energyPj)),
  latencyCycles: Math.min(...points.map(({ latencyCycles }) => latencyCycles)),
});

/** What the tiles cost, with each mapper for which they are feasible. */
function costsOf({ request, handOver }: Setting, tiled: TiledStack): readonly CostedPoint[] {
  const { workload, hw, profile, mappers } = request;
  return mappers.flatMap(({ name, mapper }): CostedPoint[] => {
    const result = evaluateTiled(workload, tiled, hw, profile, mapper, handOver);
    if (result.kind === 'infeasible') return [];
    const { energyPj, latencyCycles } = result.cost.totals;
    return [{ mapper: name, energyPj, latencyCycles }];
  });
}

/** The points of a candidate: one per mapper, those that are worse than another left out. */
const undominated = (points: readonly CostedPoint[]): readonly CostedPoint[] =>
  points.filter((point, i) => !points.some((other, j) => isBetter(other, point, j < i)));

/** No worse in both, and better in one or (`first`) named before. */
const isBetter = (one: CostedPoint, other: CostedPoint, first: boolean): boolean =>
  one.energyPj <= other.energyPj &&
  one.latencyCycles <= other.latencyCycles &&
  (first || one.energyPj < other.energyPj || one.latencyCycles < other.latencyCycles);
