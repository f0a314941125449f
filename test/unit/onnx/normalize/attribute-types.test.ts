import type { Attribute } from '../../../../src/ir/tensor.js';
import { normal } from '../../../support/normal-graph.js';
import { int64, type NodeSpec } from '../../../support/onnx-model.js';

describe('attributes of the wrong type', () => {
  const conv = (name: string, out: string, attrs: NodeSpec['attrs']): NodeSpec => ({
    op: 'Conv',
    name,
    in: ['x', 'w'],
    out: [out],
    ...(attrs ? { attrs } : {}),
  });

  test.each<[string, NodeSpec['attrs'], Attribute]>([
    ['group', { group: [2] }, { kind: 'int', value: 2 }],
    ['group', { group: { float: 2 } }, { kind: 'int', value: 2 }],
    ['group', { group: { tensor: int64(2) } }, { kind: 'int', value: 2 }],
    ['strides', { strides: 2 }, { kind: 'ints', value: [2] }],
    ['pads', { pads: { floats: [1, 1] } }, { kind: 'ints', value: [1, 1] }],
    ['alpha', { alpha: 1 }, { kind: 'float', value: 1 }],
  ])('%s is read as what it means, with a warning', async (name, attrs, expected) => {
    const { graph, codes } = await normal([conv('c', 'y', attrs)], { initializers: { w: { shape: [1] } } });
    expect(graph.nodes[0]?.attributes[name]).toEqual(expected);
    expect(codes).toEqual(['DF1015']);
  });

  test.each<NodeSpec['attrs']>([{ group: { float: 1.5 } }, { group: [1, 2] }, { group: 'two' }])(
    'but nothing is guessed: %j',
    async (attrs) => {
      const { graph, codes } = await normal([conv('c', 'y', attrs)], { initializers: { w: { shape: [1] } } });
      expect(graph.nodes[0]?.attributes['group']?.kind).not.toBe('int');
      expect(codes).toEqual([]);
    },
  );

  test('one warning for all nodes', async () => {
    const nodes = ['a', 'b', 'y'].map((out) => conv(out, out, { group: [1] }));
    const { diagnostics } = await normal(nodes, { initializers: { w: { shape: [1] } } });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'attribute group is stored as ints and read as int in 3 nodes',
    ]);
  });
});
