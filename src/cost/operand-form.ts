/**
 * What an operand of a layer tile is to the formulas, whatever the temporal loops: its memories, the unrollings between
 * them, and what crossing a boundary costs. Many layer tiles of a search have it in common, and so they have the tables
 * over the loops that change the operand (operand-tables.ts).
 *
 * Boundaries: boundary `a` of an operand lies right below its memory `a` (boundary 0 at the array, the last one above
 * everything). Contents, cycles and data transfers are all indexed by the boundary they belong to.
 */
import { known } from '../base/assert.js';
import { BoundedMap, perObject } from '../base/bounded-map.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { Memory } from '../hw/memory.js';
import type { LayerTileProblem, TileOperand } from '../ir/layer-tile.js';
import { fanOutFactors, type FanOutFactors } from './contents.js';
import { Crossing } from './crossing.js';
import { fanOutNumbers, type FanOut } from './fan-out.js';
import { Footprint } from './footprint.js';
import { fanOutOf, wholeUnrolls, type Nest, type SpatialLoop } from './nest.js';
import { roundingOf, type Rounding } from './rounding.js';

/** Unrollings under one reading. */
export interface Unrolled {
  /** Spatial loops below each memory, and above the last. */
  readonly loops: readonly (readonly SpatialLoop[])[];
  readonly fanOut: FanOut;
  readonly factors: FanOutFactors;
}

export interface OperandForm {
  readonly operand: TileOperand;
  readonly isOutput: boolean;
  /** Bottom up, with their indices in the accelerator. */
  readonly memories: readonly Memory[];
  readonly levels: readonly number[];
  /** By boundary: whether a loop above it that is laid over the array sums partial results. */
  readonly reducesAbove: readonly boolean[];
  readonly footprint: Footprint;
  readonly rounding: Rounding;
  /** Unrollings are floats, multiplied in the order of the loops (Q15). */
  readonly floats: boolean;
  /** Average unrollings, for energy; whole ones, the busiest cycle, for latency (1.5). */
  readonly average: Unrolled;
  readonly busiest: Unrolled;
  /** By boundary: what finished and what unfinished data costs to cross it; inputs have one cost. */
  readonly crossings: readonly (readonly [Crossing, Crossing])[];
}

/** Forms kept per accelerator. */
const MOST_FORMS = 2000;

const formsOn = perObject<BoundedMap<string, OperandForm>, Accelerator>(() => new BoundedMap(MOST_FORMS));

/** The forms of a problem's operands, laid over the array as `nest` says. Equal ones of late are one object. */
export function operandForms(
  hw: Accelerator,
  profile: Profile,
  { operands, passes }: LayerTileProblem,
  nest: Nest,
): readonly OperandForm[] {
  const forms = formsOn(hw);
  let spatial = `${profile.fractions} ${profile.loopCounts} ${passes}`;
  for (const { array, dim, unroll } of nest.spatial) spatial += ` ${array}${dim}${unroll.num}/${unroll.den}`;
  return operands.map((operand) =>
    forms.getOr(`${spatial}|${operandKey(operand)}`, () => formOf(hw, profile, operand, passes, nest)),
  );
}

function operandKey(operand: TileOperand): string {
  const { name, path, bits, psumBits, relevant, irrelevant, windows, levels } = operand;
  let key = `${name}${path}${bits}/${psumBits} `;
  for (const dim of relevant) key += dim;
  key += '-';
  for (const dim of irrelevant) key += dim;
  for (const { out, kernel, stride, dilation, limit } of windows)
    key += ` ${stride}${out}+${dilation}${kernel}<${limit ?? ''}`;
  for (const level of levels) key += `.${level}`;
  return key;
}

function formOf(
  hw: Accelerator,
  profile: Profile,
  operand: TileOperand,
  passes: number,
  nest: Nest,
): OperandForm {
  const { levels, irrelevant } = operand;
  const rounding = roundingOf(profile);
  const loops = fanOutOf(hw, nest, operand);
  const footprint = new Footprint(operand, rounding.extent);
  const unrolled = (loops: Unrolled['loops']): Unrolled => ({
    loops,
    fanOut: fanOutNumbers(operand, loops, rounding),
    factors: fanOutFactors(footprint, loops),
  });
  const reduces = loops.map((level) => level.some(({ dim }) => irrelevant.includes(dim)));
  const form = {
    operand,
    isOutput: operand.name === 'O',
    levels,
    memories: levels.map((index) => known(hw.memories[index], 'memory')),
    reducesAbove: loops.map((_, a) => reduces.slice(a + 1).includes(true)),
    footprint,
    rounding,
    floats: profile.loopCounts === 'floating-quotient',
    average: unrolled(loops),
    busiest: unrolled(loops.map(wholeUnrolls)),
  };
  const times = form.isOutput ? 1 : passes;
  const crossings = levels.map((_, a): [Crossing, Crossing] => {
    const finished = new Crossing(form, a, false, times);
    return [finished, form.isOutput ? new Crossing(form, a, true, times) : finished];
  });
  return { ...form, crossings };
}
