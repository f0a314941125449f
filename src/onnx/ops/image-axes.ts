/**
 * The axes of images of one to three spatial axes as the rows and columns of a loop nest. Volumes have an axis too many:
 * where windows move along depth and height alike both are folded into the rows, which is exact in iterations but not in
 * which rows overlap.
 */
import type { Coverage, Region, WindowIndex } from '../../ir/layer.js';
import { perValue } from '../../base/bounded-map.js';
import { FULL, SAME, type Layout, type View } from '../lower-plan.js';
import { imageLayout, isSpatial } from '../lower-view.js';
import { elementCount } from './operator.js';
import { windowRegion, type WindowAxis } from './window.js';

/** The axes of a convolution of one to three spatial axes as rows and columns; rows may be folded. */
export interface FoldedAxis {
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly region: Region;
}

const NO_AXIS: FoldedAxis = { out: 1, kernel: 1, stride: 1, dilation: 1, region: SAME };

const single = (axis: WindowAxis): FoldedAxis => ({
  out: axis.out,
  kernel: axis.kernel,
  stride: axis.stride,
  dilation: axis.dilation,
  region: windowRegion(axis),
});

/** Depth and height as one axis: exact in iterations, not in which rows a tile needs, hence the whole axis. */
function fold(axes: readonly WindowAxis[]): FoldedAxis {
  const along = (of: (axis: WindowAxis) => number): number => elementCount(axes.map(of));
  return {
    out: along((axis) => axis.out),
    kernel: along((axis) => axis.kernel),
    stride: along((axis) => axis.stride),
    dilation: 1,
    region: axes.every((axis) => windowRegion(axis).kind === 'same') ? SAME : FULL,
  };
}

export interface Axes {
  readonly x: FoldedAxis;
  readonly y: FoldedAxis;
}

/** No input row is seen by two windows, and none is padding. */
const isDisjoint = ({ out, kernel, stride, dilation, before, after }: WindowAxis): boolean =>
  (out === 1 || (kernel === stride && (dilation === 1 || kernel === 1))) && before === 0 && after === 0;

/** How windows overlap in depth and in height is lost where both are one axis; how they lie side by side is not. */
const foldsExactly = (rows: readonly WindowAxis[]): boolean => rows.length <= 1 || rows.every(isDisjoint);

/** Where the axes of an image lie. */
export interface Placed extends Axes {
  readonly layout: Layout;
  /** Elements along axes that lie within the pixel: each is an item of the batch. */
  readonly items: number;
  readonly coverage: Coverage;
}

const isStill = (axis: WindowAxis): boolean => windowRegion(axis).kind === 'same';

/** Pixel by pixel: rows and columns stay where they are. */
function placedAs(axes: readonly WindowAxis[], layout: Layout): Placed {
  const along = (list: readonly number[]): FoldedAxis => ({
    ...NO_AXIS,
    out: elementCount(list.map((axis) => axes[axis - 2]!.out)),
  });
  const inside = axes.flatMap(({ out }, i) => (isSpatial(layout, i + 2) ? [] : [out]));
  return { x: along(layout.x), y: along(layout.y), layout, items: elementCount(inside), coverage: 'exact' };
}

/** Whether the last axis of an image makes up its rows: tokens, transposed for a convolution along time. */
export function lastIsRows({ shape, layout }: Pick<View, 'shape' | 'layout'>): boolean {
  const thick = (axes: readonly number[]): string => axes.filter((axis) => shape[axis] !== 1).join();
  return thick(layout.x) === '' && thick(layout.y) === `${shape.length - 1}`;
}

/** Where the last axis makes up the rows. */
export const LAST_AS_ROWS = perValue(16, (rank: number): Layout => ({ x: [], y: [rank - 1] }));

/**
 * Rows and columns of an image of one to three spatial axes. Of depth and height, one along which no window moves lies
 * within the pixel; where windows move along both, they are one axis. `view` is how the image lies already.
 */
export function imageAxes(axes: readonly WindowAxis[], view: View): Placed {
  const { layout: own } = view;
  const rank = axes.length + 2;
  if (rank === 5 && axes.every(isStill) && !isSpatial(own, 0) && !isSpatial(own, 1))
    return placedAs(axes, own);
  const last = axes.at(-1);
  const x = last ? single(last) : NO_AXIS;
  const rows = axes.flatMap((axis, i) =>
    i < axes.length - 1 && (axis.out > 1 || !isStill(axis)) ? [{ axis, at: i + 2 }] : [],
  );
  if (rows.length === 0 && lastIsRows(view))
    return { x: NO_AXIS, y: x, layout: LAST_AS_ROWS(rank), items: 1, coverage: 'exact' };
  const [moving, ...others] = rows.filter(({ axis }) => !isStill(axis));
  if (rows.length === 2 && moving && others.length === 0) {
    const items = elementCount(rows.flatMap((row) => (row === moving ? [] : [row.axis.out])));
    const layout = { x: [rank - 1], y: [moving.at] };
    return { x, y: single(moving.axis), layout, items, coverage: 'exact' };
  }
  const folded = rows.map(({ axis }) => axis);
  const [y] = folded.length === 1 ? folded.map(single) : folded.length === 0 ? [NO_AXIS] : [fold(folded)];
  const coverage = foldsExactly(folded) ? 'exact' : 'approximate';
  return { x, y: y ?? NO_AXIS, layout: imageLayout(rank), items: 1, coverage };
}

/** The loop pairs that index the rows and columns of the input. */
export const windowIndices = (axes: Axes): readonly WindowIndex[] => [
  { axis: 'x', out: 'OX', kernel: 'FX', stride: axes.x.stride, dilation: axes.x.dilation },
  { axis: 'y', out: 'OY', kernel: 'FY', stride: axes.y.stride, dilation: axes.y.dilation },
];
