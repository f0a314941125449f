/** Operators outside the standard that the runtime knows: fused attention, normalizations, packed weights. */
import type { Random } from '../../support/random.js';
import {
  attributes,
  constants,
  FLOAT,
  INT32,
  INT64,
  scalar,
  shape,
  UINT8,
  type Generator,
  type Generators,
  type Operand,
} from '../case.js';

const domain = 'com.microsoft';

const unary =
  (op: string): Generator =>
  (random) => ({ op, domain, inputs: [{ shape: shape(random, 1) }] });

interface Heads {
  readonly batch: number;
  readonly rows: number;
  readonly keys: number;
  readonly heads: number;
  readonly depth: number;
  readonly past: number;
}

const heads = (random: Random): Heads => ({
  batch: random.int(1, 2),
  rows: random.int(1, 4),
  keys: random.int(1, 5),
  heads: random.int(1, 3),
  depth: 8 * random.int(1, 2),
  past: random.chance(0.4) ? random.int(1, 3) : 0,
});

const multiHead: Generator = (random) => {
  const { batch, rows, heads: count, depth, past, keys: drawn } = heads(random);
  const keys = past > 0 ? rows : drawn;
  const cache: Operand = { shape: [batch, count, past, depth] };
  const flat = (length: number): Operand => ({ shape: [batch, length, count * depth] });
  const padding = past > 0 ? [null, null, null, cache, cache] : [];
  return {
    op: 'MultiHeadAttention',
    domain,
    inputs: [flat(rows), flat(keys), flat(keys), ...padding],
    attrs: { num_heads: count },
    outputs: past > 0 ? 3 : 1,
  };
};

const groupQuery: Generator = (random) => {
  const { batch, rows, heads: groups, depth } = heads(random);
  const count = groups * random.int(1, 2);
  const past = rows === 1 && random.chance(0.5) ? random.int(1, 4) : 0;
  const flat = (side: number): Operand => ({ shape: [batch, rows, side * depth] });
  const packed = random.chance(0.3);
  const cache: Operand | null = past > 0 ? { shape: [batch, groups, past, depth] } : null;
  const total = past + rows;
  return {
    op: 'GroupQueryAttention',
    domain,
    inputs: [
      ...(packed ? [flat(count + 2 * groups), null, null] : [flat(count), flat(groups), flat(groups)]),
      ...[cache, cache, constants([batch], total - 1, INT32), { ...scalar(total, INT32) }],
    ],
    attrs: { num_heads: count, kv_num_heads: groups },
    outputs: 3,
  };
};

const packedAttention: Generator = (random) => {
  const { batch, rows, heads: count, depth } = heads(random);
  const width = random.int(1, 4);
  const hidden = 3 * count * depth;
  return {
    op: 'Attention',
    domain,
    inputs: [{ shape: [batch, rows, width] }, constants([width, hidden], 0), constants([hidden], 0)],
    attrs: { num_heads: count },
  };
};

const rotary: Generator = (random) => {
  const { batch, rows, heads: count, depth } = heads(random);
  const table = constants([16, depth / 2], 0);
  return {
    op: 'RotaryEmbedding',
    domain,
    inputs: [{ shape: [batch, count, rows, depth] }, constants([1], 0, INT64), table, table],
  };
};

const skipNormalization =
  (op: string, bias: boolean): Generator =>
  (random) => {
    const sizes = random.ints(3, 1, 5);
    const parameter = constants([sizes[2]!], 1);
    return {
      op,
      domain,
      inputs: [
        { shape: sizes },
        { shape: sizes },
        parameter,
        ...(bias && random.chance(0.5) ? [parameter] : []),
      ],
      outputs: 1,
    };
  };

const matMulNBits: Generator = (random) => {
  const [K, N] = [16 * random.int(1, 3), random.int(1, 6)];
  const blocks = Math.ceil(K / 16);
  return {
    op: 'MatMulNBits',
    domain,
    inputs: [
      { shape: [...random.ints(random.int(1, 2), 1, 4), K] },
      constants([N, blocks, 8], 0, UINT8),
      constants([N * blocks], 1),
    ],
    attrs: { K, N, bits: 4, block_size: 16 },
  };
};

const quantizedSum =
  (op: string): Generator =>
  (random) => {
    const sizes = shape(random, 1, 3);
    const parameters = [scalar(1, FLOAT), scalar(0, UINT8)];
    const map = { shape: sizes, type: UINT8 };
    return { op, domain, inputs: [map, ...parameters, map, ...parameters, ...parameters] };
  };

const quantizedUnary =
  (op: string): Generator =>
  (random) => {
    const parameters = [scalar(1, FLOAT), scalar(0, UINT8)];
    return { op, domain, inputs: [{ shape: shape(random, 1), type: UINT8 }, ...parameters, ...parameters] };
  };

export const CONTRIB: Generators = {
  Gelu: unary('Gelu'),
  FastGelu: unary('FastGelu'),
  QuickGelu: unary('QuickGelu'),
  BiasGelu: (random) => {
    const sizes = shape(random, 1);
    return { op: 'BiasGelu', domain, inputs: [{ shape: sizes }, constants(sizes.slice(-1), 0)] };
  },
  SimplifiedLayerNormalization: (random) => {
    const sizes = shape(random, 1);
    const attrs = attributes({ axis: random.chance(0.7) && -1 });
    return {
      op: 'SimplifiedLayerNormalization',
      inputs: [{ shape: sizes }, constants(sizes.slice(-1), 1)],
      attrs,
    };
  },
  SkipLayerNormalization: skipNormalization('SkipLayerNormalization', true),
  SkipSimplifiedLayerNormalization: skipNormalization('SkipSimplifiedLayerNormalization', false),
  MultiHeadAttention: multiHead,
  GroupQueryAttention: groupQuery,
  Attention: packedAttention,
  RotaryEmbedding: rotary,
  MatMulNBits: matMulNBits,
  QLinearAdd: quantizedSum('QLinearAdd'),
  QLinearMul: quantizedSum('QLinearMul'),
  QLinearSigmoid: quantizedUnary('QLinearSigmoid'),
  QLinearLeakyRelu: quantizedUnary('QLinearLeakyRelu'),
};
