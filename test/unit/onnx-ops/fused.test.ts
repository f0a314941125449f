/** Loop nests of fused and quantized operators of com.microsoft: those of what they stand for, worked out by hand. */
import { lowered, nest, sources } from '../../support/lowered.js';
import { floats, type ModelSpec, type NodeSpec, type TensorSpec } from '../../support/onnx-model.js';

const scale = floats(1);
const zero: TensorSpec = { shape: [], type: 2, fields: { int32Data: [0] } };

/** One node on `x`, between two convolutions where it takes images. */
const single = (
  shape: readonly number[],
  node: Omit<NodeSpec, 'out' | 'domain'>,
  rest: Partial<ModelSpec> = {},
): ModelSpec => ({
  opset: { '': 17, 'com.microsoft': 1 },
  outputs: ['y'],
  nodes: [{ ...node, name: 'node', domain: 'com.microsoft', out: ['y'] }],
  ...rest,
  inputs: { x: shape, ...rest.inputs },
});

test('FusedConv: a convolution with its activation, and the sum with a map as a layer behind it', async () => {
  const initializers = { w: { shape: [4, 3, 3, 3] }, b: { shape: [4] } };
  const attrs = { pads: [1, 1, 1, 1], activation: 'Relu' };
  const plain = await lowered(
    single([1, 3, 6, 5], { op: 'FusedConv', in: ['x', 'w', 'b'], attrs }, { initializers }),
  );
  expect(plain.workload.layers.map(nest)).toEqual(['B1 K4 C3 OY6 OX5 FY3 FX3']);
  const node = { op: 'FusedConv', in: ['x', 'w', 'b', 'z'], attrs };
  const rest = { initializers, inputs: { z: [1, 4, 6, 5] } };
  const { workload } = await lowered(single([1, 3, 6, 5], node, rest));
  expect(workload.layers.map(nest)).toEqual(['B1 K4 C3 OY6 OX5 FY3 FX3', 'B1 G4 OY6 OX5']);
  expect(sources(workload.layers[1]!, 'Y')).toEqual(['%z:4 same same']);
  expect(workload.layers.every(({ coverage }) => coverage === 'exact')).toBe(true);
});

test.each([
  ['FusedGemm', ['x', 'w', 'b'], { transB: 1 }, { w: { shape: [7, 4] }, b: { shape: [7] } }],
  ['FusedMatMul', ['x', 'w'], { transB: 1, alpha: { float: 0.125 } }, { w: { shape: [7, 4] } }],
  ['FusedMatMulActivation', ['x', 'w'], { activation: 'Relu' }, { w: { shape: [4, 7] } }],
  ['GemmFastGelu', ['x', 'w', 'b'], {}, { w: { shape: [4, 7] }, b: { shape: [7] } }],
  ['QGemm', ['x', 's', 'z', 'w', 's', 'z', 'b'], {}, { w: { shape: [4, 7] }, b: { shape: [7] } }],
  ['DynamicQuantizeMatMul', ['x', 'w', 's', 'z', 'b'], {}, { w: { shape: [4, 7] }, b: { shape: [7] } }],
  ['MatMulIntegerToFloat', ['x', 'w', 's', 's', 'z', 'z'], {}, { w: { shape: [4, 7] } }],
  ['MatMulBnb4', ['x', 'w', 'a'], { K: 4, N: 7 }, { w: { shape: [14] }, a: { shape: [1] } }],
] as const)('%s is a product with a constant', async (op, inputs, attrs, initializers) => {
  const spec = single(
    [5, 4],
    { op, in: inputs, attrs },
    { initializers: { ...initializers, s: scale, z: zero } },
  );
  const { workload } = await lowered(spec);
  expect(workload.layers.map((layer) => `${nest(layer)} ${layer.coverage}`)).toEqual(['B1 K7 C4 OY5 exact']);
  expect(workload.macs).toBe(5 * 4 * 7);
});

