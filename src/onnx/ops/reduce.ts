/**
 * Reductions: Reduce*, ArgMax, ArgMin. Channels are summed over C, rows and columns over FY and FX, as a pool
 * would; the output has the other dims. Axes come as input 1 (none: all axes, or none with noop_with_empty_axes).
 */
import type { LoopDim, Region, WindowIndex } from '../../ir/layer.js';
import type { TensorInfo } from '../../ir/tensor.js';
import { intAttr } from '../attrs.js';
import {
  FULL,
  SAME,
  oneLayer,
  type LayerPlan,
  type Layout,
  type LowerCall,
  type Plan,
} from '../lower-plan.js';
import { batchAxis, channelSizes } from './nests.js';
import {
  axesOf,
  axisOf,
  elementCount,
  need,
  optionalNumbers,
  type Call,
  type Family,
  type Operator,
} from './operator.js';
import { LARGEST, coordinates, stridesOf } from './values.js';

type AxesRule = (call: Call) => readonly number[];

export const reduceAxes: AxesRule = (call) => {
  const rank = need(call, 0, 'data').shape.length;
  const listed = optionalNumbers(call, 1, 'axes') ?? [];
  if (listed.length > 0) return axesOf(call, listed, rank);
  return intAttr(call.node, 'noop_with_empty_axes', 0) === 0
    ? Array.from({ length: rank }, (_, axis) => axis)
    : [];
};

const argAxis: AxesRule = (call) => [
  axisOf(call, intAttr(call.node, 'axis', 0), need(call, 0, 'data').shape.length),
];

const keepsAxes = (call: Call): boolean => intAttr(call.node, 'keepdims', 1) !== 0;

function reducedShape(call: Call, axes: readonly number[]): readonly number[] {
  const { shape } = need(call, 0, 'data');
  return keepsAxes(call)
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}

type Step = (total: number, value: number) => number;

/** Known values reduced, for shapes that are computed on the way. */
function reducedValues(data: TensorInfo, axes: readonly number[], step: Step): readonly number[] | undefined {
  const { shape, values } = data;
  if (values === undefined || values.length > LARGEST) return undefined;
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const strides = stridesOf(kept);
  const totals: (number | undefined)[] = Array.from({ length: elementCount(kept) });
  values.forEach((value, i) => {
    const at = coordinates(i, shape).reduce(
      (sum, index, axis) => sum + (kept[axis] === 1 ? 0 : index) * strides[axis]!,
      0,
    );
    const total = totals[at];
    totals[at] = total === undefined ? value : step(total, value);
  });
  return totals.every((total) => total !== undefined) ? totals : undefined;
}

interface Reduction {
  readonly reduced: number;
  readonly kept: number;
}

function along(shape: readonly number[], spatial: readonly number[], axes: readonly number[]): Reduction {
  const size = (list: readonly number[]): number => elementCount(list.map((axis) => shape[axis]!));
  return {
    reduced: size(spatial.filter((axis) => axes.includes(axis))),
    kept: size(spatial.filter((axis) => !axes.includes(axis))),
  };
}

/** The layout of the result: reduced axes are of size 1 or gone. */
function keptLayout(layout: Layout, axes: readonly number[], keepdims: boolean): Layout {
  const position = (axis: number): number =>
    keepdims ? axis : axis - axes.filter((other) => other < axis).length;
  const kept = (list: readonly number[]): readonly number[] =>
    list.filter((axis) => !axes.includes(axis)).map(position);
  return { x: kept(layout.x), y: kept(layout.y) };
}

/** The layout of what is reduced where the result is to lie as `wished`. */
function layoutBefore(call: Call, axes: readonly number[], { x, y }: Layout): Layout {
  const kept = need(call, 0, 'data').shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const before = (list: readonly number[]): readonly number[] =>
    keepsAxes(call) ? list : list.map((axis) => kept[axis]!);
  return { x: before(x), y: before(y) };
}

/** One number of all elements along some axes. */
export function reductionLayer(call: LowerCall, axes: readonly number[]): LayerPlan {
  const { shape } = need(call, 0, 'data');
  const view = call.view(0);
  const { layout } = view;
  const [x, y] = [along(shape, layout.x, axes), along(shape, layout.y, axes)];
  const inner = channelSizes(shape, layout, axes);
  const sizes = { ...inner, OX: x.kept, OY: y.kept, FX: x.reduced, FY: y.reduced };
  const windows: readonly WindowIndex[] = [
    {
      axis: 'x' as const,
      out: 'OX' as const,
      kernel: 'FX' as const,
      stride: x.reduced,
      dilation: 1,
      reduced: x.reduced,
    },
    {
      axis: 'y' as const,
      out: 'OY' as const,
      kernel: 'FY' as const,
      stride: y.reduced,
      dilation: 1,
      reduced: y.reduced,
    },
  ].flatMap(({ reduced, ...window }) => (reduced > 1 ? [window] : []));
  const windowed = windows.flatMap((window): LoopDim[] => [window.out, window.kernel]);
  const batch = batchAxis(shape, layout);
  const sum = inner.C > 1 || axes.some((axis) => axis === batch) ? (['C'] as const) : [];
  const group = inner.G > 1 || sum.length === 0 ? (['G'] as const) : [];
  const dims: readonly (keyof typeof sizes)[] = [
    'B',
    ...group,
    ...sum,
    'OY',
    'OX',
    ...(['FX', 'FY'] as const).filter((dim) => windowed.includes(dim)),
  ];
  const region = ({ reduced }: Reduction): Region => (reduced > 1 ? FULL : SAME);
  return {
    kind: 'vector',
    coverage: 'approximate',
    loops: dims.map((dim) => ({ dim, size: sizes[dim] })),
    output: {
      shape: reducedShape(call, axes),
      layout: keptLayout(layout, axes, keepsAxes(call)),
      dims: ['B', ...group, 'OY', 'OX'],
    },
    inputs: [
      {
        name: 'I',
        path: 'I',
        bits: call.bits(0, 'I'),
        dims: dims.filter((dim) => !windowed.includes(dim)),
        windows,
        reads: [{ view, layout, x: region(x), y: region(y) }],
      },
    ],
  };
}

const lowerWith =
  (axesRule: AxesRule) =>
  (call: LowerCall): Plan =>
    oneLayer(reductionLayer(call, axesRule(call)));

const reduction = (step?: Step): Operator => ({
  infer: (call) => {
    const data = need(call, 0, 'data');
    const axes = reduceAxes(call);
    return [
      { dtype: data.dtype, shape: reducedShape(call, axes), values: step && reducedValues(data, axes, step) },
    ];
  },
  lower: lowerWith(reduceAxes),
  passes: (call, input, wished) => (input === 0 ? layoutBefore(call, reduceAxes(call), wished) : undefined),
});

const position: Operator = {
  infer: (call) => [{ dtype: 'int64', shape: reducedShape(call, argAxis(call)) }],
  lower: lowerWith(argAxis),
  passes: (call, _input, wished) => layoutBefore(call, argAxis(call), wished),
};

export const REDUCTIONS: Family = {
  ReduceSum: reduction((a, b) => a + b),
  ReduceProd: reduction((a, b) => a * b),
  ReduceMax: reduction(Math.max),
  ReduceMin: reduction(Math.min),
  ReduceMean: reduction(),
  ReduceL1: reduction(),
  ReduceL2: reduction(),
  ReduceLogSum: reduction(),
  ReduceLogSumExp: reduction(),
  ReduceSumSquare: reduction(),
  ArgMax: position,
  ArgMin: position,
};
