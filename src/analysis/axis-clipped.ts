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
import { length, type Interval } from '../base/range.js';
import type { AxisClass, AxisGeometry, LayerExtent, MapExtent, SourceExtent } from '../ir/tile.js';
import {
  equalRuns,
  equalSizes,
  mergeRuns,
  mergeTiles,
  type AxisQuestion,
  type AxisTiling,
  type TileRun,
} from './axis.js';
import { axisLinks, linkOfUse, type Link } from './axis-links.js';
import { forEitherAxis } from './square-axes.js';
import { advance, endIndex, firstIndex, inputStart, neededEnd, neededStart } from './region.js';
import { neededFor, neededInAll, reachFor, type Needed } from './needs.js';
import type { StackGraph } from './stack-graph.js';
import { tileInterval } from './tile-grid.js';

export const clippedAxis: AxisTiling = {
  classes: forEitherAxis(classesOf),
  runs(question, uses) {
    const links = uses.map((use) => linkOfUse(question.graph, question.axis, use));
    const sizesOf = (step: Step): Omit<TileRun, 'count'> => runOf(question, links, step);
    const tiles = tilesOf(question, sizesOf, equalRuns);
    return mergeRuns(tiles.map(({ sizes: { fresh, brought }, count }) => ({ count, fresh, brought })));
  },
};

function classesOf(question: AxisQuestion): readonly AxisClass[] {
  const sizesOf = (step: Step): AxisGeometry => geometryOf(question, step);
  const tiles = tilesOf(question, sizesOf, equalSizes).map(({ wanted, sizes, count }) => ({
    tile: { tile: length(wanted), actual: sizes, cacheView: sizes },
    count,
  }));
  return mergeTiles(tiles, question.cached);
}

/** What one tile computes of every streamed map, to where the map is available after it. */
type AxisState = Needed;

/** A tile, the one before, and what the whole output needs. */
interface Step {
  readonly state: AxisState;
  readonly before: AxisState | undefined;
  readonly whole: AxisState;
}

interface SizedTile<T> {
  readonly wanted: Interval;
  readonly sizes: T;
  /** Tiles like it from here on, itself included. */
  readonly count: number;
}

/** All tiles one after another; those that go on like the one before are not looked at. */
function tilesOf<T>(
  question: AxisQuestion,
  sizesOf: (step: Step) => T,
  areEqual: (one: T, other: T) => boolean,
): readonly SizedTile<T>[] {
  const { graph, axis, grid, cached } = question;
  const tiles: SizedTile<T>[] = [];
  let before: AxisState | undefined;
  let last: T | undefined;
  const whole = neededInAll(graph)[axis];
  for (let c = 0; c < grid.count;) {
    const wanted = tileInterval(grid, c);
    const state = cached ? cachedState(question, wanted.end, before, whole) : neededFor(graph, axis, wanted);
    const sizes = sizesOf({ state, before, whole });
    const isLikeLast = before !== undefined && last !== undefined && areEqual(sizes, last);
    const repeated = isLikeLast ? alikeAfter(question, before!, state, whole) : 0;
    tiles.push({ wanted, sizes, count: 1 + repeated });
    before = repeated === 0 ? state : after(state, before!, repeated);
    last = sizes;
    c += 1 + repeated;
  }
  return tiles;
}

/**
 * How many tiles follow of which each advances every map as the last one did, before any map comes to its end and before
 * any use comes to a border or leaves one: 0 unless that is certain.
 */
function alikeAfter(
  { graph, axis }: AxisQuestion,
  before: AxisState,
  state: AxisState,
  whole: AxisState,
): number {
  const { ofMap } = axisLinks(graph)[axis];
  const paces = state.ends.map((end, m) => end - before.ends[m]!);
  let alike = Infinity;
  for (let m = 0; m < paces.length; m++) {
    const pace = paces[m]!;
    const left = whole.ends[m]! - state.ends[m]!;
    // At its end it has to stay as it is.
    const stays = left <= 0 && pace === 0 && state.starts[m]! === before.starts[m]!;
    if (!stays && (left <= 0 || pace <= 0)) return 0;
    if (!stays) alike = Math.min(alike, Math.ceil(left / pace) - 1);
    for (const link of ofMap[m]!) {
      if (!stays && paceOf(link, paces) !== pace) return 0;
      alike = Math.min(alike, evenTiles(link, state, paces[link.output]!));
      if (alike <= 0) return 0;
    }
  }
  return alike === Infinity ? 0 : alike;
}

/** How far a use of a map advances what is needed of it; NaN: not evenly. */
const paceOf = ({ region, output }: Link, paces: Int32Array): number =>
  region.kind === 'scale' ? NaN : advance(region) * paces[output]!;

