/**
 * Tiling along one axis, exactly: intervals of real columns, clipped at the feature-map border.
 *
 * With data kept along the axis, a map has been computed up to column E(c) after tile c. E of the sink is the
 * end of its tile; E of any other map is the furthest end of the regions that its consumers, computed up to
 * their own E, need. A tile computes `[E(c-1), E(c))` of every map and keeps from the first column that any
 * consumer still needs to E(c): so branches that lag behind are stored and read by construction, and
 * kept + fresh = needed holds for every operand.
 * Without, a tile needs of every map the hull of what its consumers need, and computes all of it.
 *
 * Away from the borders tiles repeat: once every map advances at its pace, those that follow are alike until some map
 * comes to its end, and are not looked at one by one.
 */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import { length, type Interval } from '../base/range.js';
import type { Axis } from '../ir/layer.js';
import type { AxisClass, AxisGeometry, LayerExtent, MapExtent, SourceExtent } from '../ir/tile.js';
import { equalSizes, mergeTiles, type AxisQuestion, type AxisTile, type AxisTiling } from './axis.js';
import { advance, inputInterval, sameRegion } from './region.js';
import { backwards, mapSize, needOf, neededInAll, neededIntervals } from './needs.js';
import { isStationary, sourceOf, type StackGraph, type Use } from './stack-graph.js';
import { tileInterval } from './tile-grid.js';

export const clippedAxis: AxisTiling = (question) => {
  const { graph, axis, grid, cached } = question;
  const other = axesOf(graph)[axis === 'x' ? 'y' : 'x'];
  const alike = other !== undefined && isSquare(graph) && sameGrid(other, question);
  const classes = alike ? other.classes : tileAxis(question);
  axesOf(graph)[axis] = { grid, cached, classes };
  return classes;
};

interface TiledAxis extends Pick<AxisQuestion, 'grid' | 'cached'> {
  readonly classes: readonly AxisClass[];
}

/** The last answer along each axis: where nothing tells columns from rows, one is the answer for both. */
const axesOf = perObject<Partial<Record<Axis, TiledAxis>>, StackGraph>(() => ({}));

const sameGrid = (one: TiledAxis, { grid, cached }: AxisQuestion): boolean =>
  one.cached === cached &&
  one.grid.tile === grid.tile &&
  one.grid.first === grid.first &&
  one.grid.count === grid.count;

/** Every map is as wide as high and is read alike along both axes, as in most networks on images. */
const isSquare = perObject(
  ({ layers, maps }: StackGraph): boolean =>
    maps.every(({ map }) => map.width === map.height) &&
    layers.every(({ inputs }) =>
      inputs.every(({ path, sources }) => path === 'W' || sources.every(({ x, y }) => sameRegion(x, y))),
    ),
);

const tileAxis: AxisTiling = (question) => {
  const { graph, axis, grid, cached } = question;
  const tiles: { tile: AxisTile; count: number }[] = [];
  let before: AxisState | undefined;
  let geometryBefore: AxisGeometry | undefined;
  const whole = neededInAll(graph)[axis];
  for (let c = 0; c < grid.count;) {
    const wanted = tileInterval(grid, c);
    const state = cached
      ? cachedState(question, wanted.end, before, whole)
      : recomputedState(question, wanted);
    const geometry = geometryOf(question, state, before, whole);
    const alike = before && geometryBefore ? alikeAfter(question, before, state, whole) : 0;
    const repeated = alike > 0 && equalSizes(geometry, geometryBefore!) ? alike : 0;
    const tile = { tile: length(wanted), actual: geometry, cacheView: geometry };
    tiles.push({ tile, count: 1 + repeated });
    before = repeated === 0 ? state : after(state, before!, repeated);
    geometryBefore = geometry;
    c += 1 + repeated;
  }
  return mergeTiles(tiles, cached);
};

/**
 * How many tiles follow of which each advances every map as the last one did, before any map comes to its end: 0 unless
 * that is certain. Intervals at a border do not advance with the tiles, so that a tile there is unlike the one before.
 */
function alikeAfter(
  { graph, axis }: AxisQuestion,
  before: AxisState,
  state: AxisState,
  whole: readonly Interval[],
): number {
  const paces = state.ends.map((end, m) => end - before.ends[m]!);
  let alike = Infinity;
  for (let m = 0; m < paces.length; m++) {
    const pace = paces[m]!;
    const left = whole[m]!.end - state.ends[m]!;
    // At its end it has to stay as it is.
    if (left <= 0 && pace === 0 && state.fresh[m]!.start === before.fresh[m]!.start) continue;
    if (left <= 0 || pace <= 0 || graph.maps[m]!.uses.some((use) => paceOf(graph, axis, use, paces) !== pace))
      return 0;
    alike = Math.min(alike, Math.ceil(left / pace) - 1);
  }
  return alike === Infinity ? 0 : alike;
}

