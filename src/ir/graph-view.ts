/**
 * Adjacency of a graph's nodes: derived, memoised per graph, never stored in the IR. A node is identified by its
 * position in `graph.nodes`. Tensors captured by the subgraphs of If, Loop and Scan count as read by their node.
 * Orders come from `topologicalOrder`: the library's own recurse and overflow on long chains.
 */
import { Graph as Digraph } from 'graphlib';
import { known } from '../base/assert.js';
import { topologicalOrder, type TopologicalOrder } from '../base/topological-order.js';
import type { Graph, GraphNode } from './tensor.js';

export interface GraphView {
  /** Position of the node that makes a tensor; undefined for inputs and initializers. */
  readonly producer: (tensor: string) => number | undefined;
  /** Positions of the nodes that read a tensor, ascending. */
  readonly consumers: (tensor: string) => readonly number[];
  readonly predecessors: (position: number) => readonly number[];
  readonly successors: (position: number) => readonly number[];
}

const VIEWS = new WeakMap<Graph, GraphView>();

export function graphView(graph: Graph): GraphView {
  const view = VIEWS.get(graph) ?? makeView(graph.nodes);
  VIEWS.set(graph, view);
  return view;
}

function makeView(nodes: readonly GraphNode[]): GraphView {
  const producers = new Map<string, number>();
  const consumers = new Map<string, number[]>();
  const adjacency = new Digraph<undefined, undefined, undefined>({ directed: true });
  nodes.forEach((node, k) => {
    adjacency.setNode(String(k));
    // Of several definitions the first counts; the importer refuses the second.
    for (const tensor of node.outputs) if (tensor !== '' && !producers.has(tensor)) producers.set(tensor, k);
  });
  nodes.forEach((node, k) => {
    for (const tensor of tensorsRead(node)) {
      const readers = consumers.get(tensor);
      if (readers) readers.push(k);
      else consumers.set(tensor, [k]);
      const from = producers.get(tensor);
      if (from !== undefined) adjacency.setEdge(String(from), String(k));
    }
  });
  const sorted = (neighbours: readonly string[] | undefined): number[] =>
    known(neighbours, 'node of the graph')
      .map(Number)
      .sort((a, b) => a - b);
  return {
    producer: (tensor) => producers.get(tensor),
    consumers: (tensor) => consumers.get(tensor) ?? [],
    predecessors: (position) => sorted(adjacency.predecessors(String(position))),
    successors: (position) => sorted(adjacency.successors(String(position))),
  };
}

/** Every tensor a node reads, once, in order: its inputs, then what its subgraphs capture. */
export function tensorsRead(node: GraphNode): readonly string[] {
  const captured = Object.values(node.attributes).flatMap((attribute) =>
    attribute.kind === 'graph' ? capturedTensors(attribute.value) : [],
  );
  const { inputs } = node;
  // Most nodes read what their inputs say, each once: long graphs need no lists of their own for that.
  const plain =
    captured.length === 0 && inputs.every((tensor, i) => tensor !== '' && inputs.indexOf(tensor) === i);
  return plain ? inputs : [...new Set([...inputs, ...captured])].filter((tensor) => tensor !== '');
}

/** What a subgraph reads from the graphs around it. */
export function capturedTensors(graph: Graph): readonly string[] {
  const own = definedTensors(graph);
  const read = [...graph.nodes.flatMap(tensorsRead), ...graph.outputs.map(({ name }) => name)];
  return [...new Set(read)].filter((tensor) => !own.has(tensor));
}

/** Inputs, initializers and node outputs of one graph, the surrounding ones excluded. */
export const definedTensors = (graph: Graph): ReadonlySet<string> =>
  new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs).filter((tensor) => tensor !== ''),
  ]);

/** Positions of the nodes, producers first, file order where it can be kept. */
export function nodeOrder(graph: Graph): TopologicalOrder<number> {
  const { predecessors } = graphView(graph);
  return topologicalOrder([...graph.nodes.keys()], predecessors);
}
