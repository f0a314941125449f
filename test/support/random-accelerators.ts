/** Small accelerators for property tests: a register, one to three memories of random size and paths, DRAM. */
import fc from 'fast-check';
import { memoryId } from '../../src/base/ids.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { Memory, MemoryOperand } from '../../src/hw/memory.js';

const SIDE = { bits: 8, granularityBits: 8, energyPj: 1 };

const memory = (
  name: string,
  sizeBits: number,
  operands: readonly MemoryOperand[],
  serves = ['D1'],
): Memory => ({
  id: memoryId(name),
  name,
  sizeBits,
  operands,
  serves,
  read: SIDE,
  write: SIDE,
  ports: [
    {
      name: 'rw',
      kind: 'read-write',
      transfers: operands.flatMap((operand) =>
        (['toLow', 'fromLow', 'toHigh', 'fromHigh'] as const).map((direction) => ({ operand, direction })),
      ),
    },
  ],
  latencyCycles: 1,
});

/** A memory between the register and DRAM. */
export interface Level {
  /** Size in percent of what there is to hold. */
  readonly percent: number;
  readonly operands: readonly MemoryOperand[];
}

/** Sizes are shares of `wholeBits`, at least one byte. */
export function acceleratorOf(levels: readonly Level[], wholeBits: number): Accelerator {
  const size = (percent: number): number => Math.max(8, Math.floor((percent * wholeBits) / 100));
  return {
    name: 'random',
    source: 'test',
    array: { dims: [{ name: 'D1', size: 2 }], macEnergyPj: 1 },
    precision: { W: 8, I: 8, O: 8, psum: 16 },
    spatial: [],
    memories: [
      memory('register', 1e9, ['O'], []), // one per unit: no map may lie in it, whatever its size
      ...levels.map(({ percent, operands }, i) => memory(`l${i + 1}`, size(percent), operands)),
      memory('dram', 1e12, ['W', 'I', 'O']),
    ],
  };
}

/** Mostly growing, not always. */
export const levelsArb: fc.Arbitrary<readonly Level[]> = fc
  .record({
    levels: fc.array(
      fc.record({
        percent: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 10, max: 110 })),
        operands: fc.constantFrom<MemoryOperand[]>(
          ['I', 'O'],
          ['I', 'O'],
          ['W', 'I', 'O'],
          ['W', 'I', 'O'],
          ['I'],
          ['O'],
          ['W'],
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    growing: fc.constantFrom(true, true, true, false),
  })
  .map(({ levels, growing }) => {
    const percents = levels.map(({ percent }) => percent);
    if (growing) percents.sort((a, b) => a - b);
    return levels.map(({ operands }, i) => ({ operands, percent: percents[i]! }));
  });
