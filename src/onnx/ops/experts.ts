/**
 * Mixtures of experts of com.microsoft: MoE and QMoE. Every row goes through `k` of the experts, each two or three
 * matrix products with an activation between them. Which experts is known only when the network runs: the work is that
 * of `k` experts per row, the weights are those of all of them, and so the layers are approximate.
 */
import { intAttr } from '../attrs.js';
import { known } from '../../base/assert.js';
import {
  SAME,
  type LayerPlan,
  type Layout,
  type LowerCall,
  type Plan,
  type WeightPlan,
} from '../lower-plan.js';
import { rowsLayout } from '../lower-view.js';
import { weightsAmong } from './conv.js';
import { pixelLoops, PIXEL_DIMS, rowProduct } from './nests.js';
import {
  elementCount,
  illegal,
  mismatch,
  need,
  needRank,
  type Call,
  type Family,
  type Operator,
} from './operator.js';

/** Positions of the weights, and of what lies beside them, among the inputs. */
interface Roles {
  readonly up: number;
  readonly down: number;
  /** A second product beside the first, by which its result is multiplied. */
  readonly gate: number;
  /** Weights are packed into bytes along their last axis. */
  readonly packed: boolean;
}

interface Sizes {
  readonly rows: number;
  readonly hidden: number;
  readonly inner: number;
  /** Products side by side in the first weights: 2 where they hold the gate as well. */
  readonly fused: number;
  readonly k: number;
  readonly bits: number | undefined;
}

function sizesOf(call: Call, { up, down, packed }: Roles): Sizes {
  const input = need(call, 0, 'input');
  needRank(call, input, 2, 3);
  const [first, second] = [need(call, up, 'fc1 weights'), need(call, down, 'fc2 weights')];
  for (const weights of [first, second]) needRank(call, weights, 3, 3);
  const hidden = input.shape.at(-1) ?? 0;
  const experts = first.shape[0] ?? 0;
  if (second.shape[0] !== experts) mismatch(call, `fc1 has ${experts} experts, fc2 ${second.shape[0] ?? 0}`);
  const k = intAttr(call.node, 'k', 1);
  if (k < 1 || k > experts) illegal(call, `k is ${k}, of ${experts} experts`);
  const bits = packed ? intAttr(call.node, 'expert_weight_bits', 4) : undefined;
  const perByte = bits === undefined ? 1 : 8 / bits;
  // Either order of the axes is in use; the hidden size tells them apart.
  const others = (elementCount(first.shape) * perByte) / (experts * hidden);
  const inner = (elementCount(second.shape) * perByte) / (experts * hidden);
  if (inner < 1 || !Number.isInteger(inner) || !Number.isInteger(others / inner) || others < inner)
    mismatch(
      call,
      `weights [${first.shape.join(', ')}] and [${second.shape.join(', ')}] do not fit rows of ${hidden}`,
    );
  return { rows: elementCount(input.shape) / hidden, hidden, inner, fused: others / inner, k, bits };
}

type Reads = LayerPlan['inputs'][number]['reads'][number];

/** A product of every row: the experts it goes through lie side by side in `K`, or are summed up in `C`. */
function product(
  call: LowerCall,
  { rows, bits }: Sizes,
  { input, elements }: WeightPlan,
  nest: { readonly K: number; readonly C: number },
  read: Reads,
): LayerPlan {
  return {
    ...rowProduct(
      { ...nest, OY: rows },
      { shape: [rows, nest.K], layout: ROWS },
      { W: bits ?? call.bits(input, 'W'), I: call.bits(0, 'I') },
      read,
    ),
    coverage: 'approximate',
    weights: weightsAmong(call, [{ input, ...(elements === undefined ? {} : { elements }) }]),
  };
}

const ROWS: Layout = { x: [], y: [0] };
const seen = (view: Reads['view']): Reads => ({ view, layout: ROWS, x: SAME, y: SAME });

/** Row by row, two operands at the same place. */
function pairwise(
  call: LowerCall,
  shape: readonly number[],
  layout: Layout,
  X: Reads,
  Y: Reads,
  own: boolean,
): LayerPlan {
  const operand = { path: 'I', bits: call.bits(0, 'I'), windows: [] } as const;
  return {
    kind: 'vector',
    coverage: 'exact',
    loops: pixelLoops(shape, layout),
    output: { shape, layout, dims: PIXEL_DIMS },
    inputs: [
      { ...operand, name: 'X', dims: PIXEL_DIMS, reads: [X] },
      { ...operand, name: 'Y', dims: own ? PIXEL_DIMS : ['OY', 'OX'], reads: [Y] },
    ],
  };
}

/** Products up (and beside them those of the gate), the product down, and the weighted sum over the experts. */
function lower(call: LowerCall, roles: Roles): Plan {
  const sizes = sizesOf(call, roles);
  const { rows, hidden, inner, fused, k } = sizes;
  const view = call.view(0);
  const input: Reads = { view, layout: rowsLayout(view.shape.length), x: SAME, y: SAME };
  const separate = call.inputs[roles.gate] !== undefined && !call.isActivation(roles.gate);
  const half = elementCount(need(call, roles.up, 'fc1 weights').shape) / fused;
  const upwards: readonly WeightPlan[] = [
    ...Array.from({ length: fused }, () => ({ input: roles.up, elements: half })),
    ...(separate ? [{ input: roles.gate }] : []),
  ];
  const ups = upwards.map((weights) => product(call, sizes, weights, { K: k * inner, C: hidden }, input));
  const gated =
    ups.length === 2
      ? [pairwise(call, [rows, k * inner], ROWS, seen({ step: 0 }), seen('previous'), true)]
      : [];
  const down = product(call, sizes, { input: roles.down }, { K: hidden, C: k * inner }, seen('previous'));
  const router = call.isActivation(1)
    ? [pairwise(call, [rows, hidden], ROWS, seen('previous'), seen(call.view(1)), false)]
    : [];
  const layers = [...ups, ...gated, down, ...router];
  const last = known(layers.at(-1), 'layer');
  const output = { ...last.output, shape: view.shape, layout: rowsLayout(view.shape.length) };
  return { kind: 'layers', layers: [...layers.slice(0, -1), { ...last, output }] };
}

const experts = (roles: Roles): Operator => ({
  infer: (call) => {
    sizesOf(call, roles);
    const { dtype, shape } = need(call, 0, 'input');
    return [{ dtype, shape }];
  },
  lower: (call) => lower(call, roles),
  wants: (call, input) => {
    const tensor = input <= 1 ? call.inputs[input] : undefined;
    return tensor && rowsLayout(tensor.shape.length);
  },
});

export const EXPERTS: Family = {
  // input, router_probs, fc1 weights and bias, fc2 weights and bias, fc3 weights and bias
  'com.microsoft:MoE': experts({ up: 2, down: 4, gate: 6, packed: false }),
  // the same with scales behind the weights
  'com.microsoft:QMoE': experts({ up: 2, down: 5, gate: 8, packed: true }),
};
