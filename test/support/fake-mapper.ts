/** Mappers for tests that are not about mappings. */
import type { MappedLayerTile, MapResult } from '../../src/ir/layer-tile.js';

/** By memory: room for whatever else there is. */
const ROOM: readonly number[] = Array.from({ length: 16 }, () => Infinity);

/** There is a mapping, whatever it is. */
export const ANY_MAPPING: MapResult = {
  kind: 'mapped',
  mapped: { spareBits: ROOM } as MappedLayerTile,
  mostSpareBits: ROOM,
  gap: 0,
  work: { states: 0, nodes: 0, scored: 0 },
};
