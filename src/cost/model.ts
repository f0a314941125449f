/**
 * One layer tile, ready to be costed: nest, operands with their memories, and the contents each can have. Letters
 * are the distinct temporal loops; a loop order is a string of letters, innermost first.
 *
 * Boundaries: boundary `a` of an operand lies right below its memory `a` (boundary 0 at the array, the last one above
 * everything). Contents, cycles and data transfers are all indexed by the boundary they belong to.
 */
import { assert, known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { Memory } from '../hw/memory.js';
import type { LoopDim, LoopSize } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand } from '../ir/layer-tile.js';
import { Contents } from './contents.js';
import { fanOutNumbers, type FanOut } from './fan-out.js';
import { Footprint } from './footprint.js';
import { areWhole, fanOutOf, wholeUnrolls, type Nest, type SpatialLoop } from './nest.js';
import { roundingOf, type Rounding } from './rounding.js';

/** Numbers and contents under one reading of the unrollings. */
export interface Unrolled {
  /** Spatial loops below each memory, and above the last. */
  readonly loops: readonly (readonly SpatialLoop[])[];
  readonly fanOut: FanOut;
  readonly contents: Contents;
}

export interface OperandModel {
  readonly operand: TileOperand;
  readonly isOutput: boolean;
  /** Bottom up, with their indices in the accelerator. */
  readonly memories: readonly Memory[];
  readonly levels: readonly number[];
  /** By letter: 1 if the loop does not index the operand, and if it indexes it directly. */
  readonly irrelevant: Uint8Array;
  readonly relevant: Uint8Array;
  /** By boundary: whether a loop above it that is laid over the array sums partial results. */
  readonly reducesAbove: readonly boolean[];
  readonly footprint: Footprint;
  /** Elements of one iteration; none where the tile lies in pads as a whole. */
  readonly single: number;
  /** Average unrollings, for energy; whole ones, the busiest cycle, for latency (1.5). */
  readonly average: Unrolled;
  readonly busiest: Unrolled;
}

export interface LayerTileModel {
  readonly hw: Accelerator;
  readonly profile: Profile;
  readonly problem: LayerTileProblem;
  readonly nest: Nest;
  readonly letters: readonly LoopSize[];
  readonly rounding: Rounding;
  /** In equation order, O first. */
  readonly operands: readonly OperandModel[];
}

export function layerTileModel(
  hw: Accelerator,
  profile: Profile,
  problem: LayerTileProblem,
  nest: Nest,
  letters: readonly LoopSize[],
): LayerTileModel {
  const rounding = roundingOf(profile);
  const operands = problem.operands.map((operand) => operandModel(hw, operand, nest, letters, rounding));
  assert(operands[0]?.isOutput === true, 'the output comes first');
  assert(operands.length <= 3, 'at most two inputs');
  return { hw, profile, problem, nest, letters, rounding, operands };
}

function operandModel(
  hw: Accelerator,
  operand: TileOperand,
  nest: Nest,
  letters: readonly LoopSize[],
  rounding: Rounding,
): OperandModel {
  const footprint = new Footprint(operand, rounding.extent);
  const unrolled = (loops: Unrolled['loops']): Unrolled => ({
    loops,
    fanOut: fanOutNumbers(operand, loops, rounding),
    contents: new Contents(footprint, letters, loops, rounding.elements, operand.psumBits),
  });
  const loops = fanOutOf(hw, nest, operand);
  const average = unrolled(loops);
  return {
    operand,
    isOutput: operand.name === 'O',
    levels: operand.levels,
    memories: operand.levels.map((index) => known(hw.memories[index], 'memory')),
    irrelevant: marked(letters, operand.irrelevant),
    relevant: marked(letters, operand.relevant),
    reducesAbove: reducesAbove(operand, loops),
    footprint,
    single: average.contents.elements(),
    average,
    busiest: loops.every(areWhole) ? average : unrolled(loops.map(wholeUnrolls)),
  };
}

/** By boundary: whether a loop over the array above it does not index the operand. */
function reducesAbove({ irrelevant }: TileOperand, loops: Unrolled['loops']): readonly boolean[] {
  const above: boolean[] = [];
  let reduces = false;
  for (let a = loops.length - 1; a >= 0; a--) {
    above.unshift(reduces);
    for (const { dim } of loops[a]!) reduces ||= irrelevant.includes(dim);
  }
  return above;
}

function marked(letters: readonly LoopSize[], dims: readonly LoopDim[]): Uint8Array {
  const marks = new Uint8Array(letters.length);
  for (let letter = 0; letter < marks.length; letter++)
    if (dims.includes(letters[letter]!.dim)) marks[letter] = 1;
  return marks;
}

/** Bits of one element: unfinished sums are wider. */
export const elementBits = ({ operand }: OperandModel, partial: boolean): number =>
  partial ? operand.psumBits : operand.bits;
