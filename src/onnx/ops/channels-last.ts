/**
 * Operators on images whose channels come last: com.microsoft Nhwc..., and QLinearConv and pools with `channels_last`.
 * The operator is that of the standard, asked about the image with its channels in the second place; kernels keep theirs.
 */
import type { TensorInfo } from '../../ir/tensor.js';
import { intAttr } from '../attrs.js';
import type { Layout, LowerCall, Plan, View } from '../lower-plan.js';
import { CONVOLUTIONS, convolution } from './conv.js';
import { known } from '../../base/assert.js';
import { FUSED } from './fused.js';
import { imageWanted, need, needRank, type Call, type Family, type Operator } from './operator.js';
import { POOLS } from './pool.js';

/** FusedConv has as its fourth input what it adds to its result. */
const isImage = ({ node }: Call, input: number): boolean =>
  input === 0 || (input === 3 && node.opType === 'NhwcFusedConv');

/** Where an axis of an image goes when its channels move from the end to the second place, and back. */
const toSecond = (axis: number, rank: number): number => (axis === 0 ? 0 : axis === rank - 1 ? 1 : axis + 1);
const toLast = (axis: number, rank: number): number => (axis === 0 ? 0 : axis === 1 ? rank - 1 : axis - 1);

const moved = (layout: Layout, rank: number, to: typeof toSecond): Layout => ({
  x: layout.x.map((axis) => to(axis, rank)),
  y: layout.y.map((axis) => to(axis, rank)),
});

const secondShape = (shape: readonly number[]): readonly number[] =>
  shape.map((_, axis) => known(shape[toLast(axis, shape.length)], 'axis'));
const lastShape = (shape: readonly number[]): readonly number[] =>
  shape.map((_, axis) => known(shape[toSecond(axis, shape.length)], 'axis'));

const seen = (view: View): View => ({
  ...view,
  shape: secondShape(view.shape),
  layout: moved(view.layout, view.shape.length, toSecond),
  joined: view.joined === null ? null : toSecond(view.joined, view.shape.length),
});

function secondImage<C extends Call>(call: C): C {
  const image = need(call, 0, 'image');
  needRank(call, image, 3);
  const inputs = call.inputs.map((tensor, input): TensorInfo | undefined =>
    input === 0 ? { ...image, shape: secondShape(image.shape) } : tensor,
  );
  return { ...call, inputs };
}

function lowered(operator: Operator, call: LowerCall): Plan {
  const view = (input: number): View => (isImage(call, input) ? seen(call.view(input)) : call.view(input));
  const plan = operator.lower({ ...secondImage(call), view });
  if (plan.kind !== 'layers') return plan;
  const layers = plan.layers.map((layer) => {
    const { shape, layout } = layer.output;
    const output = { ...layer.output, shape: lastShape(shape), layout: moved(layout, shape.length, toLast) };
    return { ...layer, output };
  });
  return { ...plan, layers };
}

const saysSo = (call: Call): boolean => intAttr(call.node, 'channels_last', 0) !== 0;

/** The operator for images with channels last, where `isLast` says so. */
const channelsLast = (operator: Operator, isLast: (call: Call) => boolean): Operator => ({
  infer: (call) =>
    isLast(call)
      ? operator.infer(secondImage(call)).map((result) => ({ ...result, shape: lastShape(result.shape) }))
      : operator.infer(call),
  lower: (call) => (isLast(call) ? lowered(operator, call) : operator.lower(call)),
  wants: (call, input) => {
    if (!isLast(call)) return imageWanted(call, input);
    const wanted = imageWanted(secondImage(call), isImage(call, input) ? 0 : input);
    return wanted && moved(wanted, need(call, 0, 'image').shape.length, toLast);
  },
});

export const CHANNELS_LAST: Family = {
  'com.microsoft:NhwcConv': channelsLast(
    convolution({ image: 0, kernel: 1, bias: 2 }, (call) => need(call, 0, 'image').dtype),
    () => true,
  ),
  'com.microsoft:NhwcFusedConv': channelsLast(
    known(FUSED['com.microsoft:FusedConv'], 'FusedConv'),
    () => true,
  ),
  'com.microsoft:NhwcMaxPool': channelsLast(known(POOLS['MaxPool'], 'MaxPool'), () => true),
  'com.microsoft:QLinearConv': channelsLast(known(CONVOLUTIONS['QLinearConv'], 'QLinearConv'), saysSo),
  'com.microsoft:QLinearAveragePool': channelsLast(known(POOLS['AveragePool'], 'AveragePool'), saysSo),
  'com.microsoft:QLinearGlobalAveragePool': channelsLast(
    known(POOLS['GlobalAveragePool'], 'GlobalAveragePool'),
    saysSo,
  ),
};
