/**
 * Batch items that are rows: a layer whose keys or values change from item to item, while its loops know one set. In a
 * tile whose rows lie within one item they do not change, and the layer is exact there.
 */
import { perObject } from '../base/bounded-map.js';
import type { Layer, Workload } from './layer.js';
import type { TiledStack } from './tile.js';

const indexOf = perObject(({ layers, maps }: Workload) => ({
  known: new Map<string, Layer>(layers.map((layer) => [layer.id, layer])),
  heights: new Map<string, number>(maps.map(({ id, height }) => [id, height])),
}));

/** Layers of the stack that some tile runs with rows of several items. */
export function acrossItems(workload: Workload, { layers, rows, tile }: TiledStack): readonly Layer[] {
  const { known, heights } = indexOf(workload);
  const sink = known.get(layers.at(-1) ?? '')?.output.map ?? '';
  return layers.flatMap((id, l) => {
    const layer = known.get(id);
    if (layer?.itemRows === undefined) return [];
    // Its rows are those of the sink, tile by tile, and no tile begins in one item and ends in another.
    const aligned =
      heights.get(layer.output.map) === heights.get(sink) &&
      rows.every((row) => row.actual.layers[l]?.out === row.tile) &&
      layer.itemRows % tile.y === 0;
    return aligned ? [] : [layer];
  });
}

/** The workload as its tiles run it: layers that keep within items are exact. */
export function withinItems(workload: Workload, tiled: readonly TiledStack[]): Workload {
  if (workload.layers.every(({ itemRows }) => itemRows === undefined)) return workload;
  const across = new Set(tiled.flatMap((stack) => acrossItems(workload, stack)));
  return {
    ...workload,
    layers: workload.layers.map((layer) =>
      layer.itemRows === undefined || across.has(layer) ? layer : { ...layer, coverage: 'exact' },
    ),
  };
}
