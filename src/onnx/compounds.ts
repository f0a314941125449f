/**
 * Compounds: what exporters write as several nodes and is one function of one tensor. GELU, SiLU, Mish and their
 * approximations are trees of elementwise nodes over one tensor; layer and RMS normalization and softmax also hold
 * statistics along some axes. Found by structure, not by pattern: the nodes between a tensor and the place where all
 * that is computed from it comes together again, whatever their order.
 *
 * Invariant: nothing inside a compound but its result is read outside it.
 */
import { known } from '../base/assert.js';
import type { GraphNode, TensorInfo } from '../ir/tensor.js';
import { intAttr } from './attrs.js';
import { groupNormalizations } from './group-norms.js';
import { ELEMENTWISE } from './ops/elementwise.js';
import { callOf } from './ops/operator.js';
import { POINTWISE } from './ops/pointwise.js';
import { REDUCTIONS, reduceAxes } from './ops/reduce.js';

export interface Compound {
  /** The usual name of the function, as far as it can be told. */
  readonly op: string;
  readonly source: string;
  readonly result: string;
  readonly nodes: readonly GraphNode[];
  /** Axes along which statistics are taken; none: element by element. */
  readonly axes: readonly number[];
  /** How often the source is streamed: once per statistic that needs another one first, and once to apply them. */
  readonly passes: number;
  /** Tensors beside the source that it reads; absent: all that its elementwise nodes read. */
  readonly parameters?: readonly string[];
}

type Tensors = (name: string) => TensorInfo;

export interface CompoundSearch {
  readonly nodes: readonly GraphNode[];
  readonly tensor: Tensors;
  /** How often a tensor is read, leaving the network included. */
  readonly readers: ReadonlyMap<string, number>;
}

/** Maximal compounds of at least two nodes that join branches, by the node that makes their result. */
export function findCompounds(search: CompoundSearch): ReadonlyMap<GraphNode, Compound> {
  const tree = dominators(search);
  const found = new Map<GraphNode, Compound>();
  const byResult = new Map<string, Compound>();
  for (const compound of joiningBranches(search, tree)) {
    const whole = joinedWithBefore(search, tree, byResult, compound);
    for (const part of whole.nodes) found.delete(part);
    found.set(known(whole.nodes.at(-1), 'last node'), whole);
    byResult.set(whole.result, whole);
  }
  for (const [node, compound] of groupNormalizations(search)) found.set(node, compound);
  return found;
}

/** Each from the tensor nearest to its result, in the order of the nodes; from the end, so that none is found again in parts. */
function joiningBranches(search: CompoundSearch, tree: Dominators): readonly Compound[] {
  const positions = new Map(search.nodes.map((node, position) => [node, position]));
  const taken = new Set<GraphNode>();
  const found: Compound[] = [];
  const visits = { left: MOST_VISITS * search.nodes.length };
  for (const node of search.nodes.toReversed()) {
    const source = tree.source(resultOf(node));
    if (taken.has(node) || source === undefined || branches(search, node) < 2) continue;
    const between = nodesBetween(search, tree, source, node, visits);
    const inOrder = between?.toSorted((a, b) => positions.get(a)! - positions.get(b)!);
    const compound = inOrder && described(search, source, inOrder);
    if (compound === undefined) continue;
    for (const part of compound.nodes) taken.add(part);
    found.push(compound);
  }
  return found.reverse();
}

/**
 * Per node of the graph, how often one is looked at in search of compounds: each is once or twice, but for graphs made
 * of ever longer stretches that are no compounds. What is not found by then stays the nodes it is.
 */
const MOST_VISITS = 32;

/** Nodes up to which compounds are joined: no function that somebody wrote down is longer. */
const MOST_JOINED = 64;

const resultOf = (node: GraphNode): string => node.outputs[0] ?? '';

const isElementwise = ({ domain, opType }: GraphNode): boolean =>
  (domain === '' || domain === 'ai.onnx') &&
  (Object.hasOwn(ELEMENTWISE, opType) || Object.hasOwn(POINTWISE, opType));

const isStatistic = (node: GraphNode): boolean =>
  node.domain === '' &&
  Object.hasOwn(REDUCTIONS, node.opType) &&
  node.opType.startsWith('Reduce') &&
  intAttr(node, 'keepdims', 1) !== 0;

