/** Tile types: pairs of a column class and a row class, with how many tiles each stands for. */
import { known } from '../base/assert.js';
import { length } from '../base/range.js';
import type { Axis } from '../ir/layer.js';
import type { AxisClass, TileType } from '../ir/tile.js';
import { neededIntervals, sinkInterval } from './needs.js';
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

/** Per layer: pixels of its output that the stack's output needs at all (all of them, but behind strides). */
export function neededPixels(graph: StackGraph): readonly number[] {
  const [x, y] = [neededLengths(graph, 'x'), neededLengths(graph, 'y')];
  return graph.outputOf.map((m) => known(x[m], 'columns') * known(y[m], 'rows'));
}

const neededLengths = (graph: StackGraph, axis: Axis): readonly number[] =>
  neededIntervals(graph, axis, sinkInterval(graph, axis)).map(length);
