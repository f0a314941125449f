/**
 * The stacks there are to choose from: stretches of the model's own topological order that are legal stacks, and
 * between them the maps that are alive. Positions are numbers of layers before a cut.
 */
import { stackFault, type BarrierRule, type StackFault } from '../analysis/legal-stacks.js';
import { workloadIndex } from '../analysis/workload-index.js';
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { Layer, Workload } from '../ir/layer.js';

export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly layers: readonly Layer[];
}

/** Longer stacks are not looked at; documented in docs/passes/optimize-schedule.md. */
export const MOST_LAYERS = 64;

/** Every legal stretch, by its start, shorter ones first. */
export function legalStretches(workload: Workload, barriers: BarrierRule): readonly Stretch[] {
  const { layers } = workload;
  return layers.flatMap((_, from) => {
    const stretches: Stretch[] = [];
    for (let to = from + 1; to <= Math.min(layers.length, from + MOST_LAYERS); to++) {
      const stretch = layers.slice(from, to);
      const fault = stackFault(workload, stretch, barriers);
      if (fault === undefined) stretches.push({ from, to, layers: stretch });
      else if (isFinal(workload, fault, known(layers[to - 1], 'layer'))) break;
    }
    return stretches;
  });
}

/** Whether a fault stays, however many layers follow. */
function isFinal(workload: Workload, fault: StackFault, last: Layer): boolean {
  if (fault.kind !== 'used-outside') return true;
  if (fault.by === 'network output') return true;
  // Readers behind the stretch may still join it, readers before it do not exist.
  return workloadIndex(workload).position(fault.by) <= workloadIndex(workload).position(last.id);
}

/** Maps made before a position and read behind it, in the order they are made. */
export function mapsAcross(workload: Workload, position: number): readonly TensorId[] {
  const index = workloadIndex(workload);
  return workload.layers.slice(0, position).flatMap(({ output }) => {
    const readers = index.readers(output.map);
    return readers.some((reader) => index.position(reader.id) >= position) ? [output.map] : [];
  });
}
