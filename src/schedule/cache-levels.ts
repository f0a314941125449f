/**
 * Where the caches and the weights of a stack live (reference model, 4.2 and 4.3): per tile type what is
 * alive and what is kept, then one column-cache level per row of tiles, one row-cache level and one weight
 * level per stack, so that a tile finds what its neighbour left.
 */
import { aliveBits } from '../analysis/lifetime.js';
import { freeExtent } from '../analysis/region.js';
import { sourceOf, type StackGraph } from '../analysis/stack-graph.js';
import { tileSizes, type TileSizes } from '../analysis/tile-sizes.js';
import { extentsOf, neededInAll } from '../analysis/needs.js';
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { TiledStack } from '../ir/tile.js';
import type { MemoryOperand } from '../hw/memory.js';
import { holds, type Hierarchy } from './hierarchy.js';
import { cachesAlong } from './tile-stack.js';

/** Bits one tile type needs to have room for. */
export interface Demand {
  readonly aliveBits: number;
  readonly hCacheBits: number;
  readonly vCacheBits: number;
  /** Counted in both caches: columns and rows cross. */
  readonly cornerBits: number;
}

export interface CachePlan {
  /** Per row class: memory index of the column cache; null where none is kept. */
  readonly h: readonly (number | null)[];
  readonly v: number | null;
  readonly weights: number;
  /** Per (row class, column class). */
  readonly demands: readonly (readonly Demand[])[];
}

export function planCaches(
  graph: StackGraph,
  tiled: TiledStack,
  weightBits: number,
  hierarchy: Hierarchy,
  profile: Profile,
): CachePlan {
  const keepsH = cachesAlong(tiled.mode, 'x');
  const keepsV = cachesAlong(tiled.mode, 'y');
  const demands = demandsOf(graph, tiled, profile);
  const levels = demands.map((row) =>
    row.map((demand) => levelsOfType(demand, weightBits, keepsH, keepsV, hierarchy)),
  );
  const all = levels.flat();
  const highest = (indices: readonly number[]): number => Math.max(...indices);
  const last = known(levels.at(-1)?.at(-1), 'last tile');
  const h = levels.map((row) => {
    if (!keepsH || tiled.grid.x === 1) return null;
    return profile.hCacheLevel === 'right-neighbour'
      ? known(row.at(-1), 'row').h
      : highest(row.map((type) => type.h));
  });
  const v =
    !keepsV || tiled.grid.y === 1
      ? null
      : profile.vCacheLevel === 'last-tile'
        ? last.v
        : highest(all.map((type) => type.v));
  // A cache that moved up for a neighbour may have taken the room that a tile alone would leave to the weights.
  const placed = demands.flatMap((row, r) => row.map((demand) => ({ demand, h: h[r] ?? null, v })));
  const weights =
    profile.residents === 'reserved'
      ? weightLevel(placed, { paths: ['I', 'O'], passingBits: passingBits(graph) }, weightBits, hierarchy)
      : highest(all.map((type) => type.weights));
  return { h, v, weights, demands };
}

type Demands = CachePlan['demands'];

/** What was worked out lately: a search asks for the same tiles beside other neighbours. */
const demandsKnown = new WeakMap<TiledStack, { graph: StackGraph; profile: Profile; demands: Demands }>();

function demandsOf(graph: StackGraph, tiled: TiledStack, profile: Profile): Demands {
  const found = demandsKnown.get(tiled);
  if (found?.graph === graph && found.profile === profile) return found.demands;
  const demands = demandsOfTypes(graph, tiled, profile);
  demandsKnown.set(tiled, { graph, profile, demands });
  return demands;
}

function demandsOfTypes(graph: StackGraph, tiled: TiledStack, profile: Profile): Demands {
  const keepsH = cachesAlong(tiled.mode, 'x');
  const fullColumns = extentsOf(neededInAll(graph).x);
  return tiled.rows.map((row) =>
    tiled.columns.map((column): Demand => {
      const alive = aliveBits(graph, tileSizes(graph, column.actual, row.actual), profile.residents);
      const sizes = tileSizes(graph, column.cacheView, row.cacheView);
      const caches =
        profile.branchDelay === 'written-only'
          ? cachedOverlaps(graph, sizes)
          : cachedMaps(graph, sizes, fullColumns);
      const h = keepsH && !(column.first && profile.firstColumnCaches === 'not-reserved');
      return { aliveBits: alive, ...caches, hCacheBits: h ? caches.hCacheBits : 0 };
    }),
  );
}

