/** Convolutions: shapes from the formula of the ONNX operator reference, loop nests from the operator table. */
import { codesThrown, diagnosticsThrown } from '../../support/codes.js';
import { dims, inferred, lowered, mapSize, nest, shapeOf, sources } from '../../support/lowered.js';
import type { AttrSpec, ModelSpec } from '../../support/onnx-model.js';

const conv = (x: number[], w: number[], attrs: Record<string, AttrSpec> = {}, op = 'Conv'): ModelSpec => ({
  inputs: { x },
  outputs: ['y'],
  initializers: { w: { shape: w } },
  nodes: [{ op, name: 'conv', in: ['x', 'w'], out: ['y'], attrs }],
});

describe('Conv shapes', () => {
  test.each([
    // floor((7 + 0 + 0 - 3)/1) + 1 = 5
    ['no pads', [1, 3, 7, 7], [4, 3, 3, 3], {}, [1, 4, 5, 5]],
    // rows: floor((7 + 1 + 2 - 3)/2) + 1 = 4; columns: floor((9 + 0 + 1 - 3)/3) + 1 = 3
    [
      'asymmetric pads, strides',
      [2, 3, 7, 9],
      [4, 3, 3, 3],
      { pads: [1, 0, 2, 1], strides: [2, 3] },
      [2, 4, 4, 3],
    ],
    // dilated kernel 2*(3-1)+1 = 5: 7 - 5 + 1 = 3
    ['dilation', [1, 3, 7, 7], [4, 3, 3, 3], { dilations: [2, 2] }, [1, 4, 3, 3]],
    // ceil(7/2) = 4
    ['SAME_UPPER', [1, 3, 7, 7], [4, 3, 3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }, [1, 4, 4, 4]],
    // floor((7 - 3)/2) + 1 = 3, pads ignored
    ['VALID', [1, 3, 7, 7], [4, 3, 3, 3], { auto_pad: 'VALID', strides: [2, 2] }, [1, 4, 3, 3]],
    ['groups', [1, 6, 5, 5], [9, 2, 3, 3], { group: 3 }, [1, 9, 3, 3]],
    ['one axis', [2, 3, 10], [4, 3, 4], {}, [2, 4, 7]],
    ['three axes', [1, 2, 5, 6, 7], [4, 2, 1, 2, 3], {}, [1, 4, 5, 5, 5]],
  ] as const)('%s', async (_, x, w, attrs, expected) => {
    expect(await shapeOf(conv([...x], [...w], attrs as Record<string, AttrSpec>))).toEqual(expected);
  });

  test.each([
    [
      'channels',
      [1, 4, 7, 7],
      [4, 3, 3, 3],
      {},
      'DF2003',
      'input has 4 channels, the kernel takes 3 x 1 group(s)',
    ],
    ['rank', [3, 7, 7], [4, 3, 3, 3], {}, 'DF2003', '"w" [4, 3, 3, 3] has rank 4, expected 3'],
    [
      'kernel too large',
      [1, 3, 2, 2],
      [4, 3, 3, 3],
      {},
      'DF2003',
      'window of 3 (kernel 3, dilation 1) is larger than axis 2 of 2 with pads 0 and 0',
    ],
    [
      'kernel_shape',
      [1, 3, 7, 7],
      [4, 3, 3, 3],
      { kernel_shape: [5, 5] },
      'DF2003',
      'kernel_shape [5, 5] but the kernel is [3, 3]',
    ],
    [
      'stride 0',
      [1, 3, 7, 7],
      [4, 3, 3, 3],
      { strides: [0, 1] },
      'DF2004',
      'strides [0, 1] must be at least 1',
    ],
    [
      'filters',
      [1, 6, 5, 5],
      [8, 2, 3, 3],
      { group: 3 },
      'DF2003',
      '8 filters cannot be divided into 3 groups',
    ],
    [
      'auto_pad',
      [1, 3, 7, 7],
      [4, 3, 3, 3],
      { auto_pad: 'SOME' },
      'DF2004',
      'auto_pad "SOME" is not one of NOTSET, VALID, SAME_UPPER, SAME_LOWER',
    ],
  ] as const)('%s is a diagnostic with node and numbers', async (_, x, w, attrs, code, message) => {
    const failing = await inferred(conv([...x], [...w], attrs as Record<string, AttrSpec>)).catch(
      (error: unknown) => error,
    );
    const [diagnostic] = diagnosticsThrown(() => {
      throw failing as Error;
    });
    expect(diagnostic).toMatchObject({
      code,
      message,
      at: [{ kind: 'onnx', node: 0, name: 'conv', op: 'Conv' }],
    });
  });

  test('every node in error is reported once, what depends on it is passed over', async () => {
    const spec: ModelSpec = {
      inputs: { x: [1, 3, 7, 7] },
      outputs: ['z'],
      initializers: { w: { shape: [4, 2, 3, 3] } },
      nodes: [
        { op: 'Conv', in: ['x', 'w'], out: ['y'] },
        { op: 'Conv', in: ['y', 'w'], out: ['z'] },
        { op: 'Conv', in: ['x', 'w'], out: ['u'] },
      ],
    };
    const failing = await inferred(spec).catch((error: unknown) => error);
    expect(
      codesThrown(() => {
        throw failing as Error;
      }),
    ).toEqual(['DF2003', 'DF2003']);
  });
});

