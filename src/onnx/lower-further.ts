/**
 * Further outputs of an operator. A layer has one map, that of its main output; another output that is read is a map
 * of its own, with its own type, size and rows, written by a layer behind. Who reads it does not see the main map.
 */
import type { FeatureMap } from '../ir/layer.js';
import type { LayerPlan, View } from './lower-plan.js';
import { defaultLayout, extents } from './lower-view.js';
import { visitLayer } from './ops/nests.js';
import { elementCount } from './ops/operator.js';

/** What writes a further output of `shape` as the main one is made: it takes as many elements of its map. */
export function furtherLayer(main: View, { bits }: FeatureMap, shape: readonly number[]): LayerPlan {
  const view = shareOfMain(main, shape);
  const operand = { name: 'I', bits, view, shape } as const;
  return visitLayer(shape, view.layout, [operand], { kind: 'move', coverage: 'exact' });
}

/** Row by row where its rows and columns are those of the main output: indices, statistics per row. Else of all of it. */
function shareOfMain(main: View, shape: readonly number[]): View {
  const spatial = [...main.layout.x, ...main.layout.y];
  const alike =
    shape.length === main.shape.length && spatial.every((axis) => shape[axis] === main.shape[axis]);
  const { x, y } = extents(main.shape, main.layout);
  const elements = Math.ceil(elementCount(shape) / (x * y));
  const parts = main.parts.map((part) => ({
    ...part,
    elementsPerPixel: Math.min(part.elementsPerPixel, elements),
    first: null,
    x: alike,
    y: alike,
  }));
  const layout = alike ? main.layout : defaultLayout(shape);
  return { shape, layout, parts, joined: null, exclusive: false };
}
