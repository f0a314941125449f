/** Where a tile of a map may lie that stays in its stack (docs/lower-bound.md, formula 8). */
import type { Memory } from '../hw/memory.js';
import { elementsOf, type BoundLayer, type BoundOperand, type Outputs } from './bound-layer.js';

/**
 * Per operand, position in its memories of the lowest that may be its top: one of these choices, or higher. A tile that is
 * larger than the lowest memories lies above them; where inputs and output do not fit a memory together, one of them does.
 */
export function insideTops(bound: BoundLayer, outputs: Outputs): readonly (readonly number[])[] {
  const { operands } = bound;
  const bitsOf = (paths: readonly BoundOperand[]): number =>
    paths.reduce((sum, operand) => sum + elementsOf(bound, operand, outputs) * operand.bits, 0);
  const inputBits = bitsOf(operands.filter(({ path }) => path === 'I'));
  const outputBits = bitsOf(operands.filter(({ path }) => path === 'O'));
  const topsFor = (inputs: number, output: number): readonly number[] =>
    operands.map((operand) =>
      operand.path === 'W'
        ? operand.lowestTop
        : lowestFor(bound, operand, operand.path === 'I' ? inputs : output),
    );
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
const lowestFor = ({ singles }: BoundLayer, { memories, lowestTop }: BoundOperand, bits: number): number =>
  memories.findIndex(
    (memory, m) =>
      m >= lowestTop && (m === memories.length - 1 || (memory.sizeBits >= bits && singles.has(memory.id))),
  );
