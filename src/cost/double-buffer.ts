/**
 * Double buffering (cost-model.md 6.7): a level holds its data twice if there is room, and then new data may arrive
 * during the whole period. Half the memory must be free, or as much as the operand itself takes up; operands that
 * share a memory are served in equation order, bottom up.
 */
import { elementBits, type LayerTileModel } from './model.js';
import { isPartial, outermostRun, type Placement } from './placement.js';

/** Per operand, by boundary: 1 if the level below it is double-buffered. */
export type DoubleBuffered = readonly Uint8Array[];

export function doubleBuffering(model: LayerTileModel, placement: Placement): DoubleBuffered {
  const { hw, operands } = model;
  const shares = operands.map((_, op) => utilisations(model, op, placement));
  const used = new Float64Array(hw.memories.length);
  for (let op = 0; op < operands.length; op++) {
    const { levels } = operands[op]!;
    for (let m = 0; m < levels.length; m++) used[levels[m]!]! += shares[op]![m]!;
  }
  return operands.map(({ levels }, op) => {
    // The array, below boundary 0, has no buffer.
    const doubled = new Uint8Array(levels.length + 1);
    for (let m = 0; m < levels.length; m++) {
      const share = shares[op]![m]!;
      const total = used[levels[m]!]!;
      if (total > 0.5) {
        if (share > 1 - total) continue;
        used[levels[m]!] = total + share;
      }
      doubled[m + 1] = 1;
    }
    return doubled;
  });
}

/** Per level, the fraction of the memory that one step of the outermost relevant loops occupies. */
function utilisations({ operands }: LayerTileModel, op: number, placement: Placement): Float64Array {
  const operand = operands[op]!;
  const { memories, relevant } = operand;
  const below = placement.below[op]!;
  const content = placement.content[op]!;
  const shares = new Float64Array(memories.length);
  for (let m = 0; m < memories.length; m++) {
    const bits = content[m + 1]! * elementBits(operand, isPartial(operand, placement, below, m + 1));
    const step = Math.floor(bits / outermostRun(relevant, placement, below, m + 1));
    shares[m] = step / memories[m]!.sizeBits;
  }
  return shares;
}
