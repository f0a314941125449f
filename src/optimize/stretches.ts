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
const MOST_LAYERS = 64;

/** In networks of very many layers, stacks are shorter, so that there are about so many at most. */
const MOST_STRETCHES = 100_000;

/** Every legal stretch, by its start, shorter ones first. Between two neighbouring `cuts` it may be as long as it is. */
export function legalStretches(
  workload: Workload,
  barriers: BarrierRule,
  cuts: readonly number[],
): readonly Stretch[] {
  const { layers } = workload;
  const nextCut = new Map(cuts.slice(1).map((to, i) => [known(cuts[i], 'cut'), to]));
  const longest = Math.max(1, Math.min(MOST_LAYERS, Math.floor(MOST_STRETCHES / layers.length)));
  return layers.flatMap((_, from) => {
    const stretches: Stretch[] = [];
    for (let to = from + 1; to <= Math.min(layers.length, from + longest); to++) {
      const stretch = layers.slice(from, to);
      const fault = stackFault(workload, stretch, barriers);
      if (fault === undefined) stretches.push({ from, to, layers: stretch });
      else if (isFinal(workload, fault, known(layers[to - 1], 'layer'))) break;
    }
    const to = nextCut.get(from) ?? 0;
    const long = to - from > longest ? layers.slice(from, to) : [];
    if (long.length > 0 && stackFault(workload, long, barriers) === undefined)
      stretches.push({ from, to, layers: long });
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

/** By position: maps made before it and read behind it, in the order they are made. */
export function mapsAcross(workload: Workload): readonly (readonly TensorId[])[] {
  const index = workloadIndex(workload);
  const across: TensorId[][] = Array.from({ length: workload.layers.length + 1 }, () => []);
  workload.layers.forEach(({ output }, made) => {
    const last = index
      .readers(output.map)
      .reduce((latest, { id }) => Math.max(latest, index.position(id)), made);
    for (let position = made + 1; position <= last; position++)
      known(across[position], 'position').push(output.map);
  });
  return across;
}
