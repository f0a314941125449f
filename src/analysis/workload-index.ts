/** Look-ups over a workload, derived once and never stored in the IR. */
import { known } from '../base/assert.js';
import type { LayerId, TensorId } from '../base/ids.js';
import type { FeatureMap, Layer, Workload } from '../ir/layer.js';

export interface WorkloadIndex {
  /** Throws InternalError for an unknown id: the layers verifier guarantees that ids resolve. */
  readonly layer: (id: LayerId) => Layer;
  readonly map: (id: TensorId) => FeatureMap;
  /** Position in topological order. */
  readonly position: (id: LayerId) => number;
  /** Layers that read a map through any operand, in topological order, each once. */
  readonly readers: (id: TensorId) => readonly Layer[];
  readonly isOutput: (id: TensorId) => boolean;
}

const memo = new WeakMap<Workload, WorkloadIndex>();

export function workloadIndex(workload: Workload): WorkloadIndex {
  const found = memo.get(workload);
  if (found) return found;
  const layers = new Map(workload.layers.map((layer, position) => [layer.id, { layer, position }]));
  const maps = new Map(workload.maps.map((map) => [map.id, map]));
  const outputs = new Set(workload.outputs);
  const readers = new Map<TensorId, Layer[]>();
  for (const layer of workload.layers) {
    for (const map of mapsRead(layer)) {
      const others = readers.get(map);
      if (others === undefined) readers.set(map, [layer]);
      else others.push(layer);
    }
  }
  const index: WorkloadIndex = {
    layer: (id) => known(layers.get(id), `layer ${id}`).layer,
    position: (id) => known(layers.get(id), `layer ${id}`).position,
    map: (id) => known(maps.get(id), `map ${id}`),
    readers: (id) => readers.get(id) ?? [],
    isOutput: (id) => outputs.has(id),
  };
  memo.set(workload, index);
  return index;
}

/** Every map a layer reads, each once, in operand order. */
export const mapsRead = (layer: Layer): readonly TensorId[] => [
  ...new Set(layer.inputs.flatMap((input) => input.sources.map((source) => source.map))),
];
