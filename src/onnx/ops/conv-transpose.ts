/**
 * ConvTranspose, in gather form: one iteration of OX and OY makes `stride` columns and rows at once (its phases
 * are counted in K), each from ceil(kernel/stride) taps. Attributes: kernel_shape, strides, dilations, pads,
 * auto_pad, group, output_padding, output_shape.
 *
 * Loops are rectangular, phases need not be: of 3 taps and a stride of 2 one phase has 2 taps, the other 1. Then every
 * phase loops over the taps of the largest, which is more iterations than MACs, and the weights are the share of these
 * taps that exist: all of them together exactly, those of some phases on average. A dilation that has a divisor in common
 * with the stride leaves phases without any tap, and those of the others are spread over all. Such layers are
 * `approximate`.
 */
import { gcd } from '../../base/gcd.js';
import type { LoopDim, Region, Share, WindowIndex } from '../../ir/layer.js';
import { intAttr, intsAttr } from '../attrs.js';
import {
  FULL,
  SAME,
  oneLayer,
  type Layout,
  type LowerCall,
  type Plan,
  type Read,
  type View,
} from '../lower-plan.js';
import { imageLayout } from '../lower-view.js';
import { kernelOperand, weightsAmong } from './conv.js';
import { LAST_AS_ROWS, lastIsRows } from './image-axes.js';
import {
  elementCount,
  illegal,
  imageWanted,
  mismatch,
  need,
  needRank,
  type Call,
  type Family,
} from './operator.js';
import { autoPadOf, padsOf, perAxis, type WindowAxis } from './window.js';

interface Geometry {
  readonly batch: number;
  readonly groups: number;
  readonly outChannels: number;
  readonly inChannels: number;
  readonly axes: readonly WindowAxis[];
}

/** Output sizes and pads (ONNX operator reference, ConvTranspose). */
function transposedAxes(
  call: Call,
  sizes: readonly number[],
  kernel: readonly number[],
): readonly WindowAxis[] {
  const count = sizes.length;
  const [strides, dilations, pads] = [
    perAxis(call, 'strides', count),
    perAxis(call, 'dilations', count),
    padsOf(call, count),
  ];
  const extra = intsAttr(call.node, 'output_padding') ?? sizes.map(() => 0);
  const wanted = intsAttr(call.node, 'output_shape')?.slice(-count);
  if (extra.length !== count)
    illegal(call, `output_padding has ${extra.length} numbers for ${count} spatial axes`);
  if (wanted && wanted.length !== count)
    illegal(call, `output_shape has ${wanted.length} numbers for ${count} spatial axes`);
  const auto = autoPadOf(call);
  return sizes.map((size, i) => {
    const [stride, dilation, taps] = [strides[i]!, dilations[i]!, kernel[i]!];
    const unpadded = stride * (size - 1) + extra[i]! + dilation * (taps - 1) + 1;
    const window = { in: size, kernel: taps, stride, dilation };
    const same = auto === 'SAME_UPPER' || auto === 'SAME_LOWER';
    const target = wanted?.[i] ?? (same ? size * stride : undefined);
    if (target !== undefined) {
      // Outputs that no input reaches are not there: a kernel below the stride leaves less than SAME asks for.
      const total = wanted ? unpadded - target : Math.max(0, unpadded - target);
      const before = auto === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2);
      return { ...window, out: unpadded - total, before, after: total - before };
    }
    const [before, after] = auto === 'VALID' ? [0, 0] : [pads[i]!, pads[i + count]!];
    return { ...window, out: unpadded - before - after, before, after };
  });
}

function geometry(call: Call): Geometry {
  const [image, kernel] = [need(call, 0, 'X'), need(call, 1, 'W')];
  needRank(call, image, 3);
  needRank(call, kernel, image.shape.length, image.shape.length);
  const [batch, channels, ...sizes] = image.shape as [number, number, ...number[]];
  const [filters, outChannels, ...taps] = kernel.shape as [number, number, ...number[]];
  const groups = intAttr(call.node, 'group', 1);
  if (groups < 1) illegal(call, `group is ${groups}, must be at least 1`);
  if (filters !== channels) mismatch(call, `input has ${channels} channels, the kernel takes ${filters}`);
  if (channels % groups !== 0) mismatch(call, `${channels} channels cannot be divided into ${groups} groups`);
  const axes = transposedAxes(call, sizes, taps);
  const empty = axes.findIndex((axis) => axis.out < 1);
  if (empty >= 0) mismatch(call, `pads leave no output along axis ${empty + 2}: size ${axes[empty]!.out}`);
  return { batch, groups, outChannels, inChannels: channels / groups, axes };
}

const shapeOf = ({ batch, groups, outChannels, axes }: Geometry): readonly number[] => [
  batch,
  groups * outChannels,
  ...axes.map((axis) => axis.out),
];

interface GatherAxis {
  readonly out: number;
  readonly stride: number;
  readonly kernel: number;
  /** Of every output, as loops go over them. */
  readonly taps: number;
  /** From one input of an output to the next. */
  readonly distance: number;
  readonly region: Region;
}