/** Published (3.3): overlaps of every operand; data kept for lagging branches is not counted. */
function cachedOverlaps(graph: StackGraph, sizes: TileSizes): Omit<Demand, 'aliveBits'> {
  let [hCacheBits, vCacheBits, cornerBits] = [0, 0, 0];
  for (const { use, pixelBits, needed, overlap, map } of sizes.layers.flatMap((layer) => layer.sources)) {
    const output = known(graph.maps[known(graph.outputOf[use.layer], 'output')], 'output map').map;
    const source = known(graph.maps[map], 'source map').map;
    hCacheBits += pixelBits * needed.y * overlap.x;
    vCacheBits += pixelBits * freeExtent(sourceOf(graph, use).x, output.width, source.width) * overlap.y;
    cornerBits += pixelBits * overlap.x * overlap.y;
  }
  return { hCacheBits, vCacheBits, cornerBits };
}

/**
 * Every map once: columns kept before or after the tile, as high as all that the tile and its neighbour use of them,
 * and full-width rows.
 */
function cachedMaps(
  graph: StackGraph,
  sizes: TileSizes,
  fullColumns: readonly number[],
): Omit<Demand, 'aliveBits'> {
  let [hCacheBits, vCacheBits, cornerBits] = [0, 0, 0];
  graph.maps.forEach((_, m) => {
    const { pixelBits, fresh, held, kept } = known(sizes.maps[m], 'map sizes');
    const columns = Math.max(held.x, kept.x);
    const lines = Math.max(held.y, kept.y);
    // Rows above are in the row cache, but where columns are kept they stay on while their successors come.
    const rows = held.y + fresh.y;
    hCacheBits += pixelBits * columns * rows;
    vCacheBits += pixelBits * known(fullColumns[m], 'full columns') * lines;
    cornerBits += pixelBits * columns * Math.min(lines, rows);
  });
  return { hCacheBits, vCacheBits, cornerBits };
}

interface TypeLevels {
  readonly h: number;
  readonly v: number;
  readonly weights: number;
}

/** Levels that one tile type alone would choose (4.2): the lowest single memories with room for it all. */
function levelsOfType(
  demand: Demand,
  weightBits: number,
  keepsH: boolean,
  keepsV: boolean,
  hierarchy: Hierarchy,
): TypeLevels {
  const { aliveBits, hCacheBits, vCacheBits, cornerBits } = demand;
  const peakH = aliveBits + hCacheBits;
  const peakV = peakH + vCacheBits;
  const h = keepsH ? lowestShared(hierarchy, () => peakH) : -1;
  const v = keepsV ? lowestShared(hierarchy, (index) => peakV - (index === h ? cornerBits : 0)) : -1;
  return {
    h,
    v,
    weights: weightLevel([{ demand, h, v }], { paths: ['O'], passingBits: 0 }, weightBits, hierarchy),
  };
}

/** Lowest single memory for inputs and outputs with room for as many bits; the top always has it. */
const lowestShared = (hierarchy: Hierarchy, bits: (index: number) => number): number =>
  hierarchy.levels.O.find((index) => {
    const memory = hierarchy.memory(index);
    return holds(memory, 'I') && hierarchy.single(index) && hierarchy.roomBits(index) >= bits(index);
  }) ?? hierarchy.top;

/** One element of each streamed operand, of the layer where that is most: what a memory needs to pass data on. */
export const passingBits = ({ layers }: StackGraph): number =>
  Math.max(
    ...layers.map(({ inputs, output }) =>
      inputs.reduce((sum, { path, bits }) => (path === 'I' ? sum + bits : sum), output.psumBits),
    ),
  );

/**
 * Lowest level with room for the weights beside what every tile has there: live data in memories on `paths` up to the
 * one that holds all of it, and above what passes through. As published, memories of inputs alone hold nothing.
 */
function weightLevel(
  tiles: readonly { readonly demand: Demand; readonly h: number | null; readonly v: number | null }[],
  { paths, passingBits }: { readonly paths: readonly MemoryOperand[]; readonly passingBits: number },
  weightBits: number,
  hierarchy: Hierarchy,
): number {
  const taken = tiles.map(({ demand: { aliveBits, hCacheBits, vCacheBits, cornerBits }, h, v }) => {
    const room = lowestShared(hierarchy, () => aliveBits);
    return (index: number): number => {
      if (index === h && index === v) return aliveBits + hCacheBits + vCacheBits - cornerBits;
      if (index === v) return aliveBits + hCacheBits + vCacheBits;
      if (index === h) return aliveBits + hCacheBits;
      if (!paths.some((path) => holds(hierarchy.memory(index), path))) return 0;
      return index <= room ? aliveBits : passingBits;
    };
  });
  const { levels, roomBits, top } = hierarchy;
  return levels.W.find((index) => taken.every((bits) => roomBits(index) >= weightBits + bits(index))) ?? top;
}
