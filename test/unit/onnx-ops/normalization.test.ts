/** Normalizations and reductions: loop nests, what is read whole, how often the input is streamed. */
import { dims, lowered, mapSize, nest, shapeOf, sources } from '../../support/lowered.js';
import { int64, type AttrSpec, type ModelSpec } from '../../support/onnx-model.js';

type Attrs = Record<string, AttrSpec>;

/** The operator behind one that keeps the layout of its input: a convolution, or rows of tokens. */
const behindConv = (op: string, attrs: Attrs = {}, inputs: string[] = [], opset = 18): ModelSpec => ({
  opset,
  inputs: { x: [1, 8, 6, 10] },
  outputs: ['y'],
  initializers: { w: { shape: [8, 8, 1, 1] }, s: { shape: [8] }, axes: int64(2, 3) },
  nodes: [
    { op: 'Conv', name: 'conv', in: ['x', 'w'], out: ['a'] },
    { op, name: 'node', in: ['a', ...inputs], out: ['y'], attrs },
  ],
});

const behindRows = (op: string, attrs: Attrs = {}, inputs: string[] = []): ModelSpec => ({
  opset: 18,
  inputs: { x: [2, 5, 8] },
  outputs: ['y'],
  initializers: { w: { shape: [8, 12] }, s: { shape: [12] }, last: int64(-1) },
  nodes: [
    { op: 'MatMul', name: 'mm', in: ['x', 'w'], out: ['a'] },
    { op, name: 'node', in: ['a', ...inputs], out: ['y'], attrs },
  ],
});

test.each<[string, ModelSpec, string, string, number]>([
  ['Softmax over channels', behindConv('Softmax', { axis: 1 }), 'B1 G8 OY6 OX10', '%a:8 same same', 3],
  ['Softmax over columns', behindConv('Softmax', { axis: 3 }), 'B1 G8 OY6 OX10', '%a:8 full same', 3],
  [
    'Softmax up to operator set 12: all axes from 1',
    behindConv('Softmax', {}, [], 12),
    'B1 G8 OY6 OX10',
    '%a:8 full full',
    3,
  ],
  ['Softmax of tokens', behindRows('Softmax'), 'B1 G12 OY10 OX1', '%a:12 same same', 3],
  ['LogSoftmax', behindRows('LogSoftmax'), 'B1 G12 OY10 OX1', '%a:12 same same', 3],
  [
    'LayerNormalization',
    behindRows('LayerNormalization', {}, ['s', 's']),
    'B1 G12 OY10 OX1',
    '%a:12 same same',
    2,
  ],
  [
    'InstanceNormalization',
    behindConv('InstanceNormalization', {}, ['s', 's']),
    'B1 G8 OY6 OX10',
    '%a:8 full full',
    2,
  ],
  ['LRN', behindConv('LRN', { size: 5 }), 'B1 G8 OY6 OX10', '%a:8 same same', 1],
  ['LpNormalization', behindConv('LpNormalization', { axis: 1 }), 'B1 G8 OY6 OX10', '%a:8 same same', 2],
  [
    'MeanVarianceNormalization',
    behindConv('MeanVarianceNormalization'),
    'B1 G8 OY6 OX10',
    '%a:8 full full',
    2,
  ],
])('%s', async (_, spec, loops, source, passes) => {
  const { layer } = await lowered(spec);
  const node = layer('node');
  expect([nest(node), ...sources(node, 'I')]).toEqual([loops, source]);
  expect(dims(node, 'O')).toBe(dims(node, 'I'));
  expect(node).toMatchObject({ kind: 'vector', coverage: 'approximate', passes, macs: 0 });
});

test('scale and bias are parameters of the layer', async () => {
  const { layer } = await lowered(behindRows('LayerNormalization', {}, ['s', 's']));
  expect(layer('node').postOps.map(({ op, parameterBits }) => [op, parameterBits])).toEqual([
    ['scale', 96],
    ['bias', 96],
  ]);
  expect(layer('node').weightBits).toBe(192);
  const ignored = await lowered(behindRows('LayerNormalization', {}, ['s', 's']), { countParameters: false });
  expect(ignored.layer('node').weightBits).toBe(0);
});

