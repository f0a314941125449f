/**
 * Operators of com.microsoft that add something first: BiasAdd, BiasSoftmax, SkipGroupNorm; and GroupNorm, whose
 * statistics are those of a group of channels. The sum is a layer of its own where both terms are maps.
 */
import { intAttr } from '../attrs.js';
import { FULL, SAME, type LayerPlan, type LowerCall, type Plan, type WeightPlan } from '../lower-plan.js';
import { weightsAmong } from './conv.js';
import { broadcastShape } from './elementwise.js';
import { commonLayout, pixelLoops, PIXEL_DIMS, visitLayer } from './nests.js';
import { spanOf, statisticsLayer } from './normalization.js';
import {
  axisOf,
  likeFirst,
  mismatch,
  need,
  needRank,
  type Call,
  type Family,
  type Operator,
} from './operator.js';

const upwards = (from: number, rank: number): readonly number[] =>
  Array.from({ length: rank - from }, (_, i) => from + i);

/** The first input plus another, both maps. */
function sumLayer(call: LowerCall, other: number, weights: readonly WeightPlan[] = []): LayerPlan {
  const { shape } = need(call, 0, 'input');
  const operands = [0, other].map((input) => ({
    name: input === 0 ? ('X' as const) : ('Y' as const),
    bits: call.bits(input, 'I'),
    view: call.view(input),
    shape: call.view(input).shape,
  }));
  const layout = commonLayout(shape, [call.view(0)]);
  const sum = visitLayer(shape, layout, operands, { kind: 'vector', coverage: 'exact' });
  return { ...sum, weights: weightsAmong(call, weights) };
}

/** Statistics of the layer before, over some axes. */
function statisticsBehind(
  call: LowerCall,
  { output: { shape, layout } }: LayerPlan,
  axes: readonly number[],
  passes: number,
  weights: readonly WeightPlan[],
): LayerPlan {
  const whole = (spatial: readonly number[]): boolean =>
    spatial.some((axis) => axes.includes(axis) && shape[axis] !== 1);
  const region = (spatial: readonly number[]) => (whole(spatial) ? FULL : SAME);
  const read = { view: 'previous', layout, x: region(layout.x), y: region(layout.y) } as const;
  return {
    kind: 'vector',
    coverage: 'approximate',
    loops: pixelLoops(shape, layout),
    output: { shape, layout, dims: PIXEL_DIMS },
    inputs: [{ name: 'I', path: 'I', bits: call.bits(0, 'I'), dims: PIXEL_DIMS, windows: [], reads: [read] }],
    weights: weightsAmong(call, weights),
    passes,
    span: spanOf(shape, layout, axes),
  };
}

/** X, bias, skip: rows with a bias, and a residual. */
const biasAdd: Operator = {
  infer: (call) => {
    const [input, bias, skip] = [need(call, 0, 'X'), need(call, 1, 'bias'), need(call, 2, 'skip')];
    needRank(call, input, 3, 3);
    if (bias.shape.join() !== String(input.shape[2]))
      mismatch(call, `bias is [${bias.shape.join(', ')}], rows have ${input.shape[2] ?? 0} elements`);
    if (skip.shape.join() !== input.shape.join())
      mismatch(call, `skip is [${skip.shape.join(', ')}], X [${input.shape.join(', ')}]`);
    return likeFirst(call);
  },
  lower: (call): Plan => {
    const bias: WeightPlan = { input: 1, postOp: 'bias' };
    if (!call.isActivation(2)) return { kind: 'pointwise', input: 0, parameters: [bias, { input: 2 }] };
    return { kind: 'layers', layers: [sumLayer(call, 2, [bias])] };
  },
};

const softmaxAxes = (call: Call): readonly number[] => {
  const rank = need(call, 0, 'data').shape.length;
  return upwards(axisOf(call, intAttr(call.node, 'axis', 1), rank), rank);
};

/** data + bias, then softmax over all axes from one on. */
const biasSoftmax: Operator = {
  infer: (call) => {
    softmaxAxes(call);
    broadcastShape(call, [need(call, 0, 'data'), need(call, 1, 'bias')]);
    return likeFirst(call);
  },
  lower: (call): Plan => {
    const axes = softmaxAxes(call);
    if (!call.isActivation(1)) return statisticsLayer(call, axes, 3, [{ input: 1, postOp: 'bias' }]);
    const sum = sumLayer(call, 1);
    return { kind: 'layers', layers: [sum, statisticsBehind(call, sum, axes, 3, [])] };
  },
};

function perChannel(call: Call): void {
  const { shape } = need(call, 0, 'X');
  needRank(call, need(call, 0, 'X'), 4, 4);
  const channels = intAttr(call.node, 'channels_last', 1) === 0 ? shape[1] : shape[3];
  for (const [input, name] of [
    [1, 'gamma'],
    [2, 'beta'],
  ] as const) {
    const parameter = need(call, input, name).shape;
    if (parameter.join() !== String(channels))
      mismatch(call, `${name} is [${parameter.join(', ')}], the input has ${channels ?? 0} channels`);
  }
}

const SCALE: readonly WeightPlan[] = [
  { input: 1, postOp: 'scale' },
  { input: 2, postOp: 'bias' },
];

/** X, gamma, beta: every element of an image takes part in the statistics of its group. */
const groupNorm: Operator = {
  infer: (call) => {
    perChannel(call);
    return likeFirst(call);
  },
  lower: (call) => statisticsLayer(call, [1, 2, 3], 2, SCALE),
};

/** X, gamma, beta, skip, bias; the sum may be a further output. */
const skipGroupNorm: Operator = {
  infer: (call) => {
    perChannel(call);
    broadcastShape(call, [need(call, 0, 'X'), need(call, 3, 'skip')]);
    const { dtype, shape } = need(call, 0, 'X');
    return call.node.outputs.map(() => ({ dtype, shape }));
  },
  lower: (call): Plan => {
    const bias: WeightPlan = { input: 4, postOp: 'bias' };
    if (!call.isActivation(3))
      return statisticsLayer(call, [1, 2, 3], 2, [{ input: 3, postOp: 'bias' }, bias, ...SCALE]);
    const sum = sumLayer(call, 3, [bias]);
    const normalized = statisticsBehind(call, sum, [1, 2, 3], 2, SCALE);
    return { kind: 'layers', layers: [sum, normalized], also: { 1: { step: 0 } } };
  },
};

export const BIASED: Family = {
  'com.microsoft:BiasAdd': biasAdd,
  'com.microsoft:BiasSoftmax': biasSoftmax,
  'com.microsoft:GroupNorm': groupNorm,
  'com.microsoft:SkipGroupNorm': skipGroupNorm,
};
