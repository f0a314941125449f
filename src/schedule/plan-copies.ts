/**
 * The data copies of a tile (reference model, 5.1): what has to move between levels before a layer can read
 * its inputs, and what has to be put aside for neighbouring tiles after it ran.
 */
import { sourceBits, type StackGraph } from '../analysis/stack-graph.js';
import { area, freshPart, type SourceSize, type TileSizes } from '../analysis/tile-sizes.js';
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { CopyReason, DataCopy } from '../ir/alloc.js';
import type { MemoryOperand } from '../hw/memory.js';
import { kernelBits } from '../ir/kept-weights.js';
import type { Layer, Workload } from '../ir/layer.js';
import type { Hierarchy } from './hierarchy.js';

/** Memory indices of the caches this tile reads and writes; null: none. */
export interface CacheUse {
  readonly readH: number | null;
  readonly writeH: number | null;
  readonly readV: number | null;
  readonly writeV: number | null;
}

export interface CopyContext {
  readonly graph: StackGraph;
  readonly sizes: TileSizes;
  /** Sizes from which the widths to keep are taken (Q7). */
  readonly cacheSizes: TileSizes;
  readonly caches: CacheUse;
  readonly hierarchy: Hierarchy;
  readonly profile: Pick<Profile, 'branchDelay' | 'crossing' | 'lowPatch'>;
}

interface End {
  readonly operand: MemoryOperand;
  readonly index: number;
}

function copy(
  context: CopyContext,
  why: CopyReason,
  m: number,
  bits: number,
  from: End,
  to: End,
): DataCopy[] {
  if (bits <= 0 || from.index === to.index) return [];
  const end = ({ operand, index }: End): DataCopy['from'] => ({
    operand,
    memory: context.hierarchy.memory(index).id,
  });
  return [{ why, map: known(context.graph.maps[m], 'map').map.id, bits, from: end(from), to: end(to) }];
}

/** The new part of a stack input, from the memory in which the map lies to `level`. */
export function inputCopies(
  context: CopyContext,
  m: number,
  { whole, level }: { readonly whole: number; readonly level: number },
): readonly DataCopy[] {
  const { pixelBits, fresh } = known(context.sizes.maps[m], 'map');
  const from = { operand: 'I', index: whole } as const;
  return copy(context, 'stack-input', m, pixelBits * area(fresh), from, { operand: 'I', index: level });
}

/** Before layer l: its inputs to their top level, then kept columns and rows. */
export function layerCopies(
  context: CopyContext,
  l: number,
  inputs: number,
  places: readonly (number | null)[],
): readonly DataCopy[] {
  const { sources } = known(context.sizes.layers[l], 'layer');
  return [
    ...sources.flatMap((source) => operandCopies(context, source, inputs, places)),
    ...sources.flatMap((source) => columnReads(context, source, inputs)),
    ...sources.flatMap((source) => rowReads(context, source, inputs)),
  ];
}

/** What the tile has made: of it what the layer reads, or, as published, all of it even for a delayed branch. */
function operandCopies(
  context: CopyContext,
  source: SourceSize,
  inputs: number,
  places: readonly (number | null)[],
): readonly DataCopy[] {
  const { sizes, graph, profile } = context;
  const { pixelBits, fresh } = known(sizes.maps[source.map], 'map');
  const bits =
    profile.branchDelay === 'written-only'
      ? pixelBits * area(fresh)
      : source.pixelBits * area(freshPart(source));
  // A map that earlier tiles have finished has no place in this one; what is still read of it is in the caches.
  if (bits === 0) return [];
  const from = known(places[source.map], 'place of an operand');
  const fromOutside = known(graph.maps[source.map], 'map').producer === null;
  if (fromOutside && from < inputs && profile.lowPatch === 'free') return [];
  const start = { operand: fromOutside ? 'I' : 'O', index: from } as const;
  return copy(context, 'operand', source.map, bits, start, { operand: 'I', index: inputs });
}

function columnReads(context: CopyContext, source: SourceSize, inputs: number): readonly DataCopy[] {
  const { readH } = context.caches;
  if (readH === null) return [];
  const rows =
    context.profile.crossing === 'in-both-caches' ? source.needed.y - source.overlap.y : source.needed.y;
  const bits = source.pixelBits * rows * source.overlap.x;
  return copy(
    context,
    'h-cache-read',
    source.map,
    bits,
    { operand: 'I', index: readH },
    { operand: 'I', index: inputs },
  );
}

function rowReads(context: CopyContext, source: SourceSize, inputs: number): readonly DataCopy[] {
  const { readH, readV } = context.caches;
  if (readV === null) return [];
  const fromColumns = context.profile.crossing === 'in-both-caches' || readH === null ? 0 : source.overlap.x;
  const bits = source.pixelBits * (source.needed.x - fromColumns) * source.overlap.y;
  return copy(
    context,
    'v-cache-read',
    source.map,
    bits,
    { operand: 'I', index: readV },
    { operand: 'I', index: inputs },
  );
}

/**
 * After a map lies in `from`: rows for the next row of tiles, columns for the next tile. Where they cross, they are
 * moved once into a memory that holds both caches; as published, once whatever the caches' memories.
 */
export function cacheWrites(context: CopyContext, m: number, from: End): readonly DataCopy[] {
  const { writeH, writeV } = context.caches;
  const { uses } = known(context.graph.maps[m], 'map');
  if (uses.length === 0) return [];
  const { pixelBits, fresh } = known(context.sizes.maps[m], 'map');
  const cache = known(context.cacheSizes.maps[m], 'map');
  const rows = writeV === null ? 0 : Math.min(cache.kept.y, cache.fresh.y);
  const columns = writeH === null ? 0 : Math.min(cache.kept.x, cache.fresh.x);
  const once = context.profile.crossing === 'read-from-columns' || writeV === writeH;
  const rowsMoved = writeV !== null && writeV !== from.index && once ? rows : 0;
  const to = (index: number): End => ({ operand: 'O', index });
  return [
    ...(writeV === null
      ? []
      : copy(context, 'v-cache-write', m, pixelBits * rows * fresh.x, from, to(writeV))),
    ...(writeH === null
      ? []
      : copy(context, 'h-cache-write', m, pixelBits * columns * (fresh.y - rowsMoved), from, to(writeH))),
  ];
}

/** An activation on the weight path: whole, from the top to the stack's weight level. */
export function stationaryCopies(
  workload: Workload,
  layer: Layer,
  weights: number,
  hierarchy: Hierarchy,
): readonly DataCopy[] {
  const way = wayOfWeights(weights, hierarchy);
  if (way === undefined) return [];
  return layer.inputs
    .flatMap((operand) => (operand.path === 'W' ? operand.sources : []))
    .map((source): DataCopy => {
      const bits = sourceBits(workload, source);
      return { why: 'stationary-input', map: source.map, bits, ...way };
    });
}

/** Weights of a layer that does not run in the tile that brings them. */
export function weightCopies(layer: Layer, weights: number, hierarchy: Hierarchy): readonly DataCopy[] {
  const way = wayOfWeights(weights, hierarchy);
  const bits = kernelBits(layer);
  return way === undefined || bits === 0 ? [] : [{ why: 'weights', map: layer.id, bits, ...way }];
}

/** From the top to where they stay; undefined: they stay at the top. */
function wayOfWeights(
  weights: number,
  { memory, top }: Hierarchy,
): Pick<DataCopy, 'from' | 'to'> | undefined {
  if (weights === top) return undefined;
  const end = (index: number): DataCopy['from'] => ({ operand: 'W', memory: memory(index).id });
  return { from: end(top), to: end(weights) };
}
