/**
 * Matrix products: Gemm, MatMul and their quantized forms. Rows of the streamed side are OY, as pixels are.
 * With a constant side `B K C OY` (leading axes folded into the rows); of two activations `B G K C OY`, where
 * the right one is needed whole and takes the weight path.
 */
import { perValue } from '../../base/bounded-map.js';
import type { LoopDim } from '../../ir/layer.js';
import type { DType } from '../../ir/tensor.js';
import { intAttr } from '../attrs.js';
import {
  FULL,
  SAME,
  type LayerPlan,
  type Layout,
  type LowerCall,
  type OperandPlan,
  type Plan,
  type Read,
  type WeightPlan,
} from '../lower-plan.js';
import { extents } from '../lower-view.js';
import { weightsAmong } from './conv.js';
import { einsum } from './einsum-product.js';
import { broadcastShape } from './elementwise.js';
import { sumBehind } from './nests.js';
import { elementCount, mismatch, need, needRank, type Call, type Family, type Operator } from './operator.js';

/** One side: its sizes and axes. A vector has no outer axis. */
interface Side {
  readonly input: number;
  readonly batch: readonly number[];
  /** Rows of the left side, columns of the right one. */
  readonly outer: number;
  readonly outerAxis: number | undefined;
  readonly inner: number;
}

interface Product {
  readonly left: Side;
  readonly right: Side;
  readonly batch: readonly number[];
  readonly shape: readonly number[];
}

/** Positions of the operands among the inputs. */
interface Roles {
  readonly left: number;
  readonly right: number;
  readonly scale?: number;
  readonly bias?: number;
}

function sideOf(call: Call, input: number, name: string, innerLast: boolean): Side {
  const tensor = need(call, input, name);
  needRank(call, tensor, 1);
  const { shape } = tensor;
  const rank = shape.length;
  if (rank === 1) return { input, batch: [], outer: 1, outerAxis: undefined, inner: shape[0]! };
  const [outerAxis, innerAxis] = innerLast ? [rank - 2, rank - 1] : [rank - 1, rank - 2];
  return { input, batch: shape.slice(0, -2), outer: shape[outerAxis]!, outerAxis, inner: shape[innerAxis]! };
}

function productOf(call: Call, roles: Roles): Product {
  const [transA, transB] = [intAttr(call.node, 'transA', 0) !== 0, intAttr(call.node, 'transB', 0) !== 0];
  const left = sideOf(call, roles.left, 'A', !transA);
  const right = sideOf(call, roles.right, 'B', transB);
  if (left.inner !== right.inner) {
    const [a, b] = [need(call, roles.left, 'A').shape, need(call, roles.right, 'B').shape];
    mismatch(
      call,
      `[${a.join(', ')}] x [${b.join(', ')}]: the inner sizes ${left.inner} and ${right.inner} differ`,
    );
  }
  const batch = broadcastShape(
    call,
    [left, right].map((side) => ({ ...need(call, side.input, 'operand'), shape: side.batch })),
  );
  const outer = [left, right].flatMap((side) => (side.outerAxis === undefined ? [] : [side.outer]));
  return { left, right, batch, shape: [...batch, ...outer] };
}

