/** Mappers for tests that are not about mappings. */
import type { MappedLayerTile, MapResult } from '../../src/ir/layer-tile.js';

/** There is a mapping, whatever it is. */
export const ANY_MAPPING: MapResult = {
  kind: 'mapped',
  mapped: {} as MappedLayerTile,
  gap: 0,
  work: { states: 0, nodes: 0, scored: 0 },
};
