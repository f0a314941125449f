/**
 * Where feature maps lie that stacks hand to one another: in the top memory, or in one below it that holds the whole
 * map from the first tile of the stack that makes it to the last one of the last stack that reads it.
 */
import type { StackGraph } from '../analysis/stack-graph.js';
import { workloadIndex } from '../analysis/workload-index.js';
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import type { LayerId, MemoryId, StackId, TensorId } from '../base/ids.js';
import type { Workload } from '../ir/layer.js';
import type { Unmappable } from '../ir/layer-tile.js';
import type { Stack, StackPlan } from '../ir/stack.js';
import type { Hierarchy } from './hierarchy.js';

/** Memories are indices. */
export interface HandOver {
  /** Where the stack leaves its output. */
  readonly output: number;
  /** Maps of other stacks below the top while this one runs, whether it reads them or they wait for a later one. */
  readonly maps: ReadonlyMap<TensorId, number>;
}

export const throughTop = ({ top }: Hierarchy): HandOver => ({ output: top, maps: new Map() });

/** The hand-over of a stack of a plan. */
export function handOverOf(
  workload: Workload,
  plan: StackPlan,
  stack: Stack,
  hierarchy: Hierarchy,
): HandOver {
  const { positions, handed } = handedOverIn(workload, plan);
  const position = known(positions.get(stack.id), 'position of the stack');
  const below = [...handed].filter(([memory]) => memoryIndex(hierarchy, memory) < hierarchy.top);
  const waiting = below
    .flatMap(([, maps]) => maps.filter(({ from, until }) => from < position && position <= until))
    .sort((a, b) => a.from - b.from);
  return {
    output: memoryIndex(hierarchy, stack.handOver),
    maps: new Map(waiting.map(({ map, memory }) => [map, memoryIndex(hierarchy, memory)])),
  };
}

/** A map on its way, by positions of stacks in the plan. */
interface Handed {
  readonly map: TensorId;
  readonly memory: MemoryId;
  readonly from: number;
  /** The last one with a layer that reads it. */
  readonly until: number;
}

interface HandedOver {
  readonly positions: ReadonlyMap<StackId, number>;
  /** By memory, so that what goes through the top, which is most, costs nothing to leave out. */
  readonly handed: ReadonlyMap<MemoryId, readonly Handed[]>;
}

const plansOf = perObject<WeakMap<StackPlan, HandedOver>>(() => new WeakMap());

function handedOverIn(workload: Workload, plan: StackPlan): HandedOver {
  const plans = plansOf(workload);
  const found = plans.get(plan) ?? followMaps(workload, plan);
  plans.set(plan, found);
  return found;
}

function followMaps(workload: Workload, { stacks }: StackPlan): HandedOver {
  const index = workloadIndex(workload);
  const positionOf = new Map(
    stacks.flatMap(({ layers }, position) => layers.map((id): [LayerId, number] => [id, position])),
  );
  const handed = new Map<MemoryId, Handed[]>();
  stacks.forEach(({ layers, handOver: memory }, from) => {
    const { map } = index.layer(known(layers.at(-1), 'sink')).output;
    const until = Math.max(-1, ...index.readers(map).map(({ id }) => positionOf.get(id) ?? -1));
    const others = handed.get(memory) ?? [];
    handed.set(memory, others);
    others.push({ map, memory, from, until });
  });
  return { positions: new Map(stacks.map(({ id }, position) => [id, position])), handed };
}

const memoryIndex = ({ hw }: Hierarchy, memory: MemoryId): number =>
  hw.memories.findIndex(({ id }) => id === memory);

/** Bits per memory index that maps handed over take up while the stack runs, its own output among them. */
export function takenBits(
  workload: Workload,
  { layers, sink }: StackGraph,
  { output, maps }: HandOver,
  { top }: Hierarchy,
): ReadonlyMap<number, number> {
  const own = known(layers[sink], 'sink').output.map;
  const taken = new Map<number, number>();
  for (const [map, memory] of [...maps, [own, output] as const]) {
    if (memory < top) taken.set(memory, (taken.get(memory) ?? 0) + wholeBits(workload, map));
  }
  return taken;
}

/** The lowest memory in which such maps leave no room for data to pass through. */
export function overfullMemory(
  taken: ReadonlyMap<number, number>,
  passing: number,
  { memory }: Hierarchy,
): Unmappable | undefined {
  const full = [...taken].filter(([index, bits]) => bits + passing > memory(index).sizeBits);
  const [index, bits] = full.toSorted(([a], [b]) => a - b)[0] ?? [];
  if (index === undefined || bits === undefined) return undefined;
  return { memory: index, operand: 'O', demandBits: bits + passing, boundBits: memory(index).sizeBits };
}

/** Bits of a whole map. */
export function wholeBits(workload: Workload, id: TensorId): number {
  const { width, height, elementsPerPixel, bits } = workloadIndex(workload).map(id);
  return width * height * elementsPerPixel * bits;
}
