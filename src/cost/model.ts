/**
 * One layer tile, ready to be costed: nest, operands with their memories, and the contents each can have. Letters
 * are the distinct temporal loops; a loop order is a string of letters, innermost first.
 */
import { assert } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LoopDim, LoopSize } from '../ir/layer.js';
import type { LayerTileProblem } from '../ir/layer-tile.js';
import { Contents } from './contents.js';
import type { Nest } from './nest.js';
import { operandForms, type OperandForm, type Unrolled } from './operand-form.js';
import { roundingOf, type Rounding } from './rounding.js';

export interface OperandModel extends OperandForm {
  /** Shared with other layer tiles. */
  readonly form: OperandForm;
  /** By letter: 1 if the loop does not index the operand, and if it indexes it directly. */
  readonly irrelevant: Uint8Array;
  readonly relevant: Uint8Array;
  /** With average unrollings, and in the busiest cycle. */
  readonly contents: Contents;
  readonly busiestContents: Contents;
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
  const operands = operandForms(hw, profile, problem, nest).map((form) => operandModel(form, letters));
  assert(operands[0]?.isOutput === true, 'the output comes first');
  assert(operands.length <= 3, 'at most two inputs');
  return { hw, profile, problem, nest, letters, rounding: roundingOf(profile), operands };
}

function operandModel(form: OperandForm, letters: readonly LoopSize[]): OperandModel {
  const { operand, footprint, rounding, average, busiest } = form;
  const contents = ({ factors }: Unrolled): Contents =>
    new Contents(footprint, factors, letters, rounding.elements, operand.psumBits);
  return {
    ...form,
    form,
    irrelevant: marked(letters, operand.irrelevant),
    relevant: marked(letters, operand.relevant),
    contents: contents(average),
    busiestContents: contents(busiest),
  };
}

function marked(letters: readonly LoopSize[], dims: readonly LoopDim[]): Uint8Array {
  const marks = new Uint8Array(letters.length);
  for (let letter = 0; letter < marks.length; letter++)
    if (dims.includes(letters[letter]!.dim)) marks[letter] = 1;
  return marks;
}
