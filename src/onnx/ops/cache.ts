/**
 * Caches that a step adds to: rows written into a buffer of full length (TensorScatter), and the last inputs of a
 * causal convolution (CausalConvWithState). What is already there stays where it is.
 */
import { intAttr } from '../attrs.js';
import type { LowerCall, Plan, View } from '../lower-plan.js';
import { convolution } from './conv.js';
import { lowerGeneric } from './generic.js';
import {
  axisOf,
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

export const CACHES: Family = {
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
