/** How much of every layer has to be computed by any schedule at all (docs/lower-bound.md, formula 1). */
import { inputInterval } from '../analysis/region.js';
import { mapSize } from '../analysis/axis-links.js';
import { workloadIndex } from '../analysis/workload-index.js';
import type { LayerId, TensorId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import type { Axis, FeatureMap, Layer, Region, Source, Workload } from '../ir/layer.js';

/** Columns or rows that the outputs of the network need, each counted once. */
export interface NeededLines {
  /** Of a map, by all that read it together. */
  readonly ofMap: ReadonlyMap<TensorId, number>;
  /** Of the map that a source reads, by that source alone. */
  readonly bySource: ReadonlyMap<Source, number>;
}

/** `extent`: as published (`distinct`), a stride leaves so many lines, and which ones has no influence (Q16). */
export function neededLines(workload: Workload, axis: Axis, extent: Profile['strideExtent']): NeededLines {
  const index = workloadIndex(workload);
  const marks = new Map<TensorId, Uint8Array>();
  const bySource = new Map<Source, number>();
  const markOf = (id: TensorId): Uint8Array => {
    const found = marks.get(id) ?? new Uint8Array(mapSize(index.map(id), axis));
    marks.set(id, found);
    return found;
  };
  for (const layer of workload.layers.toReversed()) {
    const { map } = layer.output;
    const own = markOf(map);
    // Whatever is left to nobody is still made: it is a sink.
    if (index.isOutput(map) || index.readers(map).length === 0) own.fill(1);
    for (const source of layer.inputs.flatMap(({ sources }) => sources)) {
      const all = markOf(source.map);
      const needs = new Uint8Array(all.length);
      markNeeds(own, source[axis], needs);
      const lines = count(needs);
      if (extent === 'distinct') needs.fill(1, 0, lines).fill(0, lines);
      needs.forEach((bit, i) => (all[i]! |= bit));
      bySource.set(source, lines);
    }
  }
  return { ofMap: new Map([...marks].map(([id, mark]) => [id, count(mark)])), bySource };
}

const count = (marks: Uint8Array): number => marks.reduce((sum, bit) => sum + bit, 0);

function markNeeds(own: Uint8Array, region: Region, source: Uint8Array): void {
  if (region.kind === 'same') {
    for (let i = 0; i < source.length; i++) if (own[i] === 1) source[i] = 1;
    return;
  }
  for (let i = 0; i < own.length; i++) {
    if (own[i] === 0) continue;
    const { start, end } = inputInterval(region, { start: i, end: i + 1 }, source.length);
    // Between the elements of a dilated window there are some that nobody reads.
    const first = region.kind === 'window' ? i * region.stride - region.before : start;
    const step = region.kind === 'window' ? region.dilation : 1;
    for (let at = first; at < end; at += step) if (at >= start) source[at] = 1;
    if (region.kind === 'full') return;
  }
}

/** Layers whose first pixel the first pixel of every output needs, wherever a stack ends: they run in its first tile. */
export function runInFirstTile(workload: Workload): ReadonlySet<LayerId> {
  const index = workloadIndex(workload);
  const first = new Set<LayerId>();
  for (const { id, output } of workload.layers.toReversed()) {
    const map = index.map(output.map);
    const isNeeded = ({ id: reader, inputs }: Layer): boolean =>
      first.has(reader) &&
      inputs.every(({ sources }) =>
        sources.every((source) => source.map !== map.id || needsFirstPixel(source, map)),
      );
    if (index.readers(map.id).every(isNeeded)) first.add(id);
  }
  return first;
}

const needsFirstPixel = (source: Source, map: FeatureMap): boolean =>
  (['x', 'y'] as const).every((axis) => {
    const { start, end } = inputInterval(source[axis], { start: 0, end: 1 }, mapSize(map, axis));
    return start === 0 && end > 0;
  });