/** The side that stays: a constant one, else the right one. The other is streamed row by row. */
function sides(call: LowerCall, { left, right }: Product): { streamed: Side; still: Side } {
  return !call.isActivation(left.input) && call.isActivation(right.input)
    ? { streamed: right, still: left }
    : { streamed: left, still: right };
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** Rows of the streamed side; with `folded`, its leading axes too. */
const rowsOf = (side: Side, folded: boolean): Layout => ({
  x: [],
  y: [...(folded ? range(side.batch.length) : []), ...(side.outerAxis === undefined ? [] : [side.outerAxis])],
});

/** One set of weights serves the whole batch, so that the batch is more rows. */
const isFolded = (still: Side, constant: boolean): boolean => constant && elementCount(still.batch) === 1;

/**
 * The layout in which the streamed side lies already: sums run within the pixel, so any rows and columns will do
 * that leave it whole and, where each item of the batch has weights of its own, hold the rows of the product.
 */
function streamedLayout(call: LowerCall, side: Side, shared: boolean, ownWeights: boolean): Layout {
  const { layout, shape } = call.view(side.input);
  const spatial = [...layout.y, ...layout.x].filter((axis) => shape[axis] !== 1);
  const innerAxis = side.outerAxis === shape.length - 1 ? shape.length - 2 : shape.length - 1;
  const holdsRows = side.outerAxis === undefined || side.outer === 1 || spatial.includes(side.outerAxis);
  const isBatch = spatial.some((axis) => axis < side.batch.length);
  const fits = !spatial.includes(innerAxis) && (shared || (holdsRows && !(isBatch && ownWeights)));
  return fits ? layout : rowsOf(side, shared);
}

/** Axes of the streamed side as axes of the result; one that is repeated there is no row of it: its items are groups. */
function resultLayout(product: Product, streamed: Side, layout: Layout): Layout {
  const outer = streamed === product.left ? product.batch.length : product.shape.length - 1;
  const shift = product.batch.length - streamed.batch.length;
  const isItem = (axis: number): boolean =>
    axis < streamed.batch.length && streamed.batch[axis] === product.batch[axis + shift];
  const follow = (axes: readonly number[]): readonly number[] =>
    axes.flatMap((axis) => (axis === streamed.outerAxis ? [outer] : isItem(axis) ? [axis + shift] : []));
  return { x: follow(layout.x), y: follow(layout.y) };
}

/** The side that stays, in place of weights; an activation is needed whole. */
function stillOperand(call: LowerCall, still: Side, dims: readonly LoopDim[]): OperandPlan {
  const constant = !call.isActivation(still.input);
  const bits = call.bits(still.input, constant ? 'W' : 'I');
  const whole = (): Read => ({ view: call.view(still.input), layout: { x: [], y: [] }, x: FULL, y: FULL });
  return { name: 'W', path: 'W', bits, dims, windows: [], reads: constant ? [] : [whole()] };
}

interface Sizes {
  readonly B: number;
  readonly G: number;
  readonly K: number;
  readonly C: number;
  readonly OY: number;
  readonly OX: number;
}

/**
 * Batch items that are rows or columns of the streamed map are no groups. Of the groups, `copies` share one set of
 * weights (grouped heads): those are B.
 */
function sizesOf(call: LowerCall, product: Product, streamed: Side, still: Side, layout: Layout): Sizes {
  const { shape } = call.view(streamed.input);
  const { x, y, pixel } = extents(shape, layout);
  const nest = { K: still.outer, C: still.inner, OY: y, OX: x };
  const constant = !call.isActivation(still.input);
  if (isFolded(still, constant)) return { ...nest, B: pixel / still.inner, G: 1 };
  const spatial = [...layout.y, ...layout.x].filter((axis) => axis < streamed.batch.length);
  const groups = elementCount(product.batch) / elementCount(spatial.map((axis) => shape[axis]!));
  const copies = constant ? 1 : (call.view(still.input).copies ?? 1);
  return groups % copies === 0 ? { ...nest, B: copies, G: groups / copies } : { ...nest, B: 1, G: groups };
}

/** Products are many and lists of dims few: one object for each. */
const dimsIn = perValue(64, (text: string) => text.split(' ') as readonly (keyof Sizes)[]);

function productLayer(call: LowerCall, product: Product, weights: readonly WeightPlan[]): LayerPlan {
  const { streamed, still } = sides(call, product);
  const constant = !call.isActivation(still.input);
  const shared = isFolded(still, constant);
  const layout = streamedLayout(call, streamed, shared, constant);
  const sizes = sizesOf(call, product, streamed, still, layout);
  const group = shared ? '' : ' G';
  const columns = sizes.OX > 1 ? ' OX' : '';
  const dims = dimsIn(`B${group} K C OY${columns}`);
  const owned = elementCount(still.batch) > 1;
  const indexed = (side: Side): string => (elementCount(side.batch) > 1 ? group : '');
  const { shape } = call.view(streamed.input);
  const isBatch = (axis: number): boolean => axis < streamed.batch.length && shape[axis] !== 1;
  const across = owned && layout.y.some(isBatch);
  const own = layout.y.filter((axis) => !isBatch(axis));
  // Items in the order of rows: the batch axes come first, and columns know nothing of them.
  const inOrder =
    !layout.x.some(isBatch) && own.every((axis) => shape[axis] === 1 || axis >= streamed.batch.length);
  const reads: readonly Read[] = [{ view: call.view(streamed.input), layout, x: SAME, y: SAME }];
  const bits = call.bits(streamed.input, 'I');
  return {
    kind: 'mac',
    // Rows of several batch items in one axis: where a tile holds some of two, one set of keys is read for both.
    coverage: across ? 'approximate' : 'exact',
    ...(across && inOrder ? { itemRows: elementCount(own.map((axis) => shape[axis]!)) } : {}),
    loops: dims.map((dim) => ({ dim, size: sizes[dim] })),
    output: {
      shape: product.shape,
      layout: resultLayout(product, streamed, layout),
      dims: dimsIn(`B${group} K OY${columns}`),
    },
    inputs: [
      stillOperand(
        call,
        still,
        dimsIn(`${indexed(still)} K C${owned && layout.x.some(isBatch) ? columns : ''}`.trimStart()),
      ),
      {
        name: 'I',
        path: 'I',
        bits,
        dims: dimsIn(`B${indexed(streamed)} C OY${columns}`),
        windows: [],
        reads,
      },
    ],
    weights: weightsAmong(call, [{ input: still.input }, ...weights]),
    macs: elementCount(dims.map((dim) => sizes[dim])),
  };
}

const lowerWith =
  (roles: Roles) =>
  (call: LowerCall): Plan => {
    const { bias, scale } = roles;
    const parameters: WeightPlan[] = [];
    if (scale !== undefined) parameters.push({ input: scale, postOp: 'scale' });
    if (bias !== undefined) parameters.push({ input: bias, postOp: 'bias' });
    const layer = productLayer(call, productOf(call, roles), parameters);
    if (bias === undefined || !call.isActivation(bias)) return { kind: 'layers', layers: [layer] };
    const sum = sumBehind(call, layer, call.bits(roles.left, 'I'), bias);
    return { kind: 'layers', layers: [layer, sum] };
  };

/** Rows for the streamed side, seen from constancy alone; the other side may lie as it likes. */
const wantsWith =
  (roles: Roles) =>
  (call: Call, input: number): Layout | undefined => {
    const { left, right } = productOf(call, roles);
    const [isLeftConstant, isRightConstant] = [left, right].map(
      (side) => need(call, side.input, 'operand').constant,
    );
    const [streamed, still] = isLeftConstant ? [right, left] : [left, right];
    if (input !== streamed.input) return undefined;
    return rowsOf(streamed, isFolded(still, Boolean(isLeftConstant) || Boolean(isRightConstant)));
  };

export const matrixProduct = (roles: Roles, dtype: (call: Call) => DType): Operator => ({
  infer: (call) => [{ dtype: dtype(call), shape: productOf(call, roles).shape }],
  lower: lowerWith(roles),
  wants: wantsWith(roles),
});

export const gemm: Operator = {
  ...matrixProduct({ left: 0, right: 1, bias: 2 }, (call) => need(call, 0, 'A').dtype),
  infer: (call) => {
    const [a, b] = [need(call, 0, 'A'), need(call, 1, 'B')];
    needRank(call, a, 2, 2);
    needRank(call, b, 2, 2);
    const { shape } = productOf(call, { left: 0, right: 1 });
    const bias = call.inputs[2];
    if (bias && broadcastShape(call, [{ ...a, shape }, bias]).join() !== shape.join())
      mismatch(call, `C [${bias.shape.join(', ')}] does not broadcast to [${shape.join(', ')}]`);
    return [{ dtype: a.dtype, shape }];
  },
};

export const MATRIX_PRODUCTS: Family = {
  Einsum: einsum,
  Gemm: gemm,
  MatMul: matrixProduct({ left: 0, right: 1 }, (call) => need(call, 0, 'A').dtype),
  MatMulInteger: matrixProduct({ left: 0, right: 1 }, () => 'int32'),
  // a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point
  QLinearMatMul: matrixProduct(
    { left: 0, right: 3, scale: 4 },
    (call) => need(call, 7, 'y_zero_point').dtype,
  ),
};
