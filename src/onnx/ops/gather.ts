/**
 * Elements picked by index: Gather (a table of constants, or a part of an activation), and the Gather and Scatter
 * forms whose places only the data knows.
 */
import { intAttr } from '../attrs.js';
import {
  FULL,
  SAME,
  type Layout,
  type LowerCall,
  type OperandPlan,
  type Plan,
  type View,
} from '../lower-plan.js';
import { reshapeView, type Cut } from '../lower-view.js';
import { kernelOperand } from './conv.js';
import { lowerGeneric } from './generic.js';
import { moveLayer } from './move.js';
import { batchAxis, pixelLoops, PIXEL_DIMS } from './nests.js';
import {
  axisOf,
  elementCount,
  illegal,
  likeFirst,
  mismatch,
  need,
  oneNumber,
  type Call,
  type Family,
} from './operator.js';
import { lowerCuts } from './slice.js';
import { select } from './values.js';

export interface Pick {
  readonly axis: number;
  readonly shape: readonly number[];
}

function pickOf(call: Call): Pick {
  const [data, indices] = [need(call, 0, 'data').shape, need(call, 1, 'indices')];
  const axis = axisOf(call, intAttr(call.node, 'axis', 0), data.length);
  const size = data[axis]!;
  const wild = indices.values?.find((at) => at < -size || at >= size);
  if (wild !== undefined) illegal(call, `index ${wild} is outside axis ${axis} of size ${size}`);
  return { axis, shape: [...data.slice(0, axis), ...indices.shape, ...data.slice(axis + 1)] };
}

/** Indices that are a regular stretch of the axis: then Gather is a Slice. */
function stretchOf(call: Call, { axis }: Pick): Cut | undefined {
  const [data, indices] = [need(call, 0, 'data'), need(call, 1, 'indices')];
  const places = indices.values?.map((at) => (at < 0 ? at + data.shape[axis]! : at));
  if (places?.[0] === undefined || indices.shape.length > 1) return undefined;
  const step = places.length > 1 ? places[1]! - places[0] : 1;
  const regular = step > 0 && places.every((at, i) => at === places[0]! + i * step);
  return regular ? { axis, start: places[0], step, count: places.length } : undefined;
}

/** What is picked is a regular stretch of the data, whatever the run. */
export const isStretch = (call: Call): boolean => stretchOf(call, pickOf(call)) !== undefined;

/** The slice in the shape of the result: a single index loses its axis. */
function lowerStretch(call: LowerCall, cut: Cut, shape: readonly number[]): Plan {
  const plan = lowerCuts(call, call.view(0), [cut]);
  const scalar = need(call, 1, 'indices').shape.length === 0;
  const dropped = (axes: readonly number[]): readonly number[] =>
    scalar
      ? axes.filter((axis) => axis !== cut.axis).map((axis) => (axis > cut.axis ? axis - 1 : axis))
      : axes;
  switch (plan.kind) {
    case 'views':
      return { kind: 'views', views: plan.views.map((view) => reshapeView(view, shape, call.freeLayout(0))) };
    case 'layers':
      return {
        ...plan,
        layers: plan.layers.map((layer) => {
          const { x, y } = layer.output.layout;
          return { ...layer, output: { ...layer.output, shape, layout: { x: dropped(x), y: dropped(y) } } };
        }),
      };
    default:
      return plan;
  }
}

/** The layout of what is picked from where the result is to lie as `wished`; not where indices have axes of their own. */
function layoutPicked({ axis }: Pick, call: Call, { x, y }: Layout): Layout | undefined {
  const more = 1 - need(call, 1, 'indices').shape.length;
  if (more < 0) return undefined;
  const before = (axes: readonly number[]): readonly number[] =>
    axes.map((at) => (at < axis ? at : at + more));
  return { x: before(x), y: before(y) };
}

const everyAxis = (rank: number): Layout => ({ x: [], y: Array.from({ length: rank }, (_, axis) => axis) });

/** Rows of a constant table, one per index (an embedding). Only the rows that are read count as weights. */
export function lowerLookup(call: LowerCall, { axis, shape }: Pick): Plan {
  const indices = call.view(1);
  const before = axis;
  const shift = (axes: readonly number[]): readonly number[] => axes.map((a) => a + before);
  const layout: Layout = { x: shift(indices.layout.x), y: shift(indices.layout.y) };
  const read = Math.min(elementCount(shape), elementCount(need(call, 0, 'data').shape));
  const spatial = ['B', 'OY', 'OX'] as const;
  const places: OperandPlan = {
    name: 'I',
    path: 'I',
    bits: call.bits(1, 'I'),
    dims: batchAxis(shape, layout) === undefined ? spatial.slice(1) : spatial,
    windows: [],
    reads: [{ view: indices, layout: indices.layout, x: SAME, y: SAME }],
  };
  return {
    kind: 'layers',
    layers: [
      {
        kind: 'move',
        coverage: 'exact',
        loops: pixelLoops(shape, layout),
        output: { shape, layout, dims: PIXEL_DIMS },
        inputs: [kernelOperand(call, 0, PIXEL_DIMS), places],
        weights: [{ input: 0, elements: read }],
      },
    ],
  };
}

