/**
 * Operators of com.microsoft that add something first, have channels last, packed tables, experts or sequences without
 * padding: shapes and loop nests worked out by hand, and laws where another operator does the same.
 */
import { lowered, mapSize, nest, sources } from '../../support/lowered.js';
import {
  floats,
  type AttrSpec,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from '../../support/onnx-model.js';

const zero: TensorSpec = { shape: [], type: 2, fields: { int32Data: [0] } };

const single = (node: Omit<NodeSpec, 'domain' | 'name'>, rest: Partial<ModelSpec>): ModelSpec => ({
  opset: { '': 17, 'com.microsoft': 1 },
  outputs: ['y'],
  nodes: [{ ...node, name: 'node', domain: 'com.microsoft', out: node.out ?? ['y'] }],
  ...rest,
});

const nests = async (spec: ModelSpec): Promise<readonly string[]> =>
  (await lowered(spec)).workload.layers.map((layer) => `${layer.kind} ${nest(layer)} ${layer.coverage}`);

test('BiasAdd: rows, a residual, and the bias as weights', async () => {
  const { workload, layer } = await lowered(
    single(
      { op: 'BiasAdd', in: ['x', 'b', 's'] },
      { inputs: { x: [1, 5, 6], s: [1, 5, 6] }, initializers: { b: { shape: [6] } } },
    ),
  );
  expect(workload.layers.map(nest)).toEqual(['B1 G6 OY5 OX1']);
  expect(sources(layer('node'), 'Y')).toEqual(['%s:6 same same']);
  expect(layer('node').postOps).toEqual([{ op: 'bias', name: 'b', parameterBits: 6 * 8 }]);
});

test('BiasSoftmax: the sum with a map, then statistics over all axes from one on', async () => {
  const inputs = { x: [1, 2, 5, 7], b: [1, 1, 5, 7] };
  const spec = single({ op: 'BiasSoftmax', in: ['x', 'b'], attrs: { axis: 3 } }, { inputs });
  const { workload } = await lowered(spec);
  expect(workload.layers.map(({ kind, passes }) => `${kind} ${passes}`)).toEqual(['vector 1', 'vector 3']);
  expect(workload.maps.filter(({ producer }) => producer !== null).map(elements)).toEqual([70, 70]);
  const fixed = single(
    { op: 'BiasSoftmax', in: ['x', 'b'], attrs: { axis: 3 } },
    { inputs: { x: inputs.x }, initializers: { b: { shape: inputs.b } } },
  );
  expect((await lowered(fixed)).workload.layers).toHaveLength(1);
});

const elements = (map: { width: number; height: number; elementsPerPixel: number }): number =>
  map.width * map.height * map.elementsPerPixel;

test('GroupNorm and SkipGroupNorm: images with channels last, read whole; the sum is a further output', async () => {
  const initializers = { g: { shape: [8] }, b: { shape: [8] } };
  const attrs = { groups: 4, channels_last: 1 };
  const plain = await lowered(
    single({ op: 'GroupNorm', in: ['x', 'g', 'b'], attrs }, { inputs: { x: [1, 4, 6, 8] }, initializers }),
  );
  expect(plain.workload.layers.map(({ passes, weightBits }) => [passes, weightBits])).toEqual([
    [2, 2 * 8 * 8],
  ]);
  const skip = await lowered(
    single(
      { op: 'SkipGroupNorm', in: ['x', 'g', 'b', 's'], out: ['y', 'sum'], attrs },
      { inputs: { x: [1, 4, 6, 8], s: [1, 4, 6, 8] }, initializers, outputs: ['y', 'sum'] },
    ),
  );
  expect(skip.workload.layers.map(({ passes }) => passes)).toEqual([1, 2]);
  expect(skip.workload.outputs).toHaveLength(2);
  const wrong = { x: [1, 4, 6, 9] };
  await expect(
    lowered(single({ op: 'GroupNorm', in: ['x', 'g', 'b'], attrs }, { inputs: wrong, initializers })),
  ).rejects.toThrow('the input has 9 channels');
});

test.each([
  ['NhwcConv', ['x', 'w'], {}],
  ['QLinearConv', ['x', 's', 'z', 'w', 's', 'z', 's', 'z'], { channels_last: 1 }],
] as const)(
  '%s with channels last is the convolution of the same image with channels second',
  async (op, inputs, more) => {
    const attrs = { pads: [1, 0, 1, 2], strides: [2, 1] };
    const initializers = { w: { shape: [4, 3, 3, 2] }, s: floats(1), z: zero };
    const last = await lowered(
      single({ op, in: inputs, attrs: { ...attrs, ...more } }, { inputs: { x: [1, 9, 7, 3] }, initializers }),
    );
    const second = await lowered({
      inputs: { x: [1, 3, 9, 7] },
      outputs: ['y'],
      initializers,
      nodes: [{ op: 'Conv', name: 'node', in: ['x', 'w'], out: ['y'], attrs }],
    });
    const seen = ({ loops, inputs: operands, macs, output }: (typeof last.workload.layers)[number]) => ({
      ...{ loops, macs, dims: output.dims },
      reads: operands.map(({ windows, sources: from }) => ({ windows, from })),
    });
    expect(last.workload.layers.map(seen)).toEqual(second.workload.layers.map(seen));
    expect(last.workload.maps).toEqual(second.workload.maps);
  },
);

test.each<[string, string, Readonly<Record<string, AttrSpec>>, string]>([
  ['QLinearGlobalAveragePool', 'GlobalAveragePool', {}, '1x1x3'],
  [
    'QLinearAveragePool',
    'AveragePool',
    { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] },
    '7x5x3',
  ],
])(
  '%s with channels last is the pool of the same image with channels second',
  async (op, plain, attrs, size) => {
    const initializers = { s: floats(1), z: zero };
    const last = await lowered(
      single(
        { op, in: ['x', 's', 'z', 's', 'z'], attrs: { ...attrs, channels_last: 1 } },
        { inputs: { x: [1, 9, 7, 3] }, initializers },
      ),
    );
    const second = await lowered({
      inputs: { x: [1, 3, 9, 7] },
      outputs: ['y'],
      nodes: [{ op: plain, name: 'node', in: ['x'], out: ['y'], attrs }],
    });
    const seen = ({ loops, inputs: operands, output }: (typeof last.workload.layers)[number]) => ({
      ...{ loops, dims: output.dims },
      reads: operands.map(({ windows, sources: from }) => ({ windows, from })),
    });
    expect(last.workload.layers.map(seen)).toEqual(second.workload.layers.map(seen));
    expect(last.workload.maps).toEqual(second.workload.maps);
    expect(mapSize(last.workload, '%y')).toBe(size);
  },
);

