/** Look-ups over a workload, derived once and never stored in the IR. */
import { missing } from '../base/assert.js';
import type { LayerId, TensorId } from '../base/ids.js';
import type { FeatureMap, Layer, Workload } from '../ir/layer.js';
import { lookupIn } from '../ir/lookup.js';

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
  const lookup = lookupIn(workload);
  let positions: Map<LayerId, number> | undefined;
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
    layer: (id) => lookup.layer(id) ?? missing(`layer ${id}`),
    position: (id) => {
      positions ??= new Map(workload.layers.map((layer, position) => [layer.id, position]));
      return positions.get(id) ?? missing(`layer ${id}`);
    },
    map: (id) => lookup.map(id) ?? missing(`map ${id}`),
    readers: (id) => readers.get(id) ?? [],
    isOutput: (id) => outputs.has(id),
  };
  memo.set(workload, index);
  return index;
}

/** Every map a layer reads, each once, in operand order. */
export function mapsRead({ inputs }: Layer): readonly TensorId[] {
  const maps: TensorId[] = [];
  for (let i = 0; i < inputs.length; i++)
    for (let s = 0; s < inputs[i]!.sources.length; s++) maps.push(inputs[i]!.sources[s]!.map);
  return maps.length <= 1 || (maps.length === 2 && maps[0] !== maps[1]) ? maps : [...new Set(maps)];
}
