/** What a finished mapping leaves of every memory. */
import { freeBesideCopies } from './double-buffer.js';
import { elementBits, type LayerTileModel } from './model.js';
import type { Placement } from './placement.js';

/**
 * By memory of the accelerator, bits that other data may take up: the contents still fit, and none loses its second
 * copy.
 */
export function spareBits(model: LayerTileModel, placement: Placement): readonly number[] {
  const besideCopies = freeBesideCopies(model, placement);
  return besideContents(model, placement).map((bits, index) => Math.min(bits, besideCopies[index]!));
}

/** Room is for whole elements, and counted by temporal loops alone (6.4): the array leaves no sum unfinished. */
function besideContents({ hw, operands }: LayerTileModel, { order, below, reduces }: Placement): number[] {
  const free = hw.memories.map(({ sizeBits }) => sizeBits);
  operands.forEach((operand, op) => {
    const { contents } = operand.average;
    const split = below[op]!;
    contents.reset();
    operand.levels.forEach((index, m) => {
      for (let i = split[m]!; i < split[m + 1]!; i++) contents.step(order[i]!);
      contents.spread(m);
      const isUnfinished = operand.isOutput && reduces[split[m]!] === 1;
      free[index]! -= contents.wholeElements() * elementBits(operand, isUnfinished);
    });
  });
  return free;
}
