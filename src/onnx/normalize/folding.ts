/**
 * The graph that takes the place of one whose control flow and sequences are settled, as it grows: what is known of its
 * tensors, and how nodes, constants and whole bodies are added to it.
 */
import { grouped } from '../../base/units.js';
import { fail, type Diagnostic } from '../../diag/diagnostic.js';
import type { Attribute, Constant, Graph, GraphNode } from '../../ir/tensor.js';
import { nodeLocation } from '../attrs.js';
import type { Walk } from '../infer.js';
import { renameTensors } from '../subgraphs.js';
import type { FreshName } from './names.js';

/** Beyond this a schedule of single iterations tells nobody anything. */
const MOST_NODES = 1_000_000;

export interface Folding {
  readonly walk: Walk;
  readonly fresh: FreshName;
  readonly nodes: GraphNode[];
  readonly constants: Constant[];
  readonly diagnostics: Diagnostic[];
  /** Tensors of every sequence, in order. */
  readonly sequences: Map<string, readonly string[]>;
  /** Tensors in all sequences together. */
  readonly held: { count: number };
  /** Optional values without a content. */
  readonly absent: Set<string>;
  /** Adds a node, or what it comes to. */
  readonly add: (node: GraphNode) => void;
}

/** Beyond this a list of the tensors of every sequence takes more memory than the network. */
const MOST_HELD = 10_000_000;

export function setSequence(
  folding: Folding,
  node: GraphNode,
  name: string,
  tensors: readonly string[],
): void {
  folding.held.count += tensors.length;
  if (folding.held.count > MOST_HELD)
    fail('DF1054', `sequences hold more than ${grouped(MOST_HELD)} tensors`, [nodeLocation(node)], {
      help: 'export the model with fewer iterations, or with the operator that the loop stands for',
    });
  folding.sequences.set(name, tensors);
}

export function refuseBeyond({ nodes }: Folding, node: GraphNode, more: number): void {
  if (nodes.length + more <= MOST_NODES) return;
  fail('DF1054', `unrolling gives more than ${grouped(MOST_NODES)} nodes`, [nodeLocation(node)], {
    help: 'export the model with fewer iterations, or with the operator that the loop stands for',
  });
}

/** The one number of a tensor, where it is known. */
export const numberOf = ({ walk }: Folding, tensor: string | undefined): number | undefined => {
  const values = tensor ? walk.known.get(tensor)?.values : undefined;
  return values?.length === 1 ? values[0] : undefined;
};

/**
 * Adds the nodes of a subgraph under fresh names. `actual`: tensors in place of its inputs; `results`: names for its
 * outputs, '' for one of its own. Gives the names of its outputs.
 */
export function instantiate(
  folding: Folding,
  caller: GraphNode,
  body: Graph,
  actual: readonly string[],
  results: readonly string[],
): readonly string[] {
  const names = new Map(body.inputs.map(({ name }, i) => [name, actual[i] ?? '']));
  const inner = (tensor: string): string => `${caller.name}/${tensor}`;
  for (const constant of body.initializers) {
    const name = folding.fresh(inner(constant.name));
    names.set(constant.name, name);
    addConstant(folding, { ...constant, name });
  }
  for (const tensor of body.nodes.flatMap(({ outputs }) => outputs).filter(Boolean))
    names.set(tensor, folding.fresh(inner(tensor)));
  const rename = (tensor: string): string => names.get(tensor) ?? tensor;
  for (const node of body.nodes)
    folding.add({ ...renameTensors(node, rename), index: caller.index, name: inner(node.name) });
  return body.outputs.map(({ name }, i) => {
    const wanted = results[i];
    if (!wanted) return rename(name);
    folding.add(plainNode(caller, 'Identity', [rename(name)], wanted));
    return wanted;
  });
}

export function addConstant(folding: Folding, constant: Constant): string {
  folding.constants.push(constant);
  folding.walk.known.set(constant.name, { ...constant, constant: true });
  return constant.name;
}

export const number = (folding: Folding, caller: GraphNode, value: number, dtype = 'int64'): string =>
  addConstant(folding, { name: folding.fresh(`${caller.name}/value`), dtype, shape: [], values: [value] });

export const numbers = (folding: Folding, caller: GraphNode, values: readonly number[]): string =>
  addConstant(folding, {
    name: folding.fresh(`${caller.name}/values`),
    dtype: 'int64',
    shape: [values.length],
    values,
  });

export const plainNode = (
  caller: GraphNode,
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>> = {},
): GraphNode => ({
  ...{ index: caller.index, name: `${caller.name}/${output}`, opType, domain: '' },
  ...{ inputs, outputs: [output], attributes },
});

export const axisAttribute = (value: number): Readonly<Record<string, Attribute>> => ({
  axis: { kind: 'int', value },
});

/** Results of all iterations along a new axis. */
export function gather(
  folding: Folding,
  caller: GraphNode,
  parts: readonly string[],
  axis: number,
  to: string,
): void {
  const thin = parts.map((part) => {
    const name = folding.fresh(`${part}/row`);
    folding.add(plainNode(caller, 'Unsqueeze', [part, numbers(folding, caller, [axis])], name));
    return name;
  });
  folding.add(plainNode(caller, 'Concat', thin, to, axisAttribute(axis)));
}
