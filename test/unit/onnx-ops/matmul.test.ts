/** Matrix products. */
import { dims, lowered, mapSize, nest, shapeOf, sources } from '../../support/lowered.js';
import type { AttrSpec, ModelSpec } from '../../support/onnx-model.js';

const product = (a: readonly number[], b: readonly number[], constant: 'a' | 'b' | 'none'): ModelSpec => ({
  inputs: { ...(constant === 'a' ? {} : { a: [...a] }), ...(constant === 'b' ? {} : { b: [...b] }) },
  outputs: ['y'],
  initializers: constant === 'none' ? {} : { [constant]: { shape: constant === 'a' ? a : b } },
  nodes: [{ op: 'MatMul', name: 'mm', in: ['a', 'b'], out: ['y'] }],
});

describe('MatMul shapes', () => {
  test.each([
    [
      [3, 4],
      [4, 5],
      [3, 5],
    ],
    [
      [2, 3, 4],
      [4, 5],
      [2, 3, 5],
    ],
    [
      [7, 1, 3, 4],
      [2, 4, 5],
      [7, 2, 3, 5],
    ],
    [[4], [4, 5], [5]],
    [[2, 3, 4], [4], [2, 3]],
    [[4], [4], []],
  ])('%j x %j', async (a, b, expected) => {
    expect(await shapeOf(product(a, b, 'none'))).toEqual(expected);
  });

  test('rows of a batch that is repeated for the other side are read as often as they are there', async () => {
    const { layer, workload } = await lowered({
      inputs: { x: [1, 2, 3, 4], y: [5, 2, 6, 7] },
      outputs: ['z'],
      initializers: { w: { shape: [4, 6] } },
      nodes: [
        // Lays all leading axes along the rows, the first of one item among them.
        { op: 'MatMul', name: 'rows', in: ['x', 'w'], out: ['a'] },
        { op: 'Exp', name: 'keys', in: ['y'], out: ['k'] },
        { op: 'MatMul', name: 'each', in: ['a', 'k'], out: ['z'] },
      ],
    });
    expect(nest(layer('each'))).toBe('B1 G5 K7 C6 OY6');
    expect(sources(layer('each'), 'I')).toEqual(['%a:6 same same']);
    expect(layer('each').macs).toBe(5 * 2 * 3 * 6 * 7);
    expect(mapSize(workload, '%z')).toBe('1x6x35');
  });

  test('inner sizes must agree', async () => {
    await expect(shapeOf(product([3, 4], [5, 6], 'none'))).rejects.toThrow(
      '[3, 4] x [5, 6]: the inner sizes 4 and 5 differ',
    );
  });
});

describe('with a constant side', () => {
  test('rows are OY, the batch included: B K C OY', async () => {
    const { only, workload } = await lowered(product([2, 3, 4], [4, 5], 'b'));
    expect(nest(only)).toBe('B1 K5 C4 OY6');
    expect(['W', 'I', 'O'].map((operand) => dims(only, operand))).toEqual(['K C', 'B C OY', 'B K OY']);
    expect(sources(only, 'I')).toEqual(['%a:4 same same']);
    expect(mapSize(workload, '%a')).toBe('1x6x4');
    expect(mapSize(workload, '%y')).toBe('1x6x5');
    expect(only).toMatchObject({ macs: 2 * 3 * 4 * 5, weightBits: 4 * 5 * 8 });
  });

  test('on the left: columns of the activation are OY', async () => {
    const { only, workload } = await lowered(product([5, 4], [4, 7], 'a'));
    expect(nest(only)).toBe('B1 K5 C4 OY7');
    expect(mapSize(workload, '%b')).toBe('1x7x4');
    expect(mapSize(workload, '%y')).toBe('1x7x5');
    expect(sources(only, 'I')).toEqual(['%b:4 same same']);
  });

  test('one weight matrix per batch entry keeps G', async () => {
    const { only } = await lowered(product([2, 3, 4], [2, 4, 5], 'b'));
    expect(nest(only)).toBe('B1 G2 K5 C4 OY3');
    expect(dims(only, 'W')).toBe('G K C');
  });
});

