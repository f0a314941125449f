/** The operators that are an attention: what their inputs mean, the shapes of their outputs, and how they fall apart. */
import type { TensorInfo } from '../../ir/tensor.js';
import { intAttr, intsAttr } from '../attrs.js';
import { SAME, type LayerPlan, type LowerCall, type Plan, type StepView, type View } from '../lower-plan.js';
import {
  attentionLayers,
  cachedView,
  chainOf,
  type AttentionOperands,
  type AttentionSizes,
} from './attention.js';
import { shareOf } from '../lower-view.js';
import { weightsAmong } from './conv.js';
import { rowProduct } from './nests.js';
import {
  elementCount,
  has,
  illegal,
  mismatch,
  need,
  needRank,
  type Call,
  type Family,
  type Operator,
  type Result,
} from './operator.js';

/** What an operator says about its call. */
interface Reading {
  readonly sizes: AttentionSizes;
  readonly result: readonly number[];
  /** Shape of each further output, by position. */
  readonly others: Readonly<Record<number, readonly number[]>>;
  /** Positions of the inputs; a projection of all three at once has its parts as shares of the elements. */
  readonly query: number;
  readonly key: number | undefined;
  readonly value: number | undefined;
  readonly past?: readonly [key: number, value: number] | undefined;
  readonly mask?: number | undefined;
  /** Positions of the outputs that hold all keys and values. */
  readonly present: readonly [key: number, value: number];
}

type Reader = (call: Call) => Reading;

function divide(call: Call, width: number, count: number, name: string): number {
  if (count < 1 || !Number.isInteger(width / count))
    illegal(call, `${name}: ${width} elements cannot be divided into ${count} heads`);
  return width / count;
}

/** [batch, heads, rows, elements] of a tensor that has heads as an axis or side by side. */
function fourAxes(
  call: Call,
  tensor: TensorInfo,
  heads: number,
  name: string,
): readonly [number, number, number, number] {
  if (tensor.shape.length === 4) return tensor.shape as [number, number, number, number];
  const [batch, rows, width] = tensor.shape as [number, number, number];
  return [batch, heads, rows, divide(call, width, heads, name)];
}

const present = (call: Call, input: number): number | undefined => (has(call, input) ? input : undefined);

/** Cached keys at an input and values behind it, where there are any. */
const cachedAt = (call: Call, input: number): Reading['past'] =>
  call.inputs[input] === undefined || call.inputs[input].shape.includes(0) ? undefined : [input, input + 1];

/** Operator set 23: [B, H, S, D], or [B, S, H*D] with the heads as attributes. */
const standard: Reader = (call) => {
  const [q, k, v] = [need(call, 0, 'Q'), need(call, 1, 'K'), need(call, 2, 'V')];
  [q, k, v].forEach((tensor) => needRank(call, tensor, 3, 4));
  const flat = q.shape.length === 3;
  const count = (name: string): number =>
    flat ? (intAttr(call.node, name) ?? illegal(call, `attribute ${name} is missing`)) : 0;
  const query = fourAxes(call, q, count('q_num_heads'), 'Q');
  const key = fourAxes(call, k, count('kv_num_heads'), 'K');
  const value = fourAxes(call, v, count('kv_num_heads'), 'V');
  if (query[3] !== key[3]) mismatch(call, `a query has ${query[3]} elements per head, a key ${key[3]}`);
  const keys = key[2] + (call.inputs[4]?.shape[2] ?? 0);
  const sizes = {
    ...{ batch: query[0], heads: query[1], groups: key[1], rows: query[2] },
    ...{ keys, depth: key[3], width: value[3] },
  };
  return {
    sizes,
    result: flat ? [query[0], query[2], query[1] * value[3]] : [query[0], query[1], query[2], value[3]],
    others: {
      1: [key[0], key[1], keys, key[3]],
      2: [value[0], value[1], keys, value[3]],
      3: [query[0], query[1], query[2], keys],
    },
    ...{ query: 0, key: 1, value: 2, present: [1, 2] },
    mask: present(call, 3),
    past: cachedAt(call, 4),
  };
};

