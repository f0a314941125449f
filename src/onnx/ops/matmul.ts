/**
 * Matrix products: Gemm, MatMul and their quantized forms. Rows of the streamed side are OY, as pixels are.
 * With a constant side `B K C OY` (leading axes folded into the rows); of two activations `B G K C OY`, where
 * the right one is needed whole and takes the weight path.
 */
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
import { weightsAmong } from './conv.js';
import { broadcastShape } from './elementwise.js';
import { visitLayer } from './nests.js';
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
const streamedLayout = (side: Side, folded: boolean): Layout => ({
  x: [],
  y: [...(folded ? range(side.batch.length) : []), ...(side.outerAxis === undefined ? [] : [side.outerAxis])],
});

/** One set of weights serves the whole batch, so that the batch is more rows. */
const isFolded = (still: Side, constant: boolean): boolean => constant && elementCount(still.batch) === 1;

/** The side that stays, in place of weights; an activation is needed whole. */
function stillOperand(call: LowerCall, still: Side, dims: readonly LoopDim[]): OperandPlan {
  const constant = !call.isActivation(still.input);
  const bits = call.bits(still.input, constant ? 'W' : 'I');
  const whole = (): Read => ({ view: call.view(still.input), layout: { x: [], y: [] }, x: FULL, y: FULL });
  return { name: 'W', path: 'W', bits, dims, windows: [], reads: constant ? [] : [whole()] };
}

/** Rows of the streamed side in the result, behind or among its leading axes. */
function resultLayout(product: Product, streamed: Side, folded: boolean): Layout {
  const axis = streamed === product.left ? product.batch.length : product.shape.length - 1;
  const rows = streamed.outerAxis === undefined ? [] : [axis];
  return { x: [], y: [...(folded ? range(product.batch.length) : []), ...rows] };
}

function productLayer(call: LowerCall, product: Product, weights: readonly WeightPlan[]): LayerPlan {
  const { streamed, still } = sides(call, product);
  const folded = isFolded(still, !call.isActivation(still.input));
  const group = folded ? [] : (['G'] as const);
  const batch = elementCount(product.batch);
  const sizes = { B: 1, G: batch, K: still.outer, C: still.inner, OY: streamed.outer * (folded ? batch : 1) };
  const dims: readonly (keyof typeof sizes)[] = ['B', ...group, 'K', 'C', 'OY'];
  const indexed = (side: Side): readonly LoopDim[] => (elementCount(side.batch) > 1 ? group : []);
  const layout = streamedLayout(streamed, folded);
  const reads: readonly Read[] = [{ view: call.view(streamed.input), layout, x: SAME, y: SAME }];
  const bits = call.bits(streamed.input, 'I');
  return {
    kind: 'mac',
    coverage: 'exact',
    loops: dims.map((dim) => ({ dim, size: sizes[dim] })),
    output: {
      shape: product.shape,
      layout: resultLayout(product, streamed, folded),
      dims: ['B', ...group, 'K', 'OY'],
    },
    inputs: [
      stillOperand(call, still, [...indexed(still), 'K', 'C']),
      { name: 'I', path: 'I', bits, dims: ['B', ...indexed(streamed), 'C', 'OY'], windows: [], reads },
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
    const { shape, layout } = layer.output;
    const sum = visitLayer(
      shape,
      layout,
      [
        { name: 'X', bits: call.bits(roles.left, 'I'), view: 'previous', shape },
        { name: 'Y', bits: call.bits(bias, 'I'), view: call.view(bias), shape: need(call, bias, 'C').shape },
      ],
      { kind: 'vector', coverage: 'exact' },
    );
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
    return streamedLayout(streamed, isFolded(still, Boolean(isLeftConstant) || Boolean(isRightConstant)));
  };

const matrixProduct = (roles: Roles, dtype: (call: Call) => DType): Operator => ({
  infer: (call) => [{ dtype: dtype(call), shape: productOf(call, roles).shape }],
  lower: lowerWith(roles),
  wants: wantsWith(roles),
});

const gemm: Operator = {
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
  Gemm: gemm,
  MatMul: matrixProduct({ left: 0, right: 1 }, (call) => need(call, 0, 'A').dtype),
  MatMulInteger: matrixProduct({ left: 0, right: 1 }, () => 'int32'),
  // a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point
  QLinearMatMul: matrixProduct(
    { left: 0, right: 3, scale: 4 },
    (call) => need(call, 7, 'y_zero_point').dtype,
  ),
};
