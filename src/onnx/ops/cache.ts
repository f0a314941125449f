/**
 * Caches and states that a step adds to: rows written into a buffer of full length (TensorScatter), the last inputs of a
 * causal convolution (CausalConvWithState), the matrices of LinearAttention. What is already there stays where it is.
 */
import { intAttr } from '../attrs.js';
import type { LowerCall, Plan, View } from '../lower-plan.js';
import { convolution } from './conv.js';
import { lowerGeneric, lowerUnknown } from './generic.js';
import {
  axisOf,
  illegal,
  imageWanted,
  mismatch,
  need,
  needRank,
  type Call,
  type Family,
  type ShapeRule,
} from './operator.js';

const scatter: ShapeRule = (call) => {
  const [past, update] = [need(call, 0, 'past_cache'), need(call, 1, 'update')];
  const axis = axisOf(call, intAttr(call.node, 'axis', -2), past.shape.length);
  const fits = past.shape.every((size, i) =>
    i === axis ? update.shape[i]! <= size : update.shape[i] === size,
  );
  if (!fits || past.shape.length !== update.shape.length)
    mismatch(call, `an update of [${update.shape.join(', ')}] in a cache of [${past.shape.join(', ')}]`);
  return [{ dtype: past.dtype, shape: past.shape }];
};

/** Read whole, the cache is read where it lies, and so are the rows that are new. */
function lowerScatter(call: LowerCall): Plan {
  if (call.whole(0) === 'no' || !call.isActivation(0) || !call.isActivation(1)) return lowerGeneric(call);
  const parts = [call.view(0), call.view(1)].flatMap((view) =>
    view.parts.map((part) => ({ ...part, x: false, y: false })),
  );
  const { shape, layout } = call.view(0);
  const view: View = { shape, layout, parts, joined: null, exclusive: false };
  return { kind: 'views', views: [view] };
}

const DEPTHWISE = convolution({ image: 0, kernel: 1, bias: 2 }, (call) => need(call, 0, 'input').dtype);

/** As a convolution that looks back: padded in front where the inputs before are not seen. */
function asConvolution<C extends Call>(call: C): C {
  const [input, weight] = [need(call, 0, 'input'), need(call, 1, 'weight')];
  needRank(call, input, 3, 3);
  needRank(call, weight, 3, 3);
  const attributes = {
    group: { kind: 'int', value: input.shape[1]! },
    pads: { kind: 'ints', value: [weight.shape[2]! - 1, 0] },
  } as const;
  return { ...call, node: { ...call.node, attributes } };
}

/** Rows of heads side by side; the state is a matrix per head of keys. How it is brought up to date is not modelled. */
const linearAttention: ShapeRule = (call) => {
  const [q, k, v] = [need(call, 0, 'query'), need(call, 1, 'key'), need(call, 2, 'value')];
  for (const tensor of [q, k, v]) needRank(call, tensor, 3, 3);
  const [heads, groups] = ['q_num_heads', 'kv_num_heads'].map(
    (name) => intAttr(call.node, name) ?? illegal(call, `attribute ${name} is missing`),
  ) as [number, number];
  const [depth, width] = [q.shape[2]! / heads, v.shape[2]! / groups];
  if (![depth, width, heads / groups].every(Number.isInteger) || k.shape[2] !== groups * depth)
    mismatch(
      call,
      `${heads} heads, ${groups} of them of keys, in rows of ${[q, k, v].map(({ shape }) => shape[2]!).join(', ')}`,
    );
  const [batch, rows] = q.shape as [number, number];
  const results = [
    { dtype: q.dtype, shape: [batch, rows, heads * width] },
    { dtype: q.dtype, shape: [batch, groups, depth, width] },
  ];
  return results.slice(0, call.node.outputs.length);
};

export const CACHES: Family = {
  LinearAttention: { infer: linearAttention, lower: lowerUnknown },
  TensorScatter: { infer: scatter, lower: lowerScatter },
  CausalConvWithState: {
    infer: (call) => {
      const results = DEPTHWISE.infer(asConvolution(call));
      const { dtype, shape } = need(call, 0, 'input');
      const kept = need(call, 1, 'weight').shape[2]! - 1;
      return [...results, { dtype, shape: [...shape.slice(0, 2), kept] }].slice(0, call.node.outputs.length);
    },
    lower: (call) => DEPTHWISE.lower(asConvolution(call)),
    wants: imageWanted,
  },
};
