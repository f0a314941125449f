/** Walks over the subgraphs of If, Loop and Scan, which sit in attributes of their node. */
import type { Attribute, Constant, Graph, GraphNode } from '../ir/tensor.js';

export function subgraphsOf({ attributes }: GraphNode): readonly Graph[] {
  const found: Graph[] = [];
  for (const name in attributes) {
    const attribute = attributes[name];
    if (attribute?.kind === 'graph') found.push(attribute.value);
  }
  return found;
}

/**
 * The graph with other nodes and initializers; itself where they are the same, one by one: what is worked out per graph
 * then need not be again, and most steps change nothing in most graphs.
 */
export function withParts(
  graph: Graph,
  nodes: readonly GraphNode[],
  initializers: readonly Constant[] = graph.initializers,
): Graph {
  return areSame(nodes, graph.nodes) && areSame(initializers, graph.initializers)
    ? graph
    : { ...graph, nodes, initializers };
}

const areSame = <T>(one: readonly T[], other: readonly T[]): boolean =>
  one === other || (one.length === other.length && one.every((item, i) => item === other[i]));

/** The node with its subgraphs (not theirs in turn) replaced; itself if it has none. */
export function mapSubgraphs(node: GraphNode, change: (graph: Graph, attribute: string) => Graph): GraphNode {
  if (subgraphsOf(node).length === 0) return node;
  const changed = Object.entries(node.attributes).map(([name, attribute]): [string, Attribute] =>
    attribute.kind === 'graph'
      ? [name, { kind: 'graph', value: change(attribute.value, name) }]
      : [name, attribute],
  );
  return { ...node, attributes: Object.fromEntries(changed) };
}

/** Every node of a list and of the subgraphs below it. */
export function allNodes(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const all: GraphNode[] = [];
  for (const node of nodes) {
    all.push(node);
    for (const graph of subgraphsOf(node)) for (const inner of allNodes(graph.nodes)) all.push(inner);
  }
  return all;
}

/** Renames tensors a node reads or makes, and what its subgraphs capture; a name they define themselves stays. */
export function renameTensors(node: GraphNode, rename: (tensor: string) => string): GraphNode {
  const renamed = { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
  return mapSubgraphs(renamed, (graph) => renameCaptured(graph, rename));
}

function renameCaptured(graph: Graph, rename: (tensor: string) => string): Graph {
  const own = new Set([
    ...[...graph.inputs, ...graph.initializers].map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const outer = (tensor: string): string => (own.has(tensor) ? tensor : rename(tensor));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameTensors(node, outer)),
    outputs: graph.outputs.map((output) => ({ ...output, name: outer(output.name) })),
  };
}
