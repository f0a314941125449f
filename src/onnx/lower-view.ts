/**
 * Views: where the elements of a tensor lie in the feature maps behind it. A view survives reshapes, channel
 * slices and channel concatenations; a consumer's region is resolved against it, and where rows or columns
 * no longer correspond the region becomes `full`.
 */
import { perValue } from '../base/bounded-map.js';
import type { Axis, FeatureMap, Region, Source } from '../ir/layer.js';
import type { Layout, Part, View } from './lower-plan.js';
import { FULL, SAME } from './lower-plan.js';

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Columns, rows and elements per pixel of a tensor in a layout. */
export function extents(shape: readonly number[], layout: Layout): { x: number; y: number; pixel: number } {
  const along = (axes: readonly number[]): number => axes.reduce((all, axis) => all * (shape[axis] ?? 1), 1);
  const x = along(layout.x);
  const y = along(layout.y);
  return { x, y, pixel: x * y === 0 ? 0 : product(shape) / (x * y) };
}

/** Images `[N, C, W]`, `[N, C, H, W]`, `[N, C, D, H, W]`: the last axis is columns, the others rows. */
export const imageLayout = perValue(16, (rank: number): Layout => ({
  x: rank >= 3 ? [rank - 1] : [],
  y: Array.from({ length: Math.max(0, rank - 3) }, (_, i) => i + 2),
}));

/** Tokens `[..., M, D]`: all leading axes are rows. */
export const rowsLayout = perValue(16, (rank: number): Layout => ({
  x: [],
  y: Array.from({ length: Math.max(0, rank - 1) }, (_, i) => i),
}));

/** What a shape suggests where no operator says: rank 4 and 5 are images, the rest rows of tokens. */
export const defaultLayout = (shape: readonly number[]): Layout =>
  shape.length >= 4 ? imageLayout(shape.length) : rowsLayout(shape.length);

export const isSpatial = (layout: Layout, axis: number): boolean =>
  layout.x.includes(axis) || layout.y.includes(axis);

/** A layout of a tensor that is broadcast to a higher rank, in the axes of the result; or back, `by` less than 0. */
export function shifted({ x, y }: Layout, by: number): Layout {
  const moved = (axes: readonly number[]): readonly number[] =>
    axes.map((axis) => axis + by).filter((axis) => axis >= 0);
  return { x: moved(x), y: moved(y) };
}

const nontrivial = (axes: readonly number[], shape: readonly number[]): string =>
  axes.filter((axis) => shape[axis] !== 1).join();

/** Whether two layouts of one tensor lay an axis out alike; axes of size 1 do not count. */
export const agree = (a: Layout, b: Layout, axis: Axis, shape: readonly number[]): boolean =>
  nontrivial(a[axis], shape) === nontrivial(b[axis], shape);

/** A whole map seen as the tensor that it stores. */
export const viewOfMap = (map: FeatureMap, shape: readonly number[], layout: Layout): View => ({
  shape,
  layout,
  parts: [{ map: map.id, elementsPerPixel: map.elementsPerPixel, first: 0, extent: 1, x: true, y: true }],
  joined: null,
  exclusive: true,
});

/** The one map that is exactly this tensor and that nothing else sees. */
export function ownMap(view: View, maps: ReadonlyMap<string, FeatureMap>): FeatureMap | undefined {
  const [part] = view.parts;
  if (!view.exclusive || part === undefined || view.parts.length > 1) return undefined;
  const map = maps.get(part.map);
  return map?.elementsPerPixel === part.elementsPerPixel ? map : undefined;
}

/** The sources behind a read: the parts of the view, each with the region in its own columns and rows. */
export function resolve(
  view: View,
  read: { readonly layout: Layout; readonly x: Region; readonly y: Region },
  out: Readonly<Record<Axis, number>>,
  maps: ReadonlyMap<string, FeatureMap>,
): readonly Source[] {
  const along = (part: Part, axis: Axis): Region => {
    if (part[axis] && agree(view.layout, read.layout, axis, view.shape)) return read[axis];
    const map = maps.get(part.map);
    const size = axis === 'x' ? map?.width : map?.height;
    return size === 1 && out[axis] === 1 ? SAME : FULL; // one column read for one column is no barrier
  };
  return view.parts.map((part) => {
    const { map, elementsPerPixel, first, share } = part;
    const isSlice = first !== null && elementsPerPixel < (maps.get(map)?.elementsPerPixel ?? 0);
    return {
      map,
      elementsPerPixel,
      ...(isSlice ? { first } : {}),
      x: along(part, 'x'),
      y: along(part, 'y'),
      ...(share === undefined ? {} : { share }),
    };
  });
}