/**
 * For how many tiles a use goes on as from the last tile to this one. What it asks for is cut off at the borders, so that
 * its first column stays at the near one for a while, and then moves; so does what the next tile asks for, which is kept.
 */
function evenTiles({ region, output, size }: Link, { starts, ends }: AxisState, pace: number): number {
  if (pace === 0 || region.kind === 'full') return Infinity;
  const [start, end] = [starts[output]!, ends[output]!];
  const edges = [firstIndex(region, start), firstIndex(region, end), endIndex(region, end, size)];
  // Unevenly, unless it is all of the map.
  if (region.kind === 'scale' && (edges[0]! > 0 || edges[2]! < size)) return 0;
  const step = advance(region) * pace;
  let tiles = Infinity;
  for (const edge of edges)
    for (const border of [0, size])
      if (edge - step < border) tiles = Math.min(tiles, Math.floor((border - edge) / step));
  return tiles;
}

/** The state so many tiles on, if each advances what the last one did. */
function after(state: AxisState, before: AxisState, tiles: number): AxisState {
  const pace = (m: number): number => tiles * (state.ends[m]! - before.ends[m]!);
  return {
    starts: state.starts.map((start, m) => start + pace(m)),
    ends: state.ends.map((end, m) => end + pace(m)),
  };
}

function cachedState(
  { graph, axis }: AxisQuestion,
  sinkEnd: number,
  before: AxisState | undefined,
  whole: AxisState,
): AxisState {
  const reach = reachFor(graph, axis, sinkEnd);
  const starts = before?.ends ?? whole.starts;
  return { starts, ends: reach.map((end, m) => Math.max(end, starts[m]!)) };
}

function runOf(
  { cached }: AxisQuestion,
  links: readonly Link[],
  { state, before }: Step,
): Omit<TileRun, 'count'> {
  const brought = new Float64Array(links.length);
  links.forEach((link, u) => {
    const { needed, overlap } = extentOf(link, state, cached ? before : undefined);
    brought[u] = needed - overlap;
  });
  return { fresh: Float64Array.from(state.ends, (_, m) => lengthOf(state, m)), brought };
}

const lengthOf = ({ starts, ends }: AxisState, m: number): number => Math.max(0, ends[m]! - starts[m]!);

function geometryOf({ graph, axis, cached }: AxisQuestion, step: Step): AxisGeometry {
  const { ofLayer, ofMap } = axisLinks(graph)[axis];
  const { state, whole } = step;
  const before = cached ? step.before : undefined;
  const layers = graph.layers.map((layer, l): LayerExtent => {
    const inputs = layer.inputs.map((): SourceExtent[] => []);
    for (const link of ofLayer[l]!) inputs[link.use.input]!.push(sourceExtent(graph, link, state, before));
    return { layer: layer.id, out: lengthOf(state, known(graph.outputOf[l], 'output')), inputs };
  });
  const maps = graph.maps.map(({ map }, m): MapExtent => ({
    map: map.id,
    fresh: lengthOf(state, m),
    held: before ? keptAfter(ofMap[m]!, before, whole, m) : 0,
    kept: cached ? keptAfter(ofMap[m]!, state, whole, m) : 0,
  }));
  return { layers, maps };
}

/** What a use needs for the tile, and what of it was there before. */
function extentOf(
  { map, output, region, size }: Link,
  { starts, ends }: AxisState,
  before: AxisState | undefined,
): { readonly needed: number; readonly overlap: number } {
  const [first, end] = [starts[output]!, ends[output]!];
  if (end <= first) return NO_EXTENT;
  const start = neededStart(region, first, end, size);
  const stop = neededEnd(region, first, end, size);
  const overlap = before ? Math.max(0, Math.min(before.ends[map]!, stop) - start) : 0;
  return { needed: Math.max(0, stop - start), overlap };
}

const NO_EXTENT = { needed: 0, overlap: 0 };

function sourceExtent(
  { maps }: StackGraph,
  link: Link,
  state: AxisState,
  before: AxisState | undefined,
): SourceExtent {
  const { needed, overlap } = extentOf(link, state, before);
  return { map: known(maps[link.map], 'map').map.id, needed, overlap };
}

/**
 * Columns (rows) of a map, available up to `state.ends`, that some consumer will still need: one that has not yet come
 * to the end of what the stack's output needs of it (behind strides that may be less than its whole map).
 */
function keptAfter(links: readonly Link[], state: AxisState, whole: AxisState, m: number): number {
  let first = Infinity;
  for (const { output, region, size } of links) {
    const next = state.ends[output]!;
    if (next < whole.ends[output]!) first = Math.min(first, inputStart(region, next, size));
  }
  return first === Infinity ? 0 : Math.max(0, state.ends[m]! - first);
}
