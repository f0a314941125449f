/** Concat: along channels a view of several maps, along rows or columns a move. */
import type { Region } from '../../ir/layer.js';
import { intAttr } from '../attrs.js';
import type { LowerCall, Plan } from '../lower-plan.js';
import { isSpatial, joinViews } from '../lower-view.js';
import { moveLayer, readAlong } from './move.js';
import {
  axisOf,
  elementCount,
  mismatch,
  need,
  sameAxes,
  withSize,
  illegal,
  type Call,
  type Family,
  type Operator,
} from './operator.js';
import { LARGEST, coordinates, stridesOf } from './values.js';

interface Joint {
  /** Positions of what is joined, among the inputs. */
  readonly inputs: readonly number[];
  readonly axis: number;
  readonly shape: readonly number[];
  /** First index of every input along the axis. */
  readonly starts: readonly number[];
}

/** What is joined, among the inputs of a call. */
type Positions = (call: Call) => readonly number[];

function jointOf(call: Call, positions: Positions): Joint {
  const inputs = positions(call);
  const tensors = inputs.map((i) => need(call, i, 'input'));
  const first = tensors[0] ?? mismatch(call, 'there is nothing to join');
  const axis = axisOf(
    call,
    intAttr(call.node, 'axis') ?? illegal(call, 'attribute axis is missing'),
    first.shape.length,
  );
  let size = 0;
  const starts = tensors.map((input) => {
    const own = input.shape;
    if (own.length !== first.shape.length || own.some((s, i) => i !== axis && s !== first.shape[i]))
      mismatch(
        call,
        `"${input.name}" [${own.join(', ')}] cannot be joined with [${first.shape.join(', ')}] along axis ${axis}`,
      );
    const start = size;
    size += own[axis]!;
    return start;
  });
  return { inputs, axis, starts, shape: withSize(first.shape, axis, size) };
}

function joinedValues(call: Call, { axis, shape, starts, ...joint }: Joint): readonly number[] | undefined {
  const inputs = joint.inputs.map((i) => need(call, i, 'input'));
  if (elementCount(shape) > LARGEST || inputs.some(({ values }) => values === undefined)) return undefined;
  return Array.from({ length: elementCount(shape) }, (_, i) => {
    const index = coordinates(i, shape);
    const from = starts.findLastIndex((start, k) => start <= index[axis]! && inputs[k]!.shape[axis]! > 0);
    const { values, shape: own } = inputs[from]!;
    const strides = stridesOf(own);
    const flat = index.reduce((sum, at, k) => sum + (k === axis ? at - starts[from]! : at) * strides[k]!, 0);
    return values![flat]!;
  });
}

function lower(call: LowerCall, { inputs: joined, axis, shape, starts }: Joint): Plan {
  // What has no elements, such as a cache that is empty, adds nothing.
  const all = joined.filter((i) => !need(call, i, 'input').shape.includes(0));
  const inputs = all.filter((i) => call.isActivation(i));
  const views = inputs.map((i) => call.view(i));
  if (all.length === 1) return { kind: 'views', views };
  const largest = views.reduce((best, view) =>
    elementCount(view.shape) > elementCount(best.shape) ? view : best,
  );
  const { layout } = largest;
  const constants = all.flatMap((i) => (call.isActivation(i) ? [] : [{ input: i }]));
  if (call.whole(0) !== 'no' && constants.length === 0) {
    // Cached rows and new ones: read where they lie.
    const view = joinViews(views, axis, shape, layout);
    const parts = view.parts.map((part) => ({ ...part, x: false, y: false }));
    return { kind: 'views', views: [{ ...view, parts }] };
  }
  if (!isSpatial(layout, axis)) {
    const view = joinViews(views, axis, shape, layout);
    return { kind: 'views', views: [constants.length > 0 ? { ...view, joined: null } : view] };
  }
  const reads = inputs.map((input, k) => {
    const start = starts[joined.indexOf(input)]!;
    const offset: Region = { kind: 'scale', mul: 1, div: 1, lo: -start, hi: -start };
    return readAlong(views[k]!, layout, new Map([[axis, offset]]));
  });
  const bits = Math.max(...inputs.map((input) => call.bits(input, 'I')));
  return moveLayer(call, { shape, layout, reads, bits, weights: constants });
}

const join = (positions: Positions): Operator => ({
  infer: (call) => {
    const joint = jointOf(call, positions);
    const [first = 0] = joint.inputs;
    return [
      { dtype: need(call, first, 'input').dtype, shape: joint.shape, values: joinedValues(call, joint) },
    ];
  },
  lower: (call) => lower(call, jointOf(call, positions)),
  passes: sameAxes,
});

/** Every input. */
const all: Positions = ({ inputs }) => inputs.map((_, i) => i);

/** Y_scale, Y_zero_point, then each input with its scale and zero point. */
const quantized: Positions = ({ inputs }) =>
  inputs.flatMap((_, i) => (i >= 2 && (i - 2) % 3 === 0 ? [i] : []));

export const JOINS: Family = {
  Concat: join(all),
  'com.microsoft:QLinearConcat': join(quantized),
};
