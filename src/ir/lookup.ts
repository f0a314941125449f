/** Layers and maps of a workload by id. Derived once, never stored in the IR. */
import { perObject } from '../base/bounded-map.js';
import type { FeatureMap, Layer, Workload } from './layer.js';

/** Layers and maps by id; an id that resolves to nothing is a finding, not an exception. */
export interface Lookup {
  readonly layer: (id: string) => Layer | undefined;
  readonly map: (id: string) => FeatureMap | undefined;
  /** How many there are: fewer than in the lists if an id is there twice. */
  readonly layers: number;
  readonly maps: number;
}

export const lookupIn = perObject(({ layers, maps }: Workload): Lookup => {
  const byLayer = new Map<string, Layer>(layers.map((layer) => [layer.id, layer]));
  const byMap = new Map<string, FeatureMap>(maps.map((map) => [map.id, map]));
  return {
    layer: (id) => byLayer.get(id),
    map: (id) => byMap.get(id),
    layers: byLayer.size,
    maps: byMap.size,
  };
});
