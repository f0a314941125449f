/**
 * Operators of com.microsoft that optimizers and quantizers of models put in place of the standard's: with an
 * activation, a sum or a conversion of number formats inside, or on quantized maps. What they do is that of the
 * operators they stand for; their parameters lie at other places.
 */
import { intAttr } from '../attrs.js';
import { SAME, type LayerPlan, type LowerCall, type Plan } from '../lower-plan.js';
import { convolution } from './conv.js';
import { gemm, matrixProduct } from './matmul.js';
import { pixelLoops, PIXEL_DIMS, sumBehind } from './nests.js';
import { NORMALIZATIONS } from './normalization.js';
import { known } from '../../base/assert.js';
import { elementCount, illegal, need, needRank, type Call, type Family, type Operator } from './operator.js';

const firstType = (call: Call): string => need(call, 0, 'A').dtype;

/** The operator, if none of the attributes is set that would make it another one. */
const without = (names: readonly string[], operator: Operator): Operator => ({
  ...operator,
  infer: (call) => {
    for (const name of names)
      if (intAttr(call.node, name, 0) !== 0)
        illegal(
          call,
          `${name} is ${intAttr(call.node, name, 0)}, of which there is no model`,
          'export without it',
        );
    return operator.infer(call);
  },
});

/** A convolution, then the sum with a further input (Z), then an activation. */
const fusedConv: Operator = (() => {
  const plain = convolution({ image: 0, kernel: 1, bias: 2 }, firstType);
  return {
    ...plain,
    lower: (call: LowerCall): Plan => {
      const plan = plain.lower(call);
      if (plan.kind !== 'layers' || !call.isActivation(3)) return plan;
      const layer = known(plan.layers[0], 'convolution');
      return { ...plan, layers: [layer, sumBehind(call, layer, call.bits(0, 'I'), 3)] };
    },
  };
})();

/** A matrix product whose batch is the leading axes. */
const fusedMatMul = without(['transBatchA', 'transBatchB'], matrixProduct({ left: 0, right: 1 }, firstType));

/** Of the type of the output's zero point; without one the result is not quantized. */
const quantizedGemm = matrixProduct(
  { left: 0, right: 3, scale: 4, bias: 6 },
  (call) => call.inputs[8]?.dtype ?? 'float',
);

const ofFamily = (family: Family, name: string): Operator => known(family[name], name);

/**
 * Rows of a word, a position and a segment table, picked and added, then normalized. Of the tables only what is read
 * counts as weights.
 */
const embedding: Operator = {
  infer: (call) => {
    const [ids, words] = [need(call, 0, 'input_ids'), need(call, 2, 'word_embedding')];
    needRank(call, ids, 2, 2);
    needRank(call, words, 2, 2);
    const [batch, rows] = ids.shape as [number, number];
    const shape = [batch, rows, known(words.shape[1], 'hidden size')];
    const { dtype } = words;
    const results = [
      { dtype, shape },
      { dtype: 'int32', shape: [batch] },
      { dtype, shape },
    ];
    return results.slice(0, call.node.outputs.length);
  },
  lower: (call): Plan => {
    const { shape } = known(call.outputs[0], 'output');
    const ids = call.isActivation(0) ? [call.view(0)] : [];
    const layout = { x: [], y: [0, 1] };
    const nest = { loops: pixelLoops(shape, layout), output: { shape, layout, dims: PIXEL_DIMS } };
    const operand = { path: 'I', dims: PIXEL_DIMS, windows: [] } as const;
    const tables = [2, 3, 4].filter((input) => call.inputs[input] !== undefined);
    const picked: LayerPlan = {
      ...nest,
      ...{ kind: 'vector', coverage: 'approximate' },
      inputs: [
        { name: 'W', path: 'W', bits: call.bits(2, 'W'), dims: PIXEL_DIMS, windows: [], reads: [] },
        {
          ...{ ...operand, name: 'I', bits: call.bits(0, 'I'), dims: ['OY'] },
          reads: ids.map((view) => ({ view, layout: { x: [], y: [0, 1] }, x: SAME, y: SAME })),
        },
      ],
      // No more than there are: a table of two segments is read by every row.
      weights: tables.map((input) => ({
        input,
        elements: Math.min(elementCount(shape), elementCount(need(call, input, 'table').shape)),
      })),
      passes: tables.length,
    };
    const normalized: LayerPlan = {
      ...nest,
      ...{ kind: 'vector', coverage: 'approximate' },
      inputs: [
        {
          ...{ ...operand, name: 'I', bits: call.outputBits(0) },
          reads: [{ view: 'previous', layout, x: SAME, y: SAME }],
        },
      ],
      weights: [
        { input: 5, postOp: 'scale' },
        { input: 6, postOp: 'bias' },
      ],
      passes: 2,
    };
    return { kind: 'layers', layers: [picked, normalized], also: { 2: { step: 0 } } };
  },
  wants: (_call, input) => (input === 0 ? { x: [], y: [0, 1] } : undefined),
};

export const FUSED: Family = {
  'com.microsoft:FusedConv': fusedConv,
  'com.microsoft:FusedGemm': gemm,
  'com.microsoft:FusedMatMul': fusedMatMul,
  'com.microsoft:FusedMatMulActivation': fusedMatMul,
  'com.microsoft:TransposeMatMul': fusedMatMul,
  'com.microsoft:GemmFastGelu': matrixProduct({ left: 0, right: 1, bias: 2 }, firstType),
  'com.microsoft:QGemm': quantizedGemm,
  // A, B, b_scale, b_zero_point, bias
  'com.microsoft:DynamicQuantizeMatMul': matrixProduct({ left: 0, right: 1, scale: 2, bias: 4 }, firstType),
  // A, B, a_scale, b_scale, a_zero_point, b_zero_point, bias
  'com.microsoft:MatMulIntegerToFloat': matrixProduct(
    { left: 0, right: 1, scale: 3, bias: 6 },
    (call) => need(call, 2, 'a_scale').dtype,
  ),
  'com.microsoft:QLinearSoftmax': ofFamily(NORMALIZATIONS, 'Softmax'),
  'com.microsoft:EmbedLayerNormalization': embedding,
};
