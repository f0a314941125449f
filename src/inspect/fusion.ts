/**
 * Which layers of a network may be scheduled depth-first together, whatever the accelerator: the largest legal stacks,
 * and at the end of each what keeps the next layers out. Capacity for weights is not considered: it cuts further.
 */
import { cutUnits, stackFault, type StackFault } from '../analysis/legal-stacks.js';
import { fuseUnits, stretchWeightBits } from '../analysis/partition.js';
import { bareName } from '../base/ids.js';
import { known } from '../base/assert.js';
import type { Layer, Workload } from '../ir/layer.js';

export interface FusibleStack {
  /** In order; the last is the sink, whose map is tiled. */
  readonly layers: readonly string[];
  /** Weights that stay on chip while it runs, maps on the weight path included. */
  readonly weightBits: number;
  /** Why it ends where it does; null: the network ends. */
  readonly ends: FusionEnd | null;
}

export interface FusionEnd {
  readonly kind: StackFault['kind'];
  /** The layer at fault, and the layer, map or output that rules it out. */
  readonly layer: string;
  readonly because: string;
}

export function fusibleStacks(workload: Workload): readonly FusibleStack[] {
  const stacks = fuseUnits(workload, cutUnits(workload), Infinity, 'respected');
  return stacks.map((stack, k) => ({
    layers: stack.map(({ id }) => bareName(id)),
    weightBits: stretchWeightBits(workload, stack),
    ends: endOf(workload, stack, stacks[k + 1]),
  }));
}

/** What is wrong with the stack once the next layer joins it, or once all that is read with it does. */
function endOf(
  workload: Workload,
  stack: readonly Layer[],
  next: readonly Layer[] | undefined,
): FusionEnd | null {
  const [first] = next ?? [];
  if (next === undefined || first === undefined) return null;
  const fault =
    stackFault(workload, [...stack, first], 'respected') ??
    stackFault(workload, [...stack, ...next], 'respected');
  return fault === undefined
    ? { kind: 'second-sink', layer: bareName(first.id), because: 'its unit is no stack' }
    : endText(fault);
}

function endText(fault: StackFault): FusionEnd {
  const layer = bareName(fault.layer);
  switch (fault.kind) {
    case 'used-outside': {
      const by = fault.by === 'network output' ? 'the network output' : bareName(fault.by);
      return { kind: fault.kind, layer, because: `the map of ${layer} is also needed by ${by}` };
    }
    case 'second-sink':
      return { kind: fault.kind, layer, because: `${layer} would be a second sink` };
    case 'barrier':
      return {
        kind: fault.kind,
        layer,
        because: `${layer} needs the whole of ${bareName(fault.needsWhole)}`,
      };
  }
}

/** Layers in the largest stack. */
export const deepest = (stacks: readonly FusibleStack[]): FusibleStack =>
  known(
    stacks.reduce<FusibleStack | undefined>(
      (best, stack) => (best === undefined || stack.layers.length > best.layers.length ? stack : best),
      undefined,
    ),
    'stack',
  );