test('FusedMatMul with a transposed batch is refused by name', async () => {
  const node = { op: 'FusedMatMul', in: ['x', 'w'], attrs: { transBatchA: 1 } };
  const spec = single([5, 4, 4], node, { initializers: { w: { shape: [4, 7] } } });
  await expect(lowered(spec)).rejects.toThrow('transBatchA is 1');
});

test('QLinearConcat costs nothing along channels', async () => {
  const parameters = ['s', 'z'];
  const { workload, layer } = await lowered({
    opset: { '': 17, 'com.microsoft': 1 },
    inputs: { x: [1, 3, 6, 5], v: [1, 2, 6, 5] },
    types: { x: 2, v: 2 },
    outputs: ['y'],
    initializers: { s: scale, z: zero, w: { shape: [4, 5, 1, 1], type: 2 } },
    nodes: [
      {
        op: 'QLinearConcat',
        name: 'joined',
        domain: 'com.microsoft',
        in: [...parameters, 'x', ...parameters, 'v', ...parameters],
        out: ['j'],
        attrs: { axis: 1 },
      },
      { op: 'QLinearConv', name: 'conv', in: ['j', 's', 'z', 'w', 's', 'z', 's', 'z'], out: ['y'] },
    ],
  });
  expect(workload.aliases.map(({ op }) => op)).toEqual(['com.microsoft:QLinearConcat']);
  expect(sources(layer('conv'), 'I')).toEqual(['%x:3 same same', '%v:2 same same']);
});

test('QAttention: projections of keys, values and queries, then attention', async () => {
  const inputs = ['x', 'w', 'b', 's', 's', '', 'z', 'z'];
  const { workload } = await lowered(
    single(
      [1, 6, 4],
      { op: 'QAttention', in: inputs, attrs: { num_heads: 2 } },
      {
        types: { x: 2 },
        initializers: { w: { shape: [4, 24], type: 3 }, b: { shape: [24] }, s: scale, z: zero },
      },
    ),
  );
  const products = workload.layers.filter(({ kind }) => kind === 'mac');
  expect(products.map(nest)).toEqual([
    ...['B1 K8 C4 OY6', 'B1 K8 C4 OY6', 'B1 K8 C4 OY6'],
    ...['B1 G2 K6 C4 OY6', 'B1 G2 K4 C6 OY6'],
  ]);
  expect(workload.macs).toBe(6 * 4 * 24 + 2 * 2 * 6 * 6 * 4);
});

test('EmbedLayerNormalization: rows of tables, then a normalization; only what is read counts as weights', async () => {
  const { workload } = await lowered(
    single(
      [1, 6],
      { op: 'EmbedLayerNormalization', in: ['x', '', 'words', 'places', '', 'g', 'b'] },
      {
        types: { x: 6 },
        initializers: {
          ...{ words: { shape: [1000, 8] }, places: { shape: [512, 8] } },
          ...{ g: { shape: [8] }, b: { shape: [8] } },
        },
      },
    ),
  );
  expect(workload.layers.map(nest)).toEqual(['B1 G8 OY6 OX1', 'B1 G8 OY6 OX1']);
  expect(workload.layers[0]!.weightBits).toBe(2 * 6 * 8 * 8);
});

test('EmbedLayerNormalization: of a table with fewer rows than the input no more than there are', async () => {
  const { layer } = await lowered(
    single(
      [2, 6],
      { op: 'EmbedLayerNormalization', in: ['x', 's', 'words', 'places', 'segments', 'g', 'b'] },
      {
        inputs: { x: [2, 6], s: [2, 6] },
        types: { x: 6, s: 6 },
        initializers: {
          ...{ words: { shape: [1000, 8] }, places: { shape: [10, 8] }, segments: { shape: [2, 8] } },
          ...{ g: { shape: [8] }, b: { shape: [8] } },
        },
      },
    ),
  );
  // 12 words of 8 elements; all 10 places and both segments, which there are
  expect(layer('node.1').weightBits).toBe((12 + 10 + 2) * 8 * 8);
});
