/** The loops of a layer in a tile of known size, or some of them, on the array. */
import type { Profile } from '../base/profile.js';
import { fanOutOf, nestOf, type SpatialLoop } from '../cost/nest.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LoopDim } from '../ir/layer.js';
import { tileLoops } from '../schedule/layer-problem.js';
import { loopOutputs, sizeIn, type BoundLayer, type Outputs, type TileOutputs } from './bound-layer.js';

export interface TileNest {
  readonly outputs: Outputs;
  readonly iterations: number;
  readonly steps: number;
  /** 1 where there is no such loop. */
  readonly sizeOf: (dim: LoopDim) => number;
  readonly countOf: (dim: LoopDim) => number;
  /** Per operand, loops over the array by level. */
  readonly loops: readonly (readonly (readonly SpatialLoop[])[])[];
}

export function tileNest(
  hw: Accelerator,
  profile: Profile,
  bound: BoundLayer,
  out: TileOutputs,
  isIn: (dim: LoopDim) => boolean = () => true,
): TileNest {
  const { layer, problem } = bound;
  const loops = tileLoops(layer, { out }).filter(({ dim }) => isIn(dim));
  const unrolling = problem.unrolling.filter(({ dim }) => isIn(dim));
  const nest = nestOf(hw, profile, { loops, unrolling });
  const sizes = new Map(loops.map(({ dim, size }) => [dim, size]));
  const counts = new Map(nest.temporal.map(({ dim, size }) => [dim, size]));
  const outputs = loopOutputs(bound, out);
  return {
    outputs,
    iterations: loops.reduce((product, { dim }) => product * sizeIn(bound, dim, outputs), 1),
    steps: nest.temporal.reduce((product, { size }) => product * size, 1),
    sizeOf: (dim) => sizes.get(dim) ?? 1,
    countOf: (dim) => counts.get(dim) ?? 1,
    loops: problem.operands.map((operand) => fanOutOf(hw, nest, operand)),
  };
}
