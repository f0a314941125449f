/**
 * How much of a layer is computed, and what that makes of its operands: all of it, in whatever tiles, or one tile of known
 * size, of which more is known.
 */
import { elementsOf, stepsOf, type BoundLayer } from './bound-layer.js';
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

export interface OperandWork {
  /** Each once (formula 6). */
  readonly elements: number;
  /** Index in its memories of the lowest level that may be the top. */
  readonly lowestTop: number;
  /** By boundary: iterations of one cycle that share an element there, at most (formula 3). */
  readonly shared: readonly number[];
  /** By boundary: what truncation leaves of the elements that cross it, at least; 1 where nothing is truncated. */
  readonly kept: readonly number[];
  /** Whether it may pass by the lowest level. */
  readonly mayPassBy: boolean;
  /** What passes the ports of its memories; undefined: not known. */
  readonly traffic: Traffic | undefined;
}

/** Output columns and rows of a tile. */
export type TileOutputs = Readonly<Record<'x' | 'y', number>>;

export type TileWork = (out: TileOutputs) => LayerWork;

/** Output columns and rows, and those of the largest tile there may be. */
export interface WholeOutputs {
  readonly columns: number;
  readonly rows: number;
  readonly largest: TileOutputs;
}

/** Everything computed once, in one tile or in many. */
export function wholeWork(bound: BoundLayer, { columns, rows, largest }: WholeOutputs): LayerWork {
  const { layer, problem, fixedIterations, fixedSteps, unrollOf, stays } = bound;
  const { upsample } = layer;
  const has = (dim: 'OX' | 'OY'): boolean => problem.loops.some((loop) => loop.dim === dim);
  const outputs = { columns: has('OX') ? columns / upsample.x : 1, rows: has('OY') ? rows / upsample.y : 1 };
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
      const { lowestTop, shared, kept, mayPassBy } = operand;
      return {
        elements: elementsOf(bound, operand, outputs),
        lowestTop,
        shared,
        kept,
        mayPassBy,
        traffic: undefined,
      };
    }),
  };
}