describe('Conv loop nests', () => {
  test('plain: B K C OY OX FY FX', async () => {
    const { only, workload } = await lowered(
      conv([1, 3, 7, 9], [8, 3, 3, 5], { strides: [2, 1], pads: [1, 2, 1, 2] }),
    );
    // rows: floor((7+2-3)/2)+1 = 4; columns: 9+4-5+1 = 9
    expect(nest(only)).toBe('B1 K8 C3 OY4 OX9 FY3 FX5');
    expect(['W', 'I', 'O'].map((operand) => dims(only, operand))).toEqual([
      'K C FY FX',
      'B C 1*OX+1*FX 2*OY+1*FY',
      'B K OY OX',
    ]);
    expect(sources(only, 'I')).toEqual(['%x:3 k5s1d1p2,2 k3s2d1p1,1']);
    expect(only).toMatchObject({
      kind: 'mac',
      coverage: 'exact',
      macs: 8 * 3 * 4 * 9 * 3 * 5,
      weightBits: 8 * 3 * 3 * 5 * 8,
      passes: 1,
    });
    expect(mapSize(workload, '%y')).toBe('9x4x8');
    expect(mapSize(workload, '%x')).toBe('9x7x3');
  });

  test('1x1 without stride and pads: B K C OY OX, no kernel loops', async () => {
    const { only } = await lowered(conv([1, 3, 7, 9], [8, 3, 1, 1]));
    expect(nest(only)).toBe('B1 K8 C3 OY7 OX9');
    expect(['W', 'I', 'O'].map((operand) => dims(only, operand))).toEqual(['K C', 'B C OY OX', 'B K OY OX']);
    expect(sources(only, 'I')).toEqual(['%x:3 same same']);
  });

  test('1x1 with a stride keeps FY = FX = 1', async () => {
    const { only } = await lowered(conv([1, 3, 8, 8], [8, 3, 1, 1], { strides: [2, 2] }));
    expect(nest(only)).toBe('B1 K8 C3 OY4 OX4 FY1 FX1');
    expect(sources(only, 'I')).toEqual(['%x:3 k1s2d1p0,0 k1s2d1p0,0']);
  });

  test('SAME_UPPER pads the end, SAME_LOWER the beginning', async () => {
    // 6 columns, 3 outputs: (3 - 1) * 2 + 3 - 6 = 1 column of padding
    const padded = async (auto: string): Promise<readonly string[]> =>
      sources(
        (await lowered(conv([1, 3, 6, 6], [8, 3, 3, 3], { strides: [2, 2], auto_pad: auto }))).only,
        'I',
      );
    expect(await padded('SAME_UPPER')).toEqual(['%x:3 k3s2d1p0,1 k3s2d1p0,1']);
    expect(await padded('SAME_LOWER')).toEqual(['%x:3 k3s2d1p1,0 k3s2d1p1,0']);
  });

  test('groups: B G K C, depthwise: B G', async () => {
    const grouped = (await lowered(conv([1, 6, 5, 5], [9, 2, 3, 3], { group: 3 }))).only;
    expect(nest(grouped)).toBe('B1 G3 K3 C2 OY3 OX3 FY3 FX3');
    expect(['W', 'I', 'O'].map((operand) => dims(grouped, operand))).toEqual([
      'G K C FY FX',
      'B G C 1*OX+1*FX 1*OY+1*FY',
      'B G K OY OX',
    ]);
    const depthwise = (await lowered(conv([1, 6, 5, 5], [6, 1, 3, 3], { group: 6 }))).only;
    expect(nest(depthwise)).toBe('B1 G6 OY3 OX3 FY3 FX3');
    expect(['W', 'I', 'O'].map((operand) => dims(depthwise, operand))).toEqual([
      'G FY FX',
      'B G 1*OX+1*FX 1*OY+1*FY',
      'B G OY OX',
    ]);
    expect([grouped.macs, depthwise.macs]).toEqual([3 * 3 * 2 * 9 * 9, 6 * 9 * 9]);
    // One input channel per group, two filters on it.
    expect(nest((await lowered(conv([1, 6, 5, 5], [12, 1, 3, 3], { group: 6 }))).only)).toBe(
      'B1 G6 K2 C1 OY3 OX3 FY3 FX3',
    );
  });

  test('one axis is columns; depth is folded into the rows, approximately', async () => {
    const { only, workload } = await lowered(conv([2, 3, 10], [4, 3, 4]));
    expect(nest(only)).toBe('B2 K4 C3 OY1 OX7 FY1 FX4');
    expect(mapSize(workload, '%x')).toBe('10x1x6');
    const deep = await lowered(conv([1, 2, 5, 6, 7], [4, 2, 3, 2, 3]));
    // 3 x 5 rows, 3 x 2 kernel rows
    expect(nest(deep.only)).toBe('B1 K4 C2 OY15 OX5 FY6 FX3');
    expect(sources(deep.only, 'I')).toEqual(['%x:2 k3s1d1p0,0 full']);
    expect(deep.only.coverage).toBe('approximate');
    expect(deep.only.macs).toBe(4 * 2 * (3 * 5 * 5) * (3 * 2 * 3));
  });

  test.each([
    ['overlapping in depth and height', [5, 6, 7], [3, 2, 1], {}, 'approximate'],
    ['overlapping in depth', [5, 6, 7], [3, 1, 1], {}, 'exact'],
    ['overlapping in height', [5, 6, 7], [1, 3, 3], {}, 'exact'],
    ['pixel by pixel', [5, 6, 7], [1, 1, 1], {}, 'exact'],
    ['blocks side by side', [4, 6, 8], [2, 3, 2], { strides: [2, 3, 2] }, 'exact'],
    ['blocks, padded', [4, 6, 8], [2, 2, 2], { strides: [2, 2, 2], pads: [0, 2, 0, 0, 0, 0] }, 'approximate'],
    ['a volume of one slice', [1, 6, 7], [1, 3, 3], {}, 'exact'],
    ['the whole volume', [5, 6, 7], [5, 6, 7], {}, 'exact'],
  ] as const)('depth and height in one axis, windows %s', async (_, sizes, kernel, attrs, coverage) => {
    const { only } = await lowered(conv([1, 2, ...sizes], [4, 2, ...kernel], attrs));
    expect(only.coverage).toBe(coverage);
    const [input] = only.inputs.filter(({ name }) => name === 'I');
    // What the loops index in the input, items of the batch times rows times columns, is what is there.
    const size = (dim: string): number => only.loops.find((loop) => loop.dim === dim)?.size ?? 1;
    const reach = input!.windows.map(
      (window) => window.stride * (size(window.out) - 1) + size(window.kernel),
    );
    const indexed = size('B') * (reach.length === 0 ? size('OY') * size('OX') : reach[0]! * reach[1]!);
    if (coverage === 'exact') expect(indexed).toBe(sizes[0] * sizes[1] * sizes[2]);
    else expect(indexed).not.toBe(sizes[0] * sizes[1] * sizes[2]);
  });

  test('slices of a volume are items of a batch: convolutions and pools within them follow each other row by row', async () => {
    const { workload, layer } = await lowered({
      inputs: { x: [1, 2, 4, 8, 8] },
      outputs: ['z'],
      initializers: { w: { shape: [6, 2, 1, 3, 3] }, p: { shape: [5, 6, 1, 1, 1] } },
      nodes: [
        { op: 'Conv', name: 'a', in: ['x', 'w'], out: ['a'] },
        {
          op: 'MaxPool',
          name: 'b',
          in: ['a'],
          out: ['b'],
          attrs: { kernel_shape: [1, 2, 2], strides: [1, 2, 2] },
        },
        { op: 'Conv', name: 'c', in: ['b', 'p'], out: ['z'] },
      ],
    });
    expect(workload.layers.map(nest)).toEqual([
      'B4 K6 C2 OY6 OX6 FY3 FX3',
      'B4 G6 OY3 OX3 FX2 FY2',
      'B4 K5 C6 OY3 OX3',
    ]);
    expect(workload.layers.map(({ coverage }) => coverage)).toEqual(['exact', 'exact', 'exact']);
    expect(workload.macs).toBe(4 * 36 * 6 * 2 * 9 + 4 * 9 * 5 * 6);
    expect(sources(layer('b'), 'I')).toEqual(['%a:24 k2s2d1p0,0 k2s2d1p0,0']);
    expect(sources(layer('c'), 'I')).toEqual(['%b:24 same same']);
  });

  test('a kernel computed by the network is needed whole, on the weight path', async () => {
    const { workload } = await lowered({
      inputs: { x: [1, 3, 7, 7], k: [4, 3, 3, 3] },
      outputs: ['y'],
      nodes: [
        { op: 'Relu', name: 'relu', in: ['k'], out: ['w'] },
        { op: 'Conv', name: 'conv', in: ['x', 'w'], out: ['y'] },
      ],
    });
    const conv = workload.layers[1]!;
    expect(sources(conv, 'W')).toEqual(['%w:12 full full']);
    expect(conv.weightBits).toBe(0);
  });

  test('quantized: bits of the tensors, bias and scale as operations on the output', async () => {
    const { only } = await lowered(
      {
        type: 3,
        inputs: { x: [1, 3, 7, 7] },
        outputs: ['y'],
        initializers: {
          s: { shape: [] },
          z: { shape: [], type: 3 },
          w: { shape: [4, 3, 3, 3], type: 3 },
          ws: { shape: [4] },
          b: { shape: [4], type: 6 },
        },
        nodes: [
          { op: 'QLinearConv', name: 'q', in: ['x', 's', 'z', 'w', 'ws', 'z', 's', 'z', 'b'], out: ['y'] },
        ],
      },
      { precision: { W: 4, I: 5, O: 6, psum: 7 } },
    );
    expect(only.inputs.map(({ bits }) => bits)).toEqual([8, 8]);
    expect(only.output).toMatchObject({ bits: 8, psumBits: 7 });
    expect(only.postOps).toEqual([
      { op: 'scale', name: 'ws', parameterBits: 4 * 4 },
      { op: 'bias', name: 'b', parameterBits: 4 * 32 },
    ]);
    expect(only.weightBits).toBe(4 * 3 * 9 * 8 + 4 * 4 + 4 * 32);
  });

  test('ConvInteger makes int32', async () => {
    const { only } = await lowered({
      type: 2,
      inputs: { x: [1, 3, 7, 7] },
      outputs: ['y'],
      initializers: { w: { shape: [4, 3, 3, 3], type: 2 } },
      nodes: [{ op: 'ConvInteger', in: ['x', 'w'], out: ['y'] }],
    });
    expect(only.output).toMatchObject({ bits: 32, psumBits: 16 });
  });
});
