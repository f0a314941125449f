/** Parts of a tensor: Slice, Split, and Pad, which adds to one. Along channels views, along rows and columns moves. */
import type { Region } from '../../ir/layer.js';
import { intAttr, intsAttr, stringAttr } from '../attrs.js';
import { FULL, type LayerPlan, type LowerCall, type Plan, type View } from '../lower-plan.js';
import { isSpatial, sliceView, sliceWhole, type Cut } from '../lower-view.js';
import { moveLayer, readAlong } from './move.js';
import {
  axesOf,
  axisOf,
  illegal,
  mismatch,
  need,
  numbersOf,
  optionalNumbers,
  sameAxes,
  withSize,
  type Call,
  type Family,
} from './operator.js';
import { select } from './values.js';

/** Start and count after clamping (ONNX operator reference, Slice). */
function cutOf(axis: number, size: number, start: number, end: number, step: number): Cut {
  const wrap = (at: number): number => (at < 0 ? at + size : at);
  const clamp = (at: number, low: number, high: number): number => Math.min(Math.max(at, low), high);
  const [from, to] =
    step > 0
      ? [clamp(wrap(start), 0, size), clamp(wrap(end), 0, size)]
      : [clamp(wrap(start), 0, size - 1), clamp(wrap(end), -1, size - 1)];
  return { axis, start: from, step, count: Math.max(0, Math.ceil((to - from) / step)) };
}

function cutsOf(call: Call): readonly Cut[] {
  const { shape } = need(call, 0, 'data');
  const [starts, ends] = [numbersOf(call, 1, 'starts'), numbersOf(call, 2, 'ends')];
  const axes = axesOf(call, optionalNumbers(call, 3, 'axes') ?? starts.map((_, i) => i), shape.length);
  const steps = optionalNumbers(call, 4, 'steps') ?? starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length))
    illegal(
      call,
      `${starts.length} starts, ${ends.length} ends, ${axes.length} axes and ${steps.length} steps`,
    );
  if (steps.includes(0)) illegal(call, 'a step is 0');
  return axes.map((axis, i) => cutOf(axis, shape[axis]!, starts[i]!, ends[i]!, steps[i]!));
}

const cutShape = (shape: readonly number[], cuts: readonly Cut[]): readonly number[] =>
  shape.map((size, axis) => cuts.find((cut) => cut.axis === axis)?.count ?? size);

function cutRegion({ start, step }: Cut): Region {
  return step > 0 ? { kind: 'scale', mul: step, div: 1, lo: start, hi: start } : FULL;
}

/** A part of an activation, output `output`: channels by a view, rows and columns by a move unless it is needed whole. */
export function lowerCuts(call: LowerCall, view: View, cuts: readonly Cut[], output = 0): Plan {
  const real = cuts.filter(({ axis, count, step }) => count !== view.shape[axis] || step < 0);
  const inner = real.filter(({ axis }) => !isSpatial(view.layout, axis) || view.shape[axis] === 1);
  const sliced = inner.reduce(sliceView, view);
  const spatial = real.filter((cut) => !inner.includes(cut));
  if (spatial.length === 0) return { kind: 'views', views: [sliced] };
  if (call.whole(output) === 'only' && view.copies === undefined)
    return { kind: 'views', views: [spatial.reduce(sliceWhole, sliced)] };
  const regions = new Map(spatial.map((cut) => [cut.axis, cutRegion(cut)]));
  const shape = cutShape(view.shape, cuts);
  return moveLayer(call, { shape, layout: view.layout, reads: [readAlong(sliced, view.layout, regions)] });
}

/** Sizes of the parts along the axis. */
function partsOf(call: Call): { readonly axis: number; readonly sizes: readonly number[] } {
  const { shape } = need(call, 0, 'input');
  const axis = axisOf(call, intAttr(call.node, 'axis', 0), shape.length);
  const size = shape[axis]!;
  const listed = optionalNumbers(call, 1, 'split');
  if (listed) {
    if (listed.reduce((sum, part) => sum + part, 0) !== size || listed.some((part) => part < 0))
      mismatch(call, `parts [${listed.join(', ')}] of axis ${axis} of size ${size}`);
    if (listed.length !== call.node.outputs.length)
      mismatch(call, `${listed.length} parts for ${call.node.outputs.length} outputs`);
    return { axis, sizes: listed };
  }
  const count = intAttr(call.node, 'num_outputs') ?? call.node.outputs.length;
  const part = Math.ceil(size / count);
  const last = size - part * (count - 1);
  if (last < 0) mismatch(call, `axis ${axis} of size ${size} cannot be split into ${count} parts`);
  return { axis, sizes: Array.from({ length: count }, (_, i) => (i < count - 1 ? part : last)) };
}

const splitCuts = (call: Call): readonly Cut[] => {
  const { axis, sizes } = partsOf(call);
  let next = 0;
  return sizes.map((count): Cut => {
    const start = next;
    next += count;
    return { axis, step: 1, count, start };
  });
};

/** Along channels every part is a view, along rows or columns a move of its own unless it is needed whole. */
function lowerSplit(call: LowerCall): Plan {
  const view = call.view(0);
  const plans = splitCuts(call).map((cut, i) => lowerCuts(call, view, [cut], i));
  const views = plans.flatMap((plan) => (plan.kind === 'views' ? plan.views : []));
  if (views.length === plans.length) return { kind: 'views', views };
  const partsOf = (plan: Plan): readonly (LayerPlan | View)[] =>
    plan.kind === 'views' ? plan.views : plan.kind === 'layers' ? plan.layers : [];
  return { kind: 'each', outputs: plans.flatMap(partsOf) };
}

/** Elements added before and after each axis; negative ones are cut off. */
interface Padding {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly shape: readonly number[];
}