/** Runs of axes of two shapes with equal products: the finest correspondence a reshape preserves. */
function axisGroups(
  from: readonly number[],
  to: readonly number[],
): readonly { from: number[]; to: number[] }[] {
  const groups: { from: number[]; to: number[] }[] = [];
  const [a, b] = [from, to].map((shape) => shape.flatMap((size, axis) => (size === 1 ? [] : [axis]))) as [
    number[],
    number[],
  ];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const group = { from: [a[i]!], to: [b[j]!] };
    let [left, right] = [from[a[i++]!]!, to[b[j++]!]!];
    while (left !== right) {
      if (left < right && i < a.length) {
        left *= from[a[i]!]!;
        group.from.push(a[i++]!);
      } else if (right < left && j < b.length) {
        right *= to[b[j]!]!;
        group.to.push(b[j++]!);
      } else break;
    }
    groups.push(group);
  }
  return groups;
}

/** Where the axes `list` of `from` are found again in `to`; undefined if a reshape mixes them with others. */
function traceAxes(
  list: readonly number[],
  from: readonly number[],
  to: readonly number[],
): readonly number[] | undefined {
  const wanted = list.filter((axis) => from[axis] !== 1);
  const touched = axisGroups(from, to).filter((group) => group.from.some((axis) => wanted.includes(axis)));
  const same = touched.flatMap((group) => group.from).join() === wanted.join();
  return same ? touched.flatMap((group) => group.to) : undefined;
}

/** Pixels that a reshape lays out in a single axis: it becomes the rows. */
function mergedPixels(view: View, shape: readonly number[]): Layout | undefined {
  const touched = axisGroups(view.shape, shape).filter((group) =>
    group.from.some((axis) => isSpatial(view.layout, axis)),
  );
  const [only] = touched.flatMap((group) => group.to);
  const merged = touched.length === 1 && touched[0]!.to.length === 1;
  const pure = touched.every((group) => group.from.every((axis) => isSpatial(view.layout, axis)));
  return merged && pure && only !== undefined ? { y: [only], x: [] } : undefined;
}

/** A layout in the axes of another shape of the same elements; undefined where rows or columns are not found again. */
export function reshapedLayout(
  { x, y }: Layout,
  from: readonly number[],
  to: readonly number[],
): Layout | undefined {
  const [columns, rows] = [traceAxes(x, from, to), traceAxes(y, from, to)];
  return columns && rows && { x: columns, y: rows };
}

/** The same elements in another shape. Rows or columns that are split or merged with others are lost: they lie as `free`. */
export function reshapeView(view: View, shape: readonly number[], free = defaultLayout(shape)): View {
  const y = traceAxes(view.layout.y, view.shape, shape);
  const x = traceAxes(view.layout.x, view.shape, shape);
  const fallback = mergedPixels(view, shape) ?? free;
  const untaken = (axes: readonly number[], taken: readonly number[] | undefined): readonly number[] =>
    axes.filter((axis) => !taken?.includes(axis));
  const joined = view.joined === null ? undefined : traceAxes([view.joined], view.shape, shape);
  return {
    ...view,
    shape,
    layout: { y: y ?? untaken(fallback.y, x), x: x ?? untaken(fallback.x, y) },
    parts: view.parts.map((part) => ({
      ...part,
      x: part.x && x !== undefined,
      y: part.y && y !== undefined,
    })),
    joined: joined?.length === 1 ? joined[0]! : null,
  };
}

/** `count` elements of an axis from `start`, `step` apart. */
export interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** How many elements of a cut have an index below `end`. */
function countBelow({ start, step, count }: Cut, end: number): number {
  const lowest = step > 0 ? start : start + step * (count - 1);
  return Math.max(0, Math.min(count, Math.ceil((end - lowest) / Math.abs(step))));
}