describe('of two activations', () => {
  test('B G K C OY; the right side is whole, on the weight path, at the precision of inputs', async () => {
    const { only, workload } = await lowered(product([2, 6, 3, 4], [2, 6, 4, 5], 'none'), {
      precision: { W: 4, I: 6, O: 8, psum: 16 },
    });
    expect(nest(only)).toBe('B1 G12 K5 C4 OY3');
    expect(['W', 'I', 'O'].map((operand) => dims(only, operand))).toEqual(['G K C', 'B G C OY', 'B G K OY']);
    expect(only.inputs[0]).toMatchObject({ name: 'W', path: 'W', bits: 6 });
    expect(sources(only, 'W')).toEqual(['%b:12 full full']); // stored as 12 images of 5 x 4
    expect(sources(only, 'I')).toEqual(['%a:48 same same']);
    expect(mapSize(workload, '%y')).toBe('1x3x60');
    expect(only).toMatchObject({ macs: 12 * 3 * 4 * 5, weightBits: 0 });
  });

  test('a side that is shared by the batch is not indexed by G', async () => {
    const { layer } = await lowered({
      inputs: { a: [6, 3, 4], x: [4, 5] },
      outputs: ['y'],
      nodes: [
        { op: 'Relu', in: ['x'], out: ['b'] },
        { op: 'MatMul', name: 'mm', in: ['a', 'b'], out: ['y'] },
      ],
    });
    expect(nest(layer('mm'))).toBe('B1 G6 K5 C4 OY3');
    expect(dims(layer('mm'), 'W')).toBe('K C');
  });
});

describe('Gemm', () => {
  const gemm = (a: readonly number[], b: readonly number[], attrs: Record<string, AttrSpec>): ModelSpec => ({
    inputs: { a: [...a] },
    outputs: ['y'],
    initializers: { b: { shape: b }, c: { shape: [5] } },
    nodes: [{ op: 'Gemm', name: 'fc', in: ['a', 'b', 'c'], out: ['y'], attrs }],
  });

  test.each([
    [[3, 4], [4, 5], {}],
    [[4, 3], [4, 5], { transA: 1 }],
    [[3, 4], [5, 4], { transB: 1 }],
    [[4, 3], [5, 4], { transA: 1, transB: 1 }],
  ])('%j x %j %j', async (a, b, attrs) => {
    const { only, workload } = await lowered(gemm(a, b, attrs));
    expect(nest(only)).toBe('B1 K5 C4 OY3');
    expect(mapSize(workload, '%a')).toBe('1x3x4');
    expect(sources(only, 'I')).toEqual(['%a:4 same same']);
    expect(only.postOps).toEqual([{ op: 'bias', name: 'c', parameterBits: 40 }]);
    expect(only.weightBits).toBe(20 * 8 + 40);
  });

  test('parameters are listed but not counted where the profile ignores them', async () => {
    const { only } = await lowered(gemm([3, 4], [4, 5], {}), { countParameters: false });
    expect(only.postOps).toEqual([{ op: 'bias', name: 'c', parameterBits: 40 }]);
    expect(only.weightBits).toBe(20 * 8);
  });

  test('an addend that the network computes is a layer of its own', async () => {
    const { workload } = await lowered({
      inputs: { a: [3, 4], x: [3, 5] },
      outputs: ['y'],
      initializers: { b: { shape: [4, 5] } },
      nodes: [
        { op: 'Gemm', name: 'fc', in: ['a', 'b', 'c'], out: ['y'] },
        { op: 'Relu', name: 'relu', in: ['x'], out: ['c'] },
      ],
    });
    const layers = workload.layers.slice(1);
    expect(layers.map((layer) => `${layer.id} ${nest(layer)}`)).toEqual([
      '@fc.1 B1 K5 C4 OY3',
      '@fc B1 G5 OY3 OX1',
    ]);
    expect(layers[1]!.inputs.map(({ name, path }) => `${name} on ${path}`)).toEqual(['X on I', 'Y on I']);
    expect(sources(layers[1]!, 'X')).toEqual(['%y.1:5 same same']);
  });

  test('flattened images are read whole', async () => {
    const { only, workload } = await lowered({
      inputs: { x: [1, 3, 4, 5] },
      outputs: ['y'],
      initializers: { w: { shape: [3, 3, 1, 1] }, b: { shape: [60, 7] } },
      nodes: [
        { op: 'Conv', name: 'conv', in: ['x', 'w'], out: ['c'] },
        { op: 'Flatten', name: 'flat', in: ['c'], out: ['f'] },
        { op: 'Gemm', name: 'fc', in: ['f', 'b'], out: ['y'] },
      ],
    });
    expect(only.id).toBe('@conv');
    expect(nest(workload.layers[1]!)).toBe('B1 K7 C60 OY1');
    expect(sources(workload.layers[1]!, 'I')).toEqual(['%c:3 full full']);
    expect(workload.aliases).toEqual([{ op: 'Flatten', name: 'flat', of: ['%c'] }]);
  });
});

