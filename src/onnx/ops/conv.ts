/**
 * Convolutions: Conv, ConvInteger, QLinearConv.
 * Attributes: kernel_shape, strides, dilations, pads, auto_pad, group.
 * Loop nest `B K C OY OX FY FX`; with groups `B G K C OY OX FY FX`; depthwise `B G OY OX FY FX`; a 1x1 kernel
 * of stride 1 without pads `B K C OY OX`. The depth of 3-D convolutions is folded into the rows.
 */
import type { Coverage, LoopDim, LoopSize, Region, WindowIndex } from '../../ir/layer.js';
import { intAttr, intsAttr } from '../attrs.js';
import {
  FULL,
  SAME,
  oneLayer,
  type LowerCall,
  type OperandPlan,
  type Plan,
  type Read,
  type WeightPlan,
} from '../lower-plan.js';
import { imageLayout } from '../lower-view.js';
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
import { windowAxes, windowRegion, type WindowAxis } from './window.js';

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

/** The axes of a convolution of one to three spatial axes as rows and columns; rows may be folded. */
export interface FoldedAxis {
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly region: Region;
}

const NO_AXIS: FoldedAxis = { out: 1, kernel: 1, stride: 1, dilation: 1, region: SAME };

const single = (axis: WindowAxis): FoldedAxis => ({
  out: axis.out,
  kernel: axis.kernel,
  stride: axis.stride,
  dilation: axis.dilation,
  region: windowRegion(axis),
});

/** Depth and height as one axis: exact in iterations, not in which rows a tile needs, hence the whole axis. */
function fold(axes: readonly WindowAxis[]): FoldedAxis {
  const along = (of: (axis: WindowAxis) => number): number => elementCount(axes.map(of));
  return {
    out: along((axis) => axis.out),
    kernel: along((axis) => axis.kernel),
    stride: along((axis) => axis.stride),
    dilation: 1,
    region: axes.every((axis) => windowRegion(axis).kind === 'same') ? SAME : FULL,
  };
}

interface Axes {
  readonly x: FoldedAxis;
  readonly y: FoldedAxis;
}

/** No input row is seen by two windows, and none is padding. */
const isDisjoint = ({ out, kernel, stride, dilation, before, after }: WindowAxis): boolean =>
  (out === 1 || (kernel === stride && (dilation === 1 || kernel === 1))) && before === 0 && after === 0;

/** How windows overlap in depth and in height is lost where both are one axis; how they lie side by side is not. */
const foldsExactly = (rows: readonly WindowAxis[]): boolean => rows.length <= 1 || rows.every(isDisjoint);

export function imageAxes(axes: readonly WindowAxis[]): Axes & { readonly coverage: Coverage } {
  const last = axes.at(-1);
  const rows = axes.slice(0, -1).filter((axis) => axis.out > 1 || windowRegion(axis).kind !== 'same');
  const [y] = rows.length === 1 ? rows.map(single) : rows.length === 0 ? [NO_AXIS] : [fold(rows)];
  return {
    x: last ? single(last) : NO_AXIS,
    y: y ?? NO_AXIS,
    coverage: foldsExactly(rows) ? 'exact' : 'approximate',
  };
}

/** The loop pairs that index the rows and columns of the input. */
export const windowIndices = (axes: Axes): readonly WindowIndex[] => [
  { axis: 'x', out: 'OX', kernel: 'FX', stride: axes.x.stride, dilation: axes.x.dilation },
  { axis: 'y', out: 'OY', kernel: 'FY', stride: axes.y.stride, dilation: axes.y.dilation },
];

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
    const axes = imageAxes(g.axes);
    const dims = nestDims(g, axes);
    const loops = loopsOf(g, axes, dims.loops);
    const layout = imageLayout(g.axes.length + 2);
    const image: Read = { view: call.view(roles.image), layout, x: axes.x.region, y: axes.y.region };
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
