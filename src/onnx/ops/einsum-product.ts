/**
 * Einsum of two operands that is a matrix product: labels of both and of the result are groups, those of both alone are
 * summed, those of one are its rows or the other one's columns. Whatever else it may say stays generic.
 */
import type { LoopDim } from '../../ir/layer.js';
import { FULL, oneLayer, SAME, type Layout, type LowerCall, type Plan } from '../lower-plan.js';
import { weightsAmong } from './conv.js';
import { einsumShape, einsumTerms } from './einsum.js';
import { lowerUnknown } from './generic.js';
import { elementCount, need, type Call, type Operator } from './operator.js';

interface Side {
  readonly input: number;
  /** A label per axis. */
  readonly labels: readonly string[];
}

interface Product {
  readonly streamed: Side;
  readonly still: Side;
  readonly result: readonly string[];
  readonly sizeOf: ReadonlyMap<string, number>;
}

/** The constant side stays, else the right one; undefined: it is no product, or repeats or broadcasts an axis. */
function productOf(call: Call): Product | undefined {
  const { operands, result } = einsumTerms(call);
  const [left, right, ...more] = operands.map((labels, input): Side => ({ input, labels }));
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  const sizeOf = new Map<string, number>();
  for (const { input, labels } of [left, right]) {
    const { shape } = need(call, input, 'operand');
    if (new Set(labels).size < labels.length || labels.length !== shape.length) return undefined;
    for (const [axis, label] of labels.entries()) {
      if ((sizeOf.get(label) ?? shape[axis]) !== shape[axis]) return undefined;
      sizeOf.set(label, shape[axis]!);
    }
  }
  const isPlain = (one: Side, other: Side): boolean =>
    one.labels.every((label) => result.includes(label) || other.labels.includes(label));
  if (!isPlain(left, right) || !isPlain(right, left) || new Set(result).size < result.length)
    return undefined;
  const swapped = call.inputs[left.input]?.constant === true && call.inputs[right.input]?.constant === false;
  return { streamed: swapped ? right : left, still: swapped ? left : right, result, sizeOf };
}

/** It has a side that is needed whole. */
export const isMatrixProduct = (call: Call): boolean => productOf(call) !== undefined;

/** Rows of the streamed side: the labels that the other side has not. */
const rowsOf = ({ streamed, still }: Product): readonly string[] =>
  streamed.labels.filter((label) => !still.labels.includes(label));

const layoutOf = (labels: readonly string[], rows: readonly string[]): Layout => ({
  x: [],
  y: rows.map((label) => labels.indexOf(label)),
});

function lower(call: LowerCall): Plan {
  const product = productOf(call);
  if (product === undefined || !call.isActivation(product.streamed.input)) return lowerUnknown(call);
  const { streamed, still, result, sizeOf } = product;
  const count = (labels: readonly string[]): number =>
    elementCount(labels.map((label) => sizeOf.get(label)!));
  const both = streamed.labels.filter((label) => still.labels.includes(label));
  const rows = rowsOf(product);
  const groups = count(both.filter((label) => result.includes(label)));
  const constant = !call.isActivation(still.input);
  // Groups that share one set of keys are B, as in the matrix products of `matmul.ts`.
  const copies = constant ? 1 : (call.view(still.input).copies ?? 1);
  const B = groups % copies === 0 ? copies : 1;
  const sizes = {
    B,
    G: groups / B,
    K: count(still.labels.filter((label) => !streamed.labels.includes(label))),
    C: count(both.filter((label) => !result.includes(label))),
    OY: count(rows),
  };
  const group = sizes.G > 1 ? (['G'] as const) : [];
  const dims = ['B', ...group, 'K', 'C', 'OY'] as const satisfies readonly LoopDim[];
  const whole = { view: call.view(still.input), layout: { x: [], y: [] }, x: FULL, y: FULL };
  const read = { view: call.view(streamed.input), layout: layoutOf(streamed.labels, rows), x: SAME, y: SAME };
  return oneLayer({
    kind: 'mac',
    coverage: 'exact',
    loops: dims.map((dim) => ({ dim, size: sizes[dim] })),
    output: {
      shape: result.map((label) => sizeOf.get(label)!),
      layout: layoutOf(result, rows),
      dims: ['B', ...group, 'K', 'OY'],
    },
    inputs: [
      {
        name: 'W',
        path: 'W',
        bits: call.bits(still.input, constant ? 'W' : 'I'),
        dims: [...group, 'K', 'C'],
        windows: [],
        reads: constant ? [] : [whole],
      },
      {
        name: 'I',
        path: 'I',
        bits: call.bits(streamed.input, 'I'),
        dims: ['B', ...group, 'C', 'OY'],
        windows: [],
        reads: [read],
      },
    ],
    weights: weightsAmong(call, [{ input: still.input }]),
    macs: elementCount(dims.map((dim) => sizes[dim])),
  });
}

/** Rows for the streamed side. */
function wants(call: Call, input: number): Layout | undefined {
  const product = productOf(call);
  if (product?.streamed.input !== input) return undefined;
  return layoutOf(product.streamed.labels, rowsOf(product));
}

export const einsum: Operator = {
  infer: (call) => [{ dtype: need(call, 0, 'operand').dtype, shape: einsumShape(call) }],
  lower,
  wants,
};
