import { relu, normal, lines } from '../../../support/normal-graph.js';
import {
  floats,
  int64,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from '../../../support/onnx-model.js';

describe('Identity', () => {
  const identity = (from: string, to: string): NodeSpec => ({ op: 'Identity', in: [from], out: [to] });

  test('chains are followed to their source', async () => {
    const { graph } = await normal([
      relu('x', 'a'),
      identity('a', 'b'),
      identity('b', 'c'),
      { op: 'Add', in: ['c', 'b'], out: ['y'] },
    ]);
    expect(lines(graph)).toEqual(['Relu(x) -> a', 'Add(a, a) -> y']);
  });

  test('at a graph output the name of the output wins, for all readers', async () => {
    const { graph } = await normal(
      [relu('x', 'a'), identity('a', 'b'), identity('b', 'y'), relu('a', 'z'), relu('b', 'w')],
      { outputs: ['y', 'z', 'w'] },
    );
    expect(lines(graph)).toEqual(['Relu(x) -> y', 'Relu(y) -> z', 'Relu(y) -> w']);
  });

  test.each<[string, readonly NodeSpec[], Partial<ModelSpec>, string[]]>([
    ['an input', [identity('x', 'y')], {}, ['Identity(x) -> y']],
    ['an initializer', [identity('w', 'y')], { initializers: { w: int64(1) } }, ['Identity(w) -> y']],
    [
      'another output',
      [relu('x', 'z'), identity('z', 'y')],
      { outputs: ['y', 'z'] },
      ['Relu(x) -> z', 'Identity(z) -> y'],
    ],
    [
      'an output twice',
      [relu('x', 'a'), identity('a', 'y'), identity('a', 'z')],
      { outputs: ['y', 'z'] },
      ['Relu(x) -> y', 'Identity(y) -> z'],
    ],
  ])('an output that equals %s keeps it', async (_name, nodes, rest, expected) => {
    expect(lines((await normal(nodes, rest)).graph)).toEqual(expected);
  });

  test('readers in subgraphs are led to the source; a branch that hands a captured tensor on keeps its Identity', async () => {
    const then = { outputs: ['t'], nodes: [identity('b', 't')] };
    const otherwise = { outputs: ['e'], nodes: [relu('b', 'f'), identity('f', 'g'), identity('g', 'e')] };
    const { graph } = await normal(
      [
        relu('x', 'a'),
        identity('a', 'b'),
        {
          op: 'If',
          in: ['c'],
          out: ['y'],
          attrs: { then_branch: { graph: then }, else_branch: { graph: otherwise } },
        },
      ],
      { initializers: { c: { shape: [], type: 9 } } },
    );
    const branch = (name: string): string[] => {
      const attribute = graph.nodes[1]?.attributes[name];
      return attribute?.kind === 'graph' ? lines(attribute.value) : [];
    };
    expect(branch('then_branch')).toEqual(['Identity(a) -> t']);
    expect(branch('else_branch')).toEqual(['Relu(a) -> e']);
  });

  test('declared shapes of tensors that are gone go too', async () => {
    const { graph } = await normal([relu('x', 'a'), identity('a', 'b'), relu('b', 'y')], {
      valueInfo: { a: [1, 4], b: [1, 4] },
    });
    expect(graph.valueInfo.map(({ name }) => name)).toEqual(['a']);
  });

  test('of another domain is no identity', async () => {
    const { graph } = await normal([{ ...identity('x', 'a'), domain: 'my' }, relu('a', 'y')]);
    expect(graph.nodes).toHaveLength(2);
  });
});

describe('Dropout', () => {
  const dropout = (rest: Partial<NodeSpec> = {}): NodeSpec => ({
    op: 'Dropout',
    name: 'd',
    in: ['a'],
    out: ['b'],
    ...rest,
  });
  const around = (node: NodeSpec): NodeSpec[] => [relu('x', 'a'), node, relu('b', 'y')];

  test.each<[string, NodeSpec, Partial<ModelSpec>]>([
    ['ratio as attribute', dropout({ attrs: { ratio: { float: 0.5 } } }), { opset: 9 }],
    ['ratio as input', dropout({ in: ['a', 'r'] }), { initializers: { r: floats(0.5) } }],
    ['a mask nobody reads', dropout({ out: ['b', 'mask'] }), {}],
    [
      'training_mode off',
      dropout({ in: ['a', '', 't'] }),
      { initializers: { t: { shape: [], type: 9, fields: { int32Data: [0] } } } },
    ],
  ])('goes: %s', async (_name, node, rest) => {
    const { graph, codes } = await normal(around(node), rest);
    expect(lines(graph)).toEqual(['Relu(x) -> a', 'Relu(a) -> y']);
    expect(graph.initializers).toEqual([]);
    expect(codes).toEqual([]);
  });

  const training: TensorSpec = { shape: [], type: 9, fields: { int32Data: [1] } };
  test.each<[string, NodeSpec[], Partial<ModelSpec>]>([
    [
      'a mask that is read',
      [...around(dropout({ out: ['b', 'm'] })), { op: 'Not', in: ['m'], out: ['n'] }],
      {},
    ],
    ['a mask that is an output', around(dropout({ out: ['b', 'm'] })), { outputs: ['y', 'm'] }],
    ['training_mode on', around(dropout({ in: ['a', '', 't'] })), { initializers: { t: training } }],
    ['training_mode unknown', around(dropout({ in: ['a', '', 't'] })), { inputs: { x: [1, 4], t: [] } }],
  ])('stays, with a warning: %s', async (_name, nodes, rest) => {
    const { graph, codes } = await normal(nodes, rest);
    expect(graph.nodes.map(({ opType }) => opType)).toContain('Dropout');
    expect(codes).toEqual(['DF1021']);
  });
});
