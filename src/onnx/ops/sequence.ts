/**
 * Operators with a shape rule and a generic cost: TopK, losses, determinants, and those whose result has a size that
 * only the data knows.
 */
import { fail } from '../../diag/diagnostic.js';
import { intAttr, intsAttr, stringAttr } from '../attrs.js';
import { dtypeName } from '../dtype.js';
import { lowerGeneric, lowerUnknown } from './generic.js';
import {
  axisOf,
  elementCount,
  illegal,
  likeFirst,
  mismatch,
  need,
  needRank,
  numbersOf,
  oneNumber,
  place,
  withSize,
  type Call,
  type Family,
  type Operator,
  type Result,
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

/** One number per matrix. */
const determinant: Operator = {
  infer: (call) => {
    const input = need(call, 0, 'X');
    needRank(call, input, 2);
    const [rows, columns] = input.shape.slice(-2);
    if (rows !== columns) mismatch(call, `a matrix of ${rows!} x ${columns!} has no determinant`);
    return [{ dtype: input.dtype, shape: input.shape.slice(0, -2) }];
  },
  lower: lowerUnknown,
};

/** Scores [N, C, ...] against labels [N, ...], averaged unless told otherwise; the scores' logarithms may come too. */
const loss: ShapeRule = (call) => {
  const [scores, labels] = [need(call, 0, 'scores'), need(call, 1, 'labels')];
  const all = stringAttr(call.node, 'reduction', 'mean') === 'none';
  const results = [{ dtype: scores.dtype, shape: all ? labels.shape : [] }, scores];
  return results.slice(0, call.node.outputs.length);
};

/** A count for each of the n-grams looked for. */
const ngrams: ShapeRule = (call) => {
  const { shape } = need(call, 0, 'X');
  const places = intsAttr(call.node, 'ngram_indexes') ?? illegal(call, 'attribute ngram_indexes is missing');
  const count = places.reduce((most, at) => Math.max(most, at + 1), 0);
  return [{ dtype: 'float', shape: [...shape.slice(0, -1), count] }];
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

/** Every element, or every slice along an axis. */
const allAlong =
  (axis: (call: Call) => number | undefined): ShapeRule =>
  (call) => {
    const { dtype, shape } = need(call, 0, 'input');
    return [{ dtype, shape: axis(call) === undefined ? [elementCount(shape)] : shape }];
  };

/** All different: each once, with three numbers about it. */
const unique: ShapeRule = (call) => {
  const [values] = allAlong(({ node }) => intAttr(node, 'axis'))(call) as [Result];
  const { shape } = need(call, 0, 'X');
  const axis = intAttr(call.node, 'axis');
  const count = axis === undefined ? elementCount(shape) : shape[axisOf(call, axis, shape.length)]!;
  const numbers = { dtype: 'int64', shape: [count] };
  return [values, numbers, numbers, numbers].slice(0, call.node.outputs.length);
};

/** Boxes [batch, boxes, 4], scores [batch, classes, boxes]: as many per class as are asked for, if there are. */
const allBoxes: ShapeRule = (call) => {
  const scores = need(call, 1, 'scores');
  needRank(call, scores, 3, 3);
  const [batch, classes, boxes] = scores.shape as [number, number, number];
  const asked = call.inputs[2] === undefined ? 0 : (call.inputs[2].values?.[0] ?? boxes);
  return [{ dtype: 'int64', shape: [batch * classes * Math.min(boxes, Math.max(0, asked)), 3] }];
};

export const GENERICS: Family = {
  TopK: generic(topK),
  ReverseSequence: generic(likeFirst),
  Multinomial: generic((call) => {
    const { shape } = need(call, 0, 'input');
    const dtype = dtypeName(intAttr(call.node, 'dtype', 6));
    return [{ dtype, shape: [shape[0]!, intAttr(call.node, 'sample_size', 1)] }];
  }),
  Det: determinant,
  'com.microsoft:Inverse': { infer: likeFirst, lower: lowerUnknown },
  NegativeLogLikelihoodLoss: generic(loss),
  SoftmaxCrossEntropyLoss: generic(loss),
  TfIdfVectorizer: generic(ngrams),
  NonZero: {
    ...generic(nonZero),
    most: (call) => {
      const { shape } = need(call, 0, 'X');
      return [{ dtype: 'int64', shape: [shape.length, elementCount(shape)] }];
    },
  },
  Compress: { ...generic(dataDependent), most: allAlong((call) => intAttr(call.node, 'axis')) },
  Unique: { ...generic(dataDependent), most: unique },
  NonMaxSuppression: { ...generic(dataDependent), most: allBoxes },
  StringNormalizer: generic(dataDependent),
};