/** com.microsoft: query [B, S, H*D], or packed [B, S, H, 3, D]; keys [B, T, H*D], [B, H, T, D] or packed [B, T, H, 2, D]. */
const multiHead: Reader = (call) => {
  const q = need(call, 0, 'query');
  needRank(call, q, 3, 5);
  const heads = intAttr(call.node, 'num_heads') ?? illegal(call, 'attribute num_heads is missing');
  const [batch, rows] = q.shape as [number, number];
  const depth = q.shape.length === 5 ? q.shape[4]! : divide(call, q.shape[2]!, heads, 'query');
  const k = call.inputs[1];
  const v = call.inputs[2];
  const length = k === undefined ? rows : k.shape.length === 4 ? k.shape[2]! : k.shape[1]!;
  const width = v === undefined ? depth : fourAxes(call, v, heads, 'value')[3];
  const keys = length + (call.inputs[6]?.shape[2] ?? 0);
  return {
    sizes: { batch, heads, groups: heads, rows, keys, depth, width },
    result: [batch, rows, heads * width],
    others: { 1: [batch, heads, keys, depth], 2: [batch, heads, keys, width] },
    ...{ query: 0, key: present(call, 1), value: present(call, 2), present: [1, 2] },
    mask: present(call, 5),
    past: cachedAt(call, 6),
  };
};

/** com.microsoft: query [B, S, H*D], or with keys and values side by side; grouped heads, a cache. */
const groupQuery: Reader = (call) => {
  const q = need(call, 0, 'query');
  needRank(call, q, 3, 3);
  const heads = intAttr(call.node, 'num_heads') ?? illegal(call, 'attribute num_heads is missing');
  const groups = intAttr(call.node, 'kv_num_heads') ?? illegal(call, 'attribute kv_num_heads is missing');
  const [batch, rows, width] = q.shape as [number, number, number];
  const packed = !has(call, 1);
  const depth = divide(call, width, packed ? heads + 2 * groups : heads, 'query');
  const past = call.inputs[3]?.shape[2] ?? 0;
  // With a buffer of full length the new rows are written into it.
  const total = call.inputs[6]?.values?.[0];
  const keys = total === undefined ? past + rows : Math.max(total, past);
  const cache = [batch, groups, keys, depth];
  return {
    sizes: { batch, heads, groups, rows, keys, depth, width: depth },
    result: [batch, rows, heads * depth],
    others: { 1: cache, 2: cache },
    ...{ query: 0, key: present(call, 1), value: present(call, 2), present: [1, 2] },
    past: cachedAt(call, 3),
  };
};

/** The view of keys or values: their own input, or a share of a packed one; cached rows first. */
function operandViews(call: LowerCall, reading: Reading, which: 0 | 1): readonly View[] {
  const { sizes, past, query, key, value } = reading;
  const { batch, groups, rows, keys, depth, width } = sizes;
  const packed = (which === 0 ? key : value) ?? key ?? query;
  const fresh = past ? keys - (call.inputs[past[0]]?.shape[2] ?? 0) : keys;
  const wanted = batch * groups * Math.max(fresh, rows) * (which === 0 ? depth : width);
  const view = shareOf(call.view(packed), Math.min(1, wanted / elementCount(call.view(packed).shape)));
  return past ? [call.view(past[which]), view] : [view];
}

const attention = (read: Reader): Operator => ({
  infer: (call) => {
    const { sizes, result, others } = read(call);
    if (sizes.keys === 0) mismatch(call, 'there are no keys, neither cached nor new');
    const dtype = need(call, 0, 'query').dtype;
    return call.node.outputs.map((_, i): Result => {
      const shape = i === 0 ? result : others[i];
      return shape ? { dtype, shape } : illegal(call, `${call.node.opType} has no output ${i}`);
    });
  },
  lower: (call): Plan => {
    const reading = read(call);
    const { sizes, result, query, key, others } = reading;
    const [keys, values] = [operandViews(call, reading, 0), operandViews(call, reading, 1)];
    const view = call.view(query);
    const { heads, groups, depth, width } = sizes;
    const share = key === undefined ? (heads * depth) / (heads * depth + groups * (depth + width)) : 1;
    const operands: AttentionOperands = {
      query: shareOf(view, share),
      queryShape: view.shape,
      queryLayout: view.layout,
      ...{ keys, values, mask: reading.mask, resultShape: result },
    };
    const [k, v] = reading.present;
    const also = { [k]: cachedView(keys, others[k] ?? []), [v]: cachedView(values, others[v] ?? []) };
    return chainOf(attentionLayers(call, sizes, operands), also);
  },
  wants: (call, input) => {
    const rank = call.inputs[input]?.shape.length ?? 0;
    return rank === 3 || rank === 4 ? { x: [], y: [rank === 3 ? 1 : 2] } : undefined;
  },
});

