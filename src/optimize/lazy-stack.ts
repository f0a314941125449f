/**
 * What a stack between two nodes may cost, worked out as far as the search asks: a bound of the stack, bounds of its
 * candidates by their tiles, then look by look one candidate: the cost of its most frequent tiles, its cost.
 */
import { stackGraph, type StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import { perObject, type BoundedMap } from '../base/bounded-map.js';
import { stackId } from '../base/ids.js';
import type { StackCost } from '../ir/cost.js';
import { partsOf, workloadOfPart, type HeadTile } from '../ir/heads.js';
import type { LayerTileMapper, NamedMapper } from '../ir/layer-tile.js';
import type { OverlapMode, Stack, TileSize } from '../ir/stack.js';
import type { TiledStack } from '../ir/tile.js';
import { sumTiled, evaluateTiled } from '../schedule/evaluate-stack.js';
import type { HandOver } from '../schedule/hand-over.js';
import type { Hierarchy } from '../schedule/hierarchy.js';
import { cachesAlong, tileRuns, tileStack } from '../schedule/tile-stack.js';
import { boundedBy } from './bounds.js';
import { headChoices, settingsFor } from './head-candidates.js';
import type { Point } from './layer-bound.js';
import { LazyEdge, type Candidate, type CostedPoint, type Known } from './lazy-edge.js';
import type { SpaceRequest } from './space.js';
import type { Stretch } from './stretches.js';
import { mostFrequent, type Places, type TilesBound } from './tile-bounds.js';
import { candidateKey, candidatesOf } from './tile-candidates.js';

const NO_POINTS: readonly CostedPoint[] = [];

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
  readonly rest: (candidate: Candidate) => TilesBound;
  readonly tiled: (candidate: Candidate) => Tiled;
}

/** Tiles of candidates that were worth more than a bound, lately. */
export type Tilings = BoundedMap<Candidate, Tiled>;

interface Tiled {
  readonly all: TiledStack;
  /** The most frequent tiles alone. */
  readonly frequent: TiledStack;
}

export function listingOf(
  { workload, profile, bounds, settings, unroll }: SpaceRequest,
  hierarchy: Hierarchy,
  stretch: Stretch,
  tilings: Tilings,
  fixed: readonly TileSize[],
): Listing {
  const tiled = (candidate: Candidate): Tiled => {
    const all = tileStack(workload, stackOf(hierarchy, stretch, hierarchy.top, candidate), profile);
    return { all, frequent: { ...all, types: [known(all.types[mostFrequent(all)], 'tile type')] } };
  };
  const layers = stretch.layers.map(({ id }) => id);
  const graphOf = (part: Pick<TiledStack, 'heads'>): StackGraph =>
    stackGraph(workloadOfPart(workload, { layers, ...part }), layers);
  /** With all heads at a time, or with those of one part: the candidates follow from what a tile then has to hold. */
  const listed = (heads?: HeadTile): readonly (readonly [Candidate, TilesBound])[] => {
    const graph = graphOf({ ...(heads && { heads }) });
    const ofTiles = bounds.tiles(graph);
    const runsOf = tileRuns(graph, profile, ofTiles.uses);
    const chosen = settingsFor(settings, stretch.layers, heads);
    const boundOf = (candidate: Candidate): TilesBound =>
      ofTiles.all(
        runsOf(stackOf(hierarchy, stretch, hierarchy.top, candidate)),
        partsOf({ ...(heads && { heads }) }),
      );
    // In a stack in which nothing tells columns from rows, mirror images come to the same.
    const found = new Map<string, TilesBound>();
    return candidatesOf(graph, hierarchy, unroll, chosen, heads ? [] : fixed).map(({ tile, mode }) => {
      const candidate = { tile: heads ? { ...tile, heads: heads.tile } : tile, mode };
      if (!ofTiles.isSquare || !isSameBothWays(mode)) return [candidate, boundOf(candidate)];
      const bound = found.get(candidateKey(imageOf(candidate))) ?? boundOf(candidate);
      found.set(candidateKey(candidate), bound);
      return [candidate, bound];
    });
  };
  const list = (): ReadonlyMap<Candidate, TilesBound> =>
    new Map([undefined, ...headChoices(settings, stretch.layers)].flatMap(listed));
  let found: ReadonlyMap<Candidate, TilesBound> | undefined;
  const tiledOnce = (candidate: Candidate): Tiled => tilings.getOr(candidate, () => tiled(candidate));
  const restOf = (candidate: Candidate): TilesBound => {
    const { all } = tiledOnce(candidate);
    return bounds.tiles(graphOf(all)).rest(all);
  };
  return {
    bound: bounds.stretch(stretch),
    bounds: () => (found ??= list()),
    rest: perObject(restOf),
    tiled: tiledOnce,
  };
}

const imageOf = ({ tile: { x, y, ...heads }, mode }: Candidate): Candidate => ({
  tile: { x: y, y: x, ...heads },
  mode,
});

const isSameBothWays = (mode: OverlapMode): boolean => cachesAlong(mode, 'x') === cachesAlong(mode, 'y');

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
      points: NO_POINTS,
      open: higher(bound, tiles.at(places)),
      looks: 0,
    }));
  };
  const looks = looksWith(request.mappers);
  return new LazyEdge(
    bound,
    expand,
    (entry) => lookCloser(setting, looks, entry),
    (entry) => isCheap(looks[entry.looks]),
  );
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