/** Activations a node reads, once each. */
const activations = ({ tensor }: CompoundSearch, node: GraphNode): readonly string[] =>
  [...new Set(node.inputs)].filter((name) => name !== '' && !tensor(name).constant);

const branches = (search: CompoundSearch, node: GraphNode): number => activations(search, node).length;

interface Dominators {
  /** The nearest tensor of which this one is a function by itself; undefined: none. */
  readonly source: (tensor: string) => string | undefined;
  readonly producer: (tensor: string) => GraphNode | undefined;
}

/** One walk: the source of a result is the nearest tensor that all its inputs are functions of. */
function dominators(search: CompoundSearch): Dominators {
  const sources = new Map<string, string>();
  const depths = new Map<string, number>();
  const producers = new Map<string, GraphNode>();
  const depth = (tensor: string): number => depths.get(tensor) ?? 0;
  const common = (a: string, b: string): string | undefined => {
    let [x, y]: [string | undefined, string | undefined] = [a, b];
    while (x !== y) {
      if (x === undefined || y === undefined) return undefined;
      if (depth(x) >= depth(y)) x = sources.get(x);
      else y = sources.get(y);
    }
    return x;
  };
  for (const node of search.nodes) {
    const result = resultOf(node);
    if (result === '' || node.outputs.filter(Boolean).length > 1) continue;
    if (!isElementwise(node) && !isStatistic(node)) continue;
    const [first, ...others] = activations(search, node);
    const source = others.reduce<string | undefined>(
      (nearest, other) => (nearest === undefined ? undefined : common(nearest, other)),
      first,
    );
    producers.set(result, node);
    if (source === undefined) continue;
    sources.set(result, source);
    depths.set(result, depth(source) + 1);
  }
  return { source: (tensor) => sources.get(tensor), producer: (tensor) => producers.get(tensor) };
}

/** All nodes between the source and the result; undefined if one of them is read elsewhere too, or no visits are left. */
function nodesBetween(
  search: CompoundSearch,
  tree: Dominators,
  source: string,
  last: GraphNode,
  visits: { left: number },
): readonly GraphNode[] | undefined {
  const inside = new Set<GraphNode>([last]);
  const reads = new Map<string, number>();
  const open = [last];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (visits.left-- <= 0) return undefined;
    for (const name of activations(search, node)) {
      reads.set(name, (reads.get(name) ?? 0) + 1);
      if (name === source) continue;
      const producer = known(tree.producer(name), 'node between source and result');
      if (!inside.has(producer)) open.push(producer);
      inside.add(producer);
    }
  }
  const escapes = [...reads].some(([name, count]) => name !== source && search.readers.get(name) !== count);
  return escapes ? undefined : [...inside];
}

/**
 * A compound that is a function of the result of one before, maybe through functions of one number, goes on with it if
 * nothing else reads what lies between.
 */
function joinedWithBefore(
  search: CompoundSearch,
  tree: Dominators,
  byResult: ReadonlyMap<string, Compound>,
  compound: Compound,
): Compound {
  const bridge: GraphNode[] = [];
  let readers = compound.nodes;
  for (let at = compound.source; ;) {
    const read = readers.filter((node) => node.inputs.includes(at)).length;
    if (search.readers.get(at) !== read) return compound;
    const before = byResult.get(at);
    const length = (before?.nodes.length ?? 0) + bridge.length + compound.nodes.length;
    if (length > MOST_JOINED) return compound;
    if (before)
      return described(search, before.source, [...before.nodes, ...bridge, ...compound.nodes]) ?? compound;
    const maker = tree.producer(at);
    const [from, ...others] = maker && isElementwise(maker) ? activations(search, maker) : [];
    if (maker === undefined || from === undefined || others.length > 0) return compound;
    bridge.unshift(maker);
    readers = [maker];
    at = from;
  }
}

/** Undefined if shapes in between are neither those of the source nor of statistics along one set of axes. */
function described(
  { tensor }: CompoundSearch,
  source: string,
  nodes: readonly GraphNode[],
): Compound | undefined {
  const { shape } = tensor(source);
  const statistics = nodes.filter(isStatistic);
  const axesOf = (node: GraphNode): readonly number[] => reduceAxes(callOf(node, tensor));
  const axes = statistics[0] ? [...axesOf(statistics[0])].sort((a, b) => a - b) : [];
  const reduced = shape.map((size, axis) => (axes.includes(axis) ? 1 : size)).join();
  const sound = nodes.every((node) => [shape.join(), reduced].includes(tensor(resultOf(node)).shape.join()));
  const result = resultOf(known(nodes.at(-1), 'last node'));
  if (!sound || tensor(result).shape.join() !== shape.join()) return undefined;
  if (statistics.some((node) => [...axesOf(node)].sort((a, b) => a - b).join() !== axes.join()))
    return undefined;
  const passes = statistics.length === 0 ? 1 : 1 + steps(nodes);
  return { op: nameOf(nodes, tensor), source, result, nodes, axes, passes };
}