/** com.microsoft:Attention projects its input first: weights [E, Q + K + V], one layer for each. */
interface Projected {
  readonly sizes: AttentionSizes;
  readonly width: number;
  readonly parts: readonly [query: number, key: number, value: number];
}

/** Where com.microsoft:Attention and its quantized form have their optional inputs. */
interface ProjectionInputs {
  readonly past: number;
  readonly mask?: number;
  /** Of the type of the result. */
  readonly typed: number;
}

function projected(call: Call, { past }: ProjectionInputs): Projected {
  const [input, weights] = [need(call, 0, 'input'), need(call, 1, 'weights')];
  needRank(call, input, 3, 3);
  needRank(call, weights, 2, 2);
  const heads = intAttr(call.node, 'num_heads') ?? illegal(call, 'attribute num_heads is missing');
  const [batch, rows, width] = input.shape as [number, number, number];
  if (weights.shape[0] !== width)
    mismatch(call, `the input has ${width} elements per row, weights take ${weights.shape[0]!}`);
  const third = weights.shape[1]! / 3;
  const parts = (intsAttr(call.node, 'qkv_hidden_sizes') ?? [third, third, third]) as Projected['parts'];
  const [depth, , value] = parts.map((part) => divide(call, part, heads, 'weights')) as [
    number,
    number,
    number,
  ];
  const keys = rows + (call.inputs[past]?.shape[3] ?? 0);
  return { sizes: { batch, heads, groups: heads, rows, keys, depth, width: value }, width, parts };
}

/** One of the three projections; keys and values first, so that the query's can be fused. */
function projection(call: LowerCall, { sizes, width }: Projected, outputs: number): LayerPlan {
  const view = call.view(0);
  const rows = view.layout.y.includes(0) ? sizes.batch * sizes.rows : sizes.rows;
  const { layout } = view;
  return {
    ...rowProduct(
      { B: (sizes.batch * sizes.rows) / rows, K: outputs, C: width, OY: rows },
      { shape: [sizes.batch, sizes.rows, outputs], layout },
      { W: call.bits(1, 'W'), I: call.bits(0, 'I') },
      { view, layout, x: SAME, y: SAME },
    ),
    coverage: 'exact',
    weights: weightsAmong(call, [
      { input: 1, elements: width * outputs },
      { input: 2, postOp: 'bias', elements: outputs },
    ]),
  };
}

const withProjection = (inputs: ProjectionInputs): Operator => ({
  infer: (call) => {
    const { sizes } = projected(call, inputs);
    const { batch, heads, rows, keys, depth, width } = sizes;
    const { dtype } = need(call, inputs.typed, 'input');
    const results = [
      { dtype, shape: [batch, rows, heads * width] },
      { dtype, shape: [2, batch, heads, keys, depth] },
    ];
    return results.slice(0, call.node.outputs.length);
  },
  lower: (call) => {
    const all = projected(call, inputs);
    const [query, key, value] = all.parts;
    const steps = [key, value, query].map((outputs) => projection(call, all, outputs));
    const past = call.isActivation(inputs.past) ? [shareOf(call.view(inputs.past), 1 / 2)] : [];
    const step = (position: number): StepView => ({ step: position });
    const operands: AttentionOperands = {
      query: step(2),
      queryShape: [all.sizes.batch, all.sizes.rows, query],
      queryLayout: call.view(0).layout,
      ...{ keys: [...past, step(0)], values: [...past, step(1)] },
      mask: inputs.mask === undefined ? undefined : present(call, inputs.mask),
      resultShape: [all.sizes.batch, all.sizes.rows, value],
    };
    return chainOf([...steps, ...attentionLayers(call, all.sizes, operands)]);
  },
  wants: (call, input) => (input === 0 && call.inputs[0]?.shape.length === 3 ? { x: [], y: [1] } : undefined),
});

export const ATTENTIONS: Family = {
  Attention: attention(standard),
  'com.microsoft:MultiHeadAttention': attention(multiHead),
  'com.microsoft:GroupQueryAttention': attention(groupQuery),
  'com.microsoft:Attention': withProjection({ past: 4, mask: 5, typed: 0 }),
  'com.microsoft:QAttention': withProjection({ past: 8, typed: 3 }),
};