/** Whether the elements of an axis within the pixel lie one after the other, each with all of the axes behind it. */
const isOutermost = ({ shape, layout }: View, axis: number): boolean =>
  shape.findIndex((size, at) => size !== 1 && !isSpatial(layout, at)) === axis;

/** `count` of the `size` elements of an axis from `start`; `together`: side by side, if those of the part are. */
interface Taken {
  readonly start: number;
  readonly count: number;
  readonly size: number;
  readonly together: boolean;
}

/** What is left of a part of which some elements along an axis are taken. */
type Cutting = (part: Part, taken: Taken) => Part;

/** The axis lies within the pixel. */
const fewerPerPixel: Cutting = (part, { start, count, size, together }) => {
  const { elementsPerPixel, first } = part;
  const isPlaced = first !== null && together && elementsPerPixel % size === 0;
  return {
    ...part,
    elementsPerPixel: Math.ceil((elementsPerPixel * count) / size),
    first: isPlaced ? first + (start * elementsPerPixel) / size : null,
  };
};

/** The axis may lie anywhere: how many elements there are is all that matters of a tensor that is needed whole. */
const fewerInAll: Cutting = (part, { count, size }) =>
  count === size ? part : { ...part, x: false, y: false, share: ((part.share ?? 1) * count) / size };

/** Elements along an axis within the pixel. */
export const sliceView = (view: View, cut: Cut): View => cutView(view, cut, fewerPerPixel);

/** Elements along any axis of a tensor that is needed whole. */
export const sliceWhole = (view: View, cut: Cut): View => cutView(view, cut, fewerInAll);

function cutView(view: View, cut: Cut, cutting: Cutting): View {
  const { axis, step, count } = cut;
  const size = view.shape[axis]!;
  if (count === size && step > 0) return view;
  const shape = view.shape.map((old, i) => (i === axis ? count : old));
  const exclusive = view.exclusive && count === size;
  const together = (count === 1 || step === 1) && isOutermost(view, axis);
  if (view.joined !== axis) {
    const taken = { start: cut.start, count, size, together };
    return { ...view, shape, parts: view.parts.map((part) => cutting(part, taken)), exclusive };
  }
  let offset = 0;
  const parts = view.parts.flatMap((part) => {
    const start = Math.max(0, cut.start - offset);
    const before = countBelow(cut, offset);
    offset += part.extent;
    const extent = countBelow(cut, offset) - before;
    const taken = { start, count: extent, size: part.extent, together };
    return extent === 0 ? [] : [{ ...cutting(part, taken), extent }];
  });
  return { ...view, shape, parts: step > 0 ? parts : parts.toReversed(), exclusive };
}

/** Elements that do not lie in the order of the axes: where those of a slice lie is not followed. */
export const unplaced = (view: View): View => ({
  ...view,
  parts: view.parts.map((part) => ({ ...part, first: null })),
});

/** Part of the elements of every pixel: of a map that holds several tensors side by side. */
export function shareOf(view: View, share: number): View {
  if (share === 1) return view;
  const parts = view.parts.map((part) => ({
    ...part,
    elementsPerPixel: Math.ceil(part.elementsPerPixel * share),
    first: null,
  }));
  return { ...view, parts, exclusive: false };
}

/** Tensors joined along an axis within the pixel. Pieces that are laid out otherwise must be read whole. */
export function joinViews(
  views: readonly View[],
  axis: number,
  shape: readonly number[],
  layout: Layout,
): View {
  const parts = views.flatMap((view) =>
    view.parts.map((part) => ({
      ...part,
      extent: view.joined === axis ? part.extent : view.parts.length === 1 ? view.shape[axis]! : 0,
      x: part.x && agree(view.layout, layout, 'x', view.shape),
      y: part.y && agree(view.layout, layout, 'y', view.shape),
    })),
  );
  const ordered = views.every((view) => view.joined === axis || view.parts.length === 1);
  return { shape, layout, parts, joined: ordered ? axis : null, exclusive: false };
}
