/**
 * Pools: MaxPool, AveragePool, LpPool and the global pools. Loop nest `B G OY OX FX FY`; the window is a dummy
 * kernel of 0 bits. Attributes: kernel_shape, strides, dilations, pads, auto_pad, ceil_mode.
 */
import type { LoopDim, LoopSize, Region } from '../../ir/layer.js';
import { intsAttr } from '../attrs.js';
import { FULL, oneLayer, type LowerCall, type Plan, type Read } from '../lower-plan.js';
import { imageAxes, windowIndices, type FoldedAxis } from './image-axes.js';
import {
  illegal,
  imageWanted,
  need,
  needRank,
  type Call,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';
import { windowAxes, type WindowAxis } from './window.js';

type Axes = (call: Call) => readonly WindowAxis[];

const localAxes: Axes = (call) => {
  const image = need(call, 0, 'X');
  needRank(call, image, 3);
  const kernel = intsAttr(call.node, 'kernel_shape') ?? illegal(call, 'kernel_shape is missing');
  if (kernel.some((size) => size < 1))
    illegal(call, `kernel_shape [${kernel.join(', ')}] must be at least 1`);
  return windowAxes(call, image.shape, kernel);
};

/** The window is the whole map. */
const globalAxes: Axes = (call) => {
  const image = need(call, 0, 'X');
  needRank(call, image, 3);
  return image.shape.slice(2).map((size) => ({
    in: size,
    out: 1,
    kernel: size,
    stride: 1,
    dilation: 1,
    before: 0,
    after: 0,
  }));
};

const shapeOf = (call: Call, axes: readonly WindowAxis[]): readonly number[] => [
  ...need(call, 0, 'X').shape.slice(0, 2),
  ...axes.map((axis) => axis.out),
];

/** MaxPool has a second output: positions of the maxima. */
const inferWith =
  (axesOf: Axes): ShapeRule =>
  (call) => {
    const shape = shapeOf(call, axesOf(call));
    const values = { dtype: need(call, 0, 'X').dtype, shape };
    return call.node.outputs.length > 1 ? [values, { dtype: 'int64', shape }] : [values];
  };

const lowerWith =
  (axesOf: Axes, whole: boolean) =>
  (call: LowerCall): Plan => {
    const windows = axesOf(call);
    const view = call.view(0);
    const axes = imageAxes(windows, view);
    const { layout } = axes;
    const [batch, channels] = need(call, 0, 'X').shape as [number, number];
    const sizes = {
      B: batch * axes.items,
      G: channels,
      OY: axes.y.out,
      OX: axes.x.out,
      FX: axes.x.kernel,
      FY: axes.y.kernel,
    };
    const dims = ['B', 'G', 'OY', 'OX', 'FX', 'FY'] as const satisfies readonly LoopDim[];
    const region = (axis: FoldedAxis): Region => (whole && axis.kernel > 1 ? FULL : axis.region);
    const image: Read = { view, layout, x: region(axes.x), y: region(axes.y) };
    return oneLayer({
      kind: 'vector',
      coverage: axes.coverage,
      loops: dims.map((dim): LoopSize => ({ dim, size: sizes[dim] })),
      output: { shape: shapeOf(call, windows), layout, dims: ['B', 'G', 'OY', 'OX'] },
      inputs: [
        { name: 'W', path: 'W', bits: 0, dims: ['FX', 'FY'], windows: [], reads: [] },
        {
          name: 'I',
          path: 'I',
          bits: call.bits(0, 'I'),
          dims: ['B', 'G'],
          windows: windowIndices(axes),
          reads: [image],
        },
      ],
    });
  };

const pool = (axesOf: Axes, whole: boolean): Operator => ({
  infer: inferWith(axesOf),
  lower: lowerWith(axesOf, whole),
  wants: imageWanted,
});

export const POOLS: Family = {
  MaxPool: pool(localAxes, false),
  AveragePool: pool(localAxes, false),
  LpPool: pool(localAxes, false),
  GlobalMaxPool: pool(globalAxes, true),
  GlobalAveragePool: pool(globalAxes, true),
  GlobalLpPool: pool(globalAxes, true),
};
