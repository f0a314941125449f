/** What a stretch of a stack's output needs of every map, going back from the sink. */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import { hull, isEmpty, type Interval } from '../base/range.js';
import type { Axis, FeatureMap, Region } from '../ir/layer.js';
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
  const source = sourceOf(graph, use);
  const { map } = known(graph.maps[graph.mapIndex.get(source.map) ?? -1], 'source map');
  return needFrom(source[axis], mapSize(map, axis), out);
}

const needFrom = (region: Region, size: number, out: Interval): Interval =>
  isEmpty(out) ? NOTHING : inputInterval(region, out, size);

/** Per streamed map, from the sink's interval up; `join` adds what a use of a map needs of it to what others do. */
export function backwards(
  graph: StackGraph,
  axis: Axis,
  sink: Interval,
  join: (others: Interval, need: Interval) => Interval,
): readonly Interval[] {
  const result: Interval[] = graph.maps.map(() => NOTHING);
  result[known(graph.outputOf[graph.sink], 'sink map')] = sink;
  for (let m = graph.maps.length - 1; m >= 0; m--) {
    const { uses, map } = known(graph.maps[m], 'map');
    if (uses.length === 0) continue;
    const size = mapSize(map, axis);
    let needed = NOTHING;
    for (const use of uses) {
      const out = known(result[known(graph.outputOf[use.layer], 'output')], 'output interval');
      needed = join(needed, needFrom(sourceOf(graph, use)[axis], size, out));
    }
    result[m] = needed;
  }
  return result;
}

/** The hull of what is needed of every map for an interval of the sink. */
export const neededIntervals = (graph: StackGraph, axis: Axis, wanted: Interval): readonly Interval[] =>
  backwards(graph, axis, wanted, hull);

/** What the whole of the sink's map needs, along each axis. */
export const neededInAll = perObject((graph: StackGraph): Readonly<Record<Axis, readonly Interval[]>> => {
  const along = (axis: Axis): readonly Interval[] => neededIntervals(graph, axis, sinkInterval(graph, axis));
  return { x: along('x'), y: along('y') };
});
