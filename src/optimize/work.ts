/**
 * How much of every layer has to be computed: by any schedule at all, and by tiles of a given size. Both are lower
 * bounds (docs/lower-bound.md, formulas 1 and 2), worked out without walking through the tiles.
 */
import { advance, inputInterval, spanExtent } from '../analysis/region.js';
import { mapSize } from '../analysis/needs.js';
import { isStationary, sourceOf, type StackGraph } from '../analysis/stack-graph.js';
import { tileGrid } from '../analysis/tile-grid.js';
import { workloadIndex } from '../analysis/workload-index.js';
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { Axis, Layer, Region, Source, Workload } from '../ir/layer.js';

/** Columns or rows that the outputs of the network need, each counted once. */
export interface NeededLines {
  /** Of a map, by all that read it together. */
  readonly ofMap: ReadonlyMap<TensorId, number>;
  /** Of the map that a source reads, by that source alone. */
  readonly bySource: ReadonlyMap<Source, number>;
}

export function neededLines(workload: Workload, axis: Axis): NeededLines {
  const index = workloadIndex(workload);
  const marks = new Map<TensorId, Uint8Array>();
  const bySource = new Map<Source, number>();
  const markOf = (id: TensorId): Uint8Array => {
    const found = marks.get(id) ?? new Uint8Array(mapSize(index.map(id), axis));
    marks.set(id, found);
    return found;
  };
  for (const layer of workload.layers.toReversed()) {
    const { map } = layer.output;
    const own = markOf(map);
    // Whatever is left to nobody is still made: it is a sink.
    if (index.isOutput(map) || index.readers(map).length === 0) own.fill(1);
    for (const source of layer.inputs.flatMap(({ sources }) => sources)) {
      const all = markOf(source.map);
      const needs = new Uint8Array(all.length);
      markNeeds(own, source[axis], needs);
      needs.forEach((bit, i) => (all[i]! |= bit));
      bySource.set(source, count(needs));
    }
  }
  return { ofMap: new Map([...marks].map(([id, mark]) => [id, count(mark)])), bySource };
}

const count = (marks: Uint8Array): number => marks.reduce((sum, bit) => sum + bit, 0);

function markNeeds(own: Uint8Array, region: Region, source: Uint8Array): void {
  if (region.kind === 'same') {
    for (let i = 0; i < source.length; i++) if (own[i] === 1) source[i] = 1;
    return;
  }
  for (let i = 0; i < own.length; i++) {
    if (own[i] === 0) continue;
    const { start, end } = inputInterval(region, { start: i, end: i + 1 }, source.length);
    // Between the elements of a dilated window there are some that nobody reads.
    const first = region.kind === 'window' ? i * region.stride - region.before : start;
    const step = region.kind === 'window' ? region.dilation : 1;
    for (let at = first; at < end; at += step) if (at >= start) source[at] = 1;
    if (region.kind === 'full') return;
  }
}

/** Whether the first pixel of any output needs the first pixel of a layer: it then runs in the first tile. */
export function runsInFirstTile(workload: Workload, layer: Layer): boolean {
  const index = workloadIndex(workload);
  const map = index.map(layer.output.map);
  const uses = index
    .readers(map.id)
    .flatMap((reader) => reader.inputs.flatMap(({ sources }) => sources))
    .filter((source) => source.map === map.id);
  return uses.every((source) =>
    (['x', 'y'] as const).every((axis) => {
      const { start, end } = inputInterval(source[axis], { start: 0, end: 1 }, mapSize(map, axis));
      return start === 0 && end > 0;
    }),
  );
}

/** Per layer of a stack, along one axis. */
export interface TiledLines {
  /** Columns (rows) computed by all tiles together, at least. */
  readonly total: Float64Array;
  /** By one tile, at most. */
  readonly largest: Float64Array;
  /** Tiles that compute any, at least. */
  readonly tiles: Float64Array;
  /** Tiles away from borders, and what each of them computes at least; Infinity: all that is needed. */
  readonly inner: { readonly tiles: number; readonly lines: Float64Array };
}