/** Places that only the run knows, or in no order: the picked axis is needed whole. */
function lowerScattered(call: LowerCall, { axis, shape }: Pick): Plan {
  const whole = (view: View): { view: View; layout: Layout; x: typeof FULL; y: typeof FULL } => ({
    view,
    layout: view.layout,
    x: FULL,
    y: FULL,
  });
  const data = call.view(0);
  if (call.isActivation(1)) {
    return moveLayer(call, {
      shape,
      layout: call.freeLayout(0),
      reads: [whole(data), whole(call.view(1))],
    });
  }
  const sameRank = shape.length === data.shape.length;
  const layout = sameRank ? data.layout : call.freeLayout(0);
  const read = {
    view: data,
    layout,
    x: layout.x.includes(axis) ? FULL : SAME,
    y: layout.y.includes(axis) ? FULL : SAME,
  };
  return moveLayer(call, { shape, layout, reads: [sameRank ? read : whole(data)] });
}

function lowerGather(call: LowerCall): Plan {
  const pick = pickOf(call);
  if (!call.isActivation(0)) return lowerLookup(call, pick);
  const stretch = call.isActivation(1) ? undefined : stretchOf(call, pick);
  return stretch ? lowerStretch(call, stretch, pick.shape) : lowerScattered(call, pick);
}

/** Indices into a constant table are rows, whatever their rank. */
export const wantsRows = (call: Call, input: number): Layout | undefined =>
  input === 1 && call.inputs[0]?.constant ? everyAxis(call.inputs[1]?.shape.length ?? 0) : undefined;

function gatherND(call: Call): readonly number[] {
  const [data, indices] = [need(call, 0, 'data').shape, need(call, 1, 'indices').shape];
  const batch = intAttr(call.node, 'batch_dims', 0);
  const depth = indices.at(-1) ?? illegal(call, 'indices is a scalar');
  if (batch + depth > data.length)
    mismatch(
      call,
      `indices of ${depth} numbers behind ${batch} batch axes into a tensor of rank ${data.length}`,
    );
  return [...indices.slice(0, -1), ...data.slice(batch + depth)];
}

function oneHot(call: Call): readonly number[] {
  const { shape } = need(call, 0, 'indices');
  const depth = oneNumber(call, 1, 'depth');
  const axis = axisOf(call, intAttr(call.node, 'axis', -1), shape.length + 1);
  return [...shape.slice(0, axis), depth, ...shape.slice(axis)];
}

export const PICKS: Family = {
  Gather: {
    infer: (call) => {
      const [data, indices] = [need(call, 0, 'data'), need(call, 1, 'indices')];
      const { axis, shape } = pickOf(call);
      const rank = indices.shape.length;
      const places = indices.values;
      const place = (index: readonly number[]): number => {
        const strides = indices.shape.map((_, i) => indices.shape.slice(i + 1).reduce((a, b) => a * b, 1));
        const at = places![index.slice(axis, axis + rank).reduce((sum, k, i) => sum + k * strides[i]!, 0)]!;
        return at < 0 ? at + data.shape[axis]! : at;
      };
      const values =
        places &&
        select(data, shape, (index) => [...index.slice(0, axis), place(index), ...index.slice(axis + rank)]);
      return [{ dtype: data.dtype, shape, values }];
    },
    lower: lowerGather,
    wants: wantsRows,
    passes: (call, input, wished) => (input === 0 ? layoutPicked(pickOf(call), call, wished) : undefined),
  },
  GatherElements: {
    infer: (call) => [{ dtype: need(call, 0, 'data').dtype, shape: need(call, 1, 'indices').shape }],
    lower: lowerGeneric,
  },
  GatherND: {
    infer: (call) => [{ dtype: need(call, 0, 'data').dtype, shape: gatherND(call) }],
    lower: lowerGeneric,
  },
  ScatterElements: { infer: likeFirst, lower: lowerGeneric },
  ScatterND: { infer: likeFirst, lower: lowerGeneric },
  OneHot: {
    infer: (call) => [{ dtype: need(call, 2, 'values').dtype, shape: oneHot(call) }],
    lower: lowerGeneric,
  },
};
