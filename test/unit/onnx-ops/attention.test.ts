/** Attention as one operator is the layers it is made of; packed weights count as they are packed. */
import { wholeOperandsFirst } from '../../../src/analysis/layer-order.js';
import { cutUnits } from '../../../src/analysis/legal-stacks.js';
import { fuseUnits } from '../../../src/analysis/partition.js';
import type { Layer } from '../../../src/ir/layer.js';
import { lowered, nest, sources } from '../../support/lowered.js';
import type { NodeSpec } from '../../support/onnx-model.js';

const projection = (name: string): NodeSpec => ({
  op: 'MatMul',
  name,
  in: ['x', `w_${name}`],
  out: [name],
});

const weights = (width: number) => ({
  w_q: { shape: [16, 16] },
  w_k: { shape: [16, width] },
  w_v: { shape: [16, width] },
});

test('Attention of operator set 23: grouped heads, cached keys, fused from the query on', async () => {
  const { workload, layer } = await lowered({
    opset: 23,
    inputs: { x: [1, 6, 16], pk: [1, 2, 3, 4], pv: [1, 2, 3, 4] },
    outputs: ['y', 'ck', 'cv'],
    initializers: weights(8),
    nodes: [
      ...['q', 'k', 'v'].map(projection),
      {
        op: 'Attention',
        name: 'att',
        in: ['q', 'k', 'v', '', 'pk', 'pv'],
        out: ['y', 'ck', 'cv'],
        attrs: { q_num_heads: 4, kv_num_heads: 2 },
      },
    ],
  });
  expect(workload.layers.map(({ id }) => id)).toEqual(['@q', '@k', '@v', '@att.1', '@att.2', '@att']);
  // 4 heads on 2 of keys, 6 rows, 3 + 6 keys of 4 elements
  expect(nest(layer('att.1'))).toBe('B2 G2 K9 C4 OY6');
  expect(sources(layer('att.1'), 'W')).toEqual(['%pk:8 full full', '%k:8 full full']);
  expect(sources(layer('att.1'), 'I')).toEqual(['%q:16 same same']);
  expect(nest(layer('att.2'))).toBe('B1 G36 OY6 OX1');
  expect(layer('att.2').passes).toBe(3);
  expect(nest(layer('att'))).toBe('B2 G2 K4 C9 OY6');
  expect(workload.macs).toBe(6 * 16 * (16 + 8 + 8) + 2 * 4 * 6 * 9 * 4);
  const stacks = fuseUnits(
    wholeOperandsFirst(workload),
    cutUnits(wholeOperandsFirst(workload)),
    Infinity,
    'respected',
  );
  expect(stacks.map((stack) => stack.map(({ id }) => id).join(' '))).toEqual([
    '@k',
    '@v',
    '@q @att.1 @att.2 @att',
  ]);
  // Of the caches only the new rows are written.
  expect(workload.outputs).toEqual(['%y', '%pk', '%k', '%pv', '%v']);
});

test('MultiHeadAttention with a bias on the scores; a batch of two is twice as many groups', async () => {
  const { layer, workload } = await lowered({
    opset: { '': 17, 'com.microsoft': 1 },
    inputs: { q: [2, 6, 16], k: [2, 5, 16], v: [2, 5, 8], bias: [2, 4, 6, 5] },
    outputs: ['y'],
    nodes: [
      {
        op: 'MultiHeadAttention',
        domain: 'com.microsoft',
        name: 'att',
        in: ['q', 'k', 'v', '', '', 'bias'],
        out: ['y'],
        attrs: { num_heads: 4 },
      },
    ],
  });
  expect(workload.layers.map(({ id, op }) => `${id} ${op}`)).toHaveLength(4);
  expect(nest(layer('att.1'))).toBe('B1 G8 K5 C4 OY6');
  expect(workload.macs).toBe(2 * 4 * 6 * 5 * (4 + 2));
});

test('Attention of com.microsoft: three projections, keys and values first', async () => {
  const { layer, workload } = await lowered({
    opset: { '': 17, 'com.microsoft': 1 },
    inputs: { x: [1, 6, 8] },
    outputs: ['y'],
    initializers: { w: { shape: [8, 48] }, b: { shape: [48] } },
    nodes: [
      {
        op: 'Attention',
        domain: 'com.microsoft',
        name: 'att',
        in: ['x', 'w', 'b'],
        out: ['y'],
        attrs: { num_heads: 4 },
      },
    ],
  });
  expect(workload.layers.map((one) => nest(one))).toEqual([
    ...Array.from({ length: 3 }, () => 'B1 K16 C8 OY6'),
    ...['B1 G4 K6 C4 OY6', 'B1 G24 OY6 OX1', 'B1 G4 K4 C6 OY6'],
  ]);
  expect(layer('att.1').weightBits).toBe((8 * 16 + 16) * 8);
  expect(sources(layer('att.4'), 'W')).toEqual(['%y.1:16 full full']);
  expect(sources(layer('att.4'), 'I')).toEqual(['%y.3:16 same same']);
});

