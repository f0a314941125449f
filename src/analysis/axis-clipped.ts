/**
 * Tiling along one axis, exactly: intervals of real columns, clipped at the feature-map border.
 *
 * With data kept along the axis, a map has been computed up to column E(c) after tile c. E of the sink is the
 * end of its tile; E of any other map is the furthest end of the regions that its consumers, computed up to
 * their own E, need. A tile computes `[E(c-1), E(c))` of every map and keeps from the first column that any
 * consumer still needs to E(c): so branches that lag behind are stored and read by construction, and
 * kept + fresh = needed holds for every operand.
 * Without, a tile needs of every map the hull of what its consumers need, and computes all of it.
 */
import { known } from '../base/assert.js';
import { length, type Interval } from '../base/range.js';
import type { AxisGeometry, LayerExtent, MapExtent, SourceExtent } from '../ir/tile.js';
import { mergeTiles, type AxisQuestion, type AxisTile, type AxisTiling } from './axis.js';
import { inputInterval } from './region.js';
import { backwards, mapSize, needOf, neededIntervals, sinkInterval } from './needs.js';
import { isStationary, sourceOf, type Use } from './stack-graph.js';
import { tileInterval } from './tile-grid.js';

export const clippedAxis: AxisTiling = (question) => {
  const { graph, axis, grid, cached } = question;
  const tiles: { tile: AxisTile; count: number }[] = [];
  let before: AxisState | undefined;
  const whole = neededIntervals(graph, axis, sinkInterval(graph, axis));
  for (let c = 0; c < grid.count; c++) {
    const wanted = tileInterval(grid, c);
    const state = cached
      ? cachedState(question, wanted.end, before, whole)
      : recomputedState(question, wanted);
    const geometry = geometryOf(question, state, before, whole);
    tiles.push({ tile: { tile: length(wanted), actual: geometry, cacheView: geometry }, count: 1 });
    before = state;
  }
  return mergeTiles(tiles, cached);
};

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
  const reach = backwards(graph, axis, { start: 0, end: sinkEnd }, (needs) => ({
    start: 0,
    end: Math.max(...needs.map((need) => need.end)),
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
        ? []
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

function sourceExtent(
  question: AxisQuestion,
  use: Use,
  out: Interval,
  before: AxisState | undefined,
): SourceExtent {
  const { map } = sourceOf(question.graph, use);
  const needed = needOf(question.graph, question.axis, use, out);
  const had = before?.ends[question.graph.mapIndex.get(map) ?? -1] ?? 0;
  const overlap =
    question.cached && before ? length({ start: needed.start, end: Math.min(had, needed.end) }) : 0;
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
  const starts = uses.flatMap((use) => {
    const output = known(graph.outputOf[use.layer], 'output');
    const next = known(state.ends[output], 'output end');
    if (next >= known(whole[output], 'output interval').end) return [];
    return [
      inputInterval(sourceOf(graph, use)[axis], { start: next, end: next + 1 }, mapSize(map, axis)).start,
    ];
  });
  return starts.length === 0 ? 0 : Math.max(0, end - Math.min(...starts));
}
