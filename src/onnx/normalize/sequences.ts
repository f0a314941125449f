/**
 * Sequences whose tensors are known one by one are followed until somebody takes one out or joins them: what is left
 * are Split, Concat and the tensors themselves. Optional values with a content are that content.
 */
import type { Graph, GraphNode, ValueInfo } from '../../ir/tensor.js';
import { graphAttr, intAttr } from '../attrs.js';
import {
  addConstant,
  axisAttribute,
  gather,
  instantiate,
  number,
  numberOf,
  numbers,
  plainNode,
  setSequence,
  type Folding,
} from './folding.js';

/** Undefined: it is replaced. Otherwise why it cannot be. */
type Expand = (folding: Folding, node: GraphNode) => string | undefined;

const UNKNOWN = 'the sequence it reads is known only when the network runs';
const NOWHERE = 'its position is known only when the network runs, or outside the sequence';

/** The place that an input names, counted from the front; undefined: not known, or none of `count`. */
function placeOf(
  folding: Folding,
  input: string | undefined,
  count: number,
  fallback: number,
): number | undefined {
  const at = input ? numberOf(folding, input) : fallback;
  const place = at === undefined ? -1 : at < 0 ? at + count : at;
  return place >= 0 && place < count ? place : undefined;
}

/** The first output is a sequence of these. */
function makes(folding: Folding, node: GraphNode, tensors: readonly string[]): ReturnType<Expand> {
  setSequence(folding, node, node.outputs[0] ?? '', tensors);
  return undefined;
}

/** A sequence of sequences, or of nothing, is left to whoever knows one. */
const NO_TENSOR = 'what it puts into the sequence is no tensor';

const isTensor = ({ sequences, absent }: Folding, name: string): boolean =>
  name !== '' && !sequences.has(name) && !absent.has(name);

const construct: Expand = (folding, node) =>
  node.inputs.every((name) => isTensor(folding, name)) ? makes(folding, node, node.inputs) : NO_TENSOR;

const insert: Expand = (folding, node) => {
  const [sequence = '', tensor = '', position] = node.inputs;
  const tensors = folding.sequences.get(sequence);
  if (tensors === undefined) return UNKNOWN;
  if (!isTensor(folding, tensor)) return NO_TENSOR;
  const at = placeOf(folding, position, tensors.length + 1, tensors.length);
  return at === undefined ? NOWHERE : makes(folding, node, tensors.toSpliced(at, 0, tensor));
};

const erase: Expand = (folding, node) => {
  const tensors = folding.sequences.get(node.inputs[0] ?? '');
  if (tensors === undefined) return UNKNOWN;
  const at = placeOf(folding, node.inputs[1], tensors.length, tensors.length - 1);
  return at === undefined ? NOWHERE : makes(folding, node, tensors.toSpliced(at, 1));
};

const pick: Expand = (folding, node) => {
  const [sequence = '', position = ''] = node.inputs;
  const tensors = folding.sequences.get(sequence);
  if (tensors === undefined) return UNKNOWN;
  const at = placeOf(folding, position, tensors.length, -1);
  if (at === undefined) return NOWHERE;
  folding.add(plainNode(node, 'Identity', [tensors[at]!], node.outputs[0]!));
  return undefined;
};

const length: Expand = (folding, node) => {
  const tensors = folding.sequences.get(node.inputs[0] ?? '');
  if (tensors === undefined) return UNKNOWN;
  addConstant(folding, { name: node.outputs[0]!, dtype: 'int64', shape: [], values: [tensors.length] });
  return undefined;
};

const join: Expand = (folding, node) => {
  const tensors = folding.sequences.get(node.inputs[0] ?? '');
  if (tensors === undefined) return UNKNOWN;
  if (tensors.length === 0) return 'there is nothing in the sequence it joins';
  const axis = intAttr(node, 'axis', 0);
  if (intAttr(node, 'new_axis', 0) !== 0) gather(folding, node, tensors, axis, node.outputs[0]!);
  else folding.add(plainNode(node, 'Concat', tensors, node.outputs[0]!, axisAttribute(axis)));
  return undefined;
};

/** Far more than a sequence has; every part is a node's result. */
const MOST_PARTS = 10_000;

/** Sizes of the parts: listed, all but the last the same, or 1 each; undefined: not known, or too many. */
function partsOf(folding: Folding, node: GraphNode, size: number): readonly number[] | undefined {
  const split = node.inputs[1] ? folding.walk.known.get(node.inputs[1]) : undefined;
  if (node.inputs[1] && split?.values === undefined) return undefined;
  if (split?.shape.length === 1) return split.values;
  const each = split?.values?.[0] ?? 1;
  if (!(each >= 1 && size / each <= MOST_PARTS)) return undefined;
  return Array.from({ length: Math.ceil(size / each) }, (_, i) => Math.min(each, size - i * each));
}

