/**
 * Operators of com.microsoft that add something first: BiasAdd, BiasSoftmax, BiasSplitGelu, SkipGroupNorm; and GroupNorm, whose
 * statistics are those of a group of channels. The sum is a layer of its own where both terms are maps.
 */
import { intAttr } from '../attrs.js';
import { known } from '../../base/assert.js';
import { oneLayer, type LayerPlan, type LowerCall, type Plan, type WeightPlan } from '../lower-plan.js';
import { sliceView } from '../lower-view.js';
import { weightsAmong } from './conv.js';
import { broadcastShape, passesBroadcast } from './elementwise.js';
import { commonLayout, visitLayer } from './nests.js';
import { fromAxis, statisticsLayer, statisticsOf } from './normalization.js';
import { likeFirst, mismatch, need, needRank, type Call, type Family, type Operator } from './operator.js';

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
const statisticsBehind = (
  call: LowerCall,
  { output }: LayerPlan,
  axes: readonly number[],
  passes: number,
  weights: readonly WeightPlan[],
): LayerPlan => statisticsOf(call, { view: 'previous', ...output }, axes, passes, weights);

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

const softmaxAxes = fromAxis(1);

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
  passes: passesBroadcast,
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

/** Input plus bias; its first half times the GELU of its second. */
const biasSplitGelu: Operator = {
  infer: (call) => {
    const { dtype, shape } = need(call, 0, 'X');
    needRank(call, need(call, 0, 'X'), 1);
    const width = shape.at(-1)!;
    if (width % 2 !== 0) mismatch(call, `rows of ${width} elements have no halves`);
    return [{ dtype, shape: [...shape.slice(0, -1), width / 2] }];
  },
  lower: (call): Plan => {
    const { shape } = known(call.outputs[0], 'output');
    const [view, half] = [call.view(0), shape.at(-1)!];
    const operands = (['X', 'Y'] as const).map((name, i) => ({
      name,
      bits: call.bits(0, 'I'),
      view: sliceView(view, { axis: shape.length - 1, start: i * half, step: 1, count: half }),
      shape,
    }));
    const layer = visitLayer(shape, view.layout, operands, { kind: 'vector', coverage: 'exact' });
    return oneLayer({ ...layer, weights: weightsAmong(call, [{ input: 1, postOp: 'bias' }]) });
  },
};

export const BIASED: Family = {
  'com.microsoft:BiasAdd': biasAdd,
  'com.microsoft:BiasSplitGelu': biasSplitGelu,
  'com.microsoft:BiasSoftmax': biasSoftmax,
  'com.microsoft:GroupNorm': groupNorm,
  'com.microsoft:SkipGroupNorm': skipGroupNorm,
};
