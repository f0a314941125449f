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
  const topsFor = (inputs: number, output: number): readonly number[] =>
    operands.map((operand, o) => {
      const { lowestTop } = work.operands[o]!;
      if (operand.path === 'W') return lowestTop;
      return lowestFor(bound, operand, lowestTop, operand.path === 'I' ? inputs : output);
    });
  const apart = topsFor(inputBits, outputBits);
  const memoryOf = (o: number): Memory | undefined => operands[o]?.memories[apart[o]!];
  const input = operands.findIndex(({ path }) => path === 'I');
  const shared = memoryOf(input);
  const isShared = shared !== undefined && shared === memoryOf(0) && shared !== bound.top;
  const together = inputBits + outputBits;
  if (!isShared || shared.sizeBits >= together) return [apart];
  return [topsFor(inputBits, together), topsFor(together, outputBits)];
}

/** Position of the lowest memory of an operand that is one and has room; the top has. */
const lowestFor = (
  { singles }: BoundLayer,
  { memories }: BoundOperand,
  lowestTop: number,
  bits: number,
): number =>
  memories.findIndex(
    (memory, m) =>
      m >= lowestTop && (m === memories.length - 1 || (memory.sizeBits >= bits && singles.has(memory.id))),
  );
