import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyGraph } from '../../../src/ir/verify/graph.js';
import { imported } from '../../support/import-model.js';
import { int64, model, type GraphSpec, type ModelSpec, type NodeSpec } from '../../support/onnx-model.js';
import { describeWithReference } from '../../support/reference.js';

const relu = (from: string, to: string, name = ''): NodeSpec => ({ op: 'Relu', name, in: [from], out: [to] });
const graphOf = (nodes: readonly NodeSpec[], rest: Partial<ModelSpec> = {}): Uint8Array =>
  model({ inputs: { x: [1, 4] }, outputs: ['y'], nodes, ...rest });

describe('order', () => {
  test('of the file is kept where it can be', async () => {
    const { graph, codes } = await imported(
      graphOf([
        relu('b', 'y', 'last'),
        relu('x', 'a', 'first'),
        relu('x', 'c', 'free'),
        relu('a', 'b', 'middle'),
      ]),
    );
    expect(graph.nodes.map(({ name }) => name)).toEqual(['first', 'free', 'middle', 'last']);
    expect(graph.nodes.map(({ index }) => index)).toEqual([1, 2, 3, 0]);
    expect(codes).toEqual([]);
    expect(verifyGraph(graph)).toEqual([]);
  });

  test('a chain of 20,000 nodes stored backwards', async () => {
    const chain = Array.from({ length: 20_000 }, (_, k) =>
      relu(k === 0 ? 'x' : `t${k}`, k === 19_999 ? 'y' : `t${k + 1}`),
    );
    const { graph, codes } = await imported(graphOf(chain.reverse()));
    expect(codes).toEqual([]);
    expect(graph.nodes[0]?.inputs).toEqual(['x']);
    expect(graph.nodes.at(-1)?.outputs).toEqual(['y']);
    expect(verifyGraph(graph)).toEqual([]);
  });

  test('what a subgraph captures comes before its node', async () => {
    const branch: GraphSpec = { outputs: ['z'], nodes: [relu('w', 'z'), relu('late', 'w')] };
    const { graph, codes } = await imported(
      graphOf(
        [
          { op: 'If', name: 'if', in: ['cond'], out: ['y'], attrs: { then_branch: { graph: branch } } },
          relu('x', 'late', 'late'),
        ],
        { initializers: { cond: { shape: [], type: 9 } } },
      ),
    );
    expect(graph.nodes.map(({ name }) => name)).toEqual(['late', 'if']);
    const then = graph.nodes[1]?.attributes['then_branch'];
    expect(then?.kind === 'graph' && then.value.nodes.map(({ outputs }) => outputs[0])).toEqual(['w', 'z']);
    expect(codes).toEqual([]);
    expect(verifyGraph(graph)).toEqual([]);
  });
});

describe('names', () => {
  test('nameless nodes are called after operator and position, namesakes are told apart', async () => {
    const { graph } = await imported(
      graphOf([
        relu('x', 'a'),
        relu('a', 'b', 'r'),
        relu('b', 'c', 'r'),
        relu('c', 'd', 'Relu_0'),
        relu('d', 'y', 'r_2'),
      ]),
    );
    expect(graph.nodes.map(({ name }) => name)).toEqual(['Relu_0_2', 'r', 'r_3', 'Relu_0', 'r_2']);
  });
});

describe('weights among the inputs', () => {
  const inputs = { x: [4, 8], w: [8, 2], b: [2] };
  const gemm: NodeSpec = { op: 'Gemm', in: ['x', 'w', 'b'], out: ['y'] };

  test('are taken as weights, with a note', async () => {
    const { graph, diagnostics } = await imported(graphOf([gemm], { inputs }));
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(graph.initializers).toEqual([
      { name: 'w', dtype: 'float', shape: [8, 2] },
      { name: 'b', dtype: 'float', shape: [2] },
    ]);
    expect(diagnostics).toMatchObject([{ code: 'DF1020', severity: 'note' }]);
    expect(diagnostics[0]?.message).toContain('w, b');
  });

  test.each<[string, Partial<ModelSpec>, readonly NodeSpec[]]>([
    [
      'a symbolic shape',
      { inputs: { x: [4, 8], w: ['n', 2] } },
      [{ op: 'Gemm', in: ['x', 'w'], out: ['y'] }],
    ],
    [
      'another reader',
      { inputs: { x: [4, 8], w: [8, 2] } },
      [{ op: 'Gemm', in: ['x', 'w'], out: ['y'] }, relu('w', 'r')],
    ],
    ['both sides of one product', { inputs: { x: [4, 4] } }, [{ op: 'MatMul', in: ['x', 'x'], out: ['y'] }]],
    [
      'a stack of matrices',
      { inputs: { x: [2, 4, 8], w: [2, 8, 3] } },
      [{ op: 'MatMul', in: ['x', 'w'], out: ['y'] }],
    ],
    [
      'another domain',
      { inputs: { x: [4, 8], w: [8, 2] } },
      [{ op: 'Gemm', domain: 'my', in: ['x', 'w'], out: ['y'] }],
    ],
    [
      'being an output',
      { inputs: { x: [4, 8], w: [8, 2] }, outputs: ['y', 'w'] },
      [{ op: 'Gemm', in: ['x', 'w'], out: ['y'] }],
    ],
  ])('%s keeps them inputs', async (_name, rest, nodes) => {
    const { graph, codes } = await imported(graphOf(nodes, rest));
    expect(graph.inputs.map(({ name }) => name)).toEqual(Object.keys(rest.inputs ?? {}));
    expect(codes).toEqual([]);
  });
});

