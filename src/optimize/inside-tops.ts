/** Where a tile of a map may lie that stays in its stack (docs/lower-bound.md, formula 8). */
import type { Memory, MemoryOperand } from '../hw/memory.js';
import type { BoundLayer, BoundOperand } from './bound-layer.js';
import type { LayerWork } from './layer-work.js';

/**
 * Per operand, position in its memories of the lowest that may be its top: one of these choices, or higher. A tile that is
 * larger than the lowest memories lies above them; where inputs and output do not fit a memory together, one of them does.
 */
export function insideTops(bound: BoundLayer, work: LayerWork): readonly (readonly number[])[] {
  const { operands } = bound;
  const bitsOf = (on: MemoryOperand): number =>
    operands.reduce(
      (sum, { path, bits }, o) => (path === on ? sum + work.operands[o]!.elements * bits : sum),
      0,
    );
  const [inputBits, outputBits] = [bitsOf('I'), bitsOf('O')];
  /** `full`: a memory in which there are the others too. */
  const topsFor = (full?: { readonly on: MemoryOperand; readonly memory: Memory }): readonly number[] =>
    operands.map((operand, o) => {
      const { lowestTop } = work.operands[o]!;
      const { path } = operand;
      if (path === 'W') return lowestTop;
      const [own, other] = path === 'I' ? [inputBits, outputBits] : [outputBits, inputBits];
      const isFull = (memory: Memory): boolean => full?.on === path && full.memory === memory;
      return lowestFor(bound, operand, lowestTop, (memory) => (isFull(memory) ? own + other : own));
    });
  const apart = topsFor();
  const memoryOf = (o: number): Memory | undefined => operands[o]?.memories[apart[o]!];
  const input = operands.findIndex(({ path }) => path === 'I');
  const shared = memoryOf(input);
  const isShared = shared !== undefined && shared === memoryOf(0) && shared !== bound.top;
  if (!isShared || shared.sizeBits >= inputBits + outputBits) return [apart];
  return [topsFor({ on: 'O', memory: shared }), topsFor({ on: 'I', memory: shared })];
}

/** Position of the lowest memory of an operand that is one and has room; the top has. */
const lowestFor = (
  { singles }: BoundLayer,
  { memories }: BoundOperand,
  lowestTop: number,
  bits: (memory: Memory) => number,
): number =>
  memories.findIndex(
    (memory, m) =>
      m >= lowestTop &&
      (m === memories.length - 1 || (memory.sizeBits >= bits(memory) && singles.has(memory.id))),
  );