/** Output o takes inputs i with `o + before - dilation*f = i*stride` for some tap f. */
function gather({ in: size, out, stride, before, kernel, dilation }: WindowAxis): GatherAxis {
  const lo = before - dilation * (kernel - 1) + stride - 1;
  const plain = kernel === 1 && stride === 1 && before === 0 && out === size;
  const region: Region = plain ? SAME : { kind: 'scale', mul: 1, div: stride, lo, hi: before };
  // What an output takes are taps a whole number of strides apart.
  const distance = dilation / gcd(stride, dilation);
  return { out, stride, kernel, taps: Math.ceil(kernel / stride), distance, region };
}

/** Depth folded into the rows. */
function fold(axes: readonly GatherAxis[]): GatherAxis {
  const along = (of: (axis: GatherAxis) => number): number => elementCount(axes.map(of));
  const [only] = axes;
  if (axes.length === 1 && only) return only;
  const region = axes.every((axis) => axis.region.kind === 'same') ? SAME : FULL;
  return {
    out: along((a) => a.out),
    stride: along((a) => a.stride),
    kernel: along((a) => a.kernel),
    taps: along((a) => a.taps),
    distance: 1,
    region,
  };
}

interface Placed {
  readonly x: GatherAxis;
  readonly y: GatherAxis;
  readonly layout: Layout;
}

/** The last axis is columns, or rows where it is so in what is read. */
function placed(axes: readonly GatherAxis[], view: View): Placed {
  const [last, others] = [fold(axes.slice(-1)), fold(axes.slice(0, -1))];
  const rank = axes.length + 2;
  return others.out === 1 && others.region.kind === 'same' && lastIsRows(view)
    ? { x: others, y: last, layout: LAST_AS_ROWS(rank) }
    : { x: last, y: others, layout: imageLayout(rank) };
}

const steps = ({ out, stride }: GatherAxis): number => Math.ceil(out / stride);

const windowsOf = ({ x, y }: Placed): readonly WindowIndex[] => [
  { axis: 'x', out: 'OX', kernel: 'FX', stride: 1, dilation: x.distance },
  { axis: 'y', out: 'OY', kernel: 'FY', stride: 1, dilation: y.distance },
];

/** Whether every output has as many taps as any other. */
const isEven = ({ kernel, stride, dilation }: WindowAxis): boolean =>
  kernel % stride === 0 && gcd(stride, dilation) === 1;

/** Taps of the kernel among those that all phases loop over. */
function shareOf({ x, y }: Placed): Share | undefined {
  const [exist, of] = [x.kernel * y.kernel, x.stride * x.taps * y.stride * y.taps];
  return exist === of ? undefined : { exist, of };
}

/** Every input element meets every tap once, as ONNX defines it. */
const macsOf = (call: Call, g: Geometry): number =>
  elementCount(need(call, 0, 'X').shape) * g.outChannels * elementCount(g.axes.map((axis) => axis.kernel));

function lower(call: LowerCall): Plan {
  const g = geometry(call);
  const view = call.view(0);
  const axes = placed(g.axes.map(gather), view);
  const { x, y, layout } = axes;
  const share = shareOf(axes);
  const group = g.groups > 1 ? (['G'] as const) : [];
  const dims: readonly LoopDim[] = ['B', ...group, 'K', 'C', 'OY', 'OX', 'FY', 'FX'];
  const sizes = {
    ...{ B: g.batch, G: g.groups, K: g.outChannels * x.stride * y.stride, C: g.inChannels },
    ...{ OY: steps(y), OX: steps(x), FY: y.taps, FX: x.taps },
  };
  const reads: readonly Read[] = [{ view, layout, x: x.region, y: y.region }];
  const bits = call.bits(0, 'I');
  return oneLayer({
    kind: 'mac',
    coverage: g.axes.length > 2 || !g.axes.every(isEven) ? 'approximate' : 'exact',
    loops: dims.map((dim) => ({ dim, size: sizes[dim] })),
    output: { shape: shapeOf(g), layout, dims: ['B', ...group, 'K', 'OY', 'OX'] },
    inputs: [
      { ...kernelOperand(call, 1, [...group, 'K', 'C', 'FY', 'FX']), ...(share ? { share } : {}) },
      { name: 'I', path: 'I', bits, dims: ['B', ...group, 'C'], windows: windowsOf(axes), reads },
    ],
    weights: weightsAmong(call, [{ input: 1 }, { input: 2, postOp: 'bias' }]),
    upsample: { x: x.stride, y: y.stride },
    macs: macsOf(call, g),
  });
}

export const TRANSPOSED_CONVOLUTIONS: Family = {
  ConvTranspose: {
    infer: (call) => [{ dtype: need(call, 0, 'X').dtype, shape: shapeOf(geometry(call)) }],
    lower,
    wants: imageWanted,
  },
};
