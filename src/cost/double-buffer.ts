/**
 * Double buffering (cost-model.md 6.7): a level holds its data twice if there is room, and then new data may arrive
 * during the whole period. Half the memory must be free, or as much as the operand itself takes up; operands that
 * share a memory are served in equation order, bottom up.
 */
import { elementBits, type LayerTileModel } from './model.js';

import { isPartial, outermostRun, type Placement } from './placement.js';

/** Per operand, by boundary: whether the level below it is double-buffered. */
export type DoubleBuffered = readonly (readonly boolean[])[];

export function doubleBuffering(model: LayerTileModel, placement: Placement): DoubleBuffered {
  const shares = model.operands.map((_, op) => utilisations(model, op, placement));
  const used = new Map<number, number>();
  model.operands.forEach(({ levels }, op) =>
    levels.forEach((memory, m) => used.set(memory, (used.get(memory) ?? 0) + shares[op]![m]!)),
  );
  return model.operands.map(({ levels }, op) => [
    false, // the array has no buffer
    ...levels.map((memory, m) => {
      const share = shares[op]![m]!;
      const total = used.get(memory)!;
      if (total <= 0.5) return true;
      if (share > 1 - total) return false;
      used.set(memory, total + share);
      return true;
    }),
  ]);
}

/** Per level, the fraction of the memory that one step of the outermost relevant loops occupies. */
function utilisations({ operands }: LayerTileModel, op: number, placement: Placement): readonly number[] {
  const operand = operands[op]!;
  const below = placement.below[op]!;
  const content = placement.content[op]!;
  return operand.memories.map(({ sizeBits }, m) => {
    const bits = content[m + 1]! * elementBits(operand, isPartial(operand, placement, below, m + 1));
    return Math.floor(bits / outermostRun(operand.relevant, placement, below, m + 1)) / sizeBits;
  });
}