function paddingOf(call: Call): Padding {
  const { shape } = need(call, 0, 'data');
  const pads = numbersOf(call, 1, 'pads');
  const axes = axesOf(call, optionalNumbers(call, 3, 'axes') ?? shape.map((_, axis) => axis), shape.length);
  if (pads.length !== 2 * axes.length)
    illegal(call, `${pads.length} pads for ${axes.length} axes, expected ${2 * axes.length}`);
  const at = (offset: number): readonly number[] =>
    shape.map((_, axis) => (axes.includes(axis) ? pads[axes.indexOf(axis) + offset]! : 0));
  const [before, after] = [at(0), at(axes.length)];
  const padded = shape.map((size, axis) => size + before[axis]! + after[axis]!);
  const negative = padded.findIndex((size) => size < 0);
  if (negative >= 0)
    mismatch(
      call,
      `pads ${before[negative]!} and ${after[negative]!} cut more than axis ${negative} of size ${shape[negative]!}`,
    );
  return { before, after, shape: padded };
}

/** Mirrored pads reach as far within the border as beyond it, repeated ones take the outermost index, wrapped ones any. */
function padRegion(mode: string, before: number, after: number): Region {
  const moved = { kind: 'scale', mul: 1, div: 1, lo: -before, hi: -before } as const;
  if (before <= 0 && after <= 0) return moved;
  switch (mode) {
    case 'wrap':
      return FULL;
    case 'edge':
      return { ...moved, border: { near: 0, far: 0 } };
    case 'reflect':
      return { ...moved, border: { near: Math.max(0, before), far: Math.max(0, after) } };
    default:
      if (before < 0 || after < 0) return moved;
      return { kind: 'window', stride: 1, dilation: 1, kernel: 1, before, after };
  }
}

function lowerPad(call: LowerCall): Plan {
  const view = call.view(0);
  const { before, after, shape } = paddingOf(call);
  const mode = stringAttr(call.node, 'mode', 'constant');
  const changed = shape.flatMap((_, axis) => (before[axis] !== 0 || after[axis] !== 0 ? [axis] : []));
  if (changed.length === 0) return { kind: 'views', views: [view] };
  const regions = new Map(changed.map((axis) => [axis, padRegion(mode, before[axis]!, after[axis]!)]));
  return moveLayer(call, { shape, layout: view.layout, reads: [readAlong(view, view.layout, regions)] });
}

/** Sizes wanted, and per axis what is cut off or added in front and behind; the odd element goes behind. */
function centred(call: Call): Padding {
  const { shape } = need(call, 0, 'input_data');
  const wanted = numbersOf(call, 1, 'shape');
  const axes = axesOf(call, intsAttr(call.node, 'axes') ?? shape.map((_, axis) => axis), shape.length);
  if (wanted.length !== axes.length || wanted.some((size) => !Number.isInteger(size) || size < 0))
    illegal(call, `shape [${wanted.join(', ')}] for ${axes.length} axes`);
  const result = shape.map((size, axis) => (axes.includes(axis) ? wanted[axes.indexOf(axis)]! : size));
  const more = result.map((size, axis) => size - shape[axis]!);
  const before = more.map((size) => (size < 0 ? -Math.floor(-size / 2) : Math.floor(size / 2)));
  return { shape: result, before, after: more.map((size, axis) => size - before[axis]!) };
}

/** Axes that get smaller are cut, then those that get larger are padded. */
function lowerCentred(call: LowerCall): Plan {
  const { before, after, shape } = centred(call);
  const full = call.view(0);
  const cuts = shape.flatMap((count, axis): Cut[] =>
    count < full.shape[axis]! ? [{ axis, start: -before[axis]!, step: 1, count }] : [],
  );
  if (shape.every((size, axis) => size <= full.shape[axis]!)) return lowerCuts(call, full, cuts);
  const inner = cuts.filter(({ axis }) => !isSpatial(full.layout, axis));
  const view = inner.reduce(sliceView, full);
  const changed = shape.flatMap((size, axis) => (size === full.shape[axis] ? [] : [axis]));
  const regions = new Map(changed.map((axis) => [axis, padRegion('constant', before[axis]!, after[axis]!)]));
  return moveLayer(call, { shape, layout: full.layout, reads: [readAlong(view, full.layout, regions)] });
}

export const PARTS: Family = {
  CenterCropPad: {
    infer: (call) => [{ dtype: need(call, 0, 'input_data').dtype, shape: centred(call).shape }],
    lower: lowerCentred,
  },
  Slice: {
    infer: (call) => {
      const data = need(call, 0, 'data');
      const cuts = cutsOf(call);
      const shape = cutShape(data.shape, cuts);
      const from = (at: number, axis: number): number => {
        const cut = cuts.find((one) => one.axis === axis);
        return cut ? cut.start + at * cut.step : at;
      };
      return [{ dtype: data.dtype, shape, values: select(data, shape, (index) => index.map(from)) }];
    },
    lower: (call) => lowerCuts(call, call.view(0), cutsOf(call)),
    passes: sameAxes,
  },
  Split: {
    infer: (call) => {
      const input = need(call, 0, 'input');
      return splitCuts(call).map(({ axis, start, count }) => {
        const shape = withSize(input.shape, axis, count);
        const from = (at: number, other: number): number => (other === axis ? start + at : at);
        return { dtype: input.dtype, shape, values: select(input, shape, (index) => index.map(from)) };
      });
    },
    lower: lowerSplit,
    passes: sameAxes,
  },
  Pad: {
    infer: (call) => [{ dtype: need(call, 0, 'data').dtype, shape: paddingOf(call).shape }],
    lower: lowerPad,
    passes: sameAxes,
  },
};
