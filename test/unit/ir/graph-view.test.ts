import type { Graph, GraphNode } from '../../../src/ir/tensor.js';
import { capturedTensors, graphView, nodeOrder, tensorsRead } from '../../../src/ir/graph-view.js';

const node = (inputs: string[], outputs: string[], body?: Graph): GraphNode => ({
  index: 0,
  name: outputs[0] ?? '',
  opType: 'Op',
  domain: '',
  inputs,
  outputs,
  attributes: body ? { body: { kind: 'graph', value: body } } : {},
});

const graph = (nodes: GraphNode[], outputs: string[] = []): Graph => ({
  name: 'g',
  irVersion: 8,
  opsets: {},
  nodes,
  inputs: [],
  outputs: outputs.map((name) => ({ name, dtype: 'float' })),
  initializers: [{ name: 'w', dtype: 'float', shape: [] }],
  valueInfo: [],
  functions: [],
});

describe('graph view', () => {
  // a -> b, a -> c, {b, c} -> d; d reads b twice.
  const diamond = graph([
    node(['w'], ['a']),
    node(['a'], ['b']),
    node(['a', ''], ['c', '']),
    node(['b', 'c', 'b'], ['d']),
  ]);
  const view = graphView(diamond);

  test('adjacency', () => {
    expect([0, 1, 2, 3].map(view.predecessors)).toEqual([[], [0], [0], [1, 2]]);
    expect([0, 1, 2, 3].map(view.successors)).toEqual([[1, 2], [3], [3], []]);
    expect(view.producer('c')).toBe(2);
    expect(view.producer('w')).toBeUndefined();
    expect(view.consumers('a')).toEqual([1, 2]);
    expect(view.consumers('b')).toEqual([3]);
    expect(view.consumers('d')).toEqual([]);
    expect(view.consumers('')).toEqual([]);
  });

  test('is made once per graph', () => expect(graphView(diamond)).toBe(view));

  test('what a subgraph captures counts as read, also two levels down', () => {
    const inner = { ...graph([node(['w', 'own', 'far'], ['i'])], ['i']), initializers: [] };
    const outer = graph([node([], ['own']), node([], ['o'], inner)], ['o', 'passed']);
    expect(capturedTensors(outer)).toEqual(['far', 'passed']);
    expect(tensorsRead(node(['p', '', 'far'], ['q'], outer))).toEqual(['p', 'far', 'passed']);
    expect(graphView(graph([node([], ['far']), node([], ['z'], outer)])).predecessors(1)).toEqual([0]);
  });

  test('order', () => {
    const backwards = graph([node(['b'], ['c']), node(['a'], ['b']), node([], ['a'])]);
    expect(nodeOrder(backwards)).toEqual({ order: [2, 1, 0], cycle: [] });
    expect(nodeOrder(graph([node(['b'], ['a']), node(['a'], ['b'])])).cycle).toEqual([0, 1]);
  });
});
