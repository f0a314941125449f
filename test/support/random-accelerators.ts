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
  readonly operands: readonly MemoryOperand[];
  readonly sizeBits: number;
}

/** `registerBits`: of the outputs' register, of which each unit has one, so that no map may lie there. */
export const acceleratorOf = (levels: readonly Level[], registerBits = 1e9): Accelerator => ({
  name: 'random',
  source: 'test',
  array: { dims: [{ name: 'D1', size: 2 }], macEnergyPj: 1 },
  precision: { W: 8, I: 8, O: 8, psum: 16 },
  spatial: [],
  memories: [
    memory('register', registerBits, ['O'], []),
    ...levels.map(({ operands, sizeBits }, i) => memory(`l${i + 1}`, sizeBits, operands)),
    memory('dram', 1e12, ['W', 'I', 'O']),
  ],
});

/** A memory whose size depends on what there is to hold. */
export interface RandomLevel {
  readonly operands: readonly MemoryOperand[];
  /**
   * A share of the largest demand, in permille, or one of the demands itself, where a bit more or less decides; bits in
   * cases written by hand.
   */
  readonly size:
    | { readonly permille: number }
    | { readonly demand: number; readonly less: number }
    | { readonly bits: number };
}

export interface RandomLevels {
  readonly levels: readonly RandomLevel[];
  /** Whether higher memories are larger. */
  readonly growing: boolean;
}

export const levelsArb: fc.Arbitrary<RandomLevels> = fc.record({
  levels: fc.array(
    fc.record({
      operands: fc.constantFrom<MemoryOperand[]>(
        ['I', 'O'],
        ['I', 'O'],
        ['W', 'I', 'O'],
        ['W', 'I', 'O'],
        ['I'],
        ['O'],
        ['W'],
      ),
      size: fc.oneof(
        fc.record({
          permille: fc.oneof(fc.integer({ min: 5, max: 300 }), fc.integer({ min: 100, max: 1100 })),
        }),
        fc.record({ demand: fc.nat(999), less: fc.constantFrom(0, 0, 8) }),
      ),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  growing: fc.constantFrom(true, true, true, false),
});

/** Sizes of at least one byte for demands in bits. */
export function levelsFor({ levels, growing }: RandomLevels, demands: readonly number[]): readonly Level[] {
  const largest = Math.max(...demands);
  const sizes = levels.map(({ size }) => {
    if ('bits' in size) return size.bits;
    if ('permille' in size) return Math.max(8, Math.floor((size.permille * largest) / 1000));
    return Math.max(8, demands[size.demand % demands.length]! - size.less);
  });
  if (growing) sizes.sort((a, b) => a - b);
  return levels.map(({ operands }, i) => ({ operands, sizeBits: sizes[i]! }));
}
