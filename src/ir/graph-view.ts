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
  // Of several definitions the first counts; the importer refuses the second.
  nodes.forEach(({ outputs }, k) => {
    for (const tensor of outputs) if (tensor !== '' && !producers.has(tensor)) producers.set(tensor, k);
  });
  nodes.forEach((node, k) => {
    for (const tensor of tensorsRead(node)) {
      const readers = consumers.get(tensor);
      if (readers) readers.push(k);
      else consumers.set(tensor, [k]);
    }
  });
  const producer = (tensor: string): number | undefined => producers.get(tensor);
  // Few ask for neighbours, and for 20,000 nodes they take a tenth of a second.
  let made: Digraph<undefined, undefined, undefined> | undefined;
  const adjacency = (): Digraph<undefined, undefined, undefined> => (made ??= adjacencyOf(nodes, producer));
  const sorted = (neighbours: readonly string[] | undefined): number[] =>
    known(neighbours, 'node of the graph')
      .map(Number)
      .sort((a, b) => a - b);
  return {
    producer,
    consumers: (tensor) => consumers.get(tensor) ?? [],
    predecessors: (position) => sorted(adjacency().predecessors(String(position))),
    successors: (position) => sorted(adjacency().successors(String(position))),
  };
}

function adjacencyOf(
  nodes: readonly GraphNode[],
  producer: GraphView['producer'],
): Digraph<undefined, undefined, undefined> {
  const adjacency = new Digraph<undefined, undefined, undefined>({ directed: true });
  nodes.forEach((_, k) => adjacency.setNode(String(k)));
  nodes.forEach((node, k) => {
    for (const tensor of tensorsRead(node)) {
      const from = producer(tensor);
      if (from !== undefined) adjacency.setEdge(String(from), String(k));
    }
  });
  return adjacency;
}

/** Every tensor a node reads, once, in order: its inputs, then what its subgraphs capture. */
export function tensorsRead(node: GraphNode): readonly string[] {
  let captured: string[] | undefined;
  for (const name in node.attributes) {
    const attribute = node.attributes[name];
    if (attribute?.kind === 'graph') (captured ??= []).push(...capturedTensors(attribute.value));
  }
  const { inputs } = node;
  // Most nodes read what their inputs say, each once: long graphs need no lists of their own for that.
  const plain = captured === undefined && inputs.length <= FEW && isPlain(inputs);
  return plain ? inputs : [...new Set([...inputs, ...(captured ?? [])])].filter((tensor) => tensor !== '');
}

/** Inputs that are compared with one another, at most. */
const FEW = 8;

function isPlain(inputs: readonly string[]): boolean {
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i] === '') return false;
    for (let other = 0; other < i; other++) if (inputs[other] === inputs[i]) return false;
  }
  return true;
}

/** What a subgraph reads from the graphs around it. */
export function capturedTensors(graph: Graph): readonly string[] {
  const own = definedTensors(graph);
  const read = [...graph.nodes.flatMap(tensorsRead), ...graph.outputs.map(({ name }) => name)];
  return [...new Set(read)].filter((tensor) => !own.has(tensor));
}

/** Inputs, initializers and node outputs of one graph, the surrounding ones excluded. */
export function definedTensors(graph: Graph): ReadonlySet<string> {
  const defined = new Set<string>();
  for (const { name } of graph.inputs) defined.add(name);
  for (const { name } of graph.initializers) defined.add(name);
  for (const { outputs } of graph.nodes) for (const tensor of outputs) if (tensor !== '') defined.add(tensor);
  return defined;
}

/** Positions of the nodes, producers first, file order where it can be kept: nearly always all of it. */
export function nodeOrder(graph: Graph): TopologicalOrder<number> {
  const { producer, predecessors } = graphView(graph);
  const positions = [...graph.nodes.keys()];
  const inOrder = graph.nodes.every((node, k) =>
    tensorsRead(node).every((tensor) => (producer(tensor) ?? -1) < k),
  );
  return inOrder ? { order: positions, cycle: [] } : topologicalOrder(positions, predecessors);
}
