/**
 * Spatial mapping: which loop dim each array dimension unrolls. Decided once per layer, on the sizes of the whole
 * map, so all tiles of a layer share it; a tile then uses what its own loop sizes allow (cost-model.md 1.3).
 * Invariant: at most one loop dim per array dim, and (unless a layer table says so) no loop dim on two array dims.
 */
import type { Accelerator } from '../hw/accelerator.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { InputOperand, LoopDim, LoopSize, Unrolling } from '../ir/layer.js';

/** What of an operand decides whether an unrolling can be fed: bits of one element, and the dims that index it. */
export interface UnrolledOperand extends Pick<InputOperand, 'bits' | 'dims'> {
  readonly path: MemoryOperand;
}

/**
 * The requested unrolling of a layer, one entry per array dimension in use, in array order. A prescribed mapping
 * (of a layer table) goes first, cut to the array and to the layer; otherwise each array dimension takes, of the loop
 * dims its description lists, the one that can use most of its units (ties: the one listed first). Loop dims that no
 * register could feed are passed over, where the layer's `operands` are given.
 */
export function chooseUnrolling(
  hw: Accelerator,
  loops: readonly LoopSize[],
  prescribed?: readonly Unrolling[],
  operands: readonly UnrolledOperand[] = [],
): readonly Unrolling[] {
  const sizeOf = (dim: LoopDim): number => loops.find((loop) => loop.dim === dim)?.size ?? 1;
  const taken = new Set<LoopDim>();
  const chosen: Unrolling[] = [];
  for (const { name: array, size: units } of hw.array.dims) {
    const usable = (dim: LoopDim): number => Math.min(units, sizeOf(dim));
    const free = (dim: LoopDim): boolean =>
      !taken.has(dim) && isFed(hw, array, dim, unitsUsed(sizeOf(dim), units), operands);
    const request = prescribed
      ? prescribed.find((unrolling) => unrolling.array === array)
      : mostUnits(array, listed(hw, array).filter(free), usable);
    if (request === undefined) continue;
    const size = Math.min(request.size, usable(request.dim));
    if (size <= 1) continue;
    taken.add(request.dim);
    chosen.push({ array, dim: request.dim, size });
  }
  return chosen;
}

const listed = (hw: Accelerator, array: string): readonly LoopDim[] =>
  hw.spatial.find((entry) => entry.array === array)?.dims ?? [];

function mostUnits(
  array: string,
  dims: readonly LoopDim[],
  usable: (dim: LoopDim) => number,
): Unrolling | undefined {
  let best: Unrolling | undefined;
  for (const dim of dims) {
    const size = usable(dim);
    if (best === undefined || size > best.size) best = { array, dim, size };
  }
  return best;
}

/** Units at work when a loop is divided evenly over whole iterations: 17 over 16 units takes two, of 9 units. */
const unitsUsed = (size: number, units: number): number =>
  Math.ceil(size / Math.ceil(size / Math.min(units, size)));

/**
 * False if some path cannot feed the units: the lowest memory that serves them all from one instance is too small
 * for an element per unit of what the dim indexes. No loop order could make up for that.
 */
export function isFed(
  hw: Accelerator,
  array: string,
  dim: LoopDim,
  units: number,
  operands: readonly UnrolledOperand[],
): boolean {
  return operands.every(({ path, dims }) => {
    if (!dims.includes(dim)) return true;
    const feeder = hw.memories.find(
      (memory) => memory.operands.includes(path) && memory.serves.includes(array),
    );
    const demandBits = operands
      .filter((operand) => operand.path === path)
      .reduce((sum, operand) => sum + operand.bits * (operand.dims.includes(dim) ? units : 1), 0);
    return feeder === undefined || demandBits <= feeder.sizeBits;
  });
}
