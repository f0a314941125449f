/**
 * Operators with a shape rule and a generic cost: TopK, sampling, and those whose result
 * has a size that only the data knows.
 */
import { fail } from '../../diag/diagnostic.js';
import { intAttr } from '../attrs.js';
import { lowerGeneric } from './generic.js';
import {
  axisOf,
  likeFirst,
  mismatch,
  need,
  numbersOf,
  oneNumber,
  place,
  withSize,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';

const generic = (infer: ShapeRule): Operator => ({ infer, lower: lowerGeneric });

const topK: ShapeRule = (call) => {
  const { dtype, shape } = need(call, 0, 'X');
  const axis = axisOf(call, intAttr(call.node, 'axis', -1), shape.length);
  const k = oneNumber(call, 1, 'K');
  if (k > shape[axis]!) mismatch(call, `K is ${k}, axis ${axis} has ${shape[axis]!} elements`);
  const picked = withSize(shape, axis, k);
  return [
    { dtype, shape: picked },
    { dtype: 'int64', shape: picked },
  ];
};

/** The number of results is in the data. */
const dataDependent: ShapeRule = (call) =>
  fail('DF2006', `the result of ${call.node.opType} has as many elements as the data decides`, place(call), {
    help: 'remove the operator, or store the largest shape of its outputs in the model (value_info)',
  });

/** A constant input with known numbers decides the size. */
const nonZero: ShapeRule = (call) => {
  const input = need(call, 0, 'X');
  if (input.values === undefined) return dataDependent(call);
  const found = numbersOf(call, 0, 'X').filter((value) => value !== 0).length;
  return [{ dtype: 'int64', shape: [input.shape.length, found] }];
};

export const GENERICS: Family = {
  TopK: generic(topK),
  GridSample: generic((call) => {
    const { dtype, shape } = need(call, 0, 'X');
    return [{ dtype, shape: [...shape.slice(0, 2), ...need(call, 1, 'grid').shape.slice(1, -1)] }];
  }),
  RoiAlign: generic((call) => {
    const { dtype, shape } = need(call, 0, 'X');
    const pooled = [intAttr(call.node, 'output_height', 1), intAttr(call.node, 'output_width', 1)];
    return [{ dtype, shape: [need(call, 1, 'rois').shape[0]!, shape[1]!, ...pooled] }];
  }),
  ReverseSequence: generic(likeFirst),
  NonZero: generic(nonZero),
  Compress: generic(dataDependent),
  Unique: generic(dataDependent),
  NonMaxSuppression: generic(dataDependent),
  StringNormalizer: generic(dataDependent),
};
