/**
 * The tiles worth looking at for a stack: they follow from the problem. Widths go down from the full map by halves, as
 * they are and on multiples of what the array unrolls; to each belong the heights at which live data, kept columns or kept rows just
 * fit a memory, and the other way round; beside them the full map, whole lines and single lines.
 */
import { spanExtent } from '../analysis/region.js';
import { sourceOf, type StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import type { Axis } from '../ir/layer.js';
import { OVERLAP_MODES, type OverlapMode, type TileSize } from '../ir/stack.js';
import { holds, type Hierarchy } from '../schedule/hierarchy.js';
import { cachesAlong } from '../schedule/tile-stack.js';
import type { Candidate } from './lazy-edge.js';
import { tileDemand, type DemandOf, type TileDemand } from './tile-demand.js';

/** What the user fixes, adds, or restricts the candidates to. */
export interface CandidateSettings {
  readonly tile?: TileSize;
  readonly mode?: OverlapMode;
  /** Besides those that follow from the problem, or (`only`) instead of them. */
  readonly tiles?: { readonly sizes: readonly TileSize[]; readonly only: boolean };
}

export interface Size {
  readonly x: number;
  readonly y: number;
}

/** Candidates of one stack, each once. `fixed`: tiles of schedules that are known without a search. */
export function candidatesOf(
  graph: StackGraph,
  hierarchy: Hierarchy,
  unroll: Readonly<Record<Axis, number>>,
  settings: CandidateSettings,
  fixed: readonly TileSize[],
): readonly Candidate[] {
  const sink = known(graph.maps[known(graph.outputOf[graph.sink], 'sink map')], 'sink map').map;
  const map = { x: sink.width, y: sink.height };
  const found = new Map<string, Candidate>();
  const areApart = hasKernelBeyondMap(graph);
  const add = (candidate: Candidate): void => {
    const key = candidateKey(candidate) + (areApart ? candidate.mode : '');
    if (!found.has(key)) found.set(key, candidate);
  };
  for (const mode of modesOf(settings)) {
    for (const tile of sizesFor(graph, hierarchy, unroll, map, mode, settings)) add(clamped(tile, mode, map));
    for (const tile of fixed) add(clamped(tile, mode, map));
  }
  return [...found.values()];
}

export const modesOf = ({ mode }: CandidateSettings): readonly OverlapMode[] =>
  mode === undefined ? OVERLAP_MODES.toReversed() : [mode];

/** On a map: a tile as large as the map is `full`. */
export const clamped = ({ x, y }: TileSize, mode: OverlapMode, map: Size): Candidate => ({
  tile: { x: x === 'full' || x >= map.x ? 'full' : x, y: y === 'full' || y >= map.y ? 'full' : y },
  mode,
});

/**
 * Whether some kernel is larger than the whole map it reads: as published, a tile that spans the map then keeps columns
 * or rows that no other tile reads, as its mode says.
 */
const hasKernelBeyondMap = (graph: StackGraph): boolean =>
  graph.maps.some(({ map, uses }) =>
    uses.some((use) => {
      const { x, y } = sourceOf(graph, use);
      return spanExtent(x, 1, map.width) > map.width || spanExtent(y, 1, map.height) > map.height;
    }),
  );

/**
 * Candidates of one key are the same: what is kept along an axis makes no difference where there is one tile. Only where
 * a kernel is larger than its map it may.
 */
export function candidateKey({ tile: { x, y, heads }, mode }: Candidate): string {
  return `${x} ${y} ${heads ?? 'all'} ${x !== 'full' && cachesAlong(mode, 'x')} ${y !== 'full' && cachesAlong(mode, 'y')}`;
}

function sizesFor(
  graph: StackGraph,
  hierarchy: Hierarchy,
  unroll: Readonly<Record<Axis, number>>,
  map: Size,
  mode: OverlapMode,
  { tile, tiles }: CandidateSettings,
): readonly Size[] {
  const numbers = ({ x, y }: TileSize): Size => ({
    x: x === 'full' ? map.x : x,
    y: y === 'full' ? map.y : y,
  });
  if (tile !== undefined) return [numbers(tile)];
  const given = (tiles?.sizes ?? []).map(numbers);
  if (tiles?.only === true) return given;
  return [map, ...given, ...fittingSizes(graph, hierarchy, unroll, map, mode)];
}

function fittingSizes(
  graph: StackGraph,
  hierarchy: Hierarchy,
  unroll: Readonly<Record<Axis, number>>,
  map: Size,
  mode: OverlapMode,
): readonly Size[] {
  const cached = { x: cachesAlong(mode, 'x'), y: cachesAlong(mode, 'y') };
  const demand = tileDemand(graph, cached);
  const [widths, heights] = [withFilled(map.x, unroll.x), withFilled(map.y, unroll.y)];
  // Where everything fits as one tile, smaller ones gain nothing.
  const limits = limitsOf(hierarchy, cached).filter((fits) => !fits(demand, map.x, map.y));
  return [
    { x: map.x, y: 1 },
    { x: map.x, y: Math.min(map.y, unroll.y) },
    ...widths.flatMap((x) =>
      limits.flatMap((fits) => {
        const most = largest(map.y, (y) => fits(demand, x, y));
        return most === 0 ? [] : [{ x, y: evened(map.y, most, unroll.y) }];
      }),
    ),
    ...heights.flatMap((y) =>
      limits.flatMap((fits) => {
        const most = largest(map.x, (x) => fits(demand, x, y));
        return most === 0 ? [] : [{ x: evened(map.x, most, unroll.x), y }];
      }),
    ),
  ];
}

type Limit = (demand: DemandOf, x: number, y: number) => boolean;

/** What may just fit a memory: live data, with the kept columns, with the kept rows as well. */
function limitsOf(hierarchy: Hierarchy, cached: Readonly<Record<Axis, boolean>>): readonly Limit[] {
  const sums: readonly ((demand: TileDemand) => number)[] = [
    ({ aliveBits }) => aliveBits,
    ...(cached.x ? [({ aliveBits, hCacheBits }: TileDemand) => aliveBits + hCacheBits] : []),
    ...(cached.y
      ? [({ aliveBits, hCacheBits, vCacheBits }: TileDemand) => aliveBits + hCacheBits + vCacheBits]
      : []),
  ];
  const shared = hierarchy.levels.O.filter(
    (index) => index !== hierarchy.top && hierarchy.single(index) && holds(hierarchy.memory(index), 'I'),
  );
  return shared.flatMap((index) =>
    sums.map(
      (sum): Limit =>
        (demand, x, y) =>
          sum(demand(x, y)) <= hierarchy.memory(index).sizeBits,
    ),
  );
}

/** `size`, a half, a quarter, ... evened out, down to what the array computes at once. */
function halves(size: number, unroll: number): readonly number[] {
  const sizes = new Set<number>();
  const least = Math.min(size, unroll);
  for (let part = size; part > least; part /= 2) sizes.add(evened(size, Math.ceil(part), unroll));
  return [...sizes, least];
}

/** Halves, and each filled up to a multiple of what the array computes at once: no step of it is then idle in part. */
function withFilled(size: number, unroll: number): readonly number[] {
  const filled = (part: number): number => Math.min(size, Math.ceil(part / unroll) * unroll);
  return [...new Set(halves(size, unroll).flatMap((part) => [part, filled(part)]))];
}

/** The largest number from 0 to `most` that fits; larger ones fit less. */
function largest(most: number, fits: (n: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Ladders of tiles, for schedules that have the same in all stacks; within what the user restricts them to. */
export function fixedTiles(
  map: Size,
  unroll: Readonly<Record<Axis, number>>,
  { tile, tiles }: CandidateSettings,
  rungs: 'halves' | 'eighths',
): readonly TileSize[] {
  // A number of heads does not mean the same in all stacks.
  if (tile !== undefined || tiles?.only === true)
    return (tile ? [tile] : (tiles?.sizes ?? [])).filter(({ heads }) => heads === undefined);
  const sizes = (axis: Axis): readonly number[] =>
    rungs === 'halves'
      ? withFilled(map[axis], unroll[axis])
      : halves(map[axis], unroll[axis]).filter((_, i, all) => i % 3 === 0 || i === all.length - 1);
  const heights = [...new Set([...sizes('y'), 1])];
  return [{ x: 'full', y: 'full' }, ...sizes('x').flatMap((x) => heights.map((y): TileSize => ({ x, y })))];
}

/** At most `most`, such that as few tiles as before are as equal as can be, on a multiple of the unrolling if that fits. */
function evened(size: number, most: number, unroll: number): number {
  if (most >= size) return size;
  const even = Math.ceil(size / Math.ceil(size / most));
  const filled = Math.ceil(even / unroll) * unroll;
  return filled <= most ? filled : even;
}
