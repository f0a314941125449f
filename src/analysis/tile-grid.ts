/**
 * The grid of output tiles along one axis. The remainder comes first, as published: if the map is no multiple
 * of the tile, the first column (row) is the smaller one.
 */
import type { Interval } from '../base/range.js';

export interface TileGrid {
  /** Tile after clamping to the map. */
  readonly tile: number;
  /** Size of the first tile. */
  readonly first: number;
  readonly count: number;
}

/** Grid for a map of `size` columns (rows), `requested` per tile. */
export function tileGrid(size: number, requested: number | 'full'): TileGrid {
  const tile = requested === 'full' ? size : Math.min(requested, size);
  const first = size % tile || tile;
  return { tile, first, count: 1 + (size - first) / tile };
}

/** Output columns (rows) of tile `index`. */
export function tileInterval(grid: TileGrid, index: number): Interval {
  const end = grid.first + index * grid.tile;
  return { start: index === 0 ? 0 : end - grid.tile, end };
}
