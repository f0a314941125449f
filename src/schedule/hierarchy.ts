/** The memory hierarchy as the allocation sees it: levels per path, bottom up, and which one holds what. */
import { known } from '../base/assert.js';
import { instancesOf, levelsOf, type Accelerator } from '../hw/accelerator.js';
import type { Memory, MemoryOperand } from '../hw/memory.js';

export interface Hierarchy {
  readonly hw: Accelerator;
  /** Indices into the accelerator's memories, bottom up. */
  readonly levels: Readonly<Record<MemoryOperand, readonly number[]>>;
  /** The memory every path ends in. */
  readonly top: number;
  readonly memory: (index: number) => Memory;
  /** Bits of one instance that maps of other stacks and its own output take up. */
  readonly takenBits: (index: number) => number;
  /** Bits of one instance in which data of the stack may be placed: of the rest, all but what is left for passing data. */
  readonly roomBits: (index: number) => number;
  /** One physical instance serves the whole array. */
  readonly single: (index: number) => boolean;
}

const memo = new WeakMap<Accelerator, Hierarchy>();

export function hierarchyOf(hw: Accelerator): Hierarchy {
  const found = memo.get(hw);
  if (found) return found;
  const single = hw.memories.map((memory) => instancesOf(hw, memory) === 1);
  const hierarchy: Hierarchy = {
    hw,
    levels: { W: levelsOf(hw, 'W'), I: levelsOf(hw, 'I'), O: levelsOf(hw, 'O') },
    top: hw.memories.length - 1,
    memory: (index) => known(hw.memories[index], 'memory'),
    takenBits: () => 0,
    roomBits: (index) => known(hw.memories[index], 'memory').sizeBits,
    single: (index) => known(single[index], 'memory'),
  };
  memo.set(hw, hierarchy);
  return hierarchy;
}

/** Bits per memory index. */
export type BitsOf = ReadonlyMap<number, number>;

/** The same hierarchy with less room: `taken` by whole maps, and `spared` for data that passes. */
export const beside = (hierarchy: Hierarchy, taken: BitsOf, spared: BitsOf): Hierarchy =>
  taken.size + spared.size === 0
    ? hierarchy
    : {
        ...hierarchy,
        takenBits: (index) => taken.get(index) ?? 0,
        roomBits: (index) =>
          hierarchy.memory(index).sizeBits - (taken.get(index) ?? 0) - (spared.get(index) ?? 0),
      };

export const holds = (memory: Memory, operand: MemoryOperand): boolean => memory.operands.includes(operand);

/** Weight capacity of an accelerator for cutting stacks: of the memory right below the top of the weight path. */
export function weightCapacity(
  { hw, levels, memory }: Hierarchy,
  instances: 'one' | 'all',
): { index: number; bits: number } {
  const index = known(levels.W.at(-2) ?? levels.W.at(-1), 'weight level');
  const level = memory(index);
  return { index, bits: instances === 'one' ? level.sizeBits : level.sizeBits * instancesOf(hw, level) };
}
