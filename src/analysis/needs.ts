/** What a stretch of a stack's output needs of every map, going back from the sink. */
import { known } from '../base/assert.js';
import { hull, isEmpty, type Interval } from '../base/range.js';
import type { Axis, FeatureMap } from '../ir/layer.js';
import { inputInterval } from './region.js';
import { sourceOf, type StackGraph, type Use } from './stack-graph.js';

export const NOTHING: Interval = { start: 0, end: 0 };

export const mapSize = (map: FeatureMap, axis: Axis): number => (axis === 'x' ? map.width : map.height);

/** The whole of the sink's map along an axis. */
export function sinkInterval(graph: StackGraph, axis: Axis): Interval {
  const { map } = known(graph.maps[known(graph.outputOf[graph.sink], 'sink map')], 'sink map');
  return { start: 0, end: mapSize(map, axis) };
}

/** What one use needs of its source for an interval of its layer's output. */
export function needOf(graph: StackGraph, axis: Axis, use: Use, out: Interval): Interval {
  if (isEmpty(out)) return NOTHING;
  const source = sourceOf(graph, use);
  const { map } = known(graph.maps[graph.mapIndex.get(source.map) ?? -1], 'source map');
  return inputInterval(source[axis], out, mapSize(map, axis));
}

/** Per streamed map, from the sink's interval up; `combine` joins what the uses of a map need of it. */
export function backwards(
  graph: StackGraph,
  axis: Axis,
  sink: Interval,
  combine: (needs: readonly Interval[]) => Interval,
): readonly Interval[] {
  const result: Interval[] = graph.maps.map(() => NOTHING);
  result[known(graph.outputOf[graph.sink], 'sink map')] = sink;
  for (let m = graph.maps.length - 1; m >= 0; m--) {
    const { uses } = known(graph.maps[m], 'map');
    if (uses.length === 0) continue;
    result[m] = combine(
      uses.map((use) => {
        const output = known(graph.outputOf[use.layer], 'output');
        return needOf(graph, axis, use, known(result[output], 'output interval'));
      }),
    );
  }
  return result;
}

/** The hull of what is needed of every map for an interval of the sink. */
export const neededIntervals = (graph: StackGraph, axis: Axis, wanted: Interval): readonly Interval[] =>
  backwards(graph, axis, wanted, (needs) => needs.reduce(hull, NOTHING));
