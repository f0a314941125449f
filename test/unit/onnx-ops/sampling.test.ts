/** Operators that read where the data says, caches, and those of operator sets newer than the runtime: by the standard. */
import { dims, lowered, mapSize, nest, shapeOf, sources } from '../../support/lowered.js';
import { int64, type ModelSpec, type NodeSpec } from '../../support/onnx-model.js';

const deform = (more: Partial<NodeSpec> = {}, masked = true): ModelSpec => ({
  opset: 19,
  inputs: { x: [1, 4, 8, 8], o: [1, 18, 8, 8], m: [1, 9, 8, 8] },
  outputs: ['y'],
  initializers: { w: { shape: [6, 4, 3, 3] }, b: { shape: [6] } },
  nodes: [
    {
      op: 'DeformConv',
      name: 'deform',
      in: ['x', 'w', 'o', 'b', ...(masked ? ['m'] : [])],
      out: ['y'],
      attrs: { pads: [1, 1, 1, 1] },
      ...more,
    },
  ],
});

describe('DeformConv', () => {
  test('has the loops, MACs and weights of a convolution; any part of the image may be needed', async () => {
    const { only, codes } = await lowered(deform());
    expect(nest(only)).toBe('B1 K6 C4 OY8 OX8 FY3 FX3');
    expect(only.macs).toBe(6 * 4 * 9 * 64);
    expect(only.weightBits).toBe(8 * (6 * 4 * 9 + 6));
    expect(only.coverage).toBe('approximate');
    expect(sources(only, 'I')).toEqual(['%x:4 full full', '%o:18 same same', '%m:9 same same']);
    expect(codes).toEqual(['DF2102']);
  });

  test('offsets of another size are named', async () => {
    await expect(lowered(deform({ attrs: { pads: [1, 1, 1, 1], offset_group: 2 } }))).rejects.toMatchObject({
      diagnostics: [{ code: 'DF2003', message: 'offset is [1, 18, 8, 8], expected [1, 36, 8, 8]' }],
    });
  });
});

describe('CenterCropPad', () => {
  const cropped = (shape: readonly number[], to: readonly number[]): ModelSpec => ({
    opset: 18,
    inputs: { x: shape },
    outputs: ['y'],
    initializers: { w: { shape: [6, 3, 1, 1] }, to: int64(...to) },
    nodes: [
      { op: 'Conv', name: 'conv', in: ['x', 'w'], out: ['c'] },
      { op: 'CenterCropPad', name: 'crop', in: ['c', 'to'], out: ['y'], attrs: { axes: [1, 2, 3] } },
    ],
  });

  test('rows and columns are those in the middle', async () => {
    const { layer, workload } = await lowered(cropped([1, 3, 9, 10], [6, 5, 8]));
    expect(sources(layer('crop'), 'I')).toEqual(['%c:6 (1o+1..1)/1 (1o+2..2)/1']);
    expect(mapSize(workload, '%y')).toBe('8x5x6');
  });

  test('channels too, beside rows that are padded; the odd one goes behind', async () => {
    const { layer, workload } = await lowered(cropped([1, 3, 9, 10], [2, 12, 7]));
    expect(sources(layer('crop'), 'I')).toEqual(['%c:2 (1o+1..1)/1 k1s1d1p1,2']);
    expect(mapSize(workload, '%y')).toBe('7x12x2');
  });
});

test('TensorScatter: the cache is read where it lies, of the result only the new rows are written', async () => {
  const { workload } = await lowered({
    opset: 24,
    inputs: { q: [1, 2, 1, 8], k: [1, 2, 1, 8], v: [1, 2, 1, 8], pk: [1, 2, 16, 8], pv: [1, 2, 16, 8] },
    outputs: ['y', 'ck', 'cv'],
    nodes: [
      { op: 'Neg', name: 'new', in: ['k'], out: ['nk'] },
      { op: 'TensorScatter', name: 'keys', in: ['pk', 'nk'], out: ['ck'] },
      { op: 'TensorScatter', name: 'values', in: ['pv', 'v'], out: ['cv'] },
      { op: 'Attention', name: 'att', in: ['q', 'ck', 'cv'], out: ['y'] },
    ],
  });
  expect(workload.layers.map(({ id }) => id)).toEqual(['@new', '@att.1', '@att.2', '@att']);
  const scores = workload.layers[1]!;
  expect(nest(scores)).toBe('B1 G2 K16 C8 OY1');
  expect(scores.inputs[0]!.sources.map(({ map }) => map)).toEqual(['%pk', '%nk']);
});

