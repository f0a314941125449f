/**
 * Removes nodes that hand their input on: Identity, and Dropout outside training. Readers are led to the source.
 * Where the result is a graph output its name wins, since names of outputs are public; an output that equals an
 * input, an initializer or another output keeps its Identity.
 */
import { match, P } from 'ts-pattern';
import { finder } from '../../base/finder.js';
import { diagnostic, type Diagnostic } from '../../diag/diagnostic.js';
import { tensorsRead } from '../../ir/graph-view.js';
import type { Constant, Graph, GraphNode } from '../../ir/tensor.js';
import { nodeLocation } from '../attrs.js';
import { mapSubgraphs, renameTensors, withParts } from '../subgraphs.js';

export interface WithoutIdentities {
  readonly graph: Graph;
  /** DF1021: Dropouts that stay. */
  readonly diagnostics: readonly Diagnostic[];
}

export function removeIdentities(graph: Graph): WithoutIdentities {
  const diagnostics: Diagnostic[] = [];
  return { graph: withoutIdentities(graph, diagnostics), diagnostics };
}

function withoutIdentities(graph: Graph, found: Diagnostic[]): Graph {
  const inSubgraphs = (node: GraphNode): GraphNode =>
    mapSubgraphs(node, (inner) => withoutIdentities(inner, found));
  if (!graph.nodes.some(mayHandOn)) return withParts(graph, graph.nodes.map(inSubgraphs));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const read = new Set(outputs);
  const made = new Set<string>();
  for (const node of graph.nodes) {
    for (const tensor of tensorsRead(node)) read.add(tensor);
    for (const tensor of node.outputs) made.add(tensor);
  }
  const alias = new Map<string, string>();
  const named = (tensor: string): string => {
    let name = tensor;
    for (let next = alias.get(name); next !== undefined; next = alias.get(name)) name = next;
    return name;
  };
  const isRemoved = (node: GraphNode): boolean => {
    const [result = ''] = node.outputs;
    const source = named(node.inputs[0] ?? '');
    if (source === '' || result === '' || !handsOn(node, graph, read, found)) return false;
    if (!outputs.has(result)) alias.set(result, source);
    else if (made.has(source) && !outputs.has(source)) alias.set(source, result);
    else return false;
    return true;
  };
  const kept = graph.nodes.filter((node) => !isRemoved(node));
  const nodes = kept.map((node) => inSubgraphs(alias.size === 0 ? node : renameTensors(node, named)));
  if (alias.size === 0) return withParts(graph, nodes);
  return { ...graph, nodes, valueInfo: graph.valueInfo.filter(({ name }) => !alias.has(name)) };
}

const mayHandOn = ({ domain, opType }: GraphNode): boolean =>
  domain === '' && (opType === 'Identity' || opType === 'Dropout');

function handsOn(node: GraphNode, graph: Graph, read: ReadonlySet<string>, found: Diagnostic[]): boolean {
  // Nearly all nodes are neither, and matching costs.
  if (!mayHandOn(node)) return false;
  const reason = match(node)
    .with({ opType: 'Identity' }, () => undefined)
    .with({ outputs: P.when(([, mask = '']) => read.has(mask)) }, () => 'its mask is read')
    .otherwise(({ inputs }) => trainingReason(inputs[2] ?? '', graph));
  if (reason !== undefined)
    found.push(
      diagnostic('DF1021', `Dropout ${node.name} stays: ${reason}`, [nodeLocation(node)], {
        help: 'export the model for inference',
      }),
    );
  return reason === undefined;
}

const constantNamed = finder(({ name }: Constant) => name);

/** Why a Dropout may be training, given its `training_mode` input; undefined: it is not. */
function trainingReason(mode: string, graph: Graph): string | undefined {
  if (mode === '') return undefined;
  const constant = constantNamed(graph.initializers, mode);
  if (constant?.values === undefined) return 'training_mode is decided at run time';
  return constant.values[0] === 0 ? undefined : 'training_mode is on';
}
