/** Loop nests of operators that visit every output element once: `B G OY OX`, with broadcast operands. */
import type { Axis, Coverage, LayerKind, LoopDim, LoopSize, Region } from '../../ir/layer.js';
import type { InputOperand } from '../../ir/layer.js';
import {
  FULL,
  SAME,
  type Layout,
  type LayerPlan,
  type LowerCall,
  type OperandPlan,
  type Read,
  type View,
  type WeightPlan,
} from '../lower-plan.js';
import { defaultLayout, extents, isSpatial, shifted } from '../lower-view.js';
import { elementCount } from './operator.js';

/** Output dims of every operator without channel sums. */
export const PIXEL_DIMS = ['B', 'G', 'OY', 'OX'] as const satisfies readonly LoopDim[];

/** The leading axis of three or more is the batch, unless it is folded into the rows. */
export const batchAxis = (shape: readonly number[], layout: Layout): number | undefined =>
  shape.length >= 3 && !layout.y.includes(0) && !layout.x.includes(0) ? 0 : undefined;

/** Sizes of `B G OY OX` over a tensor. */
export function pixelSizes(
  shape: readonly number[],
  layout: Layout,
): Readonly<Record<(typeof PIXEL_DIMS)[number], number>> {
  const { x, y, pixel } = extents(shape, layout);
  const batch = batchAxis(shape, layout) === undefined ? 1 : shape[0]!;
  return { B: batch, G: pixel / batch, OY: y, OX: x };
}

export const pixelLoops = (shape: readonly number[], layout: Layout): readonly LoopSize[] => {
  const sizes = pixelSizes(shape, layout);
  return PIXEL_DIMS.map((dim) => ({ dim, size: sizes[dim] }));
};

/**
 * A layout in which to visit an output: that of the first operand with its elements. Where every operand is repeated,
 * as readers wish it, for the output is larger than what it is made of; else that of the largest operand.
 */
export function commonLayout(shape: readonly number[], views: readonly View[], wished?: Layout): Layout {
  const seen = ({ layout, shape: own }: View): Layout => shifted(layout, shape.length - own.length);
  const whole = views.find((view) => elementCount(view.shape) === elementCount(shape));
  if (whole) return seen(whole);
  if (wished) return wished;
  const [largest] = [...views]
    .filter((view) => view.parts.length > 0)
    .sort((a, b) => elementCount(b.shape) - elementCount(a.shape));
  return largest ? seen(largest) : defaultLayout(shape);
}

/** How an operand that is broadcast to `shape` is read while the output is visited in `layout`. */
export function broadcastRead(
  view: View | 'previous',
  own: readonly number[],
  shape: readonly number[],
  layout: Layout,
): { readonly read: Read; readonly dims: readonly LoopDim[] } {
  const offset = shape.length - own.length;
  const repeated = (axis: number): boolean => shape[axis] !== 1 && (own[axis - offset] ?? 1) === 1;
  const along = (axis: Axis): { region: Region; indexed: boolean } => {
    const axes = layout[axis].filter((a) => shape[a] !== 1);
    const fixed = axes.filter(repeated).length;
    return { region: fixed > 0 ? FULL : SAME, indexed: fixed < axes.length || axes.length === 0 };
  };
  const [x, y] = [along('x'), along('y')];
  const batch = batchAxis(shape, layout);
  const channels = shape.flatMap((size, axis) =>
    axis === batch || layout.x.includes(axis) || layout.y.includes(axis) || size === 1 ? [] : [axis],
  );
  const indexed: Record<(typeof PIXEL_DIMS)[number], boolean> = {
    B: batch === undefined || !repeated(batch),
    G: channels.length === 0 || channels.some((axis) => !repeated(axis)),
    OY: y.indexed,
    OX: x.indexed,
  };
  return {
    read: { view, layout: shifted(layout, -offset), x: x.region, y: y.region },
    dims: PIXEL_DIMS.filter((dim) => indexed[dim]),
  };
}

export interface VisitedOperand extends Pick<InputOperand, 'name' | 'bits'> {
  readonly view: View | 'previous';
  readonly shape: readonly number[];
}

/** One visit to every output element, reading the operands at the same place. */
export function visitLayer(
  shape: readonly number[],
  layout: Layout,
  operands: readonly VisitedOperand[],
  rest: {
    readonly kind: LayerKind;
    readonly coverage: Coverage;
    readonly passes?: number;
    readonly weights?: readonly WeightPlan[];
  },
): LayerPlan {
  return {
    ...rest,
    loops: pixelLoops(shape, layout),
    output: { shape, layout, dims: PIXEL_DIMS },
    ...(rest.kind === 'vector' ? { span: 1 } : {}),
    inputs: operands.map(({ name, bits, view, shape: own }): OperandPlan => {
      const { read, dims } = broadcastRead(view, own, shape, layout);
      return { name, path: 'I', bits, dims, windows: [], reads: [read] };
    }),
  };
}

/** Sizes of `B G C OY OX` over a tensor, C being the given axes as far as they lie within the pixel. */
export function channelSizes(
  shape: readonly number[],
  layout: Layout,
  channels: readonly number[],
): Readonly<Record<'B' | 'G' | 'C' | 'OY' | 'OX', number>> {
  const { x, y, pixel } = extents(shape, layout);
  const inner = channels.filter((axis) => !isSpatial(layout, axis));
  const batch = batchAxis(shape, layout);
  const B = batch === undefined || inner.includes(batch) ? 1 : shape[batch]!;
  const C = elementCount(inner.map((axis) => shape[axis]!));
  return { B, G: pixel / B / C, C, OY: y, OX: x };
}

/** The sum of what a layer makes and an input of its node that is no constant: a layer behind it. */
export function sumBehind(call: LowerCall, layer: LayerPlan, bits: number, input: number): LayerPlan {
  const { shape, layout } = layer.output;
  const view = call.view(input);
  return visitLayer(
    shape,
    layout,
    [
      { name: 'X', bits, view: 'previous', shape },
      { name: 'Y', bits: call.bits(input, 'I'), view, shape: view.shape },
    ],
    { kind: 'vector', coverage: 'exact' },
  );
}

const PRODUCT_DIMS = ['B', 'K', 'C', 'OY', 'OX'] as const satisfies readonly LoopDim[];

/** Every row times one matrix, the second input: sizes of `K`, `C`, `OY`, and of `B` and `OX` where they are loops. */
export function rowProduct(
  sizes: Readonly<Record<'K' | 'C' | 'OY', number>> & { readonly B?: number; readonly OX?: number },
  output: Pick<LayerPlan['output'], 'shape' | 'layout'>,
  bits: Readonly<Record<'W' | 'I', number>>,
  read: Read,
): Omit<LayerPlan, 'coverage' | 'weights'> {
  const loops = PRODUCT_DIMS.flatMap((dim) => {
    const size = sizes[dim];
    return size === undefined ? [] : [{ dim, size }];
  });
  const dimsBut = (other: LoopDim): readonly LoopDim[] =>
    loops.flatMap(({ dim }) => (dim === other ? [] : [dim]));
  return {
    kind: 'mac',
    loops,
    output: { ...output, dims: dimsBut('C') },
    inputs: [
      { name: 'W', path: 'W', bits: bits.W, dims: ['K', 'C'], windows: [], reads: [] },
      { name: 'I', path: 'I', bits: bits.I, dims: dimsBut('K'), windows: [], reads: [read] },
    ],
    macs: elementCount(loops.map(({ size }) => size)),
  };
}
