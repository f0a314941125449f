/**
 * Operators that exporters of language models and quantizers write beside the standard's: rotary embeddings, sums
 * with a normalization, products with packed weights, and elementwise operators on quantized maps.
 */
import { floatAttr, intAttr } from '../attrs.js';
import { SAME, oneLayer, type LayerPlan, type LowerCall, type Plan, type WeightPlan } from '../lower-plan.js';
import { extents } from '../lower-view.js';
import { kernelOperand, weightsAmong } from './conv.js';
import { broadcastShape } from './elementwise.js';
import { commonLayout, pixelLoops, PIXEL_DIMS, rowProduct, visitLayer } from './nests.js';
import { statisticsOf } from './normalization.js';
import {
  elementCount,
  illegal,
  likeFirst,
  mismatch,
  need,
  type Call,
  type Family,
  type Operator,
} from './operator.js';

/**
 * Every element meets the one half a head away: read twice, with a sine and a cosine per row that all heads share, and
 * all items where `positions` is one number, the place of the first row. Their tables are read once for all of these.
 */
const rotary = (positions: number, cos: number): Operator => ({
  infer: likeFirst,
  lower: (call) => {
    const { shape } = need(call, 0, 'input');
    // [batch, rows, heads side by side] or [batch, heads, rows, head]
    const [items = 1, rows = 1] = [shape[0], shape.at(shape.length === 4 ? 2 : 1)];
    const places = call.inputs[positions]?.shape.length === 1 ? rows : items * rows;
    const width = need(call, cos, 'cos_cache').shape.at(-1) ?? 1;
    const tables = [cos, cos + 1].filter((input) => !call.isActivation(input));
    const elements = places * width;
    const view = call.view(0);
    const weights = tables.map((input) => ({
      input,
      elements: Math.min(elements, elementCount(need(call, input, 'table').shape)),
    }));
    const layer = statisticsOf(call, { view, shape, layout: view.layout }, [], 2, weights);
    const share = { exist: tables.length * elements, of: elementCount(shape) };
    if (tables.length === 0) return oneLayer(layer);
    const [table = cos] = tables;
    const operand = {
      ...kernelOperand(call, table, PIXEL_DIMS),
      ...(share.exist < share.of ? { share } : {}),
    };
    return oneLayer({ ...layer, inputs: [operand, ...layer.inputs] });
  },
});

/** input + skip, then a normalization of each row; the sum may be a further output. */
const skipNormalization = (parameters: readonly number[], sumAt: number): Operator => ({
  infer: (call) => {
    const { dtype, shape } = need(call, 0, 'input');
    broadcastShape(call, [need(call, 0, 'input'), need(call, 1, 'skip')]);
    const statistics = { dtype: 'float', shape: [...shape.slice(0, -1), 1] };
    return call.node.outputs.map((_, i) => (i === 0 || i === sumAt ? { dtype, shape } : statistics));
  },
  lower: (call): Plan => {
    const { shape } = need(call, 0, 'input');
    const operands = [0, 1].map((input) => ({
      name: input === 0 ? ('X' as const) : ('Y' as const),
      bits: call.bits(input, 'I'),
      view: call.view(input),
      shape: need(call, input, 'operand').shape,
    }));
    const layout = commonLayout(shape, [call.view(0)]);
    const sum = visitLayer(shape, layout, operands, { kind: 'vector', coverage: 'exact' });
    const weights: readonly WeightPlan[] = parameters.map((input) => ({ input, postOp: 'scale' }));
    const normalized: LayerPlan = {
      kind: 'vector',
      coverage: 'approximate',
      loops: pixelLoops(shape, layout),
      output: { shape, layout, dims: PIXEL_DIMS },
      inputs: [
        {
          ...{ name: 'I', path: 'I', bits: call.bits(0, 'I'), dims: PIXEL_DIMS, windows: [] },
          reads: [{ view: 'previous', layout, x: SAME, y: SAME }],
        },
      ],
      weights: weightsAmong(call, weights),
      passes: 2,
    };
    return { kind: 'layers', layers: [sum, normalized], also: { [sumAt]: { step: 0 } } };
  },
});

