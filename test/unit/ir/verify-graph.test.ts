import type { Graph, GraphNode } from '../../../src/ir/tensor.js';
import { verifyGraph } from '../../../src/ir/verify/graph.js';

const node = (name: string, inputs: string[], outputs: string[], body?: Graph): GraphNode => ({
  index: 0,
  name,
  opType: 'Op',
  domain: '',
  inputs,
  outputs,
  attributes: body ? { body: { kind: 'graph', value: body } } : {},
});

const graph = (nodes: GraphNode[], rest: Partial<Graph> = {}): Graph => ({
  name: 'g',
  irVersion: 8,
  opsets: { '': 17 },
  nodes,
  inputs: [{ name: 'x', dtype: 'float' }],
  outputs: [{ name: 'y', dtype: 'float' }],
  initializers: [],
  valueInfo: [],
  functions: [],
  ...rest,
});

const codes = (g: Graph): string[] => verifyGraph(g).map(({ code }) => code);
const subgraph = (nodes: GraphNode[]): Graph =>
  graph(nodes, { inputs: [], outputs: [{ name: 'z', dtype: 'float' }] });

describe('the graph verifier', () => {
  test('accepts a graph in order, absent inputs and nameless outputs included', () => {
    expect(codes(graph([node('a', ['x', ''], ['t', '', '']), node('b', ['t'], ['y'])]))).toEqual([]);
  });

  test.each<[string, Graph, string[]]>([
    ['nodes out of order', graph([node('b', ['t'], ['y']), node('a', ['x'], ['t'])]), ['DF1090']],
    ['a tensor made twice', graph([node('a', ['x'], ['y']), node('b', ['x'], ['y'])]), ['DF1091']],
    [
      'an initializer made again',
      graph([node('a', [], ['y'])], { initializers: [{ name: 'y', dtype: 'float', shape: [] }] }),
      ['DF1091'],
    ],
    ['an undefined input', graph([node('a', ['q'], ['y'])]), ['DF1092']],
    ['an undefined output', graph([node('a', ['x'], ['q'])]), ['DF1092']],
    ['a repeated name', graph([node('a', ['x'], ['t']), node('a', ['t'], ['y'])]), ['DF1093']],
    ['no name', graph([node('', ['x'], ['y'])]), ['DF1093']],
    [
      'a subgraph that reads what comes later',
      graph([node('a', [], ['t'], subgraph([node('i', ['y'], ['z'])])), node('b', ['t'], ['y'])]),
      ['DF1092'],
    ],
    [
      'a function body out of order',
      graph([node('a', ['x'], ['y'])], {
        functions: [
          {
            domain: 'd',
            name: 'f',
            overload: '',
            opsets: {},
            inputs: ['p'],
            outputs: ['r'],
            attributeDefaults: {},
            nodes: [node('b', ['q'], ['r']), node('c', ['p'], ['q'])],
          },
        ],
      }),
      ['DF1090'],
    ],
  ])('refuses %s', (_name, bad, expected) => expect(codes(bad)).toEqual(expected));

  test('a subgraph reads the graph around it, and two subgraphs may use the same names', () => {
    const body = subgraph([node('i', ['x'], ['z'])]);
    expect(codes(graph([node('a', [], ['t'], body), node('b', ['t'], ['y'], body)]))).toEqual([]);
  });
});
