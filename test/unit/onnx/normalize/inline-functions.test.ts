import type { Attribute } from '../../../../src/ir/tensor.js';
import { diagnosticsRejected } from '../../../support/codes.js';
import { relu, normal, lines, valuesOf } from '../../../support/normal-graph.js';
import type { FunctionSpec, NodeSpec } from '../../../support/onnx-model.js';

describe('local functions', () => {
  const call = (op: string, from: string, to: string, rest: Partial<NodeSpec> = {}): NodeSpec => ({
    op,
    domain: 'my',
    name: op.toLowerCase(),
    in: [from],
    out: [to],
    ...rest,
  });
  const silu: FunctionSpec = {
    name: 'Silu',
    domain: 'my',
    inputs: ['X'],
    outputs: ['Y'],
    nodes: [
      { op: 'Mul', in: ['X', 'S'], out: ['Y'] },
      { op: 'Sigmoid', name: 'gate', in: ['X'], out: ['S'] },
    ],
  };

  test('are replaced by their bodies, in order, with names after the call', async () => {
    const { graph } = await normal([relu('x', 'a', 'first'), call('Silu', 'a', 'y')], { functions: [silu] });
    expect(lines(graph)).toEqual(['Relu(x) -> a', 'Sigmoid(a) -> silu/S', 'Mul(a, silu/S) -> y']);
    expect(graph.nodes.map(({ name, index }) => [name, index])).toEqual([
      ['first', 0],
      ['silu/gate', 1],
      ['silu/Mul_0', 1],
    ]);
  });

  test('twice called, twice named; names that are taken are avoided', async () => {
    const { graph } = await normal([call('Silu', 'x', 'silu/S'), call('Silu', 'silu/S', 'y')], {
      functions: [silu],
    });
    expect(lines(graph)).toEqual([
      'Sigmoid(x) -> silu/S_2',
      'Mul(x, silu/S_2) -> silu/S',
      'Sigmoid(silu/S) -> silu_2/S',
      'Mul(silu/S, silu_2/S) -> y',
    ]);
  });

  test('nested', async () => {
    const twice: FunctionSpec = {
      name: 'Twice',
      domain: 'my',
      inputs: ['p'],
      outputs: ['r'],
      nodes: [call('Silu', 'p', 'q'), call('Silu', 'q', 'r')],
    };
    const { graph } = await normal([call('Twice', 'x', 'y')], { functions: [twice, silu] });
    expect(lines(graph)).toEqual([
      'Sigmoid(x) -> twice/silu/S',
      'Mul(x, twice/silu/S) -> twice/q',
      'Sigmoid(twice/q) -> twice/silu/S_2',
      'Mul(twice/q, twice/silu/S_2) -> y',
    ]);
    expect(new Set(graph.nodes.map(({ name }) => name)).size).toBe(4);
  });

  const leaky: FunctionSpec = {
    name: 'F',
    domain: 'my',
    inputs: ['X'],
    outputs: ['Y'],
    attributes: ['beta'],
    defaults: { slope: { float: 0.25 } },
    nodes: [
      {
        op: 'Custom',
        domain: 'other',
        in: ['X'],
        out: ['Y'],
        attrs: { alpha: { ref: 'slope' }, beta: { ref: 'beta' }, gamma: 1 },
      },
    ],
  };

  test.each<[string, NodeSpec['attrs'], Record<string, Attribute>]>([
    ['the default', {}, { alpha: { kind: 'float', value: 0.25 } }],
    [
      'the caller',
      { slope: { float: 0.5 }, beta: 3 },
      { alpha: { kind: 'float', value: 0.5 }, beta: { kind: 'int', value: 3 } },
    ],
  ])('attribute references take the value of %s, or vanish', async (_name, attrs, expected) => {
    const { graph } = await normal([call('F', 'x', 'y', { attrs: attrs ?? {} })], { functions: [leaky] });
    expect(graph.nodes[0]?.attributes).toEqual({ ...expected, gamma: { kind: 'int', value: 1 } });
  });

  test('references pass through nested calls and into subgraphs', async () => {
    const outer: FunctionSpec = {
      name: 'G',
      domain: 'my',
      inputs: ['X'],
      outputs: ['Y'],
      attributes: ['s'],
      nodes: [
        {
          op: 'If',
          in: ['X'],
          out: ['Y'],
          attrs: {
            then_branch: {
              graph: { outputs: ['t'], nodes: [call('F', 'X', 't', { attrs: { slope: { ref: 's' } } })] },
            },
          },
        },
      ],
    };
    const { graph } = await normal([call('G', 'x', 'y', { attrs: { s: { float: 0.125 } } })], {
      functions: [outer, leaky],
    });
    const then = graph.nodes[0]?.attributes['then_branch'];
    const [inner] = then?.kind === 'graph' ? then.value.nodes : [];
    expect(inner?.inputs).toEqual(['x']);
    expect(inner?.attributes['alpha']).toEqual({ kind: 'float', value: 0.125 });
  });

  test('overloads', async () => {
    const wide: FunctionSpec = { ...silu, overload: 'wide', nodes: [relu('X', 'Y')] };
    const { graph } = await normal([call('Silu', 'x', 'a'), call('Silu', 'a', 'y', { overload: 'wide' })], {
      functions: [silu, wide],
    });
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Sigmoid', 'Mul', 'Relu']);
  });

  test('absent inputs and outputs', async () => {
    const body: FunctionSpec = {
      name: 'F',
      domain: 'my',
      inputs: ['p', 'q'],
      outputs: ['r', 's'],
      nodes: [{ op: 'Clip', in: ['p', 'q'], out: ['r'] }, relu('r', 's')],
    };
    const { graph } = await normal([call('F', 'x', 'y')], { functions: [body] });
    expect(lines(graph)).toEqual(['Clip(x, ) -> y', 'Relu(y) -> f/s']);
  });

  test('an output that is an input', async () => {
    const pass: FunctionSpec = { name: 'P', domain: 'my', inputs: ['p'], outputs: ['p'], nodes: [] };
    const { graph } = await normal([relu('x', 'a'), call('P', 'a', 'b'), relu('b', 'y')], {
      functions: [pass],
    });
    expect(lines(graph)).toEqual(['Relu(x) -> a', 'Relu(a) -> y']);
  });

  test('a body is evened out from its own operator set', async () => {
    const body = (opset: number): FunctionSpec => ({
      name: 'F',
      domain: 'my',
      opset,
      inputs: ['X'],
      outputs: ['Y'],
      nodes: [{ op: 'Softmax', in: ['X'], out: ['Y'] }],
    });
    const axis = async (opset: number): Promise<unknown> =>
      (await normal([call('F', 'x', 'y')], { opset: 17, functions: [body(opset)] })).graph.nodes[0]
        ?.attributes['axis']?.value;
    expect([await axis(11), await axis(17)]).toEqual([1, -1]);
  });

  test('parameters moved to inputs in a body, given by the caller', async () => {
    const body: FunctionSpec = {
      name: 'F',
      domain: 'my',
      opset: 11,
      inputs: ['X'],
      outputs: ['Y'],
      attributes: ['at'],
      nodes: [{ op: 'Unsqueeze', in: ['X'], out: ['Y'], attrs: { axes: { ref: 'at' } } }],
    };
    const { graph } = await normal([call('F', 'x', 'y', { attrs: { at: [2] } })], { functions: [body] });
    expect(valuesOf(graph, graph.nodes[0]?.inputs[1])).toEqual([2]);
  });

  test('recursion is refused, through others too', async () => {
    const body = (name: string, callee: string): FunctionSpec => ({
      name,
      domain: 'my',
      inputs: ['p'],
      outputs: ['r'],
      nodes: [call(callee, 'p', 'r')],
    });
    const functions = [body('A', 'B'), body('B', 'C'), body('C', 'B')];
    const found = await diagnosticsRejected(() => normal([call('A', 'x', 'y')], { functions }));
    expect(found).toMatchObject([
      { code: 'DF1019', message: 'local function B calls itself', terms: ['B -> C -> B'] },
    ]);
  });

  test('a call that passes too much is refused', async () => {
    const found = await diagnosticsRejected(() =>
      normal([call('Silu', 'x', 'y', { in: ['x', 'x'] })], { functions: [silu] }),
    );
    expect(found).toMatchObject([
      { code: 'DF1023', message: 'the call passes 2 inputs, local function Silu has 1' },
    ]);
  });

  test('functions that multiply beyond a million nodes are refused', async () => {
    const body = (k: number): FunctionSpec => ({
      name: `F${k}`,
      domain: 'my',
      inputs: ['p'],
      outputs: ['r'],
      nodes: Array.from({ length: 100 }, (_, n) =>
        call(`F${k + 1}`, n === 0 ? 'p' : `t${n}`, n === 99 ? 'r' : `t${n + 1}`),
      ),
    });
    const found = await diagnosticsRejected(() =>
      normal([call('F0', 'x', 'y')], { functions: [0, 1, 2, 3].map(body) }),
    );
    expect(found).toMatchObject([{ code: 'DF1024' }]);
  });
});
