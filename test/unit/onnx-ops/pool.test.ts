/** Pools and transposed convolutions. */
import { dims, lowered, mapSize, nest, shapeOf, sources } from '../../support/lowered.js';
import type { AttrSpec, ModelSpec } from '../../support/onnx-model.js';

type Attrs = Record<string, AttrSpec>;

const pool = (op: string, x: readonly number[], attrs: Attrs): ModelSpec => ({
  inputs: { x: [...x] },
  outputs: ['y'],
  nodes: [{ op, name: 'pool', in: ['x'], out: ['y'], attrs }],
});

describe('pools', () => {
  test.each([
    // floor((8 - 3)/2) + 1 = 3
    ['floor', [1, 2, 8, 8], { kernel_shape: [3, 3], strides: [2, 2] }, [1, 2, 3, 3]],
    // ceil((8 - 3)/2) + 1 = 4; the fourth starts at 6 < 8
    ['ceil_mode', [1, 2, 8, 8], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, [1, 2, 4, 4]],
    // ceil((5 + 2 - 2)/3) + 1 = 3; the third starts at 6 = 5 + 1, in the end pad: left out
    [
      'ceil_mode, last window in the pad',
      [1, 2, 5, 5],
      { kernel_shape: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 },
      [1, 2, 2, 2],
    ],
    [
      'SAME_LOWER',
      [1, 2, 7, 7],
      { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_LOWER' },
      [1, 2, 4, 4],
    ],
    ['dilation', [1, 2, 8, 8], { kernel_shape: [3, 3], dilations: [2, 2] }, [1, 2, 4, 4]],
  ] as const)('MaxPool %s', async (_, x, attrs, expected) => {
    expect(await shapeOf(pool('MaxPool', x, attrs as unknown as Attrs))).toEqual(expected);
  });

  test.each(['MaxPool', 'AveragePool', 'LpPool'])(
    '%s: B G OY OX FX FY with a kernel of 0 bits',
    async (op) => {
      const { only } = await lowered(pool(op, [2, 4, 8, 9], { kernel_shape: [2, 3], strides: [2, 3] }));
      expect(nest(only)).toBe('B2 G4 OY4 OX3 FX3 FY2');
      expect(['W', 'I', 'O'].map((operand) => dims(only, operand))).toEqual([
        'FX FY',
        'B G 3*OX+1*FX 2*OY+1*FY',
        'B G OY OX',
      ]);
      expect(only).toMatchObject({ kind: 'vector', macs: 0, weightBits: 0, coverage: 'exact' });
      expect(only.inputs[0]).toMatchObject({ bits: 0, path: 'W', sources: [] });
      expect(sources(only, 'I')).toEqual(['%x:8 k3s3d1p0,0 k2s2d1p0,0']);
    },
  );

  test.each(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'])('%s reads the whole map', async (op) => {
    const { only, workload } = await lowered(pool(op, [1, 4, 8, 9], {}));
    expect(nest(only)).toBe('B1 G4 OY1 OX1 FX9 FY8');
    expect(sources(only, 'I')).toEqual(['%x:4 full full']);
    expect(mapSize(workload, '%y')).toBe('1x1x4');
  });

  test('positions of the maxima are a map of their own beside the maxima', async () => {
    const { workload } = await lowered({
      ...pool('MaxPool', [1, 2, 8, 8], {}),
      outputs: ['y', 'i', 'z'],
      nodes: [
        { op: 'MaxPool', name: 'pool', in: ['x'], out: ['y', 'i'], attrs: { kernel_shape: [2, 2] } },
        { op: 'Cast', name: 'cast', in: ['i'], out: ['z'], attrs: { to: 1 } },
      ],
    });
    expect(workload.layers.map(({ id }) => id)).toEqual(['@pool', '@pool.output1', '@cast']);
    expect(workload.layers.slice(1).map((layer) => sources(layer, 'I'))).toEqual([
      ['%y:2 same same'],
      ['%i:2 same same'],
    ]);
    expect(workload.maps.find(({ id }) => id === '%i')!.bits).toBe(64);
  });
});