function packedProduct(call: Call): { readonly K: number; readonly N: number; readonly bits: number } {
  const size = (name: string): number =>
    intAttr(call.node, name) ?? illegal(call, `attribute ${name} is missing`);
  const { shape } = need(call, 0, 'A');
  const [K, N] = [size('K'), size('N')];
  if (shape.at(-1) !== K) mismatch(call, `[${shape.join(', ')}] has no rows of K = ${K}`);
  return { K, N, bits: intAttr(call.node, 'bits', 4) };
}

/** Weights of a few bits, packed into bytes, with a scale (and zero point) per block. */
const matMulNBits: Operator = {
  infer: (call) => {
    const { dtype, shape } = need(call, 0, 'A');
    return [{ dtype, shape: [...shape.slice(0, -1), packedProduct(call).N] }];
  },
  lower: (call: LowerCall): Plan => {
    const { K, N, bits } = packedProduct(call);
    const { layout, shape } = call.view(0);
    const last = shape.length - 1;
    const rows =
      layout.y.includes(last) || layout.x.includes(last)
        ? { x: [], y: shape.slice(0, -1).map((_, axis) => axis) }
        : layout;
    const { x, y, pixel } = extents(shape, rows);
    return oneLayer({
      ...rowProduct(
        { B: pixel / K, K: N, C: K, OY: y, ...(x > 1 ? { OX: x } : {}) },
        { shape: [...shape.slice(0, -1), N], layout: rows },
        { W: bits, I: call.bits(0, 'I') },
        { view: call.view(0), layout: rows, x: SAME, y: SAME },
      ),
      coverage: 'exact',
      weights: weightsAmong(call, [
        { input: 1 },
        { input: 2, postOp: 'scale' },
        { input: 3, postOp: 'zero point' },
        { input: 5, postOp: 'bias' },
      ]),
    });
  },
};

/** A, A_scale, A_zero_point, B, B_scale, B_zero_point, C_scale, C_zero_point. */
const quantizedSum: Operator = {
  infer: (call) => {
    const [a, b] = [need(call, 0, 'A'), need(call, 3, 'B')];
    return [{ dtype: a.dtype, shape: broadcastShape(call, [a, b]) }];
  },
  lower: (call) => {
    const maps = [0, 3].filter((input) => call.isActivation(input));
    const [first = 0] = maps;
    const constants = [0, 3].filter((input) => !call.isActivation(input)).map((input) => ({ input }));
    const { shape } = call.outputs[0]!;
    const whole = need(call, first, 'A').shape.join() === shape.join();
    if (maps.length === 1 && whole) return { kind: 'pointwise', input: first, parameters: constants };
    const operands = maps.map((input, i) => ({
      name: i === 0 ? ('X' as const) : ('Y' as const),
      bits: call.bits(input, 'I'),
      view: call.view(input),
      shape: need(call, input, 'operand').shape,
    }));
    const views = operands.map(({ view }) => view);
    return oneLayer(
      visitLayer(shape, commonLayout(shape, views), operands, { kind: 'vector', coverage: 'exact' }),
    );
  },
};

/** X, X_scale, X_zero_point, Y_scale, Y_zero_point. */
const quantizedUnary: Operator = {
  infer: (call) => {
    floatAttr(call.node, 'alpha');
    return likeFirst(call);
  },
  lower: () => ({ kind: 'pointwise', input: 0, parameters: [] }),
};

export const CONTRIB: Family = {
  // input, cos_cache, sin_cache, position_ids
  RotaryEmbedding: rotary(3, 1),
  // input, position_ids, cos_cache, sin_cache
  'com.microsoft:RotaryEmbedding': rotary(1, 2),
  'com.microsoft:SkipLayerNormalization': skipNormalization([2, 3, 4], 3),
  'com.microsoft:SkipSimplifiedLayerNormalization': skipNormalization([2, 3], 3),
  'com.microsoft:MatMulNBits': matMulNBits,
  'com.microsoft:MatMulBnb4': matMulNBits,
  'com.microsoft:QLinearAdd': quantizedSum,
  'com.microsoft:QLinearMul': quantizedSum,
  'com.microsoft:QLinearSigmoid': quantizedUnary,
  'com.microsoft:QLinearLeakyRelu': quantizedUnary,
};
