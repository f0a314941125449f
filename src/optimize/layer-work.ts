/**
 * How much of a layer is computed, and what that makes of its operands: all of it, in whatever tiles, or one tile of known
 * size, of which more is known.
 */
import {
  elementsOf,
  loopOutputs,
  sharedAmong,
  stepsOf,
  type BoundLayer,
  type OperandLimits,
  type TileOutputs,
} from './bound-layer.js';
import type { AxisSteps, Stays } from './stays.js';
import type { Traffic } from './traffic.js';

export interface LayerWork {
  readonly isTile: boolean;
  readonly iterations: number;
  readonly steps: number;
  /** Steps of one tile, at least. */
  readonly fewestSteps: number;
  /** Steps along the axes of the largest tile there may be. */
  readonly along: AxisSteps;
  readonly stays: Stays;
  /** In the order of the layer's. */
  readonly operands: readonly OperandWork[];
}

export interface OperandWork extends OperandLimits {
  /** Each once (formula 6). */
  readonly elements: number;
  /** What passes the ports of its memories; undefined: not known. */
  readonly traffic: Traffic | undefined;
}

export type TileWork = (out: TileOutputs) => LayerWork;

/** Output columns and rows, and those of the largest tile there may be. */
export interface WholeOutputs {
  readonly columns: number;
  readonly rows: number;
  readonly largest: TileOutputs;
}

/** Everything computed once, in one tile or in many. */
export function wholeWork(bound: BoundLayer, { columns, rows, largest }: WholeOutputs): LayerWork {
  const { layer, fixedIterations, fixedSteps, unrollOf, stays } = bound;
  const { upsample } = layer;
  const outputs = loopOutputs(bound, { x: columns, y: rows });
  return {
    isTile: false,
    iterations: fixedIterations * outputs.columns * outputs.rows,
    steps:
      fixedSteps * (outputs.columns / (unrollOf.get('OX') ?? 1)) * (outputs.rows / (unrollOf.get('OY') ?? 1)),
    fewestSteps: fixedSteps,
    along: {
      x: stepsOf({ dim: 'OX', size: Math.ceil(largest.x / upsample.x) }, unrollOf),
      y: stepsOf({ dim: 'OY', size: Math.ceil(largest.y / upsample.y) }, unrollOf),
    },
    stays,
    operands: bound.operands.map((operand): OperandWork => {
      const { lowestTop, kept, mayPassBy } = operand;
      return {
        elements: elementsOf(bound, operand, outputs),
        lowestTop,
        shared: sharedAmong(bound, operand, outputs),
        kept,
        mayPassBy,
        traffic: undefined,
      };
    }),
  };
}
