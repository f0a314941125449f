import type { Attribute, GraphNode } from '../../../../src/ir/tensor.js';
import { normal, lines, valuesOf } from '../../../support/normal-graph.js';
import { floats, int64, type ModelSpec, type NodeSpec } from '../../../support/onnx-model.js';

describe('operator versions', () => {
  /** The evened-out node `op(x, ...) -> y` and the numbers of its constant inputs, '' for absent ones. */
  async function even(
    op: string,
    opset: number,
    attrs: NodeSpec['attrs'] = {},
    rest: Partial<ModelSpec & { in: string[]; out: string[] }> = {},
  ) {
    const { graph, codes } = await normal(
      [{ op, name: 'n', in: rest.in ?? ['x'], out: rest.out ?? ['y'], attrs }],
      { opset, ...rest },
    );
    const node = graph.nodes.at(-1) as GraphNode;
    expect(graph.nodes).toHaveLength(1);
    return {
      node,
      parameters: node.inputs.slice(1).map((input) => valuesOf(graph, input) ?? input),
      attributes: node.attributes,
      codes,
    };
  }

  test.each<[string, number, NodeSpec['attrs'], (readonly number[] | string)[]]>([
    ['Clip', 6, { min: { float: 0 }, max: { float: 6 } }, [[0], [6]]],
    ['Clip', 6, { max: { float: 6 } }, ['', [6]]],
    ['Squeeze', 11, { axes: [0, 2] }, [[0, 2]]],
    ['Unsqueeze', 11, { axes: [0] }, [[0]]],
    ['ReduceSum', 11, { axes: [1], keepdims: 0 }, [[1]]],
    ['ReduceMean', 17, { axes: [2, 3] }, [[2, 3]]],
    ['ReduceL2', 13, { axes: [1] }, [[1]]],
    ['Pad', 10, { pads: [0, 0, 1, 1], value: { float: 2 } }, [[0, 0, 1, 1], [2]]],
    ['Pad', 1, { paddings: [0, 0, 1, 1] }, [[0, 0, 1, 1]]],
    ['Slice', 9, { starts: [1], ends: [3] }, [[1], [3]]],
    ['Slice', 9, { starts: [1], ends: [3], axes: [1] }, [[1], [3], [1]]],
    ['TopK', 9, { k: 5 }, [[5]]],
    ['Reshape', 4, { shape: [4, -1] }, [[4, -1]]],
    ['Split', 11, { split: [1, 3], axis: 1 }, [[1, 3]]],
    ['DFT', 17, {}, ['', [1]]],
  ])('%s-%i: parameters become inputs', async (op, opset, attrs, expected) => {
    const { parameters, attributes } = await even(op, opset, attrs);
    expect(parameters).toEqual(expected);
    const moved = [
      'min',
      'max',
      'axes',
      'pads',
      'paddings',
      'value',
      'starts',
      'ends',
      'k',
      'shape',
      'split',
    ];
    expect(Object.keys(attributes).filter((name) => moved.includes(name))).toEqual([]);
    if (attrs && 'keepdims' in attrs) expect(attributes['keepdims']).toEqual({ kind: 'int', value: 0 });
  });

  test('parameters that are inputs already are left alone', async () => {
    const { node } = await even('Clip', 17, {}, { in: ['x', '', 'm'], initializers: { m: floats(6) } });
    expect(node.inputs).toEqual(['x', '', 'm']);
  });

  test('the tensors made for parameters avoid names that are taken', async () => {
    const { node } = await even('Unsqueeze', 11, { axes: [0] }, { in: ['y_axes'], inputs: { y_axes: [4] } });
    expect(node.inputs).toEqual(['y_axes', 'y_axes_2']);
  });

  const nearest = {
    coordinate_transformation_mode: { kind: 'string', value: 'asymmetric' },
    nearest_mode: { kind: 'string', value: 'floor' },
  } as const satisfies Record<string, Attribute>;

  test.each<[number, NodeSpec['attrs'], string[]]>([
    [7, { scales: { floats: [1, 1, 2, 2] }, mode: 'linear' }, ['x']],
    [1, { height_scale: { float: 2 }, width_scale: { float: 2 }, mode: 'linear' }, ['x']],
    [9, { mode: 'linear' }, ['x', 's']],
  ])('Upsample-%i is Resize', async (opset, attrs, inputs) => {
    const { node, parameters, attributes } = await even('Upsample', opset, attrs, {
      in: inputs,
      initializers: { s: floats(1, 1, 2, 2) },
    });
    expect(node.opType).toBe('Resize');
    expect(parameters).toEqual(['', [1, 1, 2, 2]]);
    expect(attributes).toEqual({ mode: { kind: 'string', value: 'linear' }, ...nearest });
  });

  test('Resize-10 gets its place for roi', async () => {
    const { parameters, attributes } = await even(
      'Resize',
      10,
      {},
      { in: ['x', 's'], initializers: { s: floats(1, 2) } },
    );
    expect(parameters).toEqual(['', [1, 2]]);
    expect(attributes).toEqual(nearest);
  });

  test('Resize-11 loses the empty tensors that stand for absent ones', async () => {
    const initializers = { roi: { shape: [0] }, none: { shape: [0] }, sizes: int64(1, 8) };
    const { node, attributes } = await even(
      'Resize',
      11,
      {},
      { in: ['x', 'roi', 'none', 'sizes'], initializers },
    );
    expect(node.inputs).toEqual(['x', '', '', 'sizes']);
    expect(attributes).toEqual({});
  });

  test.each(['Softmax', 'LogSoftmax', 'Hardmax'])(
    '%s says its axis, and whether it covers the axes behind it',
    async (op) => {
      const int = (value: number): Attribute => ({ kind: 'int', value });
      expect((await even(op, 12)).attributes).toEqual({ axis: int(1), coerced: int(1) });
      expect((await even(op, 12, { axis: 2 })).attributes).toEqual({ axis: int(2), coerced: int(1) });
      expect((await even(op, 13)).attributes).toEqual({ axis: int(-1) });
      expect((await even(op, 13, { axis: 1 })).attributes).toEqual({ axis: int(1) });
    },
  );

  test('Split into equal parts says how many', async () => {
    const { attributes } = await even('Split', 13, { axis: 1 }, { out: ['y', 'z'] });
    expect(attributes['num_outputs']).toEqual({ kind: 'int', value: 2 });
  });

  test('BatchNormalization and Relu lose what steered execution only', async () => {
    const parameters = { s: { shape: [4] }, b: { shape: [4] }, m: { shape: [4] }, v: { shape: [4] } };
    const { attributes } = await even(
      'BatchNormalization',
      7,
      { consumed_inputs: [0, 0], is_test: 1, spatial: 1, epsilon: { float: 0.5 } },
      { in: ['x', 's', 'b', 'm', 'v'], initializers: parameters },
    );
    expect(attributes).toEqual({ epsilon: { kind: 'float', value: 0.5 } });
    expect((await even('Relu', 5, { consumed_inputs: [0] })).attributes).toEqual({});
  });

  test('Cast-1 named its type', async () => {
    expect((await even('Cast', 5, { to: 'FLOAT16' })).attributes).toEqual({ to: { kind: 'int', value: 10 } });
  });

  test('an operator of another domain is left alone', async () => {
    const { graph } = await normal(
      [{ op: 'Clip', domain: 'my', in: ['x'], out: ['y'], attrs: { min: { float: 0 } } }],
      { opset: { '': 6, my: 1 } },
    );
    expect(graph.nodes[0]?.inputs).toEqual(['x']);
  });

  test('subgraphs too', async () => {
    const branch = {
      outputs: ['t'],
      nodes: [{ op: 'Unsqueeze', in: ['x'], out: ['t'], attrs: { axes: [0] } }],
    };
    const { graph } = await normal(
      [{ op: 'If', in: ['c'], out: ['y'], attrs: { then_branch: { graph: branch } } }],
      { opset: 11, initializers: { c: { shape: [], type: 9 } } },
    );
    const attribute = graph.nodes[0]?.attributes['then_branch'];
    const inner = attribute?.kind === 'graph' ? attribute.value : undefined;
    expect(inner && lines(inner)).toEqual(['Unsqueeze(x, t_axes) -> t']);
    expect(inner && valuesOf(inner, 't_axes')).toEqual([0]);
  });
});
