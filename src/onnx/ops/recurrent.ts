/**
 * RNN, GRU and LSTM as the layers they are made of: the product of all inputs with W at once, an ordinary one; the
 * product of the state with R, step by step; and the gates, which add both and make the next state. Steps are rows.
 * The state is not a map: that a step needs the one before is not modelled, hence `approximate`, and where steps run
 * backwards too every row needs all of them. The state is charged as the share of the gates' map that has its size.
 */
import type { Region } from '../../ir/layer.js';
import { intAttr, stringAttr } from '../attrs.js';
import {
  FULL,
  SAME,
  type LayerPlan,
  type Layout,
  type LowerCall,
  type Plan,
  type Read,
} from '../lower-plan.js';
import { rowsLayout } from '../lower-view.js';
import { kernelOperand, weightsAmong } from './conv.js';
import { rowProduct } from './nests.js';
import { illegal, mismatch, need, needRank, type Call, type Family, type Operator } from './operator.js';

interface Recurrence {
  readonly directions: number;
  readonly steps: number;
  readonly batch: number;
  readonly width: number;
  readonly hidden: number;
  readonly batchFirst: boolean;
}

const DIRECTIONS: Readonly<Record<string, number>> = { forward: 1, reverse: 1, bidirectional: 2 };

const directionOf = (call: Call): string => stringAttr(call.node, 'direction', 'forward');

/** How an operator stores its weights: gates x hidden size by inputs, or (quantized) the other way round. */
interface Form {
  readonly gates: number;
  readonly transposed: boolean;
}

function recurrenceOf(call: Call, { gates, transposed }: Form): Recurrence {
  const [x, w, r] = [need(call, 0, 'X'), need(call, 1, 'W'), need(call, 2, 'R')];
  for (const tensor of [x, w, r]) needRank(call, tensor, 3, 3);
  const directions =
    DIRECTIONS[directionOf(call)] ??
    illegal(call, `direction "${directionOf(call)}" is not one of ${Object.keys(DIRECTIONS).join(', ')}`);
  const batchFirst = intAttr(call.node, 'layout', 0) !== 0;
  const [outer, inner, width] = x.shape as [number, number, number];
  const hidden = r.shape[transposed ? 1 : 2]!;
  const declared = intAttr(call.node, 'hidden_size', hidden);
  if (declared !== hidden) mismatch(call, `hidden_size is ${declared}, R takes states of ${hidden}`);
  const expect = (name: string, found: readonly number[], size: number): void => {
    const sides = transposed ? [size, gates * hidden] : [gates * hidden, size];
    const wanted = [directions, ...sides];
    if (found.join() !== wanted.join())
      mismatch(call, `${name} is [${found.join(', ')}], expected [${wanted.join(', ')}]`);
  };
  expect('W', w.shape, width);
  expect('R', r.shape, hidden);
  const [steps, batch] = batchFirst ? [inner, outer] : [outer, inner];
  return { directions, steps, batch, width, hidden, batchFirst };
}

/** Rows of a tensor [steps, batch, ...] or [batch, steps, ...]. */
const ROWS: Layout = { x: [], y: [0, 1] };

const BIAS = 3;
const PEEPHOLES = 7;
/** Lengths of the sequences, first states: small, and needed before the first step. */
const FIRST = [4, 5, 6] as const;

const seen = (view: Read['view'], y: Region): Read => ({ view, layout: ROWS, x: SAME, y });

