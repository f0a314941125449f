/** What optimizers and quantizers of models put in place of the standard's operators. */
import {
  attributes,
  constants,
  FLOAT,
  INT32,
  INT8,
  scalar,
  shape,
  signed,
  UINT8,
  type Generator,
  type Generators,
  type Operand,
} from '../case.js';
import type { Random } from '../../support/random.js';

const domain = 'com.microsoft';
const quantization: readonly Operand[] = [scalar(1, FLOAT), scalar(0, UINT8)];

const fusedConv: Generator = (random) => {
  const [batch, inputs, filters] = random.ints(3, 1, 3) as [number, number, number];
  const [width, height] = [random.int(3, 7), random.int(3, 7)];
  const pads = random.ints(4, 0, 1);
  const stride = random.int(1, 2);
  const out = (size: number, pad: number): number => Math.floor((size + pad - 3) / stride) + 1;
  const sum = random.chance(0.5);
  const result = [batch, filters, out(height, pads[0]! + pads[2]!), out(width, pads[1]! + pads[3]!)];
  return {
    op: 'FusedConv',
    domain,
    inputs: [
      { shape: [batch, inputs, height, width] },
      constants([filters, inputs, 3, 3], 1),
      ...(sum || random.chance(0.5) ? [constants([filters], 1)] : []),
      ...(sum ? [{ shape: result }] : []),
    ],
    attrs: { activation: 'Relu', pads, strides: [stride, stride] },
  };
};

const product =
  (op: string, more: (random: Random, rows: number, columns: number) => readonly Operand[]): Generator =>
  (random) => {
    const [m, k, n] = random.ints(3, 1, 5) as [number, number, number];
    const [transA, transB] = [random.chance(0.4), random.chance(0.4)];
    return {
      op,
      domain,
      inputs: [
        { shape: transA ? [k, m] : [m, k] },
        constants(transB ? [n, k] : [k, n], 1),
        ...more(random, m, n),
      ],
      attrs: attributes({
        transA: transA && 1,
        transB: transB && 1,
        activation: op === 'FusedGemm' && 'Relu',
      }),
    };
  };

const quantizedGemm: Generator = (random) => {
  const [m, k, n] = random.ints(3, 1, 5) as [number, number, number];
  const transB = random.chance(0.5);
  const bias = random.chance(0.5);
  return {
    op: 'QGemm',
    domain,
    inputs: [
      ...[{ shape: [m, k], type: UINT8 }, ...quantization],
      ...[constants(transB ? [n, k] : [k, n], 1, UINT8), ...quantization],
      ...[bias ? constants([n], 0, INT32) : null],
      ...(random.chance(0.5) ? quantization : []),
    ],
    attrs: attributes({ transB: transB && 1 }),
  };
};

const quantizedConcat: Generator = (random) => {
  const sizes = random.ints(random.int(1, 4), 1, 4);
  const axis = random.int(0, sizes.length - 1);
  const parts = Array.from({ length: random.int(1, 3) }, () =>
    sizes.map((size, i) => (i === axis ? random.int(1, 4) : size)),
  );
  return {
    op: 'QLinearConcat',
    domain,
    inputs: [...quantization, ...parts.flatMap((part) => [{ shape: part, type: UINT8 }, ...quantization])],
    attrs: { axis: signed(random, axis, sizes.length) },
  };
};

const quantizedPool =
  (op: string): Generator =>
  (random) => {
    const local = op === 'QLinearAveragePool';
    const last = random.chance(0.5);
    const [channels, ...size] = [random.int(1, 3), random.int(3, 6), random.int(3, 6)];
    return {
      op,
      domain,
      inputs: [
        { shape: last ? [1, ...size, channels] : [1, channels, ...size], type: UINT8 },
        ...quantization,
        ...quantization,
      ],
      attrs: attributes({
        ...{ kernel_shape: local && [2, 3], strides: local && random.ints(2, 1, 2) },
        channels_last: last && 1,
      }),
    };
  };

const quantizedSoftmax: Generator = (random, opset) => {
  const sizes = shape(random, 1);
  return {
    op: 'QLinearSoftmax',
    domain,
    inputs: [{ shape: sizes, type: UINT8 }, ...quantization, ...quantization],
    attrs: { axis: random.int(0, sizes.length - 1), opset },
  };
};

/** A, B, scales and zero points as the operator lists them, a bias. */
const toFloat =
  (op: string, type: number, between: (columns: number) => readonly (Operand | null)[]): Generator =>
  (random) => {
    const [k, n] = random.ints(2, 1, 5) as [number, number];
    const bias = random.chance(0.5) ? [constants([n], 1)] : [];
    return {
      op,
      domain,
      inputs: [
        { shape: [...random.ints(random.int(1, 2), 1, 3), k], type },
        constants([k, n], 1, UINT8),
        ...between(n),
        ...bias,
      ],
    };
  };

const quantizedAttention: Generator = (random) => {
  const [batch, rows, width, heads] = random.ints(4, 1, 3) as [number, number, number, number];
  const hidden = 3 * heads * 8;
  return {
    op: 'QAttention',
    domain,
    inputs: [
      { shape: [batch, rows, width], type: UINT8 },
      constants([width, hidden], 1, INT8),
      constants([hidden], 0),
      ...[scalar(1, FLOAT), scalar(1, FLOAT), null, scalar(0, UINT8), scalar(0, INT8)],
    ],
    attrs: { num_heads: heads },
  };
};

const embedding: Generator = (random) => {
  const [batch, rows, hidden] = random.ints(3, 1, 4) as [number, number, number];
  const ids = { shape: [batch, rows], type: INT32 };
  const segments = random.chance(0.5);
  return {
    op: 'EmbedLayerNormalization',
    domain,
    inputs: [
      ...[ids, segments ? ids : null, constants([9, hidden], 1), constants([7, hidden], 1)],
      ...[segments ? constants([2, hidden], 1) : null, constants([hidden], 1), constants([hidden], 0)],
    ],
    outputs: 2,
  };
};

const conversion =
  (op: string): Generator =>
  (random) => ({
    op,
    domain,
    inputs: [
      { shape: shape(random, 1), type: op === 'QuantizeLinear' ? FLOAT : UINT8 },
      scalar(1, FLOAT),
      scalar(0, UINT8),
    ],
  });

export const FUSED: Generators = {
  FusedConv: fusedConv,
  FusedGemm: product('FusedGemm', (random, _rows, columns) =>
    random.chance(0.5) ? [constants([columns], 1)] : [],
  ),
  FusedMatMul: product('FusedMatMul', () => []),
  TransposeMatMul: product('TransposeMatMul', () => []),
  QGemm: quantizedGemm,
  QLinearConcat: quantizedConcat,
  QLinearAveragePool: quantizedPool('QLinearAveragePool'),
  QLinearGlobalAveragePool: quantizedPool('QLinearGlobalAveragePool'),
  QLinearSoftmax: quantizedSoftmax,
  DynamicQuantizeMatMul: toFloat('DynamicQuantizeMatMul', FLOAT, () => [scalar(1, FLOAT), scalar(0, UINT8)]),
  MatMulIntegerToFloat: toFloat('MatMulIntegerToFloat', UINT8, () => [
    ...[scalar(1, FLOAT), scalar(1, FLOAT), scalar(0, UINT8), scalar(0, UINT8)],
  ]),
  QAttention: quantizedAttention,
  EmbedLayerNormalization: embedding,
  QuantizeLinear: conversion('QuantizeLinear'),
  DequantizeLinear: conversion('DequantizeLinear'),
};
