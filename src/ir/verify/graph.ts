/**
 * Invariants of the graph facet, from import-onnx on:
 *  1. every tensor has at most one definition: a graph input, an initializer or one node output;
 *  2. every tensor read by a node or declared as an output is defined, in its graph or one around it;
 *  3. nodes stand in topological order: what a node reads is defined before it;
 *  4. every node has a name, no two nodes of one graph the same.
 * They hold for subgraphs too, with what the graphs around them have defined so far, and for the bodies of local
 * functions, of which normalize-graph leaves none.
 */
import { perObject } from '../../base/bounded-map.js';
import { diagnostic, type Diagnostic, type Location } from '../../diag/diagnostic.js';
import type { Graph, GraphNode } from '../tensor.js';

/** Once per graph: a pass may find nothing to change and hand on what has been looked at. */
export const verifyGraph = perObject((graph: Graph): readonly Diagnostic[] => {
  const found: Diagnostic[] = [];
  verifyScope(graph, new Set(), found);
  for (const body of graph.functions) {
    const defined = new Set(body.inputs);
    body.nodes.forEach((node) => verifyNode(node, defined, body.nodes, found));
    body.outputs.forEach((name) => requireDefined(name, defined, undefined, found));
  }
  return found;
});

function verifyScope(graph: Graph, outer: ReadonlySet<string>, found: Diagnostic[]): void {
  const own = new Set<string>();
  // Nothing around it: what is defined is its own.
  const defined = outer.size === 0 ? own : new Set(outer);
  for (const { name } of graph.inputs) define(name, own, defined, { kind: 'onnx', tensor: name }, found);
  for (const { name } of graph.initializers)
    define(name, own, defined, { kind: 'onnx', tensor: name }, found);
  const names = new Set<string>();
  for (const node of graph.nodes) {
    if (node.name === '' || names.has(node.name))
      found.push(
        diagnostic('DF1093', `node name "${node.name}" is ${node.name === '' ? 'empty' : 'repeated'}`, [
          locationOf(node),
        ]),
      );
    names.add(node.name);
    verifyNode(node, defined, graph.nodes, found, own);
  }
  graph.outputs.forEach(({ name }) => requireDefined(name, defined, undefined, found));
}

const locationOf = (node: GraphNode): Location => ({
  kind: 'onnx',
  node: node.index,
  name: node.name,
  op: node.opType,
});

/** Checks what a node reads, then adds what it makes to `defined`. */
function verifyNode(
  node: GraphNode,
  defined: Set<string>,
  nodes: readonly GraphNode[],
  found: Diagnostic[],
  own: Set<string> = defined,
): void {
  for (const tensor of node.inputs) {
    if (tensor === '' || defined.has(tensor)) continue;
    if (makesOf(nodes).has(tensor))
      found.push(
        diagnostic('DF1090', `node ${node.name} reads ${tensor} before it is made`, [locationOf(node)]),
      );
    else requireDefined(tensor, defined, node, found);
  }
  for (const name in node.attributes) {
    const attribute = node.attributes[name];
    if (attribute?.kind === 'graph') verifyScope(attribute.value, defined, found);
  }
  for (const tensor of node.outputs) if (tensor !== '') define(tensor, own, defined, node, found);
}

/** Whatever is made at all; asked for only where something is missing. */
const makesOf = perObject(
  (nodes: readonly GraphNode[]): ReadonlySet<string> => new Set(nodes.flatMap(({ outputs }) => outputs)),
);

function define(
  tensor: string,
  own: Set<string>,
  defined: Set<string>,
  by: Location | GraphNode,
  found: Diagnostic[],
): void {
  if (own.has(tensor))
    found.push(
      diagnostic('DF1091', `tensor ${tensor} is defined twice`, ['kind' in by ? by : locationOf(by)]),
    );
  own.add(tensor);
  defined.add(tensor);
}

function requireDefined(
  tensor: string,
  defined: ReadonlySet<string>,
  node: GraphNode | undefined,
  found: Diagnostic[],
): void {
  if (defined.has(tensor)) return;
  const at: Location = node ? locationOf(node) : { kind: 'onnx', tensor };
  found.push(
    diagnostic(
      'DF1092',
      `${node ? `node ${node.name}` : 'the list of outputs'} reads ${tensor}, which nothing defines`,
      [at],
    ),
  );
}
