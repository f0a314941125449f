/**
 * The tiles facet: what a stack decision means along each axis. X and Y never mix, so a stack's tiles are
 * described by classes of tile columns and classes of tile rows; a tile type is a pair of classes.
 */
import type { LayerId, StackId, TensorId } from '../base/ids.js';
import type { HeadTile } from './heads.js';
import type { OverlapMode } from './stack.js';

/** One map along one axis, in one class of tile columns (or rows). Extents in columns (rows) of that map. */
export interface MapExtent {
  readonly map: TensorId;
  /** Produced (or fetched, for a stack input) by this tile and by no earlier one. */
  readonly fresh: number;
  /** Kept by the tile before for this one and later ones: 0 in the first tile, or if nothing is kept. */
  readonly held: number;
  /** To be kept for the next tile along the axis: 0 if there is none, or nothing is kept. */
  readonly kept: number;
}

/** What one operand source needs along one axis. */
export interface SourceExtent {
  readonly map: TensorId;
  /** All that is needed, kept data included. */
  readonly needed: number;
  /** The part that the tile before left in a cache; 0 where nothing is kept along the axis. */
  readonly overlap: number;
}

export interface LayerExtent {
  readonly layer: LayerId;
  /** Output columns (rows) computed here; 0: the layer does not run in this tile. */
  readonly out: number;
  /** Per input operand, per source, in the layer's order. */
  readonly inputs: readonly (readonly SourceExtent[])[];
}

/** Sizes along one axis for one class of tile columns (rows). */
export interface AxisGeometry {
  readonly layers: readonly LayerExtent[];
  readonly maps: readonly MapExtent[];
}

/**
 * A class of tile columns (rows) with equal sizes. Where data is kept along the axis the first and the last
 * tile are classes of their own, for they read or write no cache.
 */
export interface AxisClass {
  readonly name: string;
  readonly count: number;
  /** Holds the first (last) tile column (row) of the grid. */
  readonly first: boolean;
  readonly last: boolean;
  /** Output columns (rows) of the sink. */
  readonly tile: number;
  readonly actual: AxisGeometry;
  /** Sizes if caches were used wherever a neighbour exists, whatever the mode (Q7); equal to `actual` by default. */
  readonly cacheView: AxisGeometry;
}

/** A set of tiles that are equal in every modelled respect. */
export interface TileType {
  readonly name: string;
  readonly count: number;
  /** Indices into `columns` and `rows`. */
  readonly column: number;
  readonly row: number;
  /** Tile (0,0) of a part: always on its own, it brings the weights. */
  readonly origin: boolean;
}

export interface TiledStack {
  readonly stack: StackId;
  readonly mode: OverlapMode;
  /** Layers in topological order; the last is the sink. */
  readonly layers: readonly LayerId[];
  /** Maps that come from outside the stack. */
  readonly inputs: readonly TensorId[];
  /** Tile after clamping to the sink's map. */
  readonly tile: { readonly x: number; readonly y: number };
  /** Tiles per row and rows of tiles, of one part of the heads. */
  readonly grid: { readonly x: number; readonly y: number };
  /** Heads in parts, each with a grid of tiles of its own; absent: all together. Counts of types are over all parts. */
  readonly heads?: HeadTile;
  readonly columns: readonly AxisClass[];
  readonly rows: readonly AxisClass[];
  readonly types: readonly TileType[];
  /** MACs as scheduled and those beyond the needed region computed once. */
  readonly macs: number;
  readonly recomputedMacs: number;
}

export interface TilePlan {
  readonly stacks: readonly TiledStack[];
}