test('CausalConvWithState: a depthwise convolution that looks back', async () => {
  const { only, workload } = await lowered({
    opset: 27,
    inputs: { x: [2, 6, 10] },
    outputs: ['y'],
    initializers: { w: { shape: [6, 1, 4] } },
    nodes: [{ op: 'CausalConvWithState', in: ['x', 'w'], out: ['y', 'state'] }],
  });
  expect(nest(only)).toBe('B2 G6 OY1 OX10 FY1 FX4');
  expect(only.macs).toBe(2 * 6 * 10 * 4);
  expect(sources(only, 'I')).toEqual(['%x:12 k4s1d1p3,0 same']);
  expect(mapSize(workload, '%y')).toBe('10x1x12');
});

test('SwiGLU reads both maps at the same place', async () => {
  const { only } = await lowered({
    opset: 28,
    inputs: { a: [1, 5, 8], b: [1, 5, 8] },
    outputs: ['y'],
    nodes: [{ op: 'SwiGLU', in: ['a', 'b'], out: ['y'] }],
  });
  expect([dims(only, 'X'), dims(only, 'Y')]).toEqual(['B G OY OX', 'B G OY OX']);
  expect(only.coverage).toBe('exact');
});

test.each<[NodeSpec, readonly number[]]>([
  [{ op: 'CumProd', in: ['x', 'axis'], out: ['y'] }, [2, 4]],
  [{ op: 'BitCast', in: ['x'], out: ['y'], attrs: { to: 12 } }, [2, 4]],
  [{ op: 'Rfft', domain: 'com.microsoft', in: ['x'], out: ['y'] }, [2, 3, 2]],
  [{ op: 'Irfft', domain: 'com.microsoft', in: ['x'], out: ['y'] }, [2]],
])('%j', async (node, shape) => {
  const initializers = { axis: { ...int64(1), shape: [] } };
  const spec: ModelSpec = { inputs: { x: [2, 4] }, outputs: ['y'], initializers, nodes: [node] };
  expect(await shapeOf({ ...spec, opset: { '': 26, 'com.microsoft': 1 } })).toEqual(shape);
});

test('LinearAttention: rows of values, and a matrix per head of keys; MACs not known', async () => {
  const spec: ModelSpec = {
    opset: 27,
    inputs: { q: [2, 5, 24], k: [2, 5, 12], v: [2, 5, 6] },
    outputs: ['y', 'state'],
    nodes: [
      {
        op: 'LinearAttention',
        in: ['q', 'k', 'v'],
        out: ['y', 'state'],
        attrs: { q_num_heads: 4, kv_num_heads: 2 },
      },
    ],
  };
  expect(await shapeOf(spec)).toEqual([2, 5, 12]);
  expect(await shapeOf(spec, 'state')).toEqual([2, 2, 6, 3]);
  expect((await lowered(spec)).only.unknownMacs).toBe(true);
});

test('NhwcFusedConv: channels last, and a sum with a map that has them last too', async () => {
  const { workload, layer } = await lowered({
    opset: { '': 17, 'com.microsoft': 1 },
    inputs: { x: [1, 6, 7, 4], z: [1, 6, 7, 8] },
    outputs: ['y'],
    initializers: { w: { shape: [8, 4, 1, 1] }, b: { shape: [8] } },
    nodes: [
      { op: 'NhwcFusedConv', name: 'conv', domain: 'com.microsoft', in: ['x', 'w', 'b', 'z'], out: ['y'] },
    ],
  });
  expect(nest(layer('conv.1'))).toBe('B1 K8 C4 OY6 OX7');
  expect(sources(layer('conv'), 'Y')).toEqual(['%z:8 same same']);
  expect(mapSize(workload, '%y')).toBe('7x6x8');
});

test('BiasSplitGelu: one half times a function of the other', async () => {
  const { only } = await lowered({
    opset: { '': 17, 'com.microsoft': 1 },
    inputs: { x: [1, 5, 16] },
    outputs: ['y'],
    initializers: { b: { shape: [16] } },
    nodes: [{ op: 'BiasSplitGelu', domain: 'com.microsoft', in: ['x', 'b'], out: ['y'] }],
  });
  expect([sources(only, 'X'), sources(only, 'Y')]).toEqual([['%x:8 same same'], ['%x:8 same same']]);
  expect(nest(only)).toBe('B1 G8 OY5 OX1');
  expect(only.weightBits).toBe(16 * 8);
});

test('a transform whose arithmetic is not known says so', async () => {
  const { only, diagnostics } = await lowered({
    opset: 17,
    inputs: { x: [1, 400, 1] },
    outputs: ['y'],
    initializers: { step: { ...int64(10), shape: [] }, length: { ...int64(40), shape: [] } },
    nodes: [{ op: 'STFT', in: ['x', 'step', '', 'length'], out: ['y'] }],
  });
  expect(only).toMatchObject({ op: 'STFT', coverage: 'generic', unknownMacs: true });
  expect(diagnostics[0]).toMatchObject({ code: 'DF2100', message: 'STFT has a generic cost (1 node)' });
});
