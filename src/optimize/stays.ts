/** Over how many steps elements stay where they are: products of the loops that index none of some operands (formula 5). */
import { known } from '../base/assert.js';
import type { LoopDim, LoopSize } from '../ir/layer.js';
import type { TileOperand } from '../ir/layer-tile.js';

/** A product of steps, times those along x and y if they are among the loops and not known yet. */
interface Stay {
  readonly steps: number;
  readonly x: boolean;
  readonly y: boolean;
}

/** By a pair of operands (positions): the loops that index neither. */
export type Stays = readonly (readonly Stay[])[];

/** Steps along an axis of the loops `OX` and `OY`. */
export interface AxisSteps {
  readonly x: number;
  readonly y: number;
}

/** `stepsOf`: undefined where tiles decide. */
export const staysOf = (
  operands: readonly TileOperand[],
  loops: readonly LoopSize[],
  stepsOf: (loop: LoopSize) => number | undefined,
): Stays =>
  operands.map((one) =>
    operands.map((other): Stay => {
      const isStill = ({ dim }: LoopSize): boolean =>
        one.irrelevant.includes(dim) && other.irrelevant.includes(dim);
      const still = loops.filter(isStill);
      const isOpen = (along: LoopDim): boolean =>
        still.some((loop) => loop.dim === along && stepsOf(loop) === undefined);
      const steps = still.reduce((product, loop) => product * (stepsOf(loop) ?? 1), 1);
      return { steps, x: isOpen('OX'), y: isOpen('OY') };
    }),
  );

/** Over how many steps neither of two operands (positions) needs another element. */
export function stay(stays: Stays, one: number, other: number, along: AxisSteps): number {
  const { steps, x, y } = known(stays[one]?.[other], 'operands');
  return steps * (x ? along.x : 1) * (y ? along.y : 1);
}