describe('malformed graphs', () => {
  test('a dangling edge names the node and the tensor that was meant', async () => {
    const { diagnostics } = await imported(graphOf([relu('x', 'conv1_out'), relu('conv1_ouT', 'y', 'act')]));
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({
      code: 'DF1016',
      severity: 'error',
      message: 'node[1] "act" (Relu) reads tensor conv1_ouT, which nothing defines',
      at: [{ kind: 'onnx', node: 1, name: 'act', op: 'Relu', tensor: 'conv1_ouT' }],
      help: 'did you mean conv1_out?',
    });
  });

  test('an output that nothing defines', async () => {
    expect((await imported(graphOf([relu('x', 'z')]))).codes).toEqual(['DF1016']);
  });

  test('a graph without outputs', async () => {
    expect((await imported(graphOf([relu('x', 'y')], { outputs: [] }))).codes).toEqual(['DF1022']);
  });

  test.each<[string, readonly NodeSpec[], Partial<ModelSpec>]>([
    ['two nodes', [relu('x', 'y'), relu('x', 'y')], {}],
    ['a node and an input', [relu('y', 'x')], { inputs: { x: [1], y: [1] } }],
    ['a node and an initializer', [relu('x', 'y')], { initializers: { y: int64(1) } }],
  ])('%s that define one tensor', async (_name, nodes, rest) => {
    expect((await imported(graphOf(nodes, rest))).codes).toEqual(['DF1017']);
  });

  test('unused outputs may all be nameless', async () => {
    const split = (name: string, to: string): NodeSpec => ({ op: 'Split', name, in: ['x'], out: ['', to] });
    expect((await imported(graphOf([split('a', 'y'), split('b', 'z')]))).codes).toEqual([]);
  });

  test('a cycle is followed once around', async () => {
    const add: NodeSpec = { op: 'Add', name: 'sum', in: ['x', 'b'], out: ['a'] };
    const { diagnostics } = await imported(graphOf([add, relu('a', 'b', 'act'), relu('b', 'y', 'tail')]));
    expect(diagnostics).toMatchObject([
      {
        code: 'DF1018',
        message: 'the graph has a cycle of 2 nodes',
        terms: ['node[0] "sum" (Add) -> node[1] "act" (Relu) -> back to node[0] "sum" (Add)'],
        at: [{ node: 0 }],
      },
    ]);
  });

  test('a cycle of 20,000 nodes is a diagnostic that fits a screen', async () => {
    const ring = Array.from({ length: 20_000 }, (_, k) => relu(`t${k}`, `t${(k + 1) % 20_000}`));
    const { diagnostics } = await imported(graphOf([...ring, relu('x', 'y')]));
    expect(diagnostics.map(({ code }) => code)).toEqual(['DF1018']);
    expect(diagnostics[0]?.terms?.[0]).toContain('19992 more');
  });

  test('function bodies and subgraphs are checked too, and told apart', async () => {
    const { diagnostics } = await imported(
      graphOf(
        [
          { op: 'F', domain: 'my', in: ['x'], out: ['y'] },
          {
            op: 'If',
            name: 'if',
            in: ['y'],
            out: ['r'],
            attrs: { then_branch: { graph: { outputs: ['q'], nodes: [relu('lost', 'q')] } } },
          },
        ],
        { functions: [{ name: 'F', domain: 'my', inputs: ['a'], outputs: ['b'], nodes: [relu('x', 'b')] }] },
      ),
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['DF1016', 'DF1016']);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'node[0] (Relu) reads tensor x, which nothing defines in local function F',
      'node[0] (Relu) reads tensor lost, which nothing defines in then_branch of node[1] "if" (If)',
    ]);
  });
});

describeWithReference('public models', (folder) => {
  const facts = JSON.parse(readFileSync(join(folder, 'models/facts.json'), 'utf8')) as Record<
    string,
    { nodes: number }
  >;

  test.each(Object.keys(facts))('%s', async (file) => {
    const { graph, codes } = await imported(readFileSync(join(folder, 'models', file)));
    expect(graph.nodes).toHaveLength(facts[file]?.nodes ?? -1);
    expect(verifyGraph(graph)).toEqual([]);
    expect(graph.inputs).toHaveLength(1);
    expect(codes).toEqual(file === 'attention_head.onnx' ? ['DF1020'] : []);
  });
});
