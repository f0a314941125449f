/**
 * What a stack between two nodes may cost, worked out as far as the search asks: a bound of the stack, bounds of its
 * candidates, then look by look one candidate: bounds of its tiles, the cost of its most frequent tiles, its cost.
 */
import { stackGraph, type StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import type { BoundedMap } from '../base/bounded-map.js';
import { stackId } from '../base/ids.js';
import type { Stack, TileSize } from '../ir/stack.js';
import type { TiledStack } from '../ir/tile.js';
import { evaluateTiled } from '../schedule/evaluate-stack.js';
import type { HandOver } from '../schedule/hand-over.js';
import type { Hierarchy } from '../schedule/hierarchy.js';
import { tileStack } from '../schedule/tile-stack.js';
import type { Point } from './layer-bound.js';
import { LazyEdge, type Candidate, type CostedPoint, type Known } from './lazy-edge.js';
import type { SpaceRequest } from './space.js';
import type { Stretch } from './stretches.js';
import { mostFrequent, type Places, type TilesBound } from './tile-bounds.js';
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
  readonly candidates: () => readonly { readonly candidate: Candidate; readonly more: Point }[];
  /** What the tiles of a candidate cost at least. */
  readonly bound: (candidate: Candidate) => TilesBound;
  readonly tiled: (candidate: Candidate) => TiledStack;
}

/** Tiles of candidates that were worth more than a bound, lately. */
export type Tilings = BoundedMap<Candidate, TiledStack>;

export function listingOf(
  { workload, profile, bounds, settings, unroll }: SpaceRequest,
  hierarchy: Hierarchy,
  stretch: Stretch,
  tilings: Tilings,
  fixed: readonly TileSize[],
): Listing {
  const ids = stretch.layers.map(({ id }) => id);
  const graph = (): StackGraph => stackGraph(workload, ids);
  const candidates = (): ReturnType<Listing['candidates']> =>
    candidatesOf(graph(), hierarchy, unroll, settings, fixed).map((candidate) => ({
      candidate,
      more: bounds.candidate(stretch, graph(), candidate),
    }));
  let listed: ReturnType<Listing['candidates']> | undefined;
  const known = new Map<Candidate, TilesBound>();
  const tiled = (candidate: Candidate): TiledStack =>
    tileStack(workload, stackOf(hierarchy, stretch, hierarchy.top, candidate), profile);
  return {
    candidates: () => (listed ??= candidates()),
    bound: (candidate) => {
      const found = known.get(candidate) ?? bounds.tiles(graph(), tiled(candidate));
      known.set(candidate, found);
      return found;
    },
    tiled: (candidate) => tilings.getOr(candidate, () => tiled(candidate)),
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
  const bound = listing.bound(entry.candidate);
  if (looked.looks === 1) return raised(looked, bound.all(places));
  const tiled = listing.tiled(entry.candidate);
  if (looked.looks === 2 && tiled.types.length > 1) {
    const most = known(tiled.types[mostFrequent(tiled)], 'tile type');
    const costs = costsOf(setting, { ...tiled, types: [most] });
    return costs.length === 0
      ? { ...looked, points: [] }
      : raised(looked, sum(least(costs), bound.rest(places)));
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
