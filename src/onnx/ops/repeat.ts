/** Expand and Tile: elements repeated along axes. */
import type { Region } from '../../ir/layer.js';
import { FULL, oneLayer, type LowerCall, type Plan, type View } from '../lower-plan.js';
import { reshapeView, shifted, unplaced } from '../lower-view.js';
import { broadcastShape } from './elementwise.js';
import { moveLayer, readAlong } from './move.js';
import { commonLayout, visitLayer } from './nests.js';
import {
  elementCount,
  illegal,
  mismatch,
  need,
  numbersOf,
  sameAxes,
  type Call,
  type Family,
} from './operator.js';
import { broadcastIndex, select } from './values.js';

function expanded(call: Call): readonly number[] {
  const input = need(call, 0, 'input');
  const shape = numbersOf(call, 1, 'shape');
  if (shape.some((size) => !Number.isInteger(size) || size < 0)) illegal(call, `shape [${shape.join(', ')}]`);
  return broadcastShape(call, [input, { ...need(call, 1, 'shape'), shape }]);
}

function lowerExpand(call: LowerCall): Plan {
  const view = call.view(0);
  const shape = expanded(call);
  if (shape.reduce((a, b) => a * b, 1) === view.shape.reduce((a, b) => a * b, 1))
    return { kind: 'views', views: [reshapeView(view, shape)] };
  if (call.whole(0) === 'only') return { kind: 'views', views: [repeatedView(view, shape)] };
  const operand = { name: 'I', bits: call.bits(0, 'I'), view, shape: view.shape } as const;
  const layout = commonLayout(shape, [view], call.wished(0));
  return oneLayer(visitLayer(shape, layout, [operand], { kind: 'move', coverage: 'exact' }));
}

/** Of a tensor that is needed whole: the elements there are, each as often as it stands in the result. */
function repeatedView(view: View, shape: readonly number[]): View {
  const layout = shifted(view.layout, shape.length - view.shape.length);
  const copies = (view.copies ?? 1) * (elementCount(shape) / elementCount(view.shape));
  return { ...unplaced(view), shape, layout, joined: null, copies };
}

function tiled(call: Call): readonly number[] {
  const { shape } = need(call, 0, 'input');
  const repeats = numbersOf(call, 1, 'repeats');
  if (repeats.length !== shape.length)
    mismatch(call, `${repeats.length} repeats for a tensor of rank ${shape.length}`);
  return shape.map((size, axis) => size * repeats[axis]!);
}

function lowerTile(call: LowerCall): Plan {
  const view = call.view(0);
  const shape = tiled(call);
  const repeated = shape.flatMap((size, axis) => (size === view.shape[axis] ? [] : [axis]));
  if (repeated.length === 0) return { kind: 'views', views: [view] };
  if (call.whole(0) === 'only') return { kind: 'views', views: [repeatedView(view, shape)] };
  // Copies lie a whole axis apart, so that a stretch of the output may need any of it.
  const regions = new Map(repeated.map((axis): [number, Region] => [axis, FULL]));
  return moveLayer(call, { shape, layout: view.layout, reads: [readAlong(view, view.layout, regions)] });
}

export const REPEATS: Family = {
  Expand: {
    infer: (call) => {
      const input = need(call, 0, 'input');
      const shape = expanded(call);
      return [
        {
          dtype: input.dtype,
          shape,
          values: select(input, shape, (index) => broadcastIndex(index, input.shape)),
        },
      ];
    },
    lower: lowerExpand,
    passes: (call, _input, wished) =>
      shifted(wished, need(call, 0, 'input').shape.length - expanded(call).length),
  },
  Tile: {
    infer: (call) => {
      const input = need(call, 0, 'input');
      const shape = tiled(call);
      const values = select(input, shape, (index) => index.map((at, axis) => at % input.shape[axis]!));
      return [{ dtype: input.dtype, shape, values }];
    },
    lower: lowerTile,
    passes: sameAxes,
  },
};
