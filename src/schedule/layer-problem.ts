/** Turns a layer of a tile, with its sizes and open memory levels, into the mapper's question. */
import { distinctExtent } from '../analysis/region.js';
import type { LayerSizes } from '../analysis/tile-sizes.js';
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { InputOperand, Layer, LoopDim, LoopSize } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand, TileWindow } from '../ir/layer-tile.js';
import { chooseUnrolling } from '../mapping/spatial.js';
import type { Hierarchy } from './hierarchy.js';

/** Levels open to a layer: the top memory per path (null: no such operand), and what passes by the lowest. */
export interface OpenLevels {
  readonly top: Readonly<Record<MemoryOperand, number | null>>;
  /** The second input of an elementwise layer is read past the lowest level. */
  readonly bypass: boolean;
}

export function layerTileProblem(
  layer: Layer,
  sizes: LayerSizes,
  open: OpenLevels,
  hierarchy: Hierarchy,
  profile: Profile,
): LayerTileProblem {
  const { hw } = hierarchy;
  const loops = tileLoops(layer, sizes);
  // Dims of size 1 in the whole layer index nothing and reuse nothing (1.1).
  const counted = layer.loops.filter((loop) => loop.size > 1).map((loop) => loop.dim);
  const operand = (
    name: TileOperand['name'],
    path: MemoryOperand,
    dims: readonly LoopDim[],
    windows: readonly TileWindow[],
    bits: { bits: number; psumBits: number },
  ): TileOperand => {
    const windowed = windows.flatMap((window) => [window.out, window.kernel]);
    const direct = counted.filter((dim) => !windowed.includes(dim));
    const levels = levelsOpenTo(layer, path, Math.max(bits.bits, bits.psumBits), open, hierarchy);
    return {
      name,
      path,
      ...bits,
      relevant: direct.filter((dim) => dims.includes(dim)),
      irrelevant: direct.filter((dim) => !dims.includes(dim)),
      windows,
      levels: name === 'Y' && open.bypass && levels.length > 1 ? levels.slice(1) : levels,
    };
  };
  return {
    loops,
    unrolling: chooseUnrolling(hw, layer.loops, layer.unrolling, [
      { path: 'O', bits: layer.output.bits, dims: layer.output.dims },
      ...layer.inputs,
    ]),
    operands: [
      operand('O', 'O', layer.output.dims, [], { bits: layer.output.bits, psumBits: layer.output.psumBits }),
      ...layer.inputs.map((input, i) =>
        operand(input.name, input.path, input.dims, tileWindows(input, i, loops, sizes, profile), {
          bits: input.bits,
          psumBits: input.bits,
        }),
      ),
    ],
    passes: layer.passes,
    operationEnergyPj: layer.kind === 'move' ? 0 : hw.array.macEnergyPj,
  };
}

/**
 * Levels of a path up to the chosen top. A register holds what the array computes with: what is only moved or
 * compared passes by one that is too narrow for an element.
 */
function levelsOpenTo(
  layer: Layer,
  path: MemoryOperand,
  elementBits: number,
  { top }: OpenLevels,
  hierarchy: Hierarchy,
): readonly number[] {
  const passedBy = (index: number): boolean =>
    layer.kind !== 'mac' && index !== hierarchy.top && hierarchy.memory(index).sizeBits < elementBits;
  return hierarchy.levels[path].filter((index) => index <= known(top[path], path) && !passedBy(index));
}

/** The layer's loops with OX and OY of the tile. */
export const tileLoops = (layer: Layer, { out }: LayerSizes): readonly LoopSize[] =>
  layer.loops.map(({ dim, size }) => {
    if (dim === 'OX') return { dim, size: Math.ceil(out.x / layer.upsample.x) };
    if (dim === 'OY') return { dim, size: Math.ceil(out.y / layer.upsample.y) };
    return { dim, size };
  });

function tileWindows(
  input: InputOperand,
  index: number,
  loops: readonly LoopSize[],
  sizes: LayerSizes,
  profile: Profile,
): readonly TileWindow[] {
  const sizeOf = (dim: LoopDim): number => loops.find((loop) => loop.dim === dim)?.size ?? 1;
  const sources = sizes.sources.filter((source) => source.use.input === index);
  return input.windows.map(({ axis, out, kernel, stride, dilation }): TileWindow => {
    const window = { out, kernel, stride, dilation };
    const present = Math.max(...sources.map((source) => source.needed[axis]));
    const touched = distinctExtent(stride, sizeOf(out), dilation, sizeOf(kernel));
    return profile.padding === 'clipped' && present < touched ? { ...window, limit: present } : window;
  });
}
