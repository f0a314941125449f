/**
 * Invariants of the graph facet, from import-onnx on:
 *  1. every tensor has at most one definition: a graph input, an initializer or one node output;
 *  2. every tensor read by a node or declared as an output is defined, in its graph or one around it;
 *  3. nodes stand in topological order: what a node reads is defined before it;
 *  4. every node has a name, no two nodes of one graph the same.
 * They hold for subgraphs too, with what the graphs around them have defined so far, and for the bodies of local
 * functions, of which normalize-graph leaves none.
 */
import { diagnostic, type Diagnostic, type Location } from '../../diag/diagnostic.js';
import type { Graph, GraphNode } from '../tensor.js';

export function verifyGraph(graph: Graph): Diagnostic[] {
  const found: Diagnostic[] = [];
  verifyScope(graph, new Set(), found);
  for (const body of graph.functions) {
    const defined = new Set(body.inputs);
    body.nodes.forEach((node) =>
      verifyNode(node, defined, new Set(body.nodes.flatMap(({ outputs }) => outputs)), found),
    );
    body.outputs.forEach((name) => requireDefined(name, defined, undefined, found));
  }
  return found;
}

function verifyScope(graph: Graph, outer: ReadonlySet<string>, found: Diagnostic[]): void {
  const defined = new Set(outer);
  const own = new Set<string>();
  for (const { name } of [...graph.inputs, ...graph.initializers])
    define(name, own, defined, { kind: 'onnx', tensor: name }, found);
  const later = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const names = new Set<string>();
  for (const node of graph.nodes) {
    if (node.name === '' || names.has(node.name))
      found.push(
        diagnostic('DF1093', `node name "${node.name}" is ${node.name === '' ? 'empty' : 'repeated'}`, [
          locationOf(node),
        ]),
      );
    names.add(node.name);
    verifyNode(node, defined, later, found, own);
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
  later: ReadonlySet<string>,
  found: Diagnostic[],
  own: Set<string> = defined,
): void {
  for (const tensor of node.inputs) {
    if (tensor === '' || defined.has(tensor)) continue;
    if (later.has(tensor))
      found.push(
        diagnostic('DF1090', `node ${node.name} reads ${tensor} before it is made`, [locationOf(node)]),
      );
    else requireDefined(tensor, defined, node, found);
  }
  for (const attribute of Object.values(node.attributes))
    if (attribute.kind === 'graph') verifyScope(attribute.value, defined, found);
  for (const tensor of node.outputs) if (tensor !== '') define(tensor, own, defined, locationOf(node), found);
}

function define(
  tensor: string,
  own: Set<string>,
  defined: Set<string>,
  at: Location,
  found: Diagnostic[],
): void {
  if (own.has(tensor)) found.push(diagnostic('DF1091', `tensor ${tensor} is defined twice`, [at]));
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