function lower(call: LowerCall, form: Form): Plan {
  const { gates } = form;
  const sizes = recurrenceOf(call, form);
  const { directions, width, hidden } = sizes;
  const rows = sizes.steps * sizes.batch;
  const wide = directions * gates * hidden;
  const gateMap = { shape: [...need(call, 0, 'X').shape.slice(0, 2), wide], layout: ROWS };
  const bits = { W: call.bits(1, 'W'), I: call.bits(0, 'I') };
  const plain = rowProduct({ K: wide, C: width, OY: rows }, gateMap, bits, seen(call.view(0), SAME));
  const projection: LayerPlan = {
    ...plain,
    coverage: 'exact',
    inputs: plain.inputs.map((operand) =>
      operand.name === 'W' ? kernelOperand(call, 1, operand.dims) : operand,
    ),
    weights: weightsAmong(call, [{ input: 1 }, { input: BIAS, postOp: 'bias' }]),
  };
  return {
    kind: 'layers',
    output: Math.max(
      0,
      call.node.outputs.findIndex((name) => name !== ''),
    ),
    layers: [projection, recurrentProduct(call, gates, sizes), gateLayer(call, gates, sizes)],
  };
}

/** Every step: the state before it times R, once per direction. */
function recurrentProduct(call: LowerCall, gates: number, sizes: Recurrence): LayerPlan {
  const { directions: G, steps, batch, hidden } = sizes;
  const [K, OY] = [gates * hidden, steps * batch];
  const state = call.view(0);
  const shape = [...state.shape.slice(0, 2), G * K];
  const first = FIRST.filter((input) => call.isActivation(input)).map((input): Read => ({
    view: call.view(input),
    layout: { x: [], y: [] },
    x: FULL,
    y: FULL,
  }));
  return {
    kind: 'mac',
    coverage: 'approximate',
    loops: [
      { dim: 'B', size: 1 },
      { dim: 'G', size: G },
      { dim: 'K', size: K },
      { dim: 'C', size: hidden },
      { dim: 'OY', size: OY },
    ],
    output: { shape, layout: ROWS, dims: ['B', 'G', 'K', 'OY'] },
    inputs: [
      kernelOperand(call, 2, ['G', 'K', 'C']),
      {
        name: 'I',
        path: 'I',
        bits: call.bits(0, 'I'),
        dims: ['B', 'G', 'C', 'OY'],
        windows: [],
        reads: [seen({ step: 0, share: 1 / gates }, directionOf(call) === 'forward' ? SAME : FULL), ...first],
      },
    ],
    weights: weightsAmong(call, [{ input: 2 }]),
    macs: G * K * hidden * OY,
  };
}

/** Sums of both products, gate by gate, to the next state. */
function gateLayer(call: LowerCall, gates: number, sizes: Recurrence): LayerPlan {
  const { directions, steps, batch, hidden, batchFirst } = sizes;
  const shape = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
  const dims = ['B', 'G', 'C', 'OY'] as const;
  const operand = { path: 'I', bits: call.bits(0, 'I'), dims, windows: [] } as const;
  return {
    kind: 'vector',
    coverage: 'approximate',
    loops: [
      { dim: 'B', size: 1 },
      { dim: 'G', size: directions * hidden },
      { dim: 'C', size: gates },
      { dim: 'OY', size: steps * batch },
    ],
    output: { shape, layout: { x: [], y: batchFirst ? [0, 1] : [0, 2] }, dims: ['B', 'G', 'OY'] },
    inputs: [
      { ...operand, name: 'X', reads: [seen('previous', SAME)] },
      { ...operand, name: 'Y', reads: [seen({ step: 0 }, SAME)] },
    ],
    weights: weightsAmong(call, [{ input: PEEPHOLES, postOp: 'peephole' }]),
  };
}

/** Y and the last states. */
const recurrent = (gates: number, transposed = false): Operator => ({
  infer: (call) => {
    const { directions, steps, batch, hidden, batchFirst } = recurrenceOf(call, {
      gates,
      transposed,
    });
    const { dtype } = need(call, 0, 'X');
    const all = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
    const last = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
    return call.node.outputs.map((_, i) => ({ dtype, shape: i === 0 ? all : last }));
  },
  lower: (call) => lower(call, { gates, transposed }),
  wants: (_call, input) => (input === 0 ? rowsLayout(3) : undefined),
});

export const RECURRENCES: Family = {
  RNN: recurrent(1),
  GRU: recurrent(3),
  LSTM: recurrent(4),
  'com.microsoft:DynamicQuantizeLSTM': recurrent(4, true),
};