test('SkipLayerNormalization: a sum that others read too, and a normalization', async () => {
  const { workload } = await lowered({
    opset: { '': 17, 'com.microsoft': 1 },
    inputs: { x: [1, 6, 8], s: [1, 6, 8] },
    outputs: ['y', 'sum'],
    initializers: { g: { shape: [8] } },
    nodes: [
      {
        op: 'SkipSimplifiedLayerNormalization',
        domain: 'com.microsoft',
        name: 'norm',
        in: ['x', 's', 'g'],
        out: ['y', '', '', 'sum'],
      },
    ],
  });
  expect(workload.layers.map((one) => `${one.id} x${one.passes}`)).toEqual(['@norm.1 x1', '@norm x2']);
  expect(workload.outputs).toEqual(['%y', '%y.1']);
});

test('MatMulNBits: weights of 4 bits with a scale per block', async () => {
  const { only } = await lowered({
    opset: { '': 17, 'com.microsoft': 1 },
    inputs: { x: [1, 6, 32] },
    outputs: ['y'],
    initializers: { w: { shape: [10, 2, 8], type: 2 }, s: { shape: [20] } },
    nodes: [
      {
        op: 'MatMulNBits',
        domain: 'com.microsoft',
        name: 'm',
        in: ['x', 'w', 's'],
        out: ['y'],
        attrs: { K: 32, N: 10, bits: 4, block_size: 16 },
      },
    ],
  });
  expect(nest(only)).toBe('B1 K10 C32 OY6');
  expect(only.inputs[0]).toMatchObject({ path: 'W', bits: 4 });
  expect(only.weightBits).toBe(32 * 10 * 4 + 20 * 8);
});

describe('RotaryEmbedding: a sine and a cosine per row and half of the elements of a head', () => {
  const [ITEMS, HEADS, ROWS, DEPTH] = [2, 3, 5, 8];
  const byHeads = [ITEMS, HEADS, ROWS, DEPTH];
  const sideBySide = [ITEMS, ROWS, HEADS * DEPTH];
  const perItem = [ITEMS, ROWS];
  const layerOf = async (
    domain: string,
    shape: readonly number[],
    places: readonly number[],
    table: readonly number[],
  ): Promise<Layer> => {
    const inputs = domain === '' ? ['x', 'cos', 'sin', 'p'] : ['x', 'p', 'cos', 'sin'];
    const { only } = await lowered({
      opset: { '': 23, 'com.microsoft': 1 },
      inputs: { x: shape, p: places },
      types: { p: 7 },
      outputs: ['y'],
      initializers: { cos: { shape: table }, sin: { shape: table } },
      nodes: [{ op: 'RotaryEmbedding', domain, in: inputs, out: ['y'] }],
    });
    return only;
  };
  const rowsOf = (count: number): number => 2 * count * (DEPTH / 2) * 8;

  test.each([
    ['', byHeads, perItem, rowsOf(ITEMS * ROWS)],
    ['', sideBySide, perItem, rowsOf(ITEMS * ROWS)],
    ['com.microsoft', byHeads, perItem, rowsOf(ITEMS * ROWS)],
    ['com.microsoft', sideBySide, perItem, rowsOf(ITEMS * ROWS)],
    ['com.microsoft', byHeads, [1], rowsOf(ROWS)],
    ['com.microsoft', sideBySide, [1], rowsOf(ROWS)],
  ] as const)('"%s" on %j with places %j', async (domain, shape, places, bits) => {
    expect((await layerOf(domain, shape, places, [2048, DEPTH / 2])).weightBits).toBe(bits);
  });

  test('no more than the tables have', async () => {
    const { weightBits } = await layerOf('com.microsoft', byHeads, perItem, [6, DEPTH / 2]);
    expect(weightBits).toBe(rowsOf(6));
  });

  test('its elements are read, once for all heads', async () => {
    const { inputs } = await layerOf('com.microsoft', byHeads, [1], [2048, DEPTH / 2]);
    expect(inputs[0]).toMatchObject({
      path: 'W',
      share: { exist: 2 * ROWS * (DEPTH / 2), of: ITEMS * HEADS * ROWS * DEPTH },
    });
  });
});
