/** Layer tiles written by hand: loops, window and top memories by name; and accelerators to try them on. */
import { known } from '../../src/base/assert.js';
import { levelsOf, type Accelerator } from '../../src/hw/accelerator.js';
import { parseAccelerator } from '../../src/hw/load.js';
import type { MemoryOperand } from '../../src/hw/memory.js';
import type { LoopDim, Unrolling } from '../../src/ir/layer.js';
import type { LayerTileProblem, TileOperand, TileWindow } from '../../src/ir/layer-tile.js';

interface TileShape {
  /** Loop sizes of the tile, in the layer's order. */
  readonly loops: Readonly<Partial<Record<LoopDim, number>>>;
  /** Array dimension -> loop dim; as much of it as fits. */
  readonly unrolling: Readonly<Record<string, LoopDim>>;
  /** Names of the top memories; absent: the accelerator's top. */
  readonly tops?: Readonly<Partial<Record<MemoryOperand, string>>>;
  readonly stride?: number;
  /** Columns and rows that exist. */
  readonly limit?: number;
}

const BITS = { bits: 8, psumBits: 16 };

/** A convolution; with FX and FY absent, a pointwise one without windows. */
export function convolutionTile(hw: Accelerator, shape: TileShape): LayerTileProblem {
  const dims = Object.keys(shape.loops) as LoopDim[];
  const windows = dims.includes('FX') ? [windowOf('OX', 'FX', shape), windowOf('OY', 'FY', shape)] : [];
  return tile(hw, shape, [
    operandOf(hw, shape, 'O', 'O', ['B', 'K', 'OY', 'OX'], []),
    operandOf(hw, shape, 'W', 'W', ['K', 'C', 'FY', 'FX'], []),
    operandOf(hw, shape, 'I', 'I', ['B', 'C', 'OY', 'OX'], windows),
  ]);
}

/** Elementwise: both inputs on the path of I, everything relevant. */
export const additionTile = (hw: Accelerator, shape: TileShape): LayerTileProblem =>
  tile(
    hw,
    shape,
    (['O', 'X', 'Y'] as const).map((name) =>
      operandOf(hw, shape, name, name === 'O' ? 'O' : 'I', ['B', 'G', 'OY', 'OX'], []),
    ),
  );

function tile(
  hw: Accelerator,
  { loops, unrolling }: TileShape,
  operands: readonly TileOperand[],
): LayerTileProblem {
  return {
    loops: (Object.entries(loops) as [LoopDim, number][]).map(([dim, size]) => ({ dim, size })),
    unrolling: hw.array.dims.flatMap(({ name, size }): Unrolling[] =>
      unrolling[name] ? [{ array: name, dim: unrolling[name], size }] : [],
    ),
    operands,
    passes: 1,
    operationEnergyPj: hw.array.macEnergyPj,
  };
}

const windowOf = (out: LoopDim, kernel: LoopDim, { stride = 1, limit }: TileShape): TileWindow => ({
  out,
  kernel,
  stride,
  dilation: 1,
  ...(limit === undefined ? {} : { limit }),
});

function operandOf(
  hw: Accelerator,
  { loops, tops }: TileShape,
  name: TileOperand['name'],
  path: MemoryOperand,
  indices: readonly LoopDim[],
  windows: readonly TileWindow[],
): TileOperand {
  const windowed = windows.flatMap(({ out, kernel }) => [out, kernel]);
  const direct = (Object.keys(loops) as LoopDim[]).filter(
    (dim) => loops[dim]! > 1 && !windowed.includes(dim),
  );
  const top = tops?.[path];
  const last =
    top === undefined ? hw.memories.length - 1 : hw.memories.findIndex((memory) => memory.name === top);
  return {
    name,
    path,
    ...BITS,
    psumBits: name === 'O' ? BITS.psumBits : BITS.bits,
    relevant: direct.filter((dim) => indices.includes(dim)),
    irrelevant: direct.filter((dim) => !indices.includes(dim)),
    windows,
    levels: levelsOf(hw, path).filter((index) => index <= known(last, 'top')),
  };
}

/** Four units along D1 with an output register each, memories in between as YAML, and a narrow DRAM. */
export const acceleratorByHand = (memories: string): Accelerator =>
  parseAccelerator(
    `
schema: defines-accelerator/1
name: by-hand
source: a test
array: { dims: { D1: 4 }, macEnergyPj: 1 }
precision: { W: 8, I: 8, O: 8, psum: 16 }
spatial: { D1: [K] }
memories:
  - name: reg
    size: 2 B
    operands: [O]
    serves: []
    read: { bits: 16, energyPj: 1 }
    write: { bits: 16, energyPj: 1 }
    ports: { r1: [O.toLow], r2: [O.toHigh], w1: [O.fromHigh], w2: [O.fromLow] }
${memories}
  - name: dram
    size: 1 MB
    operands: [W, I, O]
    serves: all
    read: { bits: 8, energyPj: 1 }
    write: { bits: 8, energyPj: 1 }
    ports: { rw1: [W.toLow, I.toLow, O.toLow, O.fromLow] }
`,
    'by-hand.yaml',
  ).accelerator;
