/**
 * What a stack between two nodes may cost, worked out as far as the search asks: a bound of the stack, bounds of its
 * candidates by their tiles, then look by look one candidate: the cost of its most frequent tiles, its cost.
 */
import { stackGraph, type StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import type { BoundedMap } from '../base/bounded-map.js';
import { stackId } from '../base/ids.js';
import { partsOf, workloadOfPart, type HeadTile } from '../ir/heads.js';
import type { Stack, TileSize } from '../ir/stack.js';
import type { TiledStack } from '../ir/tile.js';
import { evaluateTiled } from '../schedule/evaluate-stack.js';
import type { HandOver } from '../schedule/hand-over.js';
import type { Hierarchy } from '../schedule/hierarchy.js';
import { tileRuns, tileStack } from '../schedule/tile-stack.js';
import { headChoices, settingsFor } from './head-candidates.js';
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

/** The candidates of a stack, the same wherever its maps are handed over: listed once, with what their tiles cost at least. */
export interface Listing {
  /** Nothing that the stack offers is below. */
  readonly bound: (places: Places) => Point;
  readonly bounds: () => ReadonlyMap<Candidate, TilesBound>;
  /** All tiles of a candidate but the most frequent ones. */
  readonly rest: (tiled: TiledStack) => TilesBound;
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
  const tiled = (candidate: Candidate): TiledStack =>
    tileStack(workload, stackOf(hierarchy, stretch, hierarchy.top, candidate), profile);
  const layers = stretch.layers.map(({ id }) => id);
  const graphOf = (part: Pick<TiledStack, 'heads'>): StackGraph =>
    stackGraph(workloadOfPart(workload, { layers, ...part }), layers);
  /** With all heads at a time, or with those of one part: the candidates follow from what a tile then has to hold. */
  const listed = (heads?: HeadTile): readonly (readonly [Candidate, TilesBound])[] => {
    const graph = graphOf({ ...(heads && { heads }) });
    const ofTiles = bounds.tiles(graph);
    const runsOf = tileRuns(graph, profile, ofTiles.uses);
    const chosen = settingsFor(settings, stretch.layers, heads);
    return candidatesOf(graph, hierarchy, unroll, chosen, heads ? [] : fixed).map(({ tile, mode }) => {
      const candidate = { tile: heads ? { ...tile, heads: heads.tile } : tile, mode };
      const runs = runsOf(stackOf(hierarchy, stretch, hierarchy.top, candidate));
      return [candidate, ofTiles.all(runs, partsOf({ ...(heads && { heads }) }))];
    });
  };
  const list = (): ReadonlyMap<Candidate, TilesBound> =>
    new Map([undefined, ...headChoices(settings, stretch.layers)].flatMap(listed));
  let found: ReadonlyMap<Candidate, TilesBound> | undefined;
  return {
    bound: bounds.stretch(stretch),
    bounds: () => (found ??= list()),
    rest: (tiles) => bounds.tiles(graphOf(tiles)).rest(tiles),
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
  const bound = listing.bound(places);
  const expand = (): readonly Known[] => {
    const candidates = listing.bounds();
    request.listed(candidates.size);
    return Array.from(candidates, ([candidate, tiles]) => ({
      candidate,
      bound: higher(bound, tiles.at(places)),
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
  if (looked.looks === 1 && tiled.types.length > 1) {
    const most = known(tiled.types[mostFrequent(tiled)], 'tile type');
    const costs = costsOf(setting, { ...tiled, types: [most] });
    if (costs.length === 0) return { ...looked, points: [] };
    const rest = listing.rest(tiled).at(places);
    return { ...looked, bound: higher(entry.bound, sum(least(costs), rest)) };
  }
  request.evaluated();
  return { ...looked, points: undominated(costsOf(setting, tiled)) };
}

const higher = (one: Point, other: Point): Point => ({
  energyPj: Math.max(one.energyPj, other.energyPj),
  latencyCycles: Math.max(one.latencyCycles, other.latencyCycles),
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
