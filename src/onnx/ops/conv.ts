/**
 * Convolutions: Conv, ConvInteger, QLinearConv.
 * Attributes: kernel_shape, strides, dilations, pads, auto_pad, group.
 * Loop nest `B K C OY OX FY FX`; with groups `B G K C OY OX FY FX`; depthwise `B G OY OX FY FX`; a 1x1 kernel
 * of stride 1 without pads `B K C OY OX`. The depth of 3-D convolutions is folded into the rows.
 */
import type { LoopDim, LoopSize } from '../../ir/layer.js';
import { intAttr, intsAttr } from '../attrs.js';
import {
  FULL,
  oneLayer,
  type LowerCall,
  type OperandPlan,
  type Plan,
  type Read,
  type WeightPlan,
} from '../lower-plan.js';
import { imageAxes, windowIndices, type Axes } from './image-axes.js';
import {
  elementCount,
  illegal,
  imageWanted,
  mismatch,
  need,
  needRank,
  type Call,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';
import { windowAxes, type WindowAxis } from './window.js';

/** Positions of image, kernel and bias among the inputs. */
interface Roles {
  readonly image: number;
  readonly kernel: number;
  /** Constants per output channel, by the operation they feed. */
  readonly bias?: number;
  readonly scale?: number;
}

interface Geometry {
  readonly batch: number;
  readonly groups: number;
  /** Output and input channels of one group. */
  readonly outChannels: number;
  readonly inChannels: number;
  readonly axes: readonly WindowAxis[];
}

function geometry(call: Call, roles: Roles): Geometry {
  const [image, kernel] = [need(call, roles.image, 'image'), need(call, roles.kernel, 'kernel')];
  needRank(call, image, 3);
  needRank(call, kernel, image.shape.length, image.shape.length);
  const [batch, channels] = image.shape as [number, number];
  const [filters, inChannels, ...sizes] = kernel.shape as [number, number, ...number[]];
  const declared = intsAttr(call.node, 'kernel_shape');
  if (declared && declared.join() !== sizes.join())
    mismatch(call, `kernel_shape [${declared.join(', ')}] but the kernel is [${sizes.join(', ')}]`);
  const groups = intAttr(call.node, 'group', 1);
  if (groups < 1) illegal(call, `group is ${groups}, must be at least 1`);
  if (inChannels * groups !== channels)
    mismatch(call, `input has ${channels} channels, the kernel takes ${inChannels} x ${groups} group(s)`);
  if (filters % groups !== 0) mismatch(call, `${filters} filters cannot be divided into ${groups} groups`);
  return {
    batch,
    groups,
    outChannels: filters / groups,
    inChannels,
    axes: windowAxes(call, image.shape, sizes),
  };
}

const shapeOf = ({ batch, groups, outChannels, axes }: Geometry): readonly number[] => [
  batch,
  groups * outChannels,
  ...axes.map((axis) => axis.out),
];

/** Shape of what a convolution makes. */
export const convolutionShape = (call: Call, roles: Roles): readonly number[] =>
  shapeOf(geometry(call, roles));

const inferWith =
  (roles: Roles, dtype: (call: Call) => string): ShapeRule =>
  (call) => [{ dtype: dtype(call), shape: shapeOf(geometry(call, roles)) }];

/** The kernel: constant weights, or an activation that must be there whole. */
export function kernelOperand(call: LowerCall, input: number, dims: readonly LoopDim[]): OperandPlan {
  const whole = (): Read => ({ view: call.view(input), layout: { x: [], y: [] }, x: FULL, y: FULL });
  const reads = call.isActivation(input) ? [whole()] : [];
  return { name: 'W', path: 'W', bits: call.bits(input, 'W'), dims, windows: [], reads };
}

/** Constant operands among the given inputs, as weights. */
export const weightsAmong = (call: LowerCall, weights: readonly WeightPlan[]): readonly WeightPlan[] =>
  weights.filter(({ input }) => call.inputs[input] !== undefined && !call.isActivation(input));

/** Loop dims of a nest, in order, and those that index its operands. */
interface NestDims {
  readonly loops: readonly LoopDim[];
  readonly W: readonly LoopDim[];
  readonly I: readonly LoopDim[];
  readonly O: readonly LoopDim[];
}

// Once for all convolutions: networks have thousands of them.
const DEPTHWISE: NestDims = {
  loops: ['B', 'G', 'OY', 'OX', 'FY', 'FX'],
  W: ['G', 'FY', 'FX'],
  I: ['B', 'G'],
  O: ['B', 'G', 'OY', 'OX'],
};
const GROUPED: NestDims = {
  loops: ['B', 'G', 'K', 'C', 'OY', 'OX', 'FY', 'FX'],
  W: ['G', 'K', 'C', 'FY', 'FX'],
  I: ['B', 'G', 'C'],
  O: ['B', 'G', 'K', 'OY', 'OX'],
};
const PIXELWISE: NestDims = {
  loops: ['B', 'K', 'C', 'OY', 'OX'],
  W: ['K', 'C'],
  I: ['B', 'C', 'OY', 'OX'],
  O: ['B', 'K', 'OY', 'OX'],
};
const PLAIN: NestDims = {
  loops: ['B', 'K', 'C', 'OY', 'OX', 'FY', 'FX'],
  W: ['K', 'C', 'FY', 'FX'],
  I: ['B', 'C'],
  O: ['B', 'K', 'OY', 'OX'],
};

function nestDims({ groups, outChannels, inChannels }: Geometry, { x, y }: Axes): NestDims {
  if (groups > 1) return outChannels === 1 && inChannels === 1 ? DEPTHWISE : GROUPED;
  return x.region.kind === 'same' && y.region.kind === 'same' ? PIXELWISE : PLAIN;
}

function loopsOf(g: Geometry, { x, y }: Axes, dims: readonly LoopDim[]): readonly LoopSize[] {
  const { batch: B, groups: G, outChannels: K, inChannels: C } = g;
  const sizes = { B, G, K, C, OY: y.out, OX: x.out, FY: y.kernel, FX: x.kernel };
  return dims.map((dim) => ({ dim, size: sizes[dim] }));
}

const lowerWith =
  (roles: Roles) =>
  (call: LowerCall): Plan => {
    const g = geometry(call, roles);
    const view = call.view(roles.image);
    const axes = imageAxes(g.axes, view);
    const { layout } = axes;
    const dims = nestDims(g, axes);
    const loops = loopsOf({ ...g, batch: g.batch * axes.items }, axes, dims.loops);
    const image: Read = { view, layout, x: axes.x.region, y: axes.y.region };
    return oneLayer({
      kind: 'mac',
      coverage: axes.coverage,
      loops,
      output: { shape: shapeOf(g), layout, dims: dims.O },
      inputs: [
        kernelOperand(call, roles.kernel, dims.W),
        {
          name: 'I',
          path: 'I',
          bits: call.bits(roles.image, 'I'),
          dims: dims.I,
          windows: dims === PIXELWISE ? [] : windowIndices(axes),
          reads: [image],
        },
      ],
      weights: weightsAmong(call, [
        { input: roles.kernel },
        ...(roles.scale === undefined ? [] : [{ input: roles.scale, postOp: 'scale' }]),
        ...(roles.bias === undefined ? [] : [{ input: roles.bias, postOp: 'bias' }]),
      ]),
      macs: elementCount(loops.map((loop) => loop.size)),
    });
  };

export const convolution = (roles: Roles, dtype: (call: Call) => string): Operator => ({
  infer: inferWith(roles, dtype),
  lower: lowerWith(roles),
  wants: imageWanted,
});

export const CONVOLUTIONS: Family = {
  Conv: convolution({ image: 0, kernel: 1, bias: 2 }, (call) => need(call, 0, 'image').dtype),
  ConvInteger: convolution({ image: 0, kernel: 1 }, () => 'int32'),
  // x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B
  QLinearConv: convolution(
    { image: 0, kernel: 3, scale: 4, bias: 8 },
    (call) => need(call, 7, 'y_zero_point').dtype,
  ),
};
