/** Walks over the subgraphs of If, Loop and Scan, which sit in attributes of their node. */
import type { Attribute, Graph, GraphNode } from '../ir/tensor.js';

export const subgraphsOf = (node: GraphNode): readonly Graph[] =>
  Object.values(node.attributes).flatMap((attribute) =>
    attribute.kind === 'graph' ? [attribute.value] : [],
  );

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
export const allNodes = (nodes: readonly GraphNode[]): readonly GraphNode[] =>
  nodes.flatMap((node) => [node, ...subgraphsOf(node).flatMap((graph) => allNodes(graph.nodes))]);

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
