/**
 * Resize (and Upsample before operator set 10, renamed by normalize-graph). Sizes or scales, on all or some axes,
 * with keep_aspect_ratio_policy; the region is the hull of the neighbours that the interpolation weighs.
 */
import type { Region } from '../../ir/layer.js';
import { floatAttr, intAttr, intsAttr, stringAttr } from '../attrs.js';
import { FULL, SAME, type LowerCall, type Plan } from '../lower-plan.js';
import { moveLayer, readAlong } from './move.js';
import {
  axesOf,
  illegal,
  imageWanted,
  mismatch,
  need,
  numbersOf,
  type Call,
  type Family,
} from './operator.js';

interface ResizedAxis {
  readonly in: number;
  readonly out: number;
  readonly scale: number;
}

function resizedAxes(call: Call): readonly ResizedAxis[] {
  const { shape } = need(call, 0, 'X');
  const axes = axesOf(call, intsAttr(call.node, 'axes') ?? shape.map((_, axis) => axis), shape.length);
  const given = call.inputs[3] ? ('sizes' as const) : ('scales' as const);
  const numbers = numbersOf(call, given === 'sizes' ? 3 : 2, given);
  if (numbers.length !== axes.length) mismatch(call, `${numbers.length} ${given} for ${axes.length} axes`);
  const resized =
    given === 'sizes'
      ? bySizes(
          call,
          axes.map((axis) => shape[axis]!),
          numbers,
        )
      : byScales(
          call,
          axes.map((axis) => shape[axis]!),
          numbers,
        );
  return shape.map((size, axis) => resized[axes.indexOf(axis)] ?? { in: size, out: size, scale: 1 });
}

function byScales(call: Call, inputs: readonly number[], scales: readonly number[]): readonly ResizedAxis[] {
  if (scales.some((scale) => !(scale > 0))) illegal(call, `scales [${scales.join(', ')}] must be positive`);
  return inputs.map((size, i) => {
    const scale = Math.fround(scales[i]!);
    // As runtimes compute it: in single precision, where 0.35 x 180 is 63 and 7/3 x 27 is 62.
    const out = Math.floor(Math.fround(scale * Math.fround(size)));
    return { in: size, out, scale: meant(scale, out / size) };
  });
}

function bySizes(call: Call, inputs: readonly number[], sizes: readonly number[]): readonly ResizedAxis[] {
  if (sizes.some((size) => !Number.isInteger(size) || size < 1))
    illegal(call, `sizes [${sizes.join(', ')}] must be at least 1`);
  const policy = stringAttr(call.node, 'keep_aspect_ratio_policy', 'stretch');
  const ratios = inputs.map((size, i) => sizes[i]! / size);
  if (policy === 'stretch') return inputs.map((size, i) => ({ in: size, out: sizes[i]!, scale: ratios[i]! }));
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return inputs.map((size) => ({ in: size, out: Math.round(scale * size), scale }));
}

/** A scale is stored as float32: 1/3 comes as 0.333333343. What was meant is the ratio of the sizes, or a small fraction. */
function meant(scale: number, ratio: number): number {
  if (Math.fround(ratio) === scale) return ratio;
  for (let div = 1; div <= LARGEST_DENOMINATOR; div++) {
    const mul = Math.round(scale * div);
    if (mul > 0 && Math.fround(mul / div) === scale) return mul / div;
  }
  return scale;
}
const LARGEST_DENOMINATOR = 64;

/** The scale as a fraction out/in of whole numbers. */
function fraction({ in: from, out, scale }: ResizedAxis): {
  readonly p: number;
  readonly q: number;
  readonly drift: number;
} {
  for (let q = 1; q <= LARGEST_DENOMINATOR; q++) {
    const p = Math.round(scale * q);
    if (p > 0 && Math.abs(p / q - scale) < 1e-12 * scale) return { p, q, drift: 0 };
  }
  // The sizes give the scale but for rounding, which shifts the last output by less than one step of the input.
  return Math.abs(out / from - scale) < 1e-12 * scale
    ? { p: out, q: from, drift: 0 }
    : { p: out, q: from, drift: Math.ceil(from / out) };
}

