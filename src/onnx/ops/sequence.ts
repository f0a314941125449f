/**
 * Operators with a shape rule and a generic cost: recurrent layers, attention, Einsum, TopK, and those whose result
 * has a size that only the data knows.
 */
import { fail } from '../../diag/diagnostic.js';
import { intAttr } from '../attrs.js';
import { einsumShape } from './einsum.js';
import { lowerGeneric } from './generic.js';
import {
  axisOf,
  illegal,
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
  type Result,
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

/** Attention of operator set 23: [B, H, M, D], or [B, M, H*D] with the heads as attributes. */
const attention: ShapeRule = (call) => {
  const [q, k, v] = [need(call, 0, 'Q'), need(call, 1, 'K'), need(call, 2, 'V')];
  needRank(call, q, 3, 4);
  const past = call.inputs[4]?.shape[2] ?? 0;
  const heads = (tensor: typeof q, name: string): readonly [number, number, number, number] => {
    if (tensor.shape.length === 4) return tensor.shape as unknown as [number, number, number, number];
    const count = intAttr(call.node, name) ?? illegal(call, `attribute ${name} is missing`);
    const [batch, rows, width] = tensor.shape as [number, number, number];
    return [batch, count, rows, width / count];
  };
  const [query, key, value] = [heads(q, 'q_num_heads'), heads(k, 'kv_num_heads'), heads(v, 'kv_num_heads')];
  const total = key[2] + past;
  const y =
    q.shape.length === 4
      ? [query[0], query[1], query[2], value[3]]
      : [query[0], query[2], query[1] * value[3]];
  const results: readonly Result[] = [
    { dtype: q.dtype, shape: y },
    { dtype: k.dtype, shape: [key[0], key[1], total, key[3]] },
    { dtype: v.dtype, shape: [value[0], value[1], total, value[3]] },
    { dtype: q.dtype, shape: [query[0], query[1], query[2], total] },
  ];
  return results.slice(0, call.node.outputs.length);
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
  Einsum: generic((call) => [{ dtype: need(call, 0, 'operand').dtype, shape: einsumShape(call) }]),
  Attention: generic(attention),
  RotaryEmbedding: generic(likeFirst),
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