const transposed = (x: readonly number[], w: readonly number[], attrs: Attrs): ModelSpec => ({
  inputs: { x: [...x] },
  outputs: ['y'],
  initializers: { w: { shape: w } },
  nodes: [{ op: 'ConvTranspose', name: 'up', in: ['x', 'w'], out: ['y'], attrs }],
});

describe('ConvTranspose', () => {
  test.each([
    // 2*(5-1) + 0 + 3 = 11
    ['stride 2', [1, 3, 5, 5], [3, 4, 3, 3], { strides: [2, 2] }, [1, 4, 11, 11]],
    // 2*(5-1) + 1 + 3 - 1 - 1 = 10
    [
      'pads and output padding',
      [1, 3, 5, 5],
      [3, 4, 3, 3],
      { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
      [1, 4, 10, 10],
    ],
    ['output_shape', [1, 3, 5, 5], [3, 4, 3, 3], { strides: [2, 2], output_shape: [10, 9] }, [1, 4, 10, 9]],
    ['SAME_UPPER', [1, 3, 5, 5], [3, 4, 3, 3], { strides: [2, 2], auto_pad: 'SAME_UPPER' }, [1, 4, 10, 10]],
    // 1*(5-1) + 2*(3-1) + 1 = 9
    ['dilation', [1, 3, 5, 5], [3, 4, 3, 3], { dilations: [2, 2] }, [1, 4, 9, 9]],
    ['groups', [1, 6, 5, 5], [6, 2, 3, 3], { group: 3 }, [1, 6, 7, 7]],
  ] as const)('%s', async (_, x, w, attrs, expected) => {
    expect(await shapeOf(transposed(x, w, attrs as unknown as Attrs))).toEqual(expected);
  });

  test('gathers: steps of a stride, phases in K, ceil(kernel/stride) taps', async () => {
    const { only, workload } = await lowered(
      transposed([1, 3, 5, 6], [3, 4, 3, 4], { strides: [2, 3], pads: [1, 0, 1, 0] }),
    );
    // rows: 2*4 + 3 - 2 = 9 -> 5 steps of 2; columns: 3*5 + 4 = 19 -> 7 steps of 3
    expect(mapSize(workload, '%y')).toBe('19x9x4');
    expect(nest(only)).toBe('B1 K24 C3 OY5 OX7 FY2 FX2');
    expect(only.upsample).toEqual({ x: 3, y: 2 });
    // every input meets every tap once: 3*5*6 inputs x 4 outputs x 12 taps
    expect(only.macs).toBe(3 * 5 * 6 * 4 * 12);
    expect(only.weightBits).toBe(3 * 4 * 12 * 8);
    // rows: lo = 1 - 2 + 2 - 1 = 0, hi = 1; columns: lo = 0 - 3 + 3 - 1 = -1, hi = 0
    expect(sources(only, 'I')).toEqual(['%x:3 (1o+-1..0)/3 (1o+0..1)/2']);
  });

  test('groups keep G, depthwise counts its phases in K', async () => {
    const { only } = await lowered(transposed([1, 6, 4, 4], [6, 1, 2, 2], { group: 6, strides: [2, 2] }));
    expect(nest(only)).toBe('B1 G6 K4 C1 OY4 OX4 FY1 FX1');
    expect(only.macs).toBe(6 * 16 * 4);
  });
});

test('a transposed convolution of three axes folds depth into the rows', async () => {
  const { only, workload } = await lowered(
    transposed([1, 2, 3, 3, 3], [2, 4, 3, 3, 3], { strides: [2, 2, 2] }),
  );
  // 7 x 7 output rows in steps of 2 x 2: ceil(49/4) = 13
  expect(mapSize(workload, '%y')).toBe('7x49x4');
  expect(nest(only)).toBe('B1 K32 C2 OY13 OX4 FY4 FX2');
  expect(only).toMatchObject({ coverage: 'approximate', macs: 2 * 27 * 4 * 27 });
});