test('GatherBlockQuantized: of the packed table and its scales only what is read', async () => {
  const { workload, layer } = await lowered(
    single(
      { op: 'GatherBlockQuantized', in: ['t', 'x', 's'], attrs: { block_size: 16, bits: 4 } },
      {
        inputs: { x: [1, 5] },
        types: { x: 7 },
        initializers: { t: { shape: [100, 16], type: 2 }, s: { shape: [100, 2] } },
      },
    ),
  );
  expect(workload.layers.map(({ kind }) => kind)).toEqual(['move']);
  expect(elements(workload.maps.find(({ producer }) => producer !== null)!)).toBe(5 * 32);
  // 5 of 100 rows: 5 x 32 elements of 4 bit, and 5 x 2 scales of 8
  expect(layer('node').weightBits).toBe(5 * 32 * 4 + 5 * 2 * 8);
});

describe('experts', () => {
  const rows = { x: [6, 8], r: [6, 4] };
  test('MoE: two experts of four per row, all weights, and their weighted sum', async () => {
    const initializers = { up: { shape: [4, 12, 8] }, down: { shape: [4, 8, 12] } };
    const spec = single(
      { op: 'MoE', in: ['x', 'r', 'up', '', 'down'], attrs: { k: 2 } },
      { inputs: rows, initializers },
    );
    expect(await nests(spec)).toEqual([
      'mac K24 C8 OY6 approximate',
      'mac K8 C24 OY6 approximate',
      'vector B1 G8 OY6 OX1 exact',
    ]);
    const { workload } = await lowered(spec);
    expect(workload.macs).toBe(2 * (2 * 6 * 8 * 12));
    expect(workload.layers.map(({ weightBits }) => weightBits)).toEqual([4 * 8 * 12 * 8, 4 * 8 * 12 * 8, 0]);
  });

  test('a gate beside it, in weights of its own or in the same, is a product and a multiplication more', async () => {
    const own = single(
      { op: 'MoE', in: ['x', 'r', 'up', '', 'down', '', 'gate'], attrs: { k: 1 } },
      {
        inputs: rows,
        initializers: { up: { shape: [4, 8, 12] }, down: { shape: [4, 12, 8] }, gate: { shape: [4, 8, 12] } },
      },
    );
    const fused = single(
      { op: 'QMoE', in: ['x', 'r', 'up', 'us', '', 'down', 'ds'], attrs: { k: 1, expert_weight_bits: 4 } },
      {
        inputs: rows,
        initializers: {
          ...{ up: { shape: [4, 24, 4], type: 2 }, us: { shape: [4, 24] } },
          ...{ down: { shape: [4, 8, 6], type: 2 }, ds: { shape: [4, 8] } },
        },
      },
    );
    for (const spec of [own, fused])
      expect(await nests(spec)).toEqual([
        'mac K12 C8 OY6 approximate',
        'mac K12 C8 OY6 approximate',
        'vector B1 G12 OY6 OX1 exact',
        'mac K8 C12 OY6 approximate',
        'vector B1 G8 OY6 OX1 exact',
      ]);
    const weights = (await lowered(fused)).workload.layers.map(({ weightBits }) => weightBits);
    expect(weights).toEqual([4 * 12 * 8 * 4, 4 * 12 * 8 * 4, 0, 4 * 8 * 12 * 4, 0]);
  });

  test('weights that do not fit are refused by name', async () => {
    const initializers = { up: { shape: [4, 12, 8] }, down: { shape: [3, 8, 12] } };
    const spec = single({ op: 'MoE', in: ['x', 'r', 'up', '', 'down'] }, { inputs: rows, initializers });
    await expect(lowered(spec)).rejects.toThrow('fc1 has 4 experts, fc2 3');
  });
});

