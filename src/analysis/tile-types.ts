/** Tile types: pairs of a column class and a row class, with how many tiles each stands for. */
import { known } from '../base/assert.js';
import { BoundedMap, perObject } from '../base/bounded-map.js';
import type { Axis } from '../ir/layer.js';
import type { AxisClass, TileType } from '../ir/tile.js';
import { extentsOf, neededFor, neededInAll } from './needs.js';
import { tileInterval, type TileGrid } from './tile-grid.js';
import type { StackGraph } from './stack-graph.js';

/**
 * All pairs, rows outer, columns inner; tile (0,0) first and on its own. Counts are products of class counts,
 * so their sum is the number of tiles.
 */
export function tileTypes(columns: readonly AxisClass[], rows: readonly AxisClass[]): readonly TileType[] {
  return rows.flatMap((row, r) =>
    columns.flatMap((column, c): TileType[] => {
      const count = column.count * row.count;
      const name = `${column.name}.${row.name}`;
      const rest = { name, count, column: c, row: r, origin: false };
      if (c > 0 || r > 0) return [rest];
      const origin = { name: 'origin', count: 1, column: c, row: r, origin: true };
      return count > 1 ? [origin, { ...rest, count: count - 1 }] : [origin];
    }),
  );
}

/** The tiles along one axis, and whether the overlap mode keeps data along it. */
export interface TiledAxis {
  readonly grid: TileGrid;
  readonly cached: boolean;
}

/**
 * Per layer: pixels of its output that some tile computes. Where data is kept, that is all between the first and
 * the last that the stack's output needs; without, columns (rows) that a stride leaves out between tiles stay out.
 */
export function computedPixels(
  graph: StackGraph,
  tiled: Readonly<Record<Axis, TiledAxis>>,
): readonly number[] {
  const [x, y] = [computedLengths(graph, 'x', tiled.x), computedLengths(graph, 'y', tiled.y)];
  return graph.outputOf.map((m) => known(x[m], 'columns') * known(y[m], 'rows'));
}

const lengthsOf = perObject<BoundedMap<string, readonly number[]>>(() => new BoundedMap(24));

function computedLengths(graph: StackGraph, axis: Axis, { grid, cached }: TiledAxis): readonly number[] {
  const key = `${axis} ${cached ? '' : grid.tile}`;
  return lengthsOf(graph).getOr(key, () => countLengths(graph, axis, { grid, cached }));
}

function countLengths(graph: StackGraph, axis: Axis, { grid, cached }: TiledAxis): readonly number[] {
  if (cached) return extentsOf(neededInAll(graph)[axis]);
  const tiles = Array.from({ length: grid.count }, (_, c) => neededFor(graph, axis, tileInterval(grid, c)));
  return graph.maps.map((_, m) => {
    let [length, covered] = [0, 0];
    // Tiles go on in order, but for those in mirrored pads, which go back.
    for (const { starts, ends } of tiles.toSorted((one, other) => one.starts[m]! - other.starts[m]!)) {
      length += Math.max(0, ends[m]! - Math.max(starts[m]!, covered));
      covered = Math.max(ends[m]!, covered);
    }
    return length;
  });
}
