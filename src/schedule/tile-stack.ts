/** First consequence of a stack decision: the grid, the classes along each axis and the tile types. */
import { clippedAxis } from '../analysis/axis-clipped.js';
import { publishedAxis } from '../analysis/axis-published.js';
import { stackGraph, type StackGraph } from '../analysis/stack-graph.js';
import { tileGrid } from '../analysis/tile-grid.js';
import { neededPixels, tileTypes } from '../analysis/tile-types.js';
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { Axis, Workload } from '../ir/layer.js';
import type { OverlapMode, Stack } from '../ir/stack.js';
import type { AxisClass, TiledStack, TileType } from '../ir/tile.js';

export const cachesAlong = (mode: OverlapMode, axis: Axis): boolean =>
  axis === 'x' ? mode !== 'fully-recompute' : mode === 'fully-cached';

export function tileStack(workload: Workload, stack: Stack, profile: Profile): TiledStack {
  const graph = stackGraph(workload, stack.layers);
  const sink = known(graph.maps[graph.outputOf[graph.sink] ?? -1], 'sink map').map;
  const gridX = tileGrid(sink.width, stack.tile.x);
  const gridY = tileGrid(sink.height, stack.tile.y);
  const tiling = profile.padding === 'clipped' ? clippedAxis : publishedAxis;
  const columns = tiling({ graph, axis: 'x', grid: gridX, cached: cachesAlong(stack.mode, 'x') });
  const rows = tiling({ graph, axis: 'y', grid: gridY, cached: cachesAlong(stack.mode, 'y') });
  const types = tileTypes(columns, rows);
  return {
    stack: stack.id,
    mode: stack.mode,
    layers: stack.layers,
    inputs: graph.maps.filter((map) => map.producer === null).map(({ map }) => map.id),
    tile: { x: gridX.tile, y: gridY.tile },
    grid: { x: gridX.count, y: gridY.count },
    columns,
    rows,
    types,
    ...macCounts(graph, columns, rows, types),
  };
}

/** MACs as scheduled, and those beyond computing the needed region of every map once. */
function macCounts(
  graph: StackGraph,
  columns: readonly AxisClass[],
  rows: readonly AxisClass[],
  types: readonly TileType[],
): { macs: number; recomputedMacs: number } {
  let macs = 0;
  let once = 0;
  const needed = neededPixels(graph);
  graph.layers.forEach((layer, l) => {
    if (layer.macs === 0) return;
    const { width, height } = known(graph.maps[graph.outputOf[l] ?? -1], 'output').map;
    const pixels = types.reduce((sum, type) => {
      const x = known(columns[type.column]?.actual.layers[l], 'column').out;
      const y = known(rows[type.row]?.actual.layers[l], 'row').out;
      return sum + type.count * x * y;
    }, 0);
    macs += Math.round((layer.macs * pixels) / (width * height));
    once += Math.round((layer.macs * known(needed[l], 'needed pixels')) / (width * height));
  });
  return { macs, recomputedMacs: macs - once };
}