/** Ways to look closer at a candidate, one after the other. */
type Look =
  /**
   * At its most frequent tiles, with a bound of the others: only where there are others. `isFloor`: at bounds in place of
   * mappings; `isLeast`: at what none of the mappers' answers is below.
   */
  | {
      readonly at: 'most frequent';
      readonly mapper: LayerTileMapper;
      readonly isFloor: boolean;
      readonly isLeast: boolean;
    }
  /** At all tiles: at what no answer that is still to come is below; with a mapper. */
  | { readonly at: 'floor'; readonly floor: LayerTileMapper }
  | { readonly at: 'cost'; readonly mapper: NamedMapper };

/** By the mappers of a search. */
const looksWith = perObject((mappers: readonly NamedMapper[]): readonly Look[] => {
  const { mapper, floor: floorOf } = known(mappers[0], 'mapper');
  const of = boundedBy(mappers);
  const floor = floorOf?.(of);
  const last = mappers.at(-1);
  const toAsk = (one: NamedMapper): readonly Look[] => [
    ...(one === last && one.known ? [{ at: 'floor', floor: one.known(of) } as const] : []),
    { at: 'cost', mapper: one },
  ];
  const isFloor = floor !== undefined;
  const isLeast = isFloor || mappers.length === 1;
  return [
    { at: 'most frequent', mapper: floor ?? mapper, isFloor, isLeast },
    ...(floor ? [{ at: 'floor', floor } as const] : []),
    ...mappers.flatMap(toAsk),
  ];
});

/** Whether a look asks for bounds only, no mapping. */
const isCheap = (look: Look | undefined): boolean =>
  look?.at === 'floor' || (look?.at === 'most frequent' && look.isFloor);

function lookCloser(setting: Setting, looks: readonly Look[], entry: Known): Known {
  const { request, listing, places } = setting;
  const { all, frequent } = listing.tiled(entry.candidate);
  const step = all.types.length > 1 ? entry.looks : Math.max(1, entry.looks);
  const look = known(looks[step], 'look');
  const next = { ...entry, looks: step + 1 };
  // Whether a stack fits does not depend on what its mappings minimise.
  const infeasible = { ...next, open: undefined };
  switch (look.at) {
    case 'most frequent': {
      const floor = look.isLeast
        ? sumOf(setting, frequent, look.mapper)
        : leastBy(setting, frequent, known(request.mappers[0], 'mapper'));
      if (floor === undefined) return infeasible;
      return covered({ ...next, open: raised(entry, sum(floor, listing.rest(entry.candidate).at(places))) });
    }
    case 'floor': {
      const floor = sumOf(setting, all, look.floor);
      return floor === undefined ? infeasible : covered({ ...next, open: raised(entry, floor) });
    }
    case 'cost': {
      if (look.mapper === request.mappers[0]) request.evaluated();
      const cost = costOf(setting, all, look.mapper.mapper);
      if (cost === undefined) return infeasible;
      const { energyPj, latencyCycles } = cost.totals;
      const points = undominated([...entry.points, { mapper: look.mapper.name, energyPj, latencyCycles }]);
      const open = step + 1 < looks.length ? raised(entry, leastOf(cost, look.mapper)) : undefined;
      return covered({ ...next, points, open });
    }
  }
}

/** Nothing else is worth asking for once a point is as good as it could be. */
const covered = (entry: Known): Known => {
  const { points, open } = entry;
  return open && points.some((point) => isBetter(point, open, true)) ? { ...entry, open: undefined } : entry;
};

const raised = ({ open }: Known, floor: Point): Point => (open ? higher(open, floor) : floor);

/** What no mapper is below: what the one asked minimises, if it chose from all mappings and found the best. */
function leastOf({ totals, types }: StackCost, { name, unrollings }: NamedMapper): Point {
  const isLeast = unrollings === 'all' && types.every(({ layers }) => layers.every(({ gap }) => gap === 0));
  return {
    energyPj: isLeast && name === 'energy' ? totals.energyPj : 0,
    latencyCycles: isLeast && name === 'latency' ? totals.latencyCycles : 0,
  };
}

const higher = (one: Point, other: Point): Point => ({
  energyPj: Math.max(one.energyPj, other.energyPj),
  latencyCycles: Math.max(one.latencyCycles, other.latencyCycles),
});

const sum = (one: Point, other: Point): Point => ({
  energyPj: one.energyPj + other.energyPj,
  latencyCycles: one.latencyCycles + other.latencyCycles,
});

/** What the tiles cost with a mapper; undefined: they do not fit. */
function costOf(
  { request, handOver }: Setting,
  tiled: TiledStack,
  mapper: LayerTileMapper,
): StackCost | undefined {
  const { workload, hw, profile } = request;
  const result = evaluateTiled(workload, tiled, hw, profile, mapper, handOver);
  return result.kind === 'infeasible' ? undefined : result.cost;
}

/** What no mapper is below where the tiles are costed with this one. */
function leastBy(setting: Setting, tiled: TiledStack, mapper: NamedMapper): Point | undefined {
  const cost = costOf(setting, tiled, mapper.mapper);
  return cost && leastOf(cost, mapper);
}

/** What they cost together by the answers of a mapper, without a cost sheet. */
const sumOf = (
  { request: { workload, hw, profile }, handOver }: Setting,
  tiled: TiledStack,
  mapper: LayerTileMapper,
): Point | undefined => sumTiled(workload, tiled, hw, profile, mapper, handOver);

/** The points of a candidate: one per mapper, those that are worse than another left out. */
const undominated = (points: readonly CostedPoint[]): readonly CostedPoint[] =>
  points.filter((point, i) => !points.some((other, j) => isBetter(other, point, j < i)));

/** No worse in both, and better in one or (`first`) named before. */
const isBetter = (one: Point, other: Point, first: boolean): boolean =>
  one.energyPj <= other.energyPj &&
  one.latencyCycles <= other.latencyCycles &&
  (first || one.energyPj < other.energyPj || one.latencyCycles < other.latencyCycles);