/**
 * Statistics that must be known before the next ones can be taken. A mean and a mean of squares around it are found
 * in one pass.
 */
function steps(nodes: readonly GraphNode[]): number {
  const levels = new Map<string, { readonly step: number; readonly means: boolean }>();
  for (const node of nodes) {
    const before = node.inputs.flatMap((name) => levels.get(name) ?? []);
    const step = Math.max(0, ...before.map((level) => level.step));
    const means = before.every((level) => level.means);
    const mean = node.opType === 'ReduceMean' && means;
    const next = isStatistic(node) ? { step: mean ? 1 : step + 1, means: mean } : { step, means };
    levels.set(resultOf(node), next);
  }
  return Math.max(...[...levels.values()].map((level) => level.step));
}

type Test = (has: (deed: string) => boolean) => boolean;

/** A normalization divides by the root of squares; a mean alone, or a largest element, does not make one. */
const overRoot: Test = (has) => has('square') && has('root') && has('divide');

const STATISTICS: readonly (readonly [string, Test])[] = [
  ['LayerNormalization', (has) => has('ReduceMean') && has('Sub') && overRoot(has)],
  ['RMSNormalization', (has) => has('ReduceMean') && overRoot(has)],
  ['Softmax', (has) => has('Exp') && has('ReduceSum') && (has('divide') || has('Log'))],
  ['LpNormalization', (has) => overRoot(has) || (has('ReduceL1') && has('divide'))],
];

const ACTIVATIONS: typeof STATISTICS = [
  ['Gelu', (has) => has('Erf')],
  ['Mish', (has) => has('Softplus') && has('Tanh')],
  ['Gelu', (has) => has('Tanh')],
  ['Swish', (has) => has('Sigmoid')],
  ['HardSwish', (has) => has('HardSigmoid') || has('Clip') || has('Relu')],
];

/** The node that stands for all of them: the source, then the constants that the parts read. */
export function compoundNode({ op, source, nodes, parameters: named }: Compound, tensor: Tensors): GraphNode {
  const parameters = named ?? nodes.flatMap((node) => (isStatistic(node) ? [] : node.inputs.filter(Boolean)));
  const constants = [...new Set(parameters)].filter((name) => tensor(name).constant);
  const last = known(nodes.at(-1), 'last node');
  return { ...last, opType: op, inputs: [source, ...constants], attributes: {} };
}

/** For people: what the function most likely is; where nothing tells, its statistics and what is done last. */
function nameOf(nodes: readonly GraphNode[], tensor: Tensors): string {
  const deeds = new Set(nodes.flatMap((node) => deedsOf(node, tensor)));
  const statistics = nodes.filter(isStatistic).map(({ opType }) => opType);
  const names = statistics.length > 0 ? STATISTICS : ACTIVATIONS;
  const last = known(nodes.at(-1), 'last node').opType;
  return (
    names.find(([, test]) => test((deed) => deeds.has(deed)))?.[0] ??
    [...new Set([...statistics, last])].join('+')
  );
}

/** The operator, and what it does where there are several ways to write that: square, root, divide. */
function deedsOf(
  { opType, inputs: [first = '', second = ''] }: GraphNode,
  tensor: Tensors,
): readonly string[] {
  switch (opType) {
    case 'Mul':
      return first === second ? [opType, 'square'] : [opType];
    case 'Pow': {
      const exponent = tensor(second).values?.[0] ?? 2;
      const size = Math.abs(exponent);
      return [opType, size === 2 ? 'square' : '', size === 0.5 ? 'root' : '', exponent < 0 ? 'divide' : ''];
    }
    case 'ReduceSumSquare':
      return [opType, 'square'];
    case 'ReduceL2':
      return [opType, 'square', 'root'];
    case 'Sqrt':
      return [opType, 'root'];
    case 'Div':
    case 'Reciprocal':
      return [opType, 'divide'];
    default:
      return [opType];
  }
}