test('parameters must be as many as channels', async () => {
  await expect(lowered(behindRows('InstanceNormalization', {}, ['s', 's']))).rejects.toThrow(
    'scale is [12], the input has 5 channels',
  );
});

describe('reductions', () => {
  test.each<[string, ModelSpec, readonly number[]]>([
    ['all axes', behindConv('ReduceMean'), [1, 1, 1, 1]],
    ['none with noop_with_empty_axes', behindConv('ReduceMean', { noop_with_empty_axes: 1 }), [1, 8, 6, 10]],
    ['some, kept', behindConv('ReduceMean', {}, ['axes']), [1, 8, 1, 1]],
    ['some, dropped', behindConv('ReduceMean', { keepdims: 0 }, ['axes']), [1, 8]],
    ['position', behindConv('ArgMax', { axis: 1, keepdims: 0 }), [1, 6, 10]],
  ])('shape: %s', async (_, spec, expected) => {
    expect(await shapeOf(spec)).toEqual(expected);
  });

  test('over rows and columns: like a global pool', async () => {
    const { layer, workload } = await lowered(behindConv('ReduceMean', { keepdims: 0 }, ['axes']));
    expect(nest(layer('node'))).toBe('B1 G8 OY1 OX1 FX10 FY6');
    expect(dims(layer('node'), 'I')).toBe('B G 10*OX+1*FX 6*OY+1*FY');
    expect(sources(layer('node'), 'I')).toEqual(['%a:8 full full']);
    expect(mapSize(workload, '%y')).toBe('1x1x8');
  });

  test('over channels: C, which the output has not', async () => {
    const { layer, workload } = await lowered(behindRows('ReduceMax', { keepdims: 0 }, ['last']));
    expect(nest(layer('node'))).toBe('B1 C12 OY10 OX1');
    expect([dims(layer('node'), 'I'), dims(layer('node'), 'O')]).toEqual(['B C OY OX', 'B OY OX']);
    expect(sources(layer('node'), 'I')).toEqual(['%a:12 same same']);
    expect(mapSize(workload, '%y')).toBe('1x10x1');
  });

  test('over everything', async () => {
    const { layer, workload } = await lowered(behindConv('ReduceSum'));
    expect(nest(layer('node'))).toBe('B1 C8 OY1 OX1 FX10 FY6');
    expect(mapSize(workload, '%y')).toBe('1x1x1');
  });

  test('over the batch', async () => {
    const { only, workload } = await lowered({
      opset: 18,
      inputs: { x: [3, 8, 6, 10] },
      outputs: ['y'],
      initializers: { axes: int64(0) },
      nodes: [{ op: 'ReduceSum', name: 'node', in: ['x', 'axes'], out: ['y'] }],
    });
    expect(nest(only)).toBe('B1 G8 C3 OY6 OX10');
    expect(mapSize(workload, '%y')).toBe('10x6x8');
  });
});

test('an operator nobody knows: generic cost, a warning, whole inputs', async () => {
  const { layer, codes, diagnostics } = await lowered({
    ...behindConv('Mystery', {}, ['s']),
    outputs: { y: [1, 4, 3, 5] },
    nodes: [
      { op: 'Conv', name: 'conv', in: ['x', 'w'], out: ['a'] },
      { op: 'Mystery', name: 'node', domain: 'acme', in: ['a', 's'], out: ['y'] },
    ],
    opset: { '': 18, acme: 1 },
  });
  const node = layer('node');
  expect(nest(node)).toBe('B1 G4 OY3 OX5');
  expect(sources(node, 'I')).toEqual(['%a:8 full full']);
  // 480 elements read for 60 written; the 8 constants count as weights
  expect(node).toMatchObject({
    op: 'acme:Mystery',
    coverage: 'generic',
    passes: 8,
    weightBits: 64,
    unknownMacs: true,
  });
  expect(codes).toEqual(['DF2010', 'DF2100', 'DF2102']);
  expect(diagnostics[1]!.message).toBe('acme:Mystery has a generic cost (1 node)');
  expect(diagnostics[1]!.help).toMatch(/^whatever MACs it has are not counted/);
});
