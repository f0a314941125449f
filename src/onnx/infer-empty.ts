/**
 * Inputs without elements: a cache that holds no rows yet, at the first step of a decoder. They are nothing to whoever
 * joins them with others. That all elements of an output are gone is a mistake in what was bound.
 */
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import { graphView } from '../ir/graph-view.js';
import type { Graph, GraphNode, TensorInfo } from '../ir/tensor.js';
import { intAttr } from './attrs.js';
import type { DimBindings } from './infer-inputs.js';
import { operatorName } from './ops/registry.js';

/** Where operators take cached keys and values, which they join with new ones, and the axis of their rows. */
const CACHED: ReadonlyMap<string, { readonly inputs: readonly number[]; readonly axis: number }> = new Map([
  ['Attention', { inputs: [4, 5], axis: 2 }],
  ['com.microsoft:MultiHeadAttention', { inputs: [6, 7], axis: 2 }],
  ['com.microsoft:GroupQueryAttention', { inputs: [3, 4], axis: 2 }],
  ['com.microsoft:Attention', { inputs: [4], axis: 3 }],
  ['com.microsoft:QAttention', { inputs: [8], axis: 3 }],
]);

/** Whether whoever reads an input joins it with others along an axis: a size of 0 that the model states is meant. */
export function isJoinedAlong(graph: Graph, input: string, axis: number, rank: number): boolean {
  const readers = graphView(graph).consumers(input);
  return readers.length > 0 && readers.every((at) => joins(graph.nodes[at]!, input, axis, rank));
}

function joins(node: GraphNode, input: string, axis: number, rank: number): boolean {
  const name = operatorName(node);
  const places = node.inputs.flatMap((read, i) => (read === input ? [i] : []));
  if (name === 'Concat') return (intAttr(node, 'axis', 0) + rank) % rank === axis && places.length > 0;
  const cached = CACHED.get(name);
  return cached?.axis === axis && places.every((at) => cached.inputs.includes(at)) && places.length > 0;
}

/** An error where outputs have no elements because something was bound to 0. */
export function emptyOutputs(
  graph: Graph,
  dims: DimBindings,
  tensor: (name: string) => TensorInfo | undefined,
): readonly Diagnostic[] {
  const none = Object.entries(dims).flatMap(([name, size]) => (size === 0 ? [`--dim ${name}=0`] : []));
  const empty = graph.outputs.filter(({ name }) => tensor(name)?.shape.includes(0));
  const [output] = empty;
  if (none.length === 0 || output === undefined) return [];
  return [
    diagnostic(
      'DF2002',
      `${none.join(' ')} leaves output "${output.name}" without elements`,
      [{ kind: 'onnx', tensor: output.name }],
      { help: 'give 0 only to the length of what is joined with other rows, such as a cache that is empty' },
    ),
  ];
}
