/**
 * Operators with a shape rule and a generic cost: recurrent layers, TopK, and those whose result
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
  needRank,
  numbersOf,
  oneNumber,
  place,
  withSize,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';

const generic = (infer: ShapeRule): Operator => ({ infer, lower: lowerGeneric });

/** Y and the last states of RNN, GRU, LSTM. */
const recurrent: ShapeRule = (call) => {
  const [x, recurrence] = [need(call, 0, 'X'), need(call, 2, 'R')];
  needRank(call, x, 3, 3);
  needRank(call, recurrence, 3, 3);
  const batchFirst = intAttr(call.node, 'layout', 0) !== 0;
  const [directions, , hidden] = recurrence.shape as [number, number, number];
  const [steps, batch] = (batchFirst ? [x.shape[1], x.shape[0]] : [x.shape[0], x.shape[1]]) as [
    number,
    number,
  ];
  const all = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
  const last = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return call.node.outputs.map((_, i) => ({ dtype: x.dtype, shape: i === 0 ? all : last }));
};

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
  RNN: generic(recurrent),
  GRU: generic(recurrent),
  LSTM: generic(recurrent),
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
