/** Stacks in which nothing tells columns from rows: what one axis comes to is the answer for both. */
import { perObject } from '../base/bounded-map.js';
import type { Axis, Layer } from '../ir/layer.js';
import type { AxisClass } from '../ir/tile.js';
import type { AxisQuestion } from './axis.js';
import { sameRegion } from './region.js';
import type { StackGraph } from './stack-graph.js';

type Classes = (question: AxisQuestion) => readonly AxisClass[];

/** Asks once where the other axis of a square stack has just been asked about. */
export const forEitherAxis =
  (classesOf: Classes): Classes =>
  (question) => {
    const { graph, axis, grid, cached } = question;
    const other = axesOf(graph)[axis === 'x' ? 'y' : 'x'];
    const isAnswer = other !== undefined && isSquare(graph) && isSameGrid(other, question);
    const classes = isAnswer ? other.classes : classesOf(question);
    axesOf(graph)[axis] = { grid, cached, classes };
    return classes;
  };

interface TiledAxis extends Pick<AxisQuestion, 'grid' | 'cached'> {
  readonly classes: readonly AxisClass[];
}

/** The last answer along each axis. */
const axesOf = perObject<Partial<Record<Axis, TiledAxis>>, StackGraph>(() => ({}));

const isSameGrid = (one: TiledAxis, { grid, cached }: AxisQuestion): boolean =>
  one.cached === cached &&
  one.grid.tile === grid.tile &&
  one.grid.first === grid.first &&
  one.grid.count === grid.count;

/** Whether a layer reads what it streams alike along both axes. */
export const readsAlike = ({ inputs }: Layer): boolean =>
  inputs.every(({ path, sources }) => path === 'W' || sources.every(({ x, y }) => sameRegion(x, y)));

/** Every map is as wide as high and is read alike along both axes, as in most networks on images. */
export const isSquare = perObject(
  ({ layers, maps }: StackGraph): boolean =>
    maps.every(({ map }) => map.width === map.height) && layers.every(readsAlike),
);
