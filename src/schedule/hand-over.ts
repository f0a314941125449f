/**
 * Where feature maps lie that stacks hand to one another: in the top memory, or in one below it that holds the whole
 * map from the first tile of the stack that makes it to the last one of the last stack that reads it.
 */
import type { StackGraph } from '../analysis/stack-graph.js';
import { workloadIndex } from '../analysis/workload-index.js';
import { known } from '../base/assert.js';
import type { LayerId, TensorId } from '../base/ids.js';
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

/** The hand-overs of all stacks of a plan, in its order. */
export function handOversOf(workload: Workload, plan: StackPlan, hierarchy: Hierarchy): readonly HandOver[] {
  const index = workloadIndex(workload);
  const runs = new Map<LayerId, number>();
  plan.stacks.forEach(({ layers }, position) => layers.forEach((id) => runs.set(id, position)));
  const maps = plan.stacks.map(() => new Map<TensorId, number>());
  plan.stacks.forEach((stack, position) => {
    const memory = memoryIndex(hierarchy, stack);
    if (memory === hierarchy.top) return;
    const { map } = index.layer(known(stack.layers.at(-1), 'sink')).output;
    const last = index.readers(map).reduce((latest, { id }) => Math.max(latest, runs.get(id) ?? -1), -1);
    for (const during of maps.slice(position + 1, last + 1)) during.set(map, memory);
  });
  return plan.stacks.map((stack, position) => ({
    output: memoryIndex(hierarchy, stack),
    maps: known(maps[position], 'maps'),
  }));
}

const memoryIndex = ({ hw }: Hierarchy, { handOver }: Stack): number =>
  hw.memories.findIndex(({ id }) => id === handOver);

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
