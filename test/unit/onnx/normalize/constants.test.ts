import onnxProto from 'onnx-proto';
import { normal, lines } from '../../../support/normal-graph.js';
import { int64, type NodeSpec } from '../../../support/onnx-model.js';

describe('constants', () => {
  const constant = (attrs: NodeSpec['attrs']): NodeSpec => ({
    op: 'Constant',
    out: ['c'],
    ...(attrs ? { attrs } : {}),
  });

  test.each<[string, NodeSpec['attrs'], object]>([
    ['value', { value: { tensor: int64(3, 4) } }, { dtype: 'int64', shape: [2], values: [3, 4] }],
    ['value_int', { value_int: 5 }, { dtype: 'int64', shape: [], values: [5] }],
    ['value_ints', { value_ints: [5, 6] }, { dtype: 'int64', shape: [2], values: [5, 6] }],
    ['value_float', { value_float: { float: 0.5 } }, { dtype: 'float', shape: [], values: [0.5] }],
    ['value_floats', { value_floats: { floats: [0.5] } }, { dtype: 'float', shape: [1], values: [0.5] }],
    ['value_string', { value_string: 'a' }, { dtype: 'string', shape: [] }],
    [
      'sparse_value',
      {
        sparse_value: {
          proto: {
            type: onnxProto.onnx.AttributeProto.AttributeType.SPARSE_TENSOR,
            sparseTensor: { values: { dataType: 1 }, dims: [9] },
          },
        },
      },
      { dtype: 'float', shape: [9] },
    ],
  ])('%s', async (_name, attrs, expected) => {
    const { graph } = await normal([constant(attrs), { op: 'Add', in: ['x', 'c'], out: ['y'] }]);
    expect(lines(graph)).toEqual(['Add(x, c) -> y']);
    expect(graph.initializers).toEqual([{ name: 'c', ...expected }]);
  });

  test('initializers that nobody reads go; ConstantOfShape stays for shape inference', async () => {
    const { graph } = await normal([{ op: 'ConstantOfShape', in: ['s'], out: ['y'] }], {
      initializers: { s: int64(2, 2), unused: { shape: [7] } },
    });
    expect(lines(graph)).toEqual(['ConstantOfShape(s) -> y']);
    expect(graph.initializers.map(({ name }) => name)).toEqual(['s']);
  });
});
