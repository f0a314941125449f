/**
 * What an operator family provides (a shape rule and a lowering), and typed access to the operands of a node.
 * Rules never throw anything but diagnostics: every operand is read through the functions below.
 */
import { fail, type Location } from '../../diag/diagnostic.js';
import type { DType, GraphNode, TensorInfo } from '../../ir/tensor.js';
import { nodeLocation } from '../attrs.js';
import type { Layout, Lowering } from '../lower-plan.js';
import { imageLayout } from '../lower-view.js';

/** One node with what is known of its inputs; undefined: an optional input that is absent. */
export interface Call {
  readonly node: GraphNode;
  readonly inputs: readonly (TensorInfo | undefined)[];
}

/** A node with what `tensor` knows of its inputs. */
export const callOf = (node: GraphNode, tensor: (name: string) => TensorInfo): Call => ({
  node,
  inputs: node.inputs.map((name) => (name === '' ? undefined : tensor(name))),
});

/** One output: `values` where they are known before the network runs, and few. */
export interface Result {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values?: readonly number[] | undefined;
  /** Known before the network runs although an input is not: Shape and its kind. */
  readonly constant?: boolean;
}

export type ShapeRule = (call: Call) => readonly Result[];

export interface Operator {
  readonly infer: ShapeRule;
  /** The largest results there can be, where only the data knows their sizes. */
  readonly most?: ShapeRule;
  readonly lower: Lowering;
  /** The layout in which it needs an input; absent: any. */
  readonly wants?: (call: Call, input: number) => Layout | undefined;
  /** As `wants`, where nobody behind it has a wish. */
  readonly prefers?: (call: Call, input: number) => Layout | undefined;
  /** The layout of an input in which its first output comes to lie as `wished`; absent: as wished, if of the same shape. */
  readonly passes?: (call: Call, input: number, wished: Layout) => Layout | undefined;
}

/** Operators of one family by name; `domain:name` outside the ONNX domain. */
export type Family = Readonly<Record<string, Operator>>;

export const place = (call: Call): readonly Location[] => [nodeLocation(call.node)];

/** Operands whose sizes or ranks do not fit together. */
export const mismatch = (call: Call, message: string): never =>
  fail('DF2003', message, place(call), { help: 'check the shapes that the model feeds this node' });

/** An attribute or shape operand with a value that the operator does not allow. */
export const illegal = (call: Call, message: string, help?: string): never =>
  fail('DF2004', message, place(call), help === undefined ? {} : { help });

/** An input that the operator requires. */
export function need(call: Call, index: number, name: string): TensorInfo {
  return (
    call.inputs[index] ??
    fail('DF2005', `${call.node.opType} has no input ${index} (${name})`, place(call), {
      help: `connect input ${index} of the node`,
    })
  );
}

export const has = (call: Call, index: number): boolean => call.inputs[index] !== undefined;

/** The numbers of an input that decides a shape; an error where only the run of the network tells them, or another file. */
export function numbersOf(call: Call, index: number, name: string): readonly number[] {
  const tensor = need(call, index, name);
  return tensor.values ?? (tensor.constant ? notRead(call, tensor, name) : notKnown(call, tensor, name));
}

const typeText = ({ dtype, shape }: TensorInfo, name: string): string =>
  `${name} is ${dtype} [${shape.join(', ')}]`;

const notKnown = (call: Call, tensor: TensorInfo, name: string): never =>
  fail('DF2006', `${name} "${tensor.name}" is known only when the network runs`, place(call), {
    terms: [typeText(tensor, name)],
    help: `make ${name} a constant, or export the model with fixed shapes`,
  });

const notRead = (call: Call, tensor: TensorInfo, name: string): never =>
  fail('DF2006', `${name} "${tensor.name}" is a constant whose numbers are not read`, place(call), {
    terms: [
      typeText(tensor, name),
      'read are numbers in the model file itself, not those in files of external data, and not lists of thousands',
    ],
    help: `store ${name}, and what it is computed from, in the model file, or export the model with fixed shapes`,
  });

/** As `numbersOf`, undefined if the input is absent. */
export const optionalNumbers = (call: Call, index: number, name: string): readonly number[] | undefined =>
  has(call, index) ? numbersOf(call, index, name) : undefined;

export function oneNumber(call: Call, index: number, name: string): number {
  const values = numbersOf(call, index, name);
  return values[0] !== undefined && values.length === 1
    ? values[0]
    : illegal(call, `${name} has ${values.length} elements, expected 1`);
}

/** An axis counted from the front; ONNX counts negative ones from the back. */
export function axisOf(call: Call, axis: number, rank: number, name = 'axis'): number {
  const counted = axis < 0 ? axis + rank : axis;
  return Number.isInteger(axis) && counted >= 0 && counted < rank
    ? counted
    : illegal(call, `${name} ${axis} is outside a tensor of rank ${rank}`, `use ${-rank} to ${rank - 1}`);
}

/** Axes counted from the front, each at most once. */
export function axesOf(call: Call, axes: readonly number[], rank: number, name = 'axes'): readonly number[] {
  const counted = axes.map((axis) => axisOf(call, axis, rank, name));
  return new Set(counted).size === counted.length
    ? counted
    : illegal(call, `${name} [${axes.join(', ')}] repeat an axis`);
}

/** Rank checks that name what was expected. */
export function needRank(call: Call, tensor: TensorInfo, least: number, most = Infinity): void {
  const rank = tensor.shape.length;
  if (rank >= least && rank <= most) return;
  const expected =
    least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
  mismatch(call, `"${tensor.name}" [${tensor.shape.join(', ')}] has rank ${rank}, expected ${expected}`);
}

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Same type and shape as the first input: what most pointwise operators do. */
export const likeFirst: ShapeRule = (call) => {
  const { dtype, shape } = need(call, 0, 'input');
  return [{ dtype, shape }];
};

/** `shape` with some axes replaced. */
export const withSize = (shape: readonly number[], axis: number, size: number): readonly number[] =>
  shape.map((old, i) => (i === axis ? size : old));

/** Axes stay, whatever becomes of their sizes: `passes` of parts, pads and joints. */
export const sameAxes = (_call: Call, _input: number, wished: Layout): Layout => wished;

/** The layout wish of operators on images: `wants` of convolutions, pools and resizing. */
export function imageWanted(call: Call, input: number): Layout | undefined {
  const rank = call.inputs[0]?.shape.length ?? 0;
  return input === 0 && rank >= 3 ? imageLayout(rank) : undefined;
}
