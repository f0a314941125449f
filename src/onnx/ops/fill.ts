/** Tensors made from shapes and numbers alone: Shape, Size, ConstantOfShape, Range, EyeLike, random fills. */
import type { DType } from '../../ir/tensor.js';
import { intAttr, intsAttr, tensorAttr } from '../attrs.js';
import { dtypeName } from '../dtype.js';
import { lowerGeneric } from './generic.js';
import {
  elementCount,
  illegal,
  need,
  numbersOf,
  oneNumber,
  type Call,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';
import { LARGEST } from './values.js';

/** A lowering is needed only where the result is not constant: random numbers drawn when the network runs. */
const filled = (infer: ShapeRule): Operator => ({ infer, lower: lowerGeneric });

const shapeOf: ShapeRule = (call) => {
  const { shape } = need(call, 0, 'data');
  const rank = shape.length;
  const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + rank : at, 0), rank);
  const values = shape.slice(clamp(intAttr(call.node, 'start', 0)), clamp(intAttr(call.node, 'end', rank)));
  return [{ dtype: 'int64', shape: [values.length], values, constant: true }];
};

const constantOfShape: ShapeRule = (call) => {
  const shape = numbersOf(call, 0, 'input');
  if (shape.some((size) => !Number.isInteger(size) || size < 0)) illegal(call, `shape [${shape.join(', ')}]`);
  const value = tensorAttr(call.node, 'value');
  const number = value === undefined ? 0 : value.values?.[0];
  const count = elementCount(shape);
  const values = number !== undefined && count <= LARGEST ? Array<number>(count).fill(number) : undefined;
  return [{ dtype: value?.dtype ?? 'float', shape, values }];
};

const range: ShapeRule = (call) => {
  const [start, limit, delta] = [
    oneNumber(call, 0, 'start'),
    oneNumber(call, 1, 'limit'),
    oneNumber(call, 2, 'delta'),
  ];
  if (delta === 0) illegal(call, 'delta is 0');
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  const values = count <= LARGEST ? Array.from({ length: count }, (_, i) => start + i * delta) : undefined;
  return [{ dtype: need(call, 0, 'start').dtype, shape: [count], values }];
};

const typeOr = (call: Call, fallback: DType): DType => {
  const number = intAttr(call.node, 'dtype');
  return number === undefined ? fallback : dtypeName(number);
};

const randomOfShape: ShapeRule = (call) => [
  {
    dtype: typeOr(call, 'float'),
    shape: intsAttr(call.node, 'shape') ?? illegal(call, 'attribute shape is missing'),
  },
];

const randomLike: ShapeRule = (call) => {
  const { dtype, shape } = need(call, 0, 'input');
  return [{ dtype: typeOr(call, dtype), shape }];
};

export const FILLS: Family = {
  Shape: filled(shapeOf),
  Size: filled((call) => [
    { dtype: 'int64', shape: [], values: [elementCount(need(call, 0, 'data').shape)], constant: true },
  ]),
  ConstantOfShape: filled(constantOfShape),
  Range: filled(range),
  EyeLike: filled((call) => {
    const { dtype, shape } = need(call, 0, 'input');
    return [{ dtype: typeOr(call, dtype), shape, constant: true }];
  }),
  RandomNormal: filled(randomOfShape),
  RandomUniform: filled(randomOfShape),
  RandomNormalLike: filled(randomLike),
  RandomUniformLike: filled(randomLike),
  Bernoulli: filled(randomLike),
};
