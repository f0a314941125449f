/**
 * Which layers may form a stack: one sink, no map inside it used outside, and no operand that needs a whole
 * axis of a map produced inside (a barrier). Stacks are stretches of the topological order, hence convex.
 */
import { known } from '../base/assert.js';
import type { LayerId, TensorId } from '../base/ids.js';
import type { FeatureMap, Layer, Source, Workload } from '../ir/layer.js';
import { workloadIndex } from './workload-index.js';

/** Why layers cannot be one stack. */
export type StackFault =
  | { readonly kind: 'used-outside'; readonly layer: LayerId; readonly by: LayerId | 'network output' }
  | { readonly kind: 'second-sink'; readonly layer: LayerId }
  | { readonly kind: 'barrier'; readonly layer: LayerId; readonly needsWhole: TensorId };

/** Barriers of activations on the memory path I may be ignored, as published; those on W never are. */
export type BarrierRule = 'respected' | 'ignored';

/** The first fault of a stretch of layers (topological order), or undefined: it is legal. */
export function stackFault(
  workload: Workload,
  layers: readonly Layer[],
  barriers: BarrierRule,
): StackFault | undefined {
  const inside = new Set(layers.map((layer) => layer.id));
  const sink = known(layers.at(-1), 'sink').id;
  for (const layer of layers) {
    const fault =
      barrierIn(workload, layer, inside, barriers) ??
      (layer.id === sink ? undefined : escape(workload, layer, inside));
    if (fault) return fault;
  }
  return undefined;
}

/** An inner layer's map must be read inside, and only there. */
function escape(workload: Workload, layer: Layer, inside: ReadonlySet<LayerId>): StackFault | undefined {
  const index = workloadIndex(workload);
  const readers = index.readers(layer.output.map);
  const outside = readers.find((reader) => !inside.has(reader.id));
  if (outside) return { kind: 'used-outside', layer: layer.id, by: outside.id };
  if (index.isOutput(layer.output.map))
    return { kind: 'used-outside', layer: layer.id, by: 'network output' };
  return readers.length === 0 ? { kind: 'second-sink', layer: layer.id } : undefined;
}

function barrierIn(
  workload: Workload,
  layer: Layer,
  inside: ReadonlySet<LayerId>,
  barriers: BarrierRule,
): StackFault | undefined {
  const index = workloadIndex(workload);
  for (const operand of layer.inputs) {
    if (operand.path === 'I' && barriers === 'ignored') continue;
    for (const source of operand.sources) {
      const map = index.map(source.map);
      if (map.producer === null || !inside.has(map.producer)) continue;
      if (operand.path === 'W' || needsWholeAxis(source, map)) {
        return { kind: 'barrier', layer: layer.id, needsWhole: source.map };
      }
    }
  }
  return undefined;
}

/**
 * Takes layers one by one (topological order) and tells whether those so far are a legal stack: not yet (a map waits
 * for its readers), or never again (a barrier, or a map that leaves the network).
 */
export function growingStretch(
  workload: Workload,
  barriers: BarrierRule,
): (next: Layer) => 'legal' | 'not-yet' | 'never' {
  const index = workloadIndex(workload);
  const inside = new Set<LayerId>();
  /** Position of the last reader of the maps that are not the sink's. */
  let furthest = -1;
  let sink: Layer | undefined;
  return (next) => {
    if (sink) {
      const readers = index.readers(sink.output.map);
      const last = readers.at(-1);
      if (!last || index.isOutput(sink.output.map)) return 'never';
      furthest = Math.max(furthest, index.position(last.id));
    }
    inside.add(next.id);
    sink = next;
    if (barrierIn(workload, next, inside, barriers)) return 'never';
    return furthest <= index.position(next.id) ? 'legal' : 'not-yet';
  };
}

const needsWholeAxis = (source: Source, map: FeatureMap): boolean =>
  (source.x.kind === 'full' && map.width > 1) || (source.y.kind === 'full' && map.height > 1);

/**
 * Units: the smallest stretches that a cut may not split. A unit ends where a single map carries the whole
 * data flow: after a layer l, no map but l's own is still to be read.
 */
export function cutUnits(workload: Workload): readonly (readonly Layer[])[] {
  const index = workloadIndex(workload);
  const units: Layer[][] = [];
  let open: Layer[] = [];
  let furthest = -1;
  let furthestBefore = -1;
  workload.layers.forEach((layer, position) => {
    open.push(layer);
    furthestBefore = furthest;
    const lastReader = index.readers(layer.output.map).at(-1);
    if (lastReader) furthest = Math.max(furthest, index.position(lastReader.id));
    if (furthestBefore <= position) {
      units.push(open);
      open = [];
    }
  });
  return open.length > 0 ? [...units, open] : units;
}

/** Whether `next` may be fused to a legal stack that ends right before it. */
export function joins(
  workload: Workload,
  stack: readonly Layer[],
  next: readonly Layer[],
  barriers: BarrierRule,
): boolean {
  const sink = known(stack.at(-1), 'sink');
  const inside = new Set([...next, sink].map((layer) => layer.id));
  if (escape(workload, sink, inside)) return false;
  return next.every((layer) => barrierIn(workload, layer, inside, barriers) === undefined);
}
