/**
 * Attention over sequences without their padding: PackedMultiHeadAttention and PackedAttention of com.microsoft. The
 * rows of all sequences lie one after the other. How long each is, is known only when the network runs: every row is
 * taken to meet as many keys as the longest may have, so that the layers are approximate.
 */
import { known } from '../../base/assert.js';
import { intAttr, intsAttr } from '../attrs.js';
import type { LayerPlan, Layout, LowerCall, Plan, StepView, View } from '../lower-plan.js';
import { SAME } from '../lower-plan.js';
import { reshapeView, shareOf } from '../lower-view.js';
import { attentionLayers, chainOf, type AttentionSizes } from './attention.js';
import { weightsAmong } from './conv.js';
import { rowProduct } from './nests.js';
import { illegal, mismatch, need, needRank, type Call, type Family, type Operator } from './operator.js';

const ROWS: Layout = { x: [], y: [0] };

/** Rows, and the most of one sequence: the width of the table that says where each row came from. */
function lengths(call: Call, rows: number, table: number): Pick<AttentionSizes, 'batch' | 'rows' | 'keys'> {
  const offsets = need(call, table, 'token_offset');
  needRank(call, offsets, 2, 2);
  return { batch: 1, rows, keys: Math.min(rows, known(offsets.shape[1], 'sequence length')) };
}

function headsOf(call: Call, width: number): { readonly heads: number; readonly depth: number } {
  const heads = intAttr(call.node, 'num_heads') ?? illegal(call, 'attribute num_heads is missing');
  if (heads < 1 || width % heads !== 0)
    illegal(call, `${width} elements cannot be divided into ${heads} heads`);
  return { heads, depth: width / heads };
}

/** The layers of attention over rows; the last one makes the output of the operator, which has no batch axis. */
function overRows(
  call: LowerCall,
  sizes: AttentionSizes,
  query: View | StepView,
  keys: View | StepView,
  values: View | StepView,
): readonly LayerPlan[] {
  const { rows, heads, depth, width } = sizes;
  const layers = attentionLayers(call, sizes, {
    query,
    queryShape: [1, rows, heads * depth],
    queryLayout: { x: [], y: [1] },
    keys: [keys],
    values: [values],
    resultShape: [1, rows, heads * width],
  }).map((layer): LayerPlan => ({ ...layer, coverage: 'approximate' }));
  const last = known(layers.at(-1), 'layer');
  const output = { ...last.output, shape: [rows, heads * width], layout: ROWS };
  return [...layers.slice(0, -1), { ...last, output }];
}

/** query [T, H*D], or with keys and values side by side [T, H, 3, D]; key, value, bias, token_offset. */
function multiHead(call: Call): AttentionSizes {
  const query = need(call, 0, 'query');
  needRank(call, query, 2, 4);
  const rows = known(query.shape[0], 'rows');
  const packed = query.shape.length === 4;
  const { heads, depth } = packed
    ? { heads: known(query.shape[1], 'heads'), depth: known(query.shape[3], 'elements') }
    : headsOf(call, known(query.shape[1], 'elements'));
  const width = packed ? depth : headsOf(call, need(call, 2, 'value').shape[1] ?? 0).depth;
  return { ...lengths(call, rows, 4), heads, groups: heads, depth, width };
}

const packedMultiHead: Operator = {
  infer: (call) => {
    const { rows, heads, width } = multiHead(call);
    return [{ dtype: need(call, 0, 'query').dtype, shape: [rows, heads * width] }];
  },
  lower: (call): Plan => {
    const sizes = multiHead(call);
    const flat = (view: View, elements: number): View => reshapeView(view, [1, sizes.rows, elements]);
    const { heads, depth, width } = sizes;
    const query = call.view(0);
    if (query.shape.length === 4) {
      const third = shareOf(flat(query, 3 * heads * depth), 1 / 3);
      return chainOf(overRows(call, sizes, third, third, third));
    }
    const [key, value] = [call.view(1), call.view(2)];
    return chainOf(
      overRows(call, sizes, flat(query, heads * depth), flat(key, heads * depth), flat(value, heads * width)),
    );
  },
  wants: (call, input) => ((call.inputs[input]?.shape.length ?? 0) >= 2 && input <= 2 ? ROWS : undefined),
};

/** input [T, E], weights [E, Q + K + V], bias, token_offset: projects first. */
function projected(call: Call): { readonly sizes: AttentionSizes; readonly parts: readonly number[] } {
  const [input, weights] = [need(call, 0, 'input'), need(call, 1, 'weights')];
  needRank(call, input, 2, 2);
  needRank(call, weights, 2, 2);
  const [rows, width] = input.shape as [number, number];
  if (weights.shape[0] !== width)
    mismatch(call, `the input has ${width} elements per row, weights take ${weights.shape[0] ?? 0}`);
  const third = known(weights.shape[1], 'outputs') / 3;
  const parts = intsAttr(call.node, 'qkv_hidden_sizes') ?? [third, third, third];
  const { heads, depth } = headsOf(call, parts[0] ?? 0);
  const value = headsOf(call, parts[2] ?? 0).depth;
  return { sizes: { ...lengths(call, rows, 3), heads, groups: heads, depth, width: value }, parts };
}

function projection(call: LowerCall, rows: number, outputs: number): LayerPlan {
  const C = known(need(call, 0, 'input').shape[1], 'elements');
  return {
    ...rowProduct(
      { K: outputs, C, OY: rows },
      { shape: [1, rows, outputs], layout: { x: [], y: [1] } },
      { W: call.bits(1, 'W'), I: call.bits(0, 'I') },
      { view: call.view(0), layout: ROWS, x: SAME, y: SAME },
    ),
    coverage: 'exact',
    weights: weightsAmong(call, [
      { input: 1, elements: C * outputs },
      { input: 2, postOp: 'bias', elements: outputs },
    ]),
  };
}

const packedAttention: Operator = {
  infer: (call) => {
    const { sizes } = projected(call);
    return [{ dtype: need(call, 0, 'input').dtype, shape: [sizes.rows, sizes.heads * sizes.width] }];
  },
  lower: (call): Plan => {
    const { sizes, parts } = projected(call);
    const [query = 0, key = 0, value = 0] = parts;
    const steps = [key, value, query].map((outputs) => projection(call, sizes.rows, outputs));
    return chainOf([...steps, ...overRows(call, sizes, { step: 2 }, { step: 0 }, { step: 1 })]);
  },
  wants: (_call, input) => (input === 0 ? ROWS : undefined),
};

export const PACKED_ATTENTIONS: Family = {
  'com.microsoft:PackedMultiHeadAttention': packedMultiHead,
  'com.microsoft:PackedAttention': packedAttention,
};
