/**
 * Operators that need statistics of many elements for each one they write: Softmax and its kind, layer, instance
 * and group normalization, LRN, CumSum. Loop nest `B G OY OX`; the input is streamed `passes` times, whole along
 * normalised rows and columns.
 */
import type { TensorInfo } from '../../ir/tensor.js';
import { intAttr, intsAttr } from '../attrs.js';
import { dtypeName } from '../dtype.js';
import {
  FULL,
  SAME,
  oneLayer,
  type LayerPlan,
  type Layout,
  type LowerCall,
  type Plan,
  type Read,
  type WeightPlan,
} from '../lower-plan.js';
import { weightsAmong } from './conv.js';
import { PIXEL_DIMS, pixelLoops, visitLayer } from './nests.js';
import {
  axesOf,
  axisOf,
  imageWanted,
  likeFirst,
  mismatch,
  need,
  needRank,
  type Call,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';
import { elementCount, oneNumber } from './operator.js';
import { reductionLayer } from './reduce.js';
import { isSpatial } from '../lower-view.js';

interface Rule {
  /** Axes over which the statistics run. */
  readonly axes: (call: Call) => readonly number[];
  /** How often the input is streamed: to find the statistics, and to apply them. */
  readonly passes: number;
  /** Inputs with scale and bias. */
  readonly scale?: number;
  readonly bias?: number;
  readonly infer?: ShapeRule;
  readonly onImages?: boolean;
  readonly prefers?: Operator['prefers'];
}

/** Statistics of the first input. */
export function statisticsLayer(
  call: LowerCall,
  axes: readonly number[],
  passes: number,
  weights: readonly WeightPlan[],
): Plan {
  const { shape } = need(call, 0, 'input');
  const view = call.view(0);
  return oneLayer(statisticsOf(call, { view, shape, layout: view.layout }, axes, passes, weights));
}

/** What statistics are taken of. */
interface Normalised extends Pick<Read, 'view' | 'layout'> {
  readonly shape: readonly number[];
}

/**
 * Every element is read and written, `passes` times over; the normalised channels are lanes (G), not a reduction:
 * C is unrolled where an array adds up, and nothing is added up into one output here.
 */
export function statisticsOf(
  call: LowerCall,
  { view, shape, layout }: Normalised,
  axes: readonly number[],
  passes: number,
  weights: readonly WeightPlan[],
): LayerPlan {
  const whole = (spatial: readonly number[]): boolean =>
    spatial.some((axis) => axes.includes(axis) && shape[axis] !== 1);
  const read: Read = { view, layout, x: whole(layout.x) ? FULL : SAME, y: whole(layout.y) ? FULL : SAME };
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

/** Elements of a pixel, side by side, over which statistics run; all of them where they are not side by side. */
function spanOf(shape: readonly number[], layout: Layout, axes: readonly number[]): number {
  const inner = shape.flatMap((size, axis) => (isSpatial(layout, axis) || size === 1 ? [] : [axis]));
  const normalised = inner.filter((axis) => axes.includes(axis));
  const together = inner.slice(inner.length - normalised.length).every((axis) => axes.includes(axis));
  return elementCount((together ? normalised : inner).map((axis) => shape[axis]!));
}

const lowerWith =
  (rule: Rule) =>
  (call: LowerCall): Plan => {
    const { scale, bias } = rule;
    return statisticsLayer(call, rule.axes(call), rule.passes, [
      ...(scale === undefined ? [] : [{ input: scale, postOp: 'scale' }]),
      ...(bias === undefined ? [] : [{ input: bias, postOp: 'bias' }]),
    ]);
  };

const normalization = (rule: Rule): Operator => ({
  infer: (call) => {
    rule.axes(call);
    return (rule.infer ?? likeFirst)(call);
  },
  lower: lowerWith(rule),
  ...(rule.onImages ? { wants: imageWanted } : {}),
  ...(rule.prefers ? { prefers: rule.prefers } : {}),
});

const rankOf = (call: Call): number => need(call, 0, 'input').shape.length;

const upwards = (from: number, rank: number): readonly number[] =>
  Array.from({ length: rank - from }, (_, i) => from + i);

/** One axis; up to operator set 12 all axes from it on (marked by normalize-graph). */
function softmaxAxes(call: Call): readonly number[] {
  const rank = rankOf(call);
  if (rank === 0) return [];
  const axis = axisOf(call, intAttr(call.node, 'axis', -1), rank);
  return intAttr(call.node, 'coerced', 0) === 0 ? [axis] : upwards(axis, rank);
}

/** Scores: what is normalized lies side by side, and the axis before it is the rows, as products of activations have it. */
function rowsOfScores(call: Call): Layout | undefined {
  const [axis, ...others] = softmaxAxes(call);
  const last = rankOf(call) - 1;
  return axis === last && others.length === 0 && last >= 2 ? { x: [], y: [last - 1] } : undefined;
}

const oneAxis =
  (fallback: number) =>
  (call: Call): readonly number[] => [axisOf(call, intAttr(call.node, 'axis', fallback), rankOf(call))];

/** All axes from the attribute `axis` on. */
export const fromAxis =
  (fallback: number) =>
  (call: Call): readonly number[] =>
    upwards(axisOf(call, intAttr(call.node, 'axis', fallback), rankOf(call)), rankOf(call));

function spatialAxes(call: Call): readonly number[] {
  needRank(call, need(call, 0, 'input'), 3);
  return upwards(2, rankOf(call));
}

/** Parameters per channel must be as many as the channels. */
function perChannel(call: Call, inputs: readonly (readonly [number, string])[]): void {
  const { shape } = need(call, 0, 'input');
  for (const [input, name] of inputs) {
    const parameter = need(call, input, name);
    if (parameter.shape.length !== 1 || parameter.shape[0] !== shape[1])
      mismatch(call, `${name} is [${parameter.shape.join(', ')}], the input has ${shape[1] ?? 0} channels`);
  }
}

const likeFirstPerChannel: ShapeRule = (call) => {
  perChannel(call, [
    [1, 'scale'],
    [2, 'B'],
  ]);
  return likeFirst(call);
};

/** Mean and inverse deviation are further outputs, with one element per normalised slice. */
const withStatistics =
  (axes: (call: Call) => readonly number[]): ShapeRule =>
  (call) => {
    const { dtype, shape } = need(call, 0, 'X');
    const reduced = shape.map((size, axis) => (axes(call).includes(axis) ? 1 : size));
    const stash = dtypeName(intAttr(call.node, 'stash_type', 1));
    const statistics = call.node.outputs.slice(1).map(() => ({ dtype: stash, shape: reduced }));
    return [{ dtype, shape }, ...statistics];
  };

/** Axes in an input that must be constant. */
const axisInput = (call: Call): readonly number[] => [axisOf(call, oneNumber(call, 1, 'axis'), rankOf(call))];

const inputLike = (tensor: TensorInfo): readonly number[] => tensor.shape.map((_, axis) => axis);

const layerNormalization = (bias: number | undefined): Operator =>
  normalization({
    axes: fromAxis(-1),
    passes: 2,
    scale: 1,
    ...(bias === undefined ? {} : { bias }),
    infer: withStatistics(fromAxis(-1)),
  });

/** The range of all elements, which gives scale and zero point, is one number as far as sizes go; then they are quantized. */
const dynamicQuantization: Operator = {
  infer: (call) => [
    { dtype: 'uint8', shape: need(call, 0, 'x').shape },
    { dtype: 'float', shape: [] },
    { dtype: 'uint8', shape: [] },
  ],
  lower: (call) => {
    const { shape } = need(call, 0, 'x');
    const view = call.view(0);
    const all = reductionLayer(call, inputLike(need(call, 0, 'x')));
    const range = { ...all, output: { ...all.output, shape: [], layout: { x: [], y: [] } } };
    const quantized = visitLayer(
      shape,
      view.layout,
      [
        { name: 'X', bits: call.bits(0, 'I'), view, shape },
        { name: 'Y', bits: call.outputBits(0), view: 'previous', shape: [] },
      ],
      { kind: 'vector', coverage: 'exact' },
    );
    return { kind: 'layers', layers: [range, quantized], also: { 1: { step: 0 }, 2: { step: 0 } } };
  },
};

export const NORMALIZATIONS: Family = {
  Softmax: normalization({ axes: softmaxAxes, passes: 3, prefers: rowsOfScores }),
  LogSoftmax: normalization({ axes: softmaxAxes, passes: 3, prefers: rowsOfScores }),
  Hardmax: normalization({ axes: softmaxAxes, passes: 2 }),
  LayerNormalization: layerNormalization(2),
  RMSNormalization: layerNormalization(undefined),
  SimplifiedLayerNormalization: layerNormalization(undefined),
  InstanceNormalization: normalization({
    axes: spatialAxes,
    passes: 2,
    scale: 1,
    bias: 2,
    infer: likeFirstPerChannel,
    onImages: true,
  }),
  // Statistics over the spatial axes and the channels of a group: no channel is left out of its group's sum.
  GroupNormalization: normalization({
    axes: (call) => inputLike(need(call, 0, 'X')).slice(1),
    passes: 2,
    scale: 1,
    bias: 2,
    onImages: true,
  }),
  LpNormalization: normalization({ axes: oneAxis(-1), passes: 2 }),
  MeanVarianceNormalization: normalization({
    axes: (call) => axesOf(call, intsAttr(call.node, 'axes') ?? [0, 2, 3], rankOf(call)),
    passes: 2,
  }),
  LRN: normalization({ axes: () => [1], passes: 1, onImages: true }),
  DynamicQuantizeLinear: dynamicQuantization,
  CumSum: normalization({ axes: axisInput, passes: 1 }),
  CumProd: normalization({ axes: axisInput, passes: 1 }),
};