const splitUp: Expand = (folding, node) => {
  const [input = ''] = node.inputs;
  const shape = folding.walk.known.get(input)?.shape;
  const axis = intAttr(node, 'axis', 0);
  const size = shape?.at(axis);
  if (shape === undefined || size === undefined) return 'the shape of what it splits is not known';
  const sizes = partsOf(folding, node, size);
  if (sizes === undefined)
    return 'the sizes of its parts are known only when the network runs, or they are too many';
  const parts = sizes.map((_, i) => folding.fresh(`${node.outputs[0]!}/${i}`));
  const split = { ...plainNode(node, 'Split', [input, numbers(folding, node, sizes)], ''), outputs: parts };
  folding.add({ ...split, name: `${node.name}/split`, attributes: axisAttribute(axis) });
  if (node.inputs[1] || intAttr(node, 'keepdims', 1) !== 0) return makes(folding, node, parts);
  const thin = parts.map((part) => {
    const name = folding.fresh(`${part}/thin`);
    folding.add(plainNode(node, 'Squeeze', [part, numbers(folding, node, [axis])], name));
    return name;
  });
  return makes(folding, node, thin);
};

/** The body for every element of the first sequence; others go along, tensors stay. */
const mapAll: Expand = (folding, node) => {
  const body = graphAttr(node, 'body');
  const first = folding.sequences.get(node.inputs[0] ?? '');
  if (body === undefined) return 'its body is missing';
  if (first === undefined) return UNKNOWN;
  const results = node.outputs.map((): string[] => []);
  for (const round of first.keys()) {
    const actual = node.inputs.map((input) => folding.sequences.get(input)?.[round] ?? input);
    instantiate(folding, node, body, actual, []).forEach((tensor, i) => results[i]?.push(tensor));
  }
  node.outputs.forEach((name, i) => {
    setSequence(folding, node, name, results[i] ?? []);
  });
  return undefined;
};

/** The same value under another name: a tensor, a sequence, or nothing. */
const handOn: Expand = (folding, node) => {
  const [input = ''] = node.inputs;
  const [output = ''] = node.outputs;
  const tensors = folding.sequences.get(input);
  if (tensors !== undefined) return makes(folding, node, tensors);
  if (input === '' || folding.absent.has(input)) folding.absent.add(output);
  else folding.add(plainNode(node, 'Identity', [input], output));
  return undefined;
};

const isPresent: Expand = (folding, node) => {
  const [input = ''] = node.inputs;
  const present = input !== '' && !folding.absent.has(input);
  const found = number(folding, node, Number(present), 'bool');
  folding.add(plainNode(node, 'Identity', [found], node.outputs[0]!));
  return undefined;
};

const EXPANSIONS: Readonly<Record<string, Expand>> = {
  SequenceEmpty: (folding, node) => makes(folding, node, []),
  SequenceConstruct: construct,
  SequenceInsert: insert,
  SequenceErase: erase,
  SequenceAt: pick,
  SequenceLength: length,
  SequenceMap: mapAll,
  ConcatFromSequence: join,
  SplitToSequence: splitUp,
  Optional: handOn,
  OptionalGetElement: handOn,
  OptionalHasElement: isPresent,
};

/** How a node that makes or reads sequences is replaced; undefined: it does neither. */
export function sequenceExpansion(
  { sequences, absent }: Pick<Folding, 'sequences' | 'absent'>,
  { domain, opType, inputs }: GraphNode,
): Expand | undefined {
  if (domain !== '') return undefined;
  if (Object.hasOwn(EXPANSIONS, opType)) return EXPANSIONS[opType];
  const [input = ''] = inputs;
  return opType === 'Identity' && (sequences.has(input) || absent.has(input)) ? handOn : undefined;
}

/** A sequence that leaves the network leaves as the tensors in it. */
export const withoutSequences = ({ sequences }: Folding, outputs: Graph['outputs']): readonly ValueInfo[] => {
  const seen = new Set<string>();
  return outputs
    .flatMap((output) =>
      (sequences.get(output.name) ?? [output.name]).map((name): ValueInfo =>
        name === output.name ? output : { name, dtype: 'undefined' },
      ),
    )
    .filter(({ name }) => !seen.has(name) && seen.add(name));
};
