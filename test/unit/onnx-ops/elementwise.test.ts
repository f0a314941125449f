/** Elementwise and pointwise operators: layers, post-operations of the layer before, quantization. */
import type { Layer } from '../../../src/ir/layer.js';
import { dims, inferred, lowered, nest, shapeOf, sources } from '../../support/lowered.js';
import {
  floats,
  int64,
  type AttrSpec,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from '../../support/onnx-model.js';

const IMAGE = [1, 4, 6, 8];
const W = { shape: [4, 4, 3, 3] };
const conv = (input: string, output: string): NodeSpec => ({
  op: 'Conv',
  name: output,
  in: [input, 'w'],
  out: [output],
  attrs: { pads: [1, 1, 1, 1] },
});

describe('broadcasting', () => {
  test.each([
    [
      [2, 3, 4],
      [3, 1],
      [2, 3, 4],
    ],
    [[1], [2, 3], [2, 3]],
    [
      [3, 1],
      [1, 4],
      [3, 4],
    ],
  ])('%j + %j', async (a, b, expected) => {
    expect(
      await shapeOf({ inputs: { a, b }, outputs: ['y'], nodes: [{ op: 'Add', in: ['a', 'b'], out: ['y'] }] }),
    ).toEqual(expected);
  });

  test('sizes that differ and are not 1', async () => {
    await expect(
      shapeOf({
        inputs: { a: [2, 3], b: [2, 4] },
        outputs: ['y'],
        nodes: [{ op: 'Mul', in: ['a', 'b'], out: ['y'] }],
      }),
    ).rejects.toThrow('"b" [2, 4] does not broadcast: axis 1 of the result is 3, here 4');
  });

  test('types: comparisons are bool, Where takes that of its values', async () => {
    const { tensor } = await inferred({
      inputs: { a: [2], b: [2] },
      outputs: ['y'],
      nodes: [
        { op: 'Less', in: ['a', 'b'], out: ['c'] },
        { op: 'Where', in: ['c', 'a', 'b'], out: ['y'] },
      ],
    });
    expect([tensor('c').dtype, tensor('y').dtype]).toEqual(['bool', 'float']);
  });
});

describe('two feature maps', () => {
  test('B G OY OX, both on the input path', async () => {
    const { layer } = await lowered({
      inputs: { x: IMAGE },
      outputs: ['y'],
      initializers: { w: W },
      nodes: [conv('x', 'a'), conv('a', 'b'), { op: 'Add', name: 'add', in: ['b', 'a'], out: ['y'] }],
    });
    const add = layer('add');
    expect(nest(add)).toBe('B1 G4 OY6 OX8');
    expect(add.inputs.map(({ name, path, bits }) => `${name} ${path} ${bits}`)).toEqual(['X I 8', 'Y I 8']);
    expect([...sources(add, 'X'), ...sources(add, 'Y')]).toEqual(['%b:4 same same', '%a:4 same same']);
    expect(add).toMatchObject({ kind: 'vector', coverage: 'exact', macs: 0 });
  });

  test('a map that is broadcast over the pixels is indexed by B and G only', async () => {
    const { layer } = await lowered({
      inputs: { x: IMAGE },
      outputs: ['y'],
      initializers: { w: W },
      nodes: [
        conv('x', 'a'),
        { op: 'GlobalAveragePool', name: 'pool', in: ['a'], out: ['p'] },
        { op: 'Sigmoid', name: 'gate', in: ['p'], out: ['s'] },
        { op: 'Mul', name: 'mul', in: ['a', 's'], out: ['y'] },
      ],
    });
    expect(layer('pool').postOps.map(({ op }) => op)).toEqual(['Sigmoid']);
    expect(dims(layer('mul'), 'X')).toBe('B G OY OX');
    expect(dims(layer('mul'), 'Y')).toBe('B G');
    expect(sources(layer('mul'), 'Y')).toEqual(['%s:4 full full']);
  });

  test('more maps: a chain of binary layers', async () => {
    const { workload } = await lowered({
      inputs: { a: IMAGE, b: IMAGE, c: [1, 1, 6, 8] },
      outputs: ['y'],
      initializers: { k: { shape: [4, 1, 1] } },
      nodes: [{ op: 'Sum', name: 'sum', in: ['a', 'b', 'k', 'c'], out: ['y'] }],
    });
    expect(workload.layers.map(({ id, output }) => `${id} -> ${output.map}`)).toEqual([
      '@sum.1 -> %y.1',
      '@sum -> %y',
    ]);
    const [, last] = workload.layers;
    expect(sources(last!, 'X')).toEqual(['%y.1:4 same same']);
    expect(dims(last!, 'Y')).toBe('B OY OX');
    // the constant joins the last one: 4 elements of 8 bit
    expect(last!.postOps).toEqual([{ op: 'Sum', name: 'k', parameterBits: 32 }]);
  });

  test.each([
    ['a product', { op: 'MatMul', in: ['p', 'v'], out: ['y'] }],
    ['nothing', { op: 'Identity', in: ['p'], out: ['y'] }],
  ])('a table of two vectors has rows where the scores have; behind them: %s', async (_behind, last) => {
    const { layer, workload } = await lowered({
      inputs: { q: [1, 2, 6, 4], k: [1, 2, 4, 5], v: [1, 2, 5, 4], rows: [6, 1], keys: [5], c: [1] },
      outputs: ['y'],
      nodes: [
        { op: 'Sum', name: 'table', in: ['rows', 'keys', 'c'], out: ['t'] },
        { op: 'MatMul', name: 's', in: ['q', 'k'], out: ['s'] },
        { op: 'Add', name: 'add', in: ['s', 't'], out: ['a'] },
        { op: 'Softmax', name: 'softmax', in: ['a'], out: ['p'] },
        last,
      ],
    });
    // One row of the table for one of the scores: what a tile of rows needs.
    expect(sources(layer('add'), 'Y')).toEqual(['%t:5 same same']);
    expect([nest(layer('table.1')), nest(layer('table'))]).toEqual(['B1 G5 OY6 OX1', 'B1 G5 OY6 OX1']);
    expect(sources(layer('table.1'), 'X')).toEqual(['%rows:1 same same']);
    expect(workload.maps.find(({ id }) => id === '%t')).toMatchObject({ width: 1, height: 6 });
  });

  test('x * x is a function of one map', async () => {
    const { workload } = await lowered({
      inputs: { x: IMAGE },
      outputs: ['y'],
      initializers: { w: W },
      nodes: [conv('x', 'a'), { op: 'Mul', name: 'square', in: ['a', 'a'], out: ['y'] }],
    });
    expect(workload.layers).toHaveLength(1);
    expect(workload.layers[0]!.postOps.map(({ op }) => op)).toEqual(['Mul']);
  });
});

describe('post-operations', () => {
  const chain = (nodes: readonly NodeSpec[], outputs: readonly string[] = ['y']): ModelSpec => ({
    inputs: { x: IMAGE },
    outputs,
    initializers: {
      w: W,
      c: { shape: [4, 1, 1] },
      s: { shape: [4] },
      big: { shape: IMAGE },
      one: floats(6),
    },
    nodes,
  });

  test('bias, normalization, scale and activation join the convolution; its map takes the last name', async () => {
    const { workload, only } = await lowered(
      chain([
        conv('x', 'a'),
        { op: 'BatchNormalization', name: 'bn', in: ['a', 's', 's', 's', 's'], out: ['b'] },
        { op: 'Mul', name: 'scale', in: ['b', 'c'], out: ['d'] },
        { op: 'Clip', name: 'relu6', in: ['d', '', 'one'], out: ['y'] },
      ]),
    );
    expect(workload.layers).toHaveLength(1);
    expect(only.postOps).toEqual([
      { op: 'BatchNormalization', name: 'bn', parameterBits: 2 * 4 * 8 }, // mean and variance folded in
      { op: 'Mul', name: 'scale', parameterBits: 4 * 8 },
      { op: 'Clip', name: 'relu6', parameterBits: 0 },
    ]);
    expect(only.weightBits).toBe(4 * 4 * 9 * 8 + 64 + 32);
    expect(only.output.map).toBe('%y');
    expect(workload.maps.map(({ id }) => id)).toEqual(['%x', '%y']);
    expect(only.src.map(({ name }) => name)).toEqual(['a', 'bn', 'scale', 'relu6']);
  });

  test('a constant with other elements for other pixels is read by a layer of its own', async () => {
    const { workload, layer } = await lowered(
      chain([conv('x', 'a'), { op: 'Add', name: 'position', in: ['a', 'big'], out: ['y'] }]),
    );
    expect(workload.layers).toHaveLength(2);
    const [weights, map] = layer('position').inputs;
    expect([weights!.path, weights!.dims]).toEqual(['W', ['G', 'OY', 'OX']]);
    expect(map!.sources[0]!.map).toBe('%a');
    expect(layer('position').weightBits).toBe(4 * 6 * 8 * 8);
    expect(layer('position').postOps).toEqual([]);
  });

  test('a constant that heads share is read once for all of them', async () => {
    const tokens = [1, 5, 3, 4] as const; // rows, heads, elements
    const { layer } = await lowered({
      inputs: { x: [1, 5, 12] },
      outputs: ['y'],
      initializers: { shape: int64(...tokens), table: { shape: [5, 1, 4] } },
      nodes: [
        { op: 'Reshape', in: ['x', 'shape'], out: ['r'] },
        { op: 'Mul', name: 'rotation', in: ['r', 'table'], out: ['y'] },
      ],
    });
    expect(nest(layer('rotation'))).toBe('B3 G4 OY5 OX1');
    expect(layer('rotation').inputs[0]!.dims).toEqual(['G', 'OY', 'OX']);
    expect(layer('rotation').weightBits).toBe(5 * 4 * 8);
  });

  test('a map that something else sees keeps its producer as it is', async () => {
    const residual = await lowered(
      chain([
        conv('x', 'a'),
        { op: 'Relu', name: 'relu', in: ['a'], out: ['r'] },
        conv('r', 'b'),
        { op: 'Add', name: 'add', in: ['b', 'a'], out: ['y'] },
      ]),
    );
    expect(residual.workload.layers.map(({ id }) => id)).toEqual(['@a', '@relu', '@b', '@add']);
    expect(nest(residual.layer('relu'))).toBe('B1 G4 OY6 OX8');
    const seen = await lowered(
      chain([conv('x', 'a'), { op: 'Relu', name: 'relu', in: ['a'], out: ['y'] }], ['a', 'y']),
    );
    expect(seen.workload.layers.map(({ id }) => id)).toEqual(['@a', '@relu']);
    expect(seen.workload.outputs).toEqual(['%a', '%y']);
  });

  test('through a reshape, if nothing else sees the map', async () => {
    const nodes = (reader: NodeSpec): NodeSpec[] => [
      conv('x', 'a'),
      { op: 'Flatten', name: 'flat', in: ['a'], out: ['f'] },
      { op: 'Relu', name: 'relu', in: ['f'], out: ['y'] },
      reader,
    ];
    const alone = await lowered(chain(nodes({ op: 'Relu', name: 'other', in: ['x'], out: ['z'] })));
    expect(alone.only.postOps.map(({ op }) => op)).toEqual(['Relu']);
    expect(alone.workload.aliases).toEqual([{ op: 'Flatten', name: 'flat', of: ['%y'] }]);
    const shared = await lowered(
      chain(nodes({ op: 'Sigmoid', name: 'other', in: ['a'], out: ['z'] }), ['y', 'z']),
    );
    expect(shared.workload.layers.map(({ id }) => id)).toEqual(['@a', '@relu', '@other']);
  });

  test('without a producer that can take it: a layer of its own', async () => {
    const { only } = await lowered(chain([{ op: 'Mul', name: 'scale', in: ['x', 'c'], out: ['y'] }]));
    expect(nest(only)).toBe('B1 G4 OY6 OX8');
    expect(only).toMatchObject({ kind: 'vector', weightBits: 4 * 8, postOps: [] });
  });

  test('a constant that makes the map larger', async () => {
    const { only } = await lowered({
      inputs: { x: [1, 1, 6, 8] },
      outputs: ['y'],
      initializers: { c: { shape: [4, 1, 1] } },
      nodes: [{ op: 'Mul', name: 'mul', in: ['x', 'c'], out: ['y'] }],
    });
    expect(nest(only)).toBe('B1 G4 OY6 OX8');
    expect(dims(only, 'I')).toBe('B OY OX');
  });
});

describe('element types', () => {
  const QUANTIZED: ModelSpec = {
    inputs: { x: IMAGE },
    outputs: ['y'],
    initializers: { s: { shape: [] }, z: { shape: [], type: 3 }, w4: { shape: [4, 4, 3, 3], type: 22 } },
    nodes: [
      { op: 'DequantizeLinear', name: 'wdq', in: ['w4', 's'], out: ['w'] },
      { op: 'Conv', name: 'a', in: ['x', 'w'], out: ['a0'] },
      { op: 'QuantizeLinear', name: 'q', in: ['a0', 's', 'z'], out: ['a1'] },
      { op: 'DequantizeLinear', name: 'dq', in: ['a1', 's', 'z'], out: ['a2'] },
      { op: 'DequantizeLinear', name: 'dq2', in: ['a1', 's', 'z'], out: ['a3'] },
      { op: 'MaxPool', name: 'pool', in: ['a2'], out: ['p'], attrs: { kernel_shape: [1, 1] } },
      { op: 'Add', name: 'add', in: ['p', 'a3'], out: ['y'] },
    ],
  };

  test('weights and maps keep the type they are stored in behind a DequantizeLinear', async () => {
    const { layer, workload } = await lowered(QUANTIZED, { precision: { W: 16, I: 16, O: 16, psum: 32 } });
    expect(layer('a').inputs.map(({ bits }) => bits)).toEqual([4, 16]);
    expect(layer('a').weightBits).toBe(4 * 4 * 9 * 4);
    expect(layer('a').postOps.map(({ op }) => op)).toEqual(['QuantizeLinear']);
    expect(layer('a').output).toMatchObject({ map: '%a1', bits: 8, psumBits: 32 });
    expect(layer('pool').inputs[1]!.bits).toBe(8);
    expect(layer('add').inputs.map(({ bits }) => bits)).toEqual([8, 8]);
    expect(workload.aliases.map(({ name, of }) => [name, of])).toEqual([
      ['dq', ['%a1']],
      ['dq2', ['%a1']],
    ]);
  });

  test.each<[string, string, TensorSpec, Readonly<Record<string, AttrSpec>>, readonly [string, number][]]>([
    ['per tensor', 'MatMul', { shape: [] }, {}, []],
    [
      'per channel',
      'MatMul',
      { shape: [32] },
      { axis: 1 },
      [
        ['scale', 8 * 32],
        ['zero point', 4 * 32],
      ],
    ],
    [
      'per block',
      'MatMul',
      { shape: [2, 32] },
      { axis: 0, block_size: 32 },
      [
        ['scale', 8 * 64],
        ['zero point', 4 * 64],
      ],
    ],
    [
      'of a table, as far as it is read',
      'Gather',
      { shape: [64, 1] },
      { axis: 1, block_size: 32 },
      [
        ['scale', 8 * 16],
        ['zero point', 4 * 16],
      ],
    ],
  ])('scales and zero points of quantized weights, %s', async (_, op, scale, attrs, expected) => {
    const { layer } = await lowered({
      opset: 21,
      inputs: { x: [1, 16, 64], i: [16] },
      types: { i: 7 },
      outputs: ['y'],
      initializers: { q: { shape: [64, 32], type: 22 }, s: scale, z: { ...scale, type: 22 } },
      nodes: [
        { op: 'DequantizeLinear', name: 'dq', in: ['q', 's', 'z'], out: ['w'], attrs },
        { op, name: 'read', in: op === 'Gather' ? ['w', 'i'] : ['x', 'w'], out: ['y'] },
      ],
    });
    const { postOps, weightBits } = layer('read');
    expect(postOps.map(({ op: name, parameterBits }) => [name, parameterBits])).toEqual(expected);
    const weights = 4 * 32 * (op === 'Gather' ? 16 : 64);
    expect(weightBits).toBe(weights + expected.reduce((sum, [, bits]) => sum + bits, 0));
  });

  /** Layers `a` and `b` whose maps are stored as uint8 and as the type `z`, then the nodes on `a2` and `b2`. */
  const stored = (type: number, nodes: ModelSpec['nodes'], rest: Partial<ModelSpec> = {}): ModelSpec => ({
    inputs: { x: IMAGE },
    outputs: ['y'],
    opset: 21,
    ...rest,
    initializers: {
      ...{ s: { shape: [] }, z8: { shape: [], type: 2 }, z: { shape: [], type }, w: { shape: [4, 4, 1, 1] } },
      ...{ wide: { shape: [4, 8, 1, 1] } },
      ...rest.initializers,
    },
    nodes: [
      ...(['a', 'b'] as const).flatMap((name) => {
        const zero = name === 'a' ? 'z8' : 'z';
        return [
          { op: 'Conv', name, in: ['x', 'w'], out: [`${name}0`] },
          { op: 'QuantizeLinear', name: `q${name}`, in: [`${name}0`, 's', zero], out: [`${name}1`] },
          { op: 'DequantizeLinear', name: `dq${name}`, in: [`${name}1`, 's', zero], out: [`${name}2`] },
        ];
      }),
      ...nodes,
    ],
  });
  const WIDE = { precision: { W: 32, I: 32, O: 32, psum: 32 } };
  const join = (axis: number): NodeSpec => ({
    op: 'Concat',
    name: 'join',
    in: ['a2', 'b2'],
    out: ['j'],
    attrs: { axis },
  });
  const readBits = (layer: Layer): number | undefined => layer.inputs.find(({ name }) => name === 'I')?.bits;

  test.each([
    ['uint8', 2, 8],
    ['uint16', 4, 16],
  ])('a concatenation of uint8 and %s is read and moved as the wider of them', async (_name, type, bits) => {
    const channels = await lowered(
      stored(type, [join(1), { op: 'Conv', name: 'c', in: ['j', 'wide'], out: ['y'] }]),
      WIDE,
    );
    expect(readBits(channels.layer('c'))).toBe(bits);
    expect(channels.layer('c').output.bits).toBe(32);
    const rows = await lowered(
      stored(type, [join(2), { op: 'Conv', name: 'c', in: ['j', 'w'], out: ['y'] }]),
      WIDE,
    );
    expect([readBits(rows.layer('join')), rows.layer('join').output.bits]).toEqual([bits, bits]);
    expect(readBits(rows.layer('c'))).toBe(bits);
  });

  test('what reads one part of a concatenation reads it as that part is stored', async () => {
    const { layer, workload } = await lowered(
      stored(
        4,
        [
          join(1),
          { op: 'Split', name: 'split', in: ['j'], out: ['l', 'r'], attrs: { axis: 1, num_outputs: 2 } },
          { op: 'Conv', name: 'c', in: ['l', 'w'], out: ['y'] },
          { op: 'Conv', name: 'd', in: ['r', 'w'], out: ['y2'] },
        ],
        { outputs: ['y', 'y2'] },
      ),
      WIDE,
    );
    expect([readBits(layer('c')), readBits(layer('d'))]).toEqual([8, 16]);
    expect(workload.maps.map(({ bits }) => bits)).toEqual([32, 8, 16, 32, 32]);
  });

  test.each([
    ['nearest', 8],
    ['linear', 32],
    ['cubic', 32],
  ])(
    'Resize, %s: a copy of an element is stored as it is, a mean of several as any number',
    async (mode, bits) => {
      const resize: NodeSpec = { op: 'Resize', name: 'up', in: ['a2', '', 'k'], out: ['y'], attrs: { mode } };
      const { layer } = await lowered(stored(2, [resize], { initializers: { k: floats(1, 1, 2, 2) } }), WIDE);
      expect([readBits(layer('up')), layer('up').output.bits]).toEqual([8, bits]);
    },
  );

  test('constants that are joined are weights of the widest of their types', async () => {
    const { only } = await lowered(
      {
        inputs: { x: IMAGE },
        outputs: ['y'],
        opset: 21,
        initializers: {
          ...{
            s: { shape: [] },
            i4: { shape: [2, 4, 1, 1], type: 22 },
            i8: { shape: [2, 4, 1, 1], type: 3 },
          },
        },
        nodes: [
          { op: 'DequantizeLinear', name: 'dq4', in: ['i4', 's'], out: ['w4'] },
          { op: 'DequantizeLinear', name: 'dq8', in: ['i8', 's'], out: ['w8'] },
          { op: 'Concat', name: 'join', in: ['w4', 'w8'], out: ['w'], attrs: { axis: 0 } },
          { op: 'Conv', name: 'c', in: ['x', 'w'], out: ['y'] },
        ],
      },
      WIDE,
    );
    expect(only.weightBits).toBe(4 * 4 * 8);
  });

  test.each([
    ['a', 16, 16],
    ['b', 16, 16],
    ['a', 2, 4],
    ['b', 2, 4],
  ])('the user sets the map of %s in a concatenation to %i bit', async (set, O, bits) => {
    const { layer } = await lowered(
      {
        inputs: { x: IMAGE },
        outputs: ['y'],
        initializers: { w: { shape: [4, 4, 1, 1] }, wide: { shape: [4, 8, 1, 1] } },
        nodes: [
          { op: 'Conv', name: 'a', in: ['x', 'w'], out: ['a2'] },
          { op: 'Conv', name: 'b', in: ['x', 'w'], out: ['b2'] },
          join(1),
          { op: 'Conv', name: 'c', in: ['j', 'wide'], out: ['y'] },
        ],
      },
      { precision: { W: 4, I: 4, O: 4, psum: 16 }, ofLayer: (name) => (name === set ? { O } : {}) },
    );
    expect(readBits(layer('c'))).toBe(bits);
  });

  test('the user overrides whatever the type', async () => {
    const { layer } = await lowered(QUANTIZED, { override: { W: 2, I: 3, O: 5, psum: 7 } });
    expect(layer('a').inputs.map(({ bits }) => bits)).toEqual([2, 3]);
    expect(layer('a').output).toMatchObject({ bits: 5, psumBits: 7 });
  });

  test('Cast changes the stored type', async () => {
    const { only } = await lowered({
      inputs: { x: IMAGE },
      outputs: ['y'],
      initializers: { w: W },
      nodes: [conv('x', 'a'), { op: 'Cast', in: ['a'], out: ['y'], attrs: { to: 6 } }],
    });
    expect(only.output).toMatchObject({ bits: 32, psumBits: 16 });
  });

  test('a note says which precision float tensors take', async () => {
    const { diagnostics } = await lowered({
      inputs: { x: IMAGE },
      outputs: ['y'],
      nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }],
    });
    expect(diagnostics).toMatchObject([
      {
        code: 'DF2102',
        severity: 'note',
        message: 'float tensors are taken as W 8, I 8, O 8 bit with partial sums of 16 bit',
      },
    ]);
  });
});
