/**
 * Small integer values carried along: what Shape, Gather, Concat and arithmetic on them yield before the
 * network runs. Row-major; nothing is computed beyond `LARGEST` elements.
 */
import type { TensorInfo } from '../../ir/tensor.js';
import { elementCount } from './operator.js';

/** Tensors with more elements keep their shape only. */
export const LARGEST = 4096;

/** Distance in elements between neighbours along each axis. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Coordinates of the `flat`-th element. */
export const coordinates = (flat: number, shape: readonly number[]): readonly number[] =>
  stridesOf(shape).map((stride, axis) => Math.floor(flat / stride) % shape[axis]!);

/** Values of an output each of whose elements is one input element, found by its coordinates. */
export function select(
  tensor: TensorInfo,
  shape: readonly number[],
  from: (index: readonly number[]) => readonly number[],
): readonly number[] | undefined {
  const { values } = tensor;
  if (values === undefined || elementCount(shape) > LARGEST) return undefined;
  const strides = stridesOf(tensor.shape);
  const flat = (index: readonly number[]): number =>
    index.reduce((sum, at, axis) => sum + at * strides[axis]!, 0);
  return Array.from({ length: elementCount(shape) }, (_, i) => values[flat(from(coordinates(i, shape)))]!);
}

/** The element of a broadcast operand behind an index of the output: missing and size-1 axes repeat. */
export const broadcastIndex = (index: readonly number[], shape: readonly number[]): readonly number[] =>
  shape.map((size, axis) => (size === 1 ? 0 : index[axis + index.length - shape.length]!));

/** Applies a function of numbers element by element, with broadcasting; undefined unless all values are known. */
export function pointwise(
  operands: readonly TensorInfo[],
  shape: readonly number[],
  compute: (...operands: number[]) => number,
): readonly number[] | undefined {
  // Before anything is spread out: of most operators one side is an activation.
  if (operands.some(({ values }) => values === undefined)) return undefined;
  const columns = operands.map((operand) =>
    select(operand, shape, (index) => broadcastIndex(index, operand.shape)),
  );
  if (columns.some((column) => column === undefined)) return undefined;
  const result = Array.from({ length: elementCount(shape) }, (_, i) =>
    compute(...columns.map((column) => column![i]!)),
  );
  return result.every((value) => Number.isFinite(value)) ? result : undefined;
}