/** Tiles of `size` columns (rows) of the sink; `cached`: shared ones are computed once. */
export function tiledLines(
  graph: StackGraph,
  axis: Axis,
  size: number | 'full',
  cached: boolean,
): TiledLines {
  const count = graph.layers.length;
  const sink = known(graph.maps[known(graph.outputOf[graph.sink], 'sink map')], 'sink map').map;
  const grid = tileGrid(mapSize(sink, axis), size);
  const { most: extents, least, advances } = backwardsFrom(graph, axis, grid.tile);
  const isScaled = graph.layers.some(({ inputs }) =>
    inputs.some(({ sources }) => sources.some((source) => source[axis].kind === 'scale')),
  );
  const made = new Float64Array(count);
  let innerTiles = grid.count;
  const lines = {
    total: new Float64Array(count),
    largest: new Float64Array(count),
    tiles: new Float64Array(count),
  };
  for (let l = 0; l < count; l++) {
    const m = known(graph.outputOf[l], 'output');
    const map = known(graph.maps[m], 'map').map;
    const most = Math.min(known(extents[m], 'extent'), mapSize(map, axis));
    lines.largest[l] = most;
    const step = grid.tile * known(advances[m], 'advance');
    // Tiles that a border of the map cuts into, on either side, and the first one, which may be smaller.
    const cut = step > 0 ? 2 * Math.ceil(most / step) + 1 : grid.count;
    const whole = Math.max(0, grid.count - cut);
    lines.total[l] = cached ? 0 : whole * Math.min(most, known(least[m], 'extent'));
    lines.tiles[l] = l === graph.sink ? grid.count : Math.max(1, whole);
    if (cached && step < 1) lines.tiles[l] = 1;
    if (grid.count === 1) made[l] = Infinity;
    else {
      made[l] = cached ? Math.floor(step) - (isScaled ? 1 : 0) : Math.min(most, known(least[m], 'extent'));
      innerTiles = Math.min(innerTiles, whole);
    }
  }
  return { ...lines, inner: { tiles: innerTiles, lines: made } };
}

/** Per map: columns (rows) a tile needs at most and, away from borders, at least; and by how many it moves on, at least. */
function backwardsFrom(
  graph: StackGraph,
  axis: Axis,
  tile: number,
): Readonly<Record<'most' | 'least' | 'advances', readonly number[]>> {
  const most = graph.maps.map(() => 0);
  const least = graph.maps.map(() => 0);
  const advances = graph.maps.map(() => Infinity);
  const sink = known(graph.outputOf[graph.sink], 'sink map');
  most[sink] = tile;
  least[sink] = tile;
  advances[sink] = 1;
  for (let l = graph.layers.length - 1; l >= 0; l--) {
    const layer = known(graph.layers[l], 'layer');
    const own = known(graph.outputOf[l], 'output');
    layer.inputs.forEach((operand, input) => {
      if (isStationary(layer, input)) return;
      operand.sources.forEach((_, source) => {
        const region = sourceOf(graph, { layer: l, input, source })[axis];
        const m = known(graph.mapIndex.get(known(operand.sources[source], 'source').map), 'map');
        const size = mapSize(known(graph.maps[m], 'map').map, axis);
        // A scaled region may begin anywhere between two source columns.
        const between = region.kind === 'scale' ? 1 : 0;
        const extent = (outs: readonly number[]): number =>
          spanExtent(region, known(outs[own], 'extent'), size);
        most[m] = Math.max(known(most[m], 'extent'), extent(most) + between);
        least[m] = Math.max(known(least[m], 'extent'), extent(least) - between);
        advances[m] = Math.min(
          known(advances[m], 'advance'),
          known(advances[own], 'advance') * advance(region),
        );
      });
    });
  }
  return { most, least, advances };
}