/** Position in the input of output `o`, as `(mul*o + offset) / div` (ONNX operator reference, Resize). */
function position(
  mode: string,
  axis: ResizedAxis,
): { mul: number; div: number; offset: number; drift: number } | undefined {
  const { p, q, drift } = fraction(axis);
  switch (mode) {
    case 'asymmetric':
      return { mul: q, div: p, offset: 0, drift };
    case 'align_corners':
      return axis.out === 1
        ? { mul: 0, div: 1, offset: 0, drift: 0 }
        : { mul: axis.in - 1, div: axis.out - 1, offset: 0, drift: 0 };
    case 'pytorch_half_pixel':
      if (axis.out === 1) return { mul: 0, div: 1, offset: 0, drift: 0 };
      return { mul: 2 * q, div: 2 * p, offset: q - p, drift };
    case 'half_pixel':
      return { mul: 2 * q, div: 2 * p, offset: q - p, drift };
    case 'tf_half_pixel_for_nn':
      return { mul: 2 * q, div: 2 * p, offset: q, drift };
    case 'half_pixel_symmetric':
      // Centred on the input: exact where out = in*scale, else shifted by less than a pixel.
      return { mul: 2 * q, div: 2 * p, offset: q - p, drift: drift + (axis.out * q === axis.in * p ? 0 : 1) };
    default:
      return undefined;
  }
}

/** How far from the position elements are weighed: [lowest, highest] in 1/div steps added before the floor. */
function reach(call: Call, div: number, scale: number): readonly [number, number] {
  const mode = stringAttr(call.node, 'mode', 'nearest');
  if (mode === 'nearest') {
    switch (stringAttr(call.node, 'nearest_mode', 'round_prefer_floor')) {
      case 'floor':
        return [0, 0];
      case 'ceil':
        return [div - 1, div - 1];
      default:
        // Both roundings to the nearest lie between floor(x - 1/2 + ...) and floor(x + 1/2).
        return [Math.ceil(div / 2) - 1, Math.floor(div / 2)];
    }
  }
  const radius = mode === 'cubic' ? 2 : 1;
  const widened =
    intAttr(call.node, 'antialias', 0) !== 0 && scale < 1 ? Math.ceil(radius / scale) + 1 : radius;
  return [-(widened - 1) * div, widened * div - (widened === 1 ? 1 : 0)];
}

/** Neighbours of every output along an axis; indices beyond the border are moved onto it. */
export function resizeRegion(call: Call, axis: ResizedAxis): Region {
  const mode = stringAttr(call.node, 'coordinate_transformation_mode', 'half_pixel');
  if (
    axis.in === axis.out &&
    axis.scale === 1 &&
    mode !== 'tf_crop_and_resize' &&
    mode !== 'tf_half_pixel_for_nn'
  )
    return SAME;
  const at = position(mode, axis);
  if (at === undefined) return FULL;
  const { mul, div, offset, drift } = at;
  if (mul === 0) return FULL;
  const [low, high] = reach(call, div, axis.scale);
  const lo = Math.min(offset + low - drift * div, axis.in * div - 1 - (axis.out - 1) * mul);
  const hi = Math.max(offset + high + drift * div, 0);
  return { kind: 'scale', mul, div, lo, hi };
}

function lower(call: LowerCall): Plan {
  const axes = resizedAxes(call);
  const view = call.view(0);
  const regions = new Map(axes.map((axis, i) => [i, resizeRegion(call, axis)]));
  const shape = axes.map((axis) => axis.out);
  if ([...regions.values()].every(({ kind }) => kind === 'same')) return { kind: 'views', views: [view] };
  return moveLayer(call, { shape, layout: view.layout, reads: [readAlong(view, view.layout, regions)] });
}

export const RESIZES: Family = {
  Resize: {
    infer: (call) => {
      // Read so that a wrong type is found here rather than when the region is made.
      floatAttr(call.node, 'cubic_coeff_a');
      return [{ dtype: need(call, 0, 'X').dtype, shape: resizedAxes(call).map((axis) => axis.out) }];
    },
    lower,
    wants: imageWanted,
  },
};