test('attention: rows stay rows through heads, only keys and values are needed whole', async () => {
  const heads = (name: string): ModelSpec['nodes'] => [
    { op: 'MatMul', name: `${name}_mm`, in: ['x', 'w'], out: [`${name}_p`] },
    { op: 'Reshape', name: `${name}_r`, in: [`${name}_p`, 'split'], out: [`${name}_h`] },
    {
      op: 'Transpose',
      name: `${name}_t`,
      in: [`${name}_h`],
      out: [name],
      attrs: { perm: name === 'k' ? [0, 2, 3, 1] : [0, 2, 1, 3] },
    },
  ];
  const { workload, layer } = await lowered({
    inputs: { x: [1, 6, 8], mask: [1, 1, 1, 6] },
    outputs: ['y'],
    initializers: {
      w: { shape: [8, 8] },
      scale: { shape: [], fields: { floatData: [2] } },
      split: { shape: [4], type: 7, fields: { int64Data: [1, 6, 2, 4] } },
      merge: { shape: [3], type: 7, fields: { int64Data: [0, 0, -1] } },
    },
    nodes: [
      ...heads('q'),
      ...heads('k'),
      ...heads('v'),
      { op: 'MatMul', name: 'qk', in: ['q', 'k'], out: ['s0'] },
      { op: 'Div', name: 'div', in: ['s0', 'scale'], out: ['s1'] },
      { op: 'Add', name: 'add', in: ['s1', 'mask'], out: ['s2'] },
      { op: 'Softmax', name: 'softmax', in: ['s2'], out: ['p'] },
      { op: 'MatMul', name: 'pv', in: ['p', 'v'], out: ['o0'] },
      { op: 'Transpose', name: 'back', in: ['o0'], out: ['o1'], attrs: { perm: [0, 2, 1, 3] } },
      { op: 'Reshape', name: 'merged', in: ['o1', 'merge'], out: ['o2'] },
      { op: 'MatMul', name: 'out', in: ['o2', 'w'], out: ['y'] },
    ],
  });
  expect(nest(layer('qk'))).toBe('B1 G2 K6 C4 OY6');
  // splitting and merging heads only reorders loops
  expect(sources(layer('qk'), 'W')).toEqual(['%k_p:8 full full']);
  expect(sources(layer('qk'), 'I')).toEqual(['%q_p:8 same same']);
  expect(layer('qk').postOps).toEqual([{ op: 'Div', name: 'div', parameterBits: 0 }]);
  // scores [1, 2 heads, 6 rows, 6 keys]: the mask has one row for all
  expect(nest(layer('add'))).toBe('B1 G12 OY6 OX1');
  expect(sources(layer('add'), 'X')).toEqual(['%s1:12 same same']);
  expect(sources(layer('add'), 'Y')).toEqual(['%mask:6 same full']); // stored as one row of 6
  expect(nest(layer('softmax'))).toBe('B1 G12 OY6 OX1');
  expect(layer('softmax').passes).toBe(3);
  expect(sources(layer('pv'), 'I')).toEqual(['%p:12 same same']);
  expect(sources(layer('pv'), 'W')).toEqual(['%v_p:8 full full']);
  expect(nest(layer('out'))).toBe('B1 K8 C8 OY6');
  expect(sources(layer('out'), 'I')).toEqual(['%o0:8 same same']);
  // 4 projections of 6 x 8 x 8, scores and values 2 x 6 x 6 x 4 each
  expect(workload.macs).toBe(4 * 6 * 8 * 8 + 2 * (2 * 6 * 6 * 4));
});
