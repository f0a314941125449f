/** Constant nodes become initializers; initializers nobody reads, and empty tensors that stand for "absent", go. */
import type { Attribute, Constant, Graph, GraphNode } from '../../ir/tensor.js';
import { tensorsRead } from '../../ir/graph-view.js';
import { mapSubgraphs, withParts } from '../subgraphs.js';

export function foldConstants(graph: Graph): Graph {
  const constants: Constant[] = [];
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const constant = constantOf(node);
    if (constant === undefined) nodes.push(mapSubgraphs(node, foldConstants));
    else constants.push(constant);
  }
  return withParts(graph, nodes, [...graph.initializers, ...constants]);
}

/** The tensor a Constant node makes; undefined for other nodes and for a Constant without a value. */
function constantOf(node: GraphNode): Constant | undefined {
  const name = node.outputs[0];
  if (node.domain !== '' || node.opType !== 'Constant' || !name) return undefined;
  const [attribute] = Object.values(node.attributes);
  const value = attribute && constantValue(attribute);
  return value && { ...value, name };
}

function constantValue(attribute: Attribute): Omit<Constant, 'name'> | undefined {
  switch (attribute.kind) {
    case 'tensor':
      return attribute.value;
    case 'int':
      return { dtype: 'int64', shape: [], values: [attribute.value] };
    case 'ints':
      return { dtype: 'int64', shape: [attribute.value.length], values: attribute.value };
    case 'float':
      return { dtype: 'float', shape: [], values: [attribute.value] };
    case 'floats':
      return { dtype: 'float', shape: [attribute.value.length], values: attribute.value };
    case 'string':
      return { dtype: 'string', shape: [] };
    case 'strings':
      return { dtype: 'string', shape: [attribute.value.length] };
    default:
      return undefined;
  }
}

/** Resize up to operator set 12 had to name an empty tensor where later ones name nothing. */
export function dropEmptyInputs(graph: Graph): Graph {
  const empty = new Set(graph.initializers.flatMap(({ name, shape }) => (shape.includes(0) ? [name] : [])));
  const nodes = graph.nodes.map((node) => {
    const inner = mapSubgraphs(node, dropEmptyInputs);
    if (node.domain !== '' || node.opType !== 'Resize') return inner;
    return { ...inner, inputs: node.inputs.map((input) => (empty.has(input) ? '' : input)) };
  });
  return withParts(graph, nodes);
}

export function pruneInitializers(graph: Graph): Graph {
  const nodes = graph.nodes.map((node) => mapSubgraphs(node, pruneInitializers));
  if (graph.initializers.length === 0) return withParts(graph, nodes);
  const read = new Set(graph.outputs.map(({ name }) => name));
  for (const node of nodes) for (const tensor of tensorsRead(node)) read.add(tensor);
  return withParts(
    graph,
    nodes,
    graph.initializers.filter(({ name }) => read.has(name)),
  );
}