/** How far a use of a map advances what is needed of it; NaN: not evenly. */
function paceOf(graph: StackGraph, axis: Axis, use: Use, paces: readonly number[]): number {
  const region = sourceOf(graph, use)[axis];
  return region.kind === 'scale' ? NaN : advance(region) * paces[graph.outputOf[use.layer]!]!;
}

/** The state so many tiles on, if each advances what the last one did. */
function after(state: AxisState, before: AxisState, tiles: number): AxisState {
  const pace = (m: number): number => tiles * (state.ends[m]! - before.ends[m]!);
  return {
    fresh: state.fresh.map(({ start, end }, m) => ({ start: start + pace(m), end: end + pace(m) })),
    ends: state.ends.map((end, m) => end + pace(m)),
  };
}

/** Per streamed map: what one tile computes, and how far the map is available after it. */
interface AxisState {
  readonly fresh: readonly Interval[];
  readonly ends: readonly number[];
}

function recomputedState({ graph, axis }: AxisQuestion, wanted: Interval): AxisState {
  const fresh = neededIntervals(graph, axis, wanted);
  return { fresh, ends: fresh.map((interval) => interval.end) };
}

function cachedState(
  { graph, axis }: AxisQuestion,
  sinkEnd: number,
  before: AxisState | undefined,
  whole: readonly Interval[],
): AxisState {
  const reach = backwards(graph, axis, { start: 0, end: sinkEnd }, (others, need) => ({
    start: 0,
    end: Math.max(others.end, need.end),
  }));
  const had = before?.ends ?? whole.map((interval) => interval.start);
  const ends = reach.map((interval, m) => Math.max(interval.end, known(had[m], 'end')));
  return { fresh: ends.map((end, m) => ({ start: known(had[m], 'end'), end })), ends };
}

function geometryOf(
  question: AxisQuestion,
  state: AxisState,
  before: AxisState | undefined,
  whole: readonly Interval[],
): AxisGeometry {
  const { graph, cached } = question;
  const layers = graph.layers.map((layer, l): LayerExtent => {
    const out = known(state.fresh[graph.outputOf[l] ?? -1], 'output');
    const inputs = layer.inputs.map((operand, input) =>
      isStationary(layer, input)
        ? NOT_STREAMED
        : operand.sources.map((_, source) =>
            sourceExtent(question, { layer: l, input, source }, out, before),
          ),
    );
    return { layer: layer.id, out: length(out), inputs };
  });
  const maps = graph.maps.map(({ map }, m): MapExtent => ({
    map: map.id,
    fresh: length(known(state.fresh[m], 'map')),
    held: cached && before ? keptAfter(question, before, whole, m) : 0,
    kept: cached ? keptAfter(question, state, whole, m) : 0,
  }));
  return { layers, maps };
}

const NOT_STREAMED: readonly SourceExtent[] = [];

function sourceExtent(
  question: AxisQuestion,
  use: Use,
  out: Interval,
  before: AxisState | undefined,
): SourceExtent {
  const { map } = sourceOf(question.graph, use);
  const needed = needOf(question.graph, question.axis, use, out);
  if (!question.cached || before === undefined) return { map, needed: length(needed), overlap: 0 };
  const had = before.ends[question.graph.mapIndex.get(map) ?? -1] ?? 0;
  const overlap = length({ start: needed.start, end: Math.min(had, needed.end) });
  return { map, needed: length(needed), overlap };
}

/**
 * Columns (rows) of map m, available up to `state.ends`, that some consumer will still need: one that has not yet
 * come to the end of what the stack's output needs of it (behind strides that may be less than its whole map).
 */
function keptAfter(question: AxisQuestion, state: AxisState, whole: readonly Interval[], m: number): number {
  const { graph, axis } = question;
  const { uses, map } = known(graph.maps[m], 'map');
  const end = known(state.ends[m], 'end');
  let first = end;
  for (const use of uses) {
    const output = known(graph.outputOf[use.layer], 'output');
    const next = known(state.ends[output], 'output end');
    if (next >= known(whole[output], 'output interval').end) continue;
    const region = sourceOf(graph, use)[axis];
    const need = inputInterval(region, { start: next, end: next + 1 }, mapSize(map, axis));
    first = Math.min(first, need.start);
  }
  return end - first;
}
