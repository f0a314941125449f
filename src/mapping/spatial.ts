/**
 * Spatial mapping: which loop dim each array dimension unrolls. Decided once per layer, on the sizes of the whole
 * map, so all tiles of a layer share it; a tile then uses what its own loop sizes allow (cost-model.md 1.3).
 * Invariant: at most one loop dim per array dim, and no loop dim on two array dims.
 */
import type { Accelerator } from '../hw/accelerator.js';
import type { LoopDim, LoopSize, Unrolling } from '../ir/layer.js';

/**
 * The requested unrolling of a layer, one entry per array dimension in use, in array order. A prescribed mapping
 * (of a layer table) goes first, cut to the array and to the layer; otherwise each array dimension takes, of the loop dims its
 * description lists, the one that can use most of its units (ties: the one listed first).
 */
export function chooseUnrolling(
  hw: Accelerator,
  loops: readonly LoopSize[],
  prescribed?: readonly Unrolling[],
): readonly Unrolling[] {
  const sizeOf = (dim: LoopDim): number => loops.find((loop) => loop.dim === dim)?.size ?? 1;
  const taken = new Set<LoopDim>();
  const chosen: Unrolling[] = [];
  for (const { name: array, size: units } of hw.array.dims) {
    const usable = (dim: LoopDim): number => Math.min(units, sizeOf(dim));
    const request = prescribed
      ? prescribed.find((unrolling) => unrolling.array === array)
      : mostUnits(array, candidates(hw, array, taken), usable);
    if (request === undefined) continue;
    const size = Math.min(request.size, usable(request.dim));
    if (size <= 1) continue;
    taken.add(request.dim);
    chosen.push({ array, dim: request.dim, size });
  }
  return chosen;
}

const candidates = (hw: Accelerator, array: string, taken: ReadonlySet<LoopDim>): readonly LoopDim[] =>
  (hw.spatial.find((entry) => entry.array === array)?.dims ?? []).filter((dim) => !taken.has(dim));

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
