/**
 * Replaces every call of a local function by its body, nested calls and calls in subgraphs included.
 * A call `silu` gives nodes `silu/Mul_1` and tensors `silu/s`; node positions stay the caller's.
 */
import { topologicalOrder } from '../../base/topological-order.js';
import { known } from '../../base/assert.js';
import { grouped } from '../../base/units.js';
import { fail } from '../../diag/diagnostic.js';
import { definedTensors } from '../../ir/graph-view.js';
import type { Attribute, Graph, GraphNode, LocalFunction } from '../../ir/tensor.js';
import { nodeLocation } from '../attrs.js';
import { allNodes, mapSubgraphs, renameTensors, subgraphsOf } from '../subgraphs.js';
import { freshNames, type FreshName } from './names.js';

/** Beyond this the calls multiply for their own sake. */
const MAX_NODES = 1_000_000;

/** Brings the nodes of a body to the form of the graph around it, given the body's operator-set versions. */
export type PrepareBody = (
  nodes: readonly GraphNode[],
  opsets: LocalFunction['opsets'],
) => readonly GraphNode[];

interface Inlining {
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly prepare: PrepareBody;
  readonly freshTensor: FreshName;
}

const key = ({ domain, overload }: GraphNode | LocalFunction, name: string): string =>
  JSON.stringify([domain, name, overload ?? '']);

/** Throws DF1019 on recursion, DF1023 on a call that does not fit, DF1024 on more than a million nodes. */
export function inlineFunctions(graph: Graph, prepare: PrepareBody): Graph {
  if (graph.functions.length === 0) return graph;
  const functions = new Map(graph.functions.map((body) => [key(body, body.name), body]));
  refuseEndless(graph.nodes, functions);
  const taken = [graph, ...allNodes(graph.nodes).flatMap(subgraphsOf)].flatMap((g) => [...definedTensors(g)]);
  const inlining: Inlining = { functions, prepare, freshTensor: freshNames(taken) };
  return { ...graph, nodes: expand(graph.nodes, inlining), functions: [] };
}

const callKey = (node: GraphNode): string => key(node, node.opType);

/** Both are known before anything is expanded: functions called come before their callers. */
function refuseEndless(nodes: readonly GraphNode[], functions: ReadonlyMap<string, LocalFunction>): void {
  const bodyNodes = (id: string): readonly GraphNode[] => allNodes(functions.get(id)?.nodes ?? []);
  const { order, cycle } = topologicalOrder([...functions.keys()], (id) => bodyNodes(id).map(callKey));
  if (cycle.length > 0) {
    // Callees come before callers in the cycle; the message follows the calls.
    const [first = '', ...others] = cycle.map((id) => known(functions.get(id), 'function').name);
    const names = [first, ...others.reverse()];
    fail('DF1019', `local function ${first} calls itself`, [], {
      terms: [[...names, first].join(' -> ')],
      help: 'write the loop with Loop or Scan',
    });
  }
  const sizes = new Map<string, number>();
  const size = (list: readonly GraphNode[]): number =>
    list.reduce((sum, node) => sum + (sizes.get(callKey(node)) ?? 1), 0);
  for (const id of order) sizes.set(id, size(bodyNodes(id)));
  const total = size(allNodes(nodes));
  if (total > MAX_NODES)
    fail(
      'DF1024',
      `inlining local functions gives ${grouped(total)} nodes; the limit is ${grouped(MAX_NODES)}`,
      [],
      {
        help: 'call fewer functions from functions, or export without them',
      },
    );
}

/** Level by level, so that depth of nesting needs no stack. */
function expand(nodes: readonly GraphNode[], inlining: Inlining): readonly GraphNode[] {
  const bodyOf = (node: GraphNode): LocalFunction | undefined => inlining.functions.get(callKey(node));
  let level = nodes;
  while (level.some(bodyOf)) {
    level = level.flatMap((node) => {
      const body = bodyOf(node);
      return body ? instantiate(node, body, inlining) : [node];
    });
  }
  return level.map((node) =>
    mapSubgraphs(node, (graph) => ({ ...graph, nodes: expand(graph.nodes, inlining) })),
  );
}

function instantiate(call: GraphNode, body: LocalFunction, { prepare, freshTensor }: Inlining): GraphNode[] {
  requireFit(call, body);
  const actual = new Map(body.inputs.map((formal, k) => [formal, call.inputs[k] ?? '']));
  const passedThrough: GraphNode[] = [];
  body.outputs.forEach((formal, k) => {
    const output = call.outputs[k] || freshTensor(`${call.name}/${formal}`);
    const source = actual.get(formal);
    // A formal output that is an input (or listed before) has no node of its own to rename.
    if (source === undefined) actual.set(formal, output);
    else passedThrough.push(identity(`${call.name}/${formal}`, source, output, call.index));
  });
  const rename = (tensor: string): string => {
    if (tensor === '') return '';
    const name = actual.get(tensor) ?? freshTensor(`${call.name}/${tensor}`);
    actual.set(tensor, name);
    return name;
  };
  const bound = body.nodes.map((node) => bindAttributes(node, call, body));
  const nodes = prepare(bound, body.opsets).map((node) => ({
    ...renameTensors(node, rename),
    index: call.index,
    name: `${call.name}/${node.name || `${node.opType}_${node.index}`}`,
  }));
  return [...nodes, ...passedThrough];
}

function requireFit(call: GraphNode, body: LocalFunction): void {
  const differ = (what: string, given: number, declared: number): void => {
    if (given > declared)
      fail(
        'DF1023',
        `the call passes ${given} ${what}, local function ${body.name} has ${declared}`,
        [nodeLocation(call)],
        {
          help: `give it at most ${declared} ${what}`,
        },
      );
  };
  differ('inputs', call.inputs.length, body.inputs.length);
  differ('outputs', call.outputs.length, body.outputs.length);
}

const identity = (name: string, input: string, output: string, index: number): GraphNode => ({
  index,
  name,
  opType: 'Identity',
  domain: '',
  inputs: [input],
  outputs: [output],
  attributes: {},
});

/** References to attributes of the caller become the caller's values, else the defaults, else absent. */
function bindAttributes(node: GraphNode, call: GraphNode, body: LocalFunction): GraphNode {
  const given = { ...body.attributeDefaults, ...call.attributes };
  const bound = Object.entries(node.attributes).flatMap(([name, attribute]): [string, Attribute][] => {
    if (attribute.kind !== 'reference') return [[name, attribute]];
    const value = Object.hasOwn(given, attribute.value) ? given[attribute.value] : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  return mapSubgraphs({ ...node, attributes: Object.fromEntries(bound) }, (graph) => ({
    ...graph,
    nodes: graph.nodes.map((inner) => bindAttributes(inner, call, body)),
  }));
}
