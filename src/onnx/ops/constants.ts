/**
 * Constants that an elementwise layer broadcasts over its map: an operand on the weight path, of which every element
 * that the layer meets is read. Single numbers are part of the instruction.
 */
import type { LoopDim } from '../../ir/layer.js';
import type { Layout, LayerPlan, LowerCall, WeightPlan } from '../lower-plan.js';
import { isSpatial } from '../lower-view.js';
import { kernelOperand } from './conv.js';
import { batchAxis, broadcastRead, PIXEL_DIMS, pixelSizes } from './nests.js';
import { elementCount, need } from './operator.js';

/** Size of a constant along an axis of the map of rank `rank` that it is broadcast to. */
const sizeAlong = (own: readonly number[], axis: number, rank: number): number =>
  own[axis - rank + own.length] ?? 1;

/** Whether a constant has other elements for other rows or columns. */
export const variesByPixel = (own: readonly number[], rank: number, { x, y }: Layout): boolean =>
  [...x, ...y].some((axis) => sizeAlong(own, axis, rank) > 1);

/** Whether a shape is broadcast to another as it is. */
const broadcasts = (own: readonly number[], shape: readonly number[]): boolean =>
  own.length <= shape.length &&
  shape.every((size, axis) => [1, size].includes(sizeAlong(own, axis, shape.length)));

/**
 * The layer of one map with the largest of some constants as its operand. The others, and what is not broadcast as it
 * stands, are parameters beside it.
 */
export function withConstants(
  call: LowerCall,
  layer: LayerPlan,
  constants: readonly WeightPlan[],
): LayerPlan {
  const shapeOf = (input: number): readonly number[] => need(call, input, 'constant').shape;
  const tables = constants
    .map(({ input }) => input)
    .filter((input) => elementCount(shapeOf(input)) > 1)
    .toSorted((a, b) => elementCount(shapeOf(b)) - elementCount(shapeOf(a)));
  const moved = tables.find((input) => broadcasts(shapeOf(input), layer.output.shape));
  const beside = tables.flatMap((input): readonly WeightPlan[] =>
    input === moved ? [] : [{ input, postOp: call.node.opType }],
  );
  if (moved === undefined) return { ...layer, weights: beside };
  const { sizes, dims } = apart(layer, shapeOf(moved));
  return {
    ...layer,
    loops: PIXEL_DIMS.map((dim) => ({ dim, size: sizes[dim] })),
    inputs: [kernelOperand(call, moved, dims), ...layer.inputs],
    weights: [{ input: moved }, ...beside],
  };
}

type PixelDim = (typeof PIXEL_DIMS)[number];

/**
 * Loops and the dims that index a constant. Channels that share its elements (heads, of a rotary embedding) are items
 * beside those that do not, so that it is not read for each of them.
 */
function apart(
  { inputs, output: { shape, layout } }: LayerPlan,
  own: readonly number[],
): { readonly sizes: Readonly<Record<PixelDim, number>>; readonly dims: readonly LoopDim[] } {
  const sizes = pixelSizes(shape, layout);
  const { dims } = broadcastRead('previous', own, shape, layout);
  const along = (axis: number): number => sizeAlong(own, axis, shape.length);
  const batch = batchAxis(shape, layout);
  const isWhole = inputs.every((input) => input.dims.length === PIXEL_DIMS.length);
  if (!isWhole || !dims.includes('G') || (batch !== undefined && along(batch) > 1)) return { sizes, dims };
  const shared = shape.filter((_, axis) => axis !== batch && !isSpatial(layout, axis) && along(axis) === 1);
  const items = elementCount(shared);
  return {
    sizes: { ...sizes, B: sizes.B * items, G: sizes.G / items },
    dims: dims.filter((dim) => dim !== 'B'),
  };
}
