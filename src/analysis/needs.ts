/** What a stretch of a stack's output needs of every map, going back from the sink. */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import type { Interval } from '../base/range.js';
import type { Axis } from '../ir/layer.js';
import { axisLinks, mapSize } from './axis-links.js';
import { inputEnd, neededEnd, neededStart } from './region.js';
import type { StackGraph } from './stack-graph.js';

/** The whole of the sink's map along an axis. */
export function sinkInterval(graph: StackGraph, axis: Axis): Interval {
  const { map } = known(graph.maps[known(graph.outputOf[graph.sink], 'sink map')], 'sink map');
  return { start: 0, end: mapSize(map, axis) };
}

/** Of every map what is needed: `[starts, ends)`, empty if the end is not behind the start. */
export interface Needed {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The hull of what is needed of every map for an interval of the sink. */
export function neededFor(graph: StackGraph, axis: Axis, { start, end }: Interval): Needed {
  const links = axisLinks(graph)[axis].ofMap;
  const starts = new Int32Array(links.length);
  const ends = new Int32Array(links.length);
  const sink = known(graph.outputOf[graph.sink], 'sink map');
  starts[sink] = start;
  ends[sink] = end;
  for (let m = links.length - 1; m >= 0; m--) {
    for (const { output, region, size } of links[m]!) {
      if (ends[output]! <= starts[output]!) continue;
      const from = neededStart(region, starts[output]!, ends[output]!, size);
      const to = neededEnd(region, starts[output]!, ends[output]!, size);
      if (to <= from) continue;
      const isFirst = ends[m]! <= starts[m]!;
      starts[m] = isFirst ? from : Math.min(starts[m]!, from);
      ends[m] = isFirst ? to : Math.max(ends[m]!, to);
    }
  }
  return { starts, ends };
}

/** How far every map is needed for the sink up to `end`. */
export function reachFor(graph: StackGraph, axis: Axis, end: number): Int32Array {
  const links = axisLinks(graph)[axis].ofMap;
  const ends = new Int32Array(links.length);
  ends[known(graph.outputOf[graph.sink], 'sink map')] = end;
  for (let m = links.length - 1; m >= 0; m--) {
    for (const { output, region, size } of links[m]!)
      if (ends[output]! > 0) ends[m] = Math.max(ends[m]!, inputEnd(region, ends[output]!, size));
  }
  return ends;
}

/** What the whole of the sink's map needs, along each axis. */
export const neededInAll = perObject((graph: StackGraph): Readonly<Record<Axis, Needed>> => {
  const along = (axis: Axis): Needed => neededFor(graph, axis, sinkInterval(graph, axis));
  return { x: along('x'), y: along('y') };
});

/** Columns (rows) that are needed of every map. */
export const extentsOf = ({ starts, ends }: Needed): readonly number[] =>
  Array.from(starts, (start, m) => Math.max(0, ends[m]! - start));

/** The same as intervals. */
export function neededIntervals(graph: StackGraph, axis: Axis, wanted: Interval): readonly Interval[] {
  const { starts, ends } = neededFor(graph, axis, wanted);
  return Array.from(starts, (start, m) => ({ start, end: ends[m]! }));
}