describe('sequences without padding', () => {
  const tables = { o: [3, 10], c: [4] };
  test('PackedMultiHeadAttention: 24 rows, each with the 10 keys of the longest sequence', async () => {
    const flat = single(
      { op: 'PackedMultiHeadAttention', in: ['q', 'k', 'v', '', 'o', 'c'], attrs: { num_heads: 2 } },
      { inputs: { q: [24, 8], k: [24, 8], v: [24, 12], ...tables }, types: { o: 6, c: 6 } },
    );
    const { workload, layer } = await lowered(flat);
    expect(workload.layers.map(nest)).toEqual(['B1 G2 K10 C4 OY24', 'B1 G20 OY24 OX1', 'B1 G2 K6 C10 OY24']);
    expect(sources(layer('node.1'), 'W')).toEqual(['%k:8 full full']);
    expect(workload.layers.map(({ coverage }) => coverage)).toEqual(
      Array.from({ length: 3 }, () => 'approximate'),
    );
    const packed = single(
      { op: 'PackedMultiHeadAttention', in: ['q', '', '', '', 'o', 'c'], attrs: { num_heads: 2 } },
      { inputs: { q: [24, 2, 3, 4], ...tables }, types: { o: 6, c: 6 } },
    );
    expect((await lowered(packed)).workload.layers.map(nest)).toEqual([
      'B1 G2 K10 C4 OY24',
      'B1 G20 OY24 OX1',
      'B1 G2 K4 C10 OY24',
    ]);
  });

  test('PackedAttention projects keys and values, then the query', async () => {
    const { workload } = await lowered(
      single(
        { op: 'PackedAttention', in: ['x', 'w', 'b', 'o', 'c'], attrs: { num_heads: 2 } },
        {
          inputs: { x: [24, 16], ...tables },
          types: { o: 6, c: 6 },
          initializers: { w: { shape: [16, 24] }, b: { shape: [24] } },
        },
      ),
    );
    expect(workload.layers.map(nest)).toEqual([
      ...Array.from({ length: 3 }, () => 'K8 C16 OY24'),
      ...['B1 G2 K10 C4 OY24', 'B1 G20 OY24 OX1', 'B1 G2 K4 C10 OY24'],
    ]);
    expect(workload.macs).toBe(24 * 16 * 24 + 2 * (2 * 24 * 10 * 4));
  });
});
