/**
 * Attention as one operator: Attention (operator set 23) and the fused forms of com.microsoft. A chain of layers, as
 * exporters of single operators would write it: scores `B G K C OY`, mask, softmax, values `B G K C OY`. Rows of the
 * query are OY and stream; keys and values, cached ones included, are needed whole and take the weight path. B are
 * the query heads that share a head of keys, G the heads of keys. Products cut off by causality are counted: the
 * standard computes them.
 */
import type { Coverage, LoopDim } from '../../ir/layer.js';
import {
  FULL,
  SAME,
  type LayerPlan,
  type Layout,
  type LowerCall,
  type OperandPlan,
  type Plan,
  type Read,
  type StepView,
  type View,
} from '../lower-plan.js';
import { pixelLoops, PIXEL_DIMS, visitLayer } from './nests.js';
import { elementCount } from './operator.js';

/** Sizes of an attention. */
export interface AttentionSizes {
  readonly batch: number;
  readonly heads: number;
  /** Heads of keys and values. */
  readonly groups: number;
  readonly rows: number;
  /** Keys, cached ones included. */
  readonly keys: number;
  readonly depth: number;
  /** Elements of a value per head. */
  readonly width: number;
}

/** Where the rows of the query lie: their layout, and that of scores and results. */
interface Rows {
  readonly query: Layout;
  readonly scores: Layout;
  readonly result: Layout;
  /** Batch items are rows too. */
  readonly folded: boolean;
}

/** What an attention reads; a step is a layer that goes before it. */
export interface AttentionOperands {
  readonly query: View | StepView;
  /** Shape in which the query is read: [B, S, H*D] or [B, H, S, D]. */
  readonly queryShape: readonly number[];
  readonly queryLayout: Layout;
  readonly keys: readonly (View | StepView)[];
  readonly values: readonly (View | StepView)[];
  /** Position of the mask among the inputs. */
  readonly mask?: number | undefined;
  readonly resultShape: readonly number[];
}

function rowsOf({ queryLayout, queryShape, resultShape }: AttentionOperands): Rows {
  const folded = queryShape[0]! > 1 && queryLayout.y.includes(0);
  const at = (axis: number): Layout => ({ x: [], y: folded ? [0, axis] : [axis] });
  return {
    ...{ query: at(queryShape.length === 4 ? 2 : 1), scores: at(2) },
    ...{ result: at(resultShape.length - 2), folded },
  };
}

const whole = (view: View | StepView): Read => ({ view, layout: { x: [], y: [] }, x: FULL, y: FULL });

function product(
  call: LowerCall,
  sizes: AttentionSizes,
  rows: Rows,
  parts: {
    readonly streamed: Read;
    readonly still: readonly (View | StepView)[];
    readonly K: number;
    readonly C: number;
    readonly shape: readonly number[];
    readonly layout: Layout;
  },
): LayerPlan {
  const { batch, heads, groups, rows: count } = sizes;
  const folded = rows.folded ? batch : 1;
  const loops = {
    B: heads / groups,
    G: (groups * batch) / folded,
    K: parts.K,
    C: parts.C,
    OY: count * folded,
  };
  const dims = ['B', 'G', 'K', 'C', 'OY'] as const satisfies readonly LoopDim[];
  const operand = (name: 'W' | 'I', own: readonly LoopDim[], reads: readonly Read[]): OperandPlan => ({
    name,
    path: name,
    bits: call.bits(0, 'I'),
    dims: own,
    windows: [],
    reads,
  });
  const coverage: Coverage = rows.folded ? 'approximate' : 'exact';
  return {
    kind: 'mac',
    coverage,
    loops: dims.map((dim) => ({ dim, size: loops[dim] })),
    output: { shape: parts.shape, layout: parts.layout, dims: ['B', 'G', 'K', 'OY'] },
    inputs: [
      operand('W', ['G', 'K', 'C'], parts.still.map(whole)),
      operand('I', ['B', 'G', 'C', 'OY'], [parts.streamed]),
    ],
    macs: elementCount(dims.map((dim) => loops[dim])),
    ...(rows.folded ? { itemRows: count } : {}),
  };
}

/** Scores, mask, softmax, values. */
export function attentionLayers(
  call: LowerCall,
  sizes: AttentionSizes,
  operands: AttentionOperands,
): readonly LayerPlan[] {
  const { batch, heads, rows: count, keys, depth, width } = sizes;
  const rows = rowsOf(operands);
  const shape = [batch, heads, count, keys];
  const bits = call.bits(0, 'I');
  const scores = product(call, sizes, rows, {
    streamed: { view: operands.query, layout: rows.query, x: SAME, y: SAME },
    still: operands.keys,
    K: keys,
    C: depth,
    shape,
    layout: rows.scores,
  });
  const { mask } = operands;
  const masked =
    mask === undefined || !call.isActivation(mask)
      ? []
      : [
          visitLayer(
            shape,
            rows.scores,
            [
              { name: 'X', bits, view: 'previous', shape },
              { name: 'Y', bits: call.bits(mask, 'I'), view: call.view(mask), shape: call.view(mask).shape },
            ],
            { kind: 'vector', coverage: 'exact' },
          ),
        ];
  const previous: Read = { view: 'previous', layout: rows.scores, x: SAME, y: SAME };
  const softmax: LayerPlan = {
    kind: 'vector',
    coverage: 'approximate',
    loops: pixelLoops(shape, rows.scores),
    output: { shape, layout: rows.scores, dims: PIXEL_DIMS },
    inputs: [{ name: 'I', path: 'I', bits, dims: PIXEL_DIMS, windows: [], reads: [previous] }],
    passes: 3,
    span: keys,
  };
  const values = product(call, sizes, rows, {
    streamed: previous,
    still: operands.values,
    K: width,
    C: keys,
    shape: operands.resultShape,
    layout: rows.result,
  });
  return [scores, ...masked, softmax, values];
}

/** Cached rows and new ones as one tensor [B, G, T, D], read where they lie. */
export function cachedView(views: readonly View[], shape: readonly number[]): View {
  const parts = views.flatMap((view) => view.parts.map((part) => ({ ...part, x: false, y: false })));
  return { shape, layout: { x: [], y: [2] }, parts, joined: null, exclusive: false };
}

export const chainOf = (
  layers: readonly LayerPlan[],
  also: Readonly<Record<number, View | StepView>> = {},
): Plan => ({ kind: 'layers', layers, also });
