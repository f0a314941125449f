/**
 * Double buffering (cost-model.md 6.7): a level holds its data twice if there is room, and then new data may arrive
 * during the whole period. Half the memory must be free, or as much as the operand itself takes up; operands that
 * share a memory are served in equation order, bottom up. Other data in the memory comes off afterwards: all it can do
 * is take second copies away.
 */
import { elementBits, type LayerTileModel } from './model.js';
import { isPartial, outermostRun, type Placement } from './placement.js';

/** Per operand, by boundary: 1 if the level below it is double-buffered. */
export type DoubleBuffered = readonly Uint8Array[];

export function doubleBuffering(model: LayerTileModel, placement: Placement): DoubleBuffered {
  return doubledOf(model, placement, stepsOf(model, placement));
}

function doubledOf(
  model: LayerTileModel,
  placement: Placement,
  steps: readonly Float64Array[],
): DoubleBuffered {
  const doubled = doubledAlone(model, steps);
  const { takenBits } = model.problem;
  if (takenBits === undefined) return doubled;
  const free = freeBits(model, steps).map((bits, index) => bits - takenBits[index]!);
  for (const { op, level, index, bits } of secondCopies(model, placement, steps, doubled)) {
    if (bits <= free[index]!) free[index]! -= bits;
    else doubled[op]![level + 1] = 0;
  }
  return doubled;
}

/** By memory, what its operands leave free with all the second copies that they have and need. */
export function freeBesideCopies(model: LayerTileModel, placement: Placement): number[] {
  const steps = stepsOf(model, placement);
  const free = freeBits(model, steps);
  const doubled = doubledOf(model, placement, steps);
  for (const { index, bits } of secondCopies(model, placement, steps, doubled)) free[index]! -= bits;
  return free;
}

function doubledAlone({ hw, operands }: LayerTileModel, steps: readonly Float64Array[]): Uint8Array[] {
  const used = new Float64Array(hw.memories.length);
  for (let op = 0; op < operands.length; op++) {
    const { levels, memories } = operands[op]!;
    for (let m = 0; m < levels.length; m++) used[levels[m]!]! += steps[op]![m]! / memories[m]!.sizeBits;
  }
  return operands.map(({ levels, memories }, op) => {
    // The array, below boundary 0, has no buffer.
    const doubled = new Uint8Array(levels.length + 1);
    for (let m = 0; m < levels.length; m++) {
      const own = steps[op]![m]! / memories[m]!.sizeBits;
      const total = used[levels[m]!]!;
      if (total > 0.5) {
        if (own > 1 - total) continue;
        used[levels[m]!] = total + own;
      }
      doubled[m + 1] = 1;
    }
    return doubled;
  });
}

function freeBits({ hw, operands }: LayerTileModel, steps: readonly Float64Array[]): number[] {
  const free = hw.memories.map(({ sizeBits }) => sizeBits);
  operands.forEach(({ levels }, op) => levels.forEach((index, m) => (free[index]! -= steps[op]![m]!)));
  return free;
}

/** A level that is double-buffered and waits for data without. */
interface SecondCopy {
  readonly op: number;
  readonly level: number;
  /** Memory of the accelerator. */
  readonly index: number;
  readonly bits: number;
}

/** None at the top, which is not refilled, and none where the outermost loops use no data again. */
function secondCopies(
  { operands }: LayerTileModel,
  placement: Placement,
  steps: readonly Float64Array[],
  doubled: DoubleBuffered,
): readonly SecondCopy[] {
  return operands.flatMap(({ levels, irrelevant }, op) =>
    levels.flatMap((index, level) => {
      const isRefilled = level < levels.length - 1 && doubled[op]![level + 1] === 1;
      const waits = isRefilled && outermostRun(irrelevant, placement, placement.below[op]!, level + 1) > 1;
      return waits ? [{ op, level, index, bits: steps[op]![level]! }] : [];
    }),
  );
}

const stepsOf = (model: LayerTileModel, placement: Placement): readonly Float64Array[] =>
  model.operands.map((_, op) => stepBits(model, op, placement));

/** Per level, the bits of one step of the outermost relevant loops. */
function stepBits({ operands }: LayerTileModel, op: number, placement: Placement): Float64Array {
  const operand = operands[op]!;
  const { relevant, levels } = operand;
  const below = placement.below[op]!;
  const content = placement.content[op]!;
  const steps = new Float64Array(levels.length);
  for (let m = 0; m < steps.length; m++) {
    const bits = content[m + 1]! * elementBits(operand, isPartial(operand, placement, below, m + 1));
    steps[m] = Math.floor(bits / outermostRun(relevant, placement, below, m + 1));
  }
  return steps;
}
