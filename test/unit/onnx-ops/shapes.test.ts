/** Shapes of rearranging operators, from the formulas of the operator reference. */
import onnxProto from 'onnx-proto';
import { shapeOf } from '../../support/lowered.js';
import { floats, int64, type AttrSpec, type ModelSpec } from '../../support/onnx-model.js';

type Attrs = Record<string, AttrSpec>;

/** One node on x with integer inputs behind it. */
const on = (
  x: readonly number[],
  op: string,
  further: readonly (readonly number[] | null)[],
  attrs: Attrs = {},
): ModelSpec => ({
  inputs: { x: [...x] },
  outputs: ['y'],
  initializers: Object.fromEntries(
    further.flatMap((values, i) => (values ? [[`i${i}`, int64(...values)]] : [])),
  ),
  nodes: [
    {
      op,
      name: 'node',
      in: ['x', ...further.map((values, i) => (values ? `i${i}` : ''))],
      out: ['y'],
      attrs,
    },
  ],
});

describe('shapes', () => {
  test.each<[string, readonly number[], readonly (readonly number[] | null)[], Attrs, readonly number[]]>([
    ['Reshape', [2, 3, 4], [[0, -1]], {}, [2, 12]],
    ['Reshape', [2, 3, 4], [[4, 6]], { allowzero: 1 }, [4, 6]],
    ['Flatten', [2, 3, 4, 5], [], { axis: 2 }, [6, 20]],
    ['Flatten', [2, 3, 4, 5], [], { axis: -1 }, [24, 5]],
    ['Flatten', [2, 3, 4, 5], [], { axis: 0 }, [1, 120]],
    ['Squeeze', [1, 3, 1, 5], [[0, -2]], {}, [3, 5]],
    ['Squeeze', [1, 3, 1, 5], [], {}, [3, 5]],
    ['Unsqueeze', [3, 4], [[0, -1]], {}, [1, 3, 4, 1]],
    ['Slice', [10, 6], [[1], [-1], [0], [2]], {}, [4, 6]], // 1 3 5 7
    ['Slice', [10, 6], [[-1], [-1000], [0], [-3]], {}, [4, 6]], // 9 6 3 0
    ['Slice', [10, 6], [[-1], [-(2 ** 60)], [0], [-3]], {}, [4, 6]],
    ['Slice', [10, 6], [[2], [2 ** 53 + 6], [0]], {}, [8, 6]],
    [
      'Slice',
      [10, 6],
      [
        [2, 1],
        [1000, 3],
      ],
      {},
      [8, 2],
    ],
    ['Pad', [3, 4], [[1, -1, 2, 0]], {}, [6, 3]],
    ['Pad', [3, 4], [[1, 2], null, [-1]], {}, [3, 7]],
    ['Tile', [2, 3], [[3, 1]], {}, [6, 3]],
    ['Expand', [3, 1], [[2, 1, 4]], {}, [2, 3, 4]],
    ['Transpose', [2, 3, 4], [], {}, [4, 3, 2]],
    ['Transpose', [2, 3, 4], [], { perm: [1, 2, 0] }, [3, 4, 2]],
    ['Gather', [5, 6], [[1, 2, 1]], { axis: 1 }, [5, 3]],
    ['DepthToSpace', [1, 8, 2, 3], [], { blocksize: 2 }, [1, 2, 4, 6]],
    ['SpaceToDepth', [1, 2, 4, 6], [], { blocksize: 2 }, [1, 8, 2, 3]],
  ])('%s %j %j %j', async (op, x, further, attrs, expected) => {
    expect(await shapeOf(on(x, op, further, attrs))).toEqual(expected);
  });

  test.each<[string, readonly number[], readonly (readonly number[] | null)[], Attrs, string]>([
    ['Reshape', [2, 3], [[4, -1]], {}, '[2, 3] has 6 elements, shape [4, -1] does not hold them'],
    ['Reshape', [2, 3], [[-1, -1]], {}, 'shape [-1, -1] contains -1 twice'],
    ['Reshape', [2, 3], [[2, 3, 0]], {}, 'shape [2, 3, 0] copies axis 2, the input has rank 2'],
    ['Squeeze', [2, 3], [[0]], {}, 'axis 0 of [2, 3] has size 2, only 1 can be squeezed'],
    ['Slice', [2, 3], [[0], [1], [2]], {}, 'axes 2 is outside a tensor of rank 2'],
    ['Slice', [2, 3], [[0], [1], [0], [0]], {}, 'a step is 0'],
    ['Transpose', [2, 3], [], { perm: [0, 0] }, 'perm [0, 0] repeat an axis'],
    ['Gather', [5, 6], [[7]], { axis: 1 }, 'index 7 is outside axis 1 of size 6'],
    ['DepthToSpace', [1, 6, 2, 2], [], { blocksize: 2 }, '6 channels cannot be spread over blocks of 2 x 2'],
    ['Pad', [3, 4], [[1, 2, 3]], {}, '3 pads for 2 axes, expected 4'],
  ])('%s %j %j %j is refused', async (op, x, further, attrs, message) => {
    await expect(shapeOf(on(x, op, further, attrs))).rejects.toThrow(message);
  });

  // The product is one of single precision: what onnxruntime makes of each.
  test.each([
    [1.4, 45, 63],
    [7 / 3, 27, 62],
    [0.35, 180, 63],
    [0.29, 100, 29],
    [0.7, 10, 7],
    [2.8, 45, 126],
    [1 / 3, 27, 9],
    [2.3, 50, 115],
    [1.1, 41, 45],
  ])('Resize by %d: %d to %d', async (scale, size, expected) => {
    const spec = on([1, 1, 1, size], 'Resize', [null]);
    const [node] = spec.nodes;
    expect(
      await shapeOf({
        ...spec,
        initializers: { s: floats(1, 1, 1, scale) },
        nodes: [{ ...node!, in: ['x', '', 's'] }],
      }),
    ).toEqual([1, 1, 1, expected]);
  });

  test.each<[readonly number[] | null, Attrs, readonly (readonly number[])[]]>([
    [
      [2, 5],
      { axis: 1 },
      [
        [3, 2],
        [3, 5],
      ],
    ],
    [
      null,
      { axis: 1, num_outputs: 2 },
      [
        [3, 4],
        [3, 3],
      ],
    ], // ceil(7/2) = 4, the rest 3
  ])('Split %j %j', async (sizes, attrs, expected) => {
    const spec: ModelSpec = {
      opset: 18,
      inputs: { x: [3, 7] },
      outputs: ['a', 'b'],
      initializers: sizes ? { s: int64(...sizes) } : {},
      nodes: [{ op: 'Split', in: sizes ? ['x', 's'] : ['x'], out: ['a', 'b'], attrs }],
    };
    expect([await shapeOf(spec, 'a'), await shapeOf(spec, 'b')]).toEqual(expected);
  });

  test('a target that the network computes is reported by name', async () => {
    const spec: ModelSpec = {
      inputs: { x: [2, 3] },
      outputs: ['y'],
      nodes: [
        { op: 'Cast', in: ['x'], out: ['s'], attrs: { to: 7 } },
        { op: 'Reshape', name: 'node', in: ['x', 's'], out: ['y'] },
      ],
    };
    await expect(shapeOf(spec)).rejects.toThrow('DF2006: shape "s" is known only when the network runs');
  });

  test('a target in a file of external data is no product of the run', async () => {
    const { EXTERNAL } = onnxProto.onnx.TensorProto.DataLocation;
    const spec: ModelSpec = {
      inputs: { x: [2, 3] },
      outputs: ['y'],
      initializers: { s: { shape: [1], type: 7, fields: { dataLocation: EXTERNAL } } },
      nodes: [{ op: 'Reshape', name: 'node', in: ['x', 's'], out: ['y'] }],
    };
    await expect(shapeOf(spec)).rejects.toThrow('DF2006: shape "s" is a constant whose numbers are not read');
  });
});
