/**
 * The geometry of tile columns and rows: that it speaks of the layers and maps of its stack, in their order, and that
 * sizes along an axis agree with one another. Invariants DF4093 and DF4091 of tiles.ts.
 */
import type { Profile } from '../../base/profile.js';
import type { OverlapMode } from '../stack.js';
import type { Layer, Source } from '../layer.js';
import type { AxisClass, AxisGeometry, LayerExtent, TiledStack } from '../tile.js';
import { each, NOTHING, sum } from './find.js';
import type { Lookup } from '../lookup.js';

const AXES = ['columns', 'rows'] as const;
type AxisName = (typeof AXES)[number];

/** What does not belong to the layers of the stack; nothing else is looked at until this is empty. */
export function geometryFaults(lookup: Lookup, stack: TiledStack): readonly string[] {
  const { layers, inputs, columns, rows, types } = stack;
  const nests = layers.map(lookup.layer);
  if (!nests.every((nest) => nest !== undefined) || nests.length === 0)
    return [`tiles of ${layers.find((_, l) => nests[l] === undefined) ?? 'no layer'}`];
  const made = nests.map(({ output }) => output.map);
  const maps = [...inputs, ...made];
  const outside = readFromOutside(nests, new Set(made));
  // Columns and rows of square stacks have one geometry between them, and it is looked at once.
  const matching = new Set<AxisGeometry>();
  const isOurs = (geometry: AxisGeometry): boolean => {
    const ours = matching.has(geometry) || matches(nests, maps, geometry);
    if (ours) matching.add(geometry);
    return ours;
  };
  const faults: string[] = [];
  const named = new Set<string>(inputs);
  if (inputs.length !== named.size || named.size !== outside.size || !inputs.every((map) => outside.has(map)))
    faults.push('the maps from outside are others than it reads');
  for (const map of maps) if (lookup.map(map) === undefined) faults.push(`there is no map ${map}`);
  for (const { column, row, name } of types)
    if (columns[column] === undefined || rows[row] === undefined)
      faults.push(`tile type ${name} is of no column or row`);
  for (const axis of AXES)
    for (const { name, actual, cacheView } of stack[axis])
      for (const geometry of actual === cacheView ? [actual] : [actual, cacheView])
        if (!isOurs(geometry)) faults.push(`${axis} ${name} have the geometry of other layers`);
  return faults;
}

function readFromOutside(nests: readonly Layer[], made: ReadonlySet<string>): ReadonlySet<string> {
  const outside = new Set<string>();
  const read = ({ map }: Source): void => {
    if (!made.has(map)) outside.add(map);
  };
  nests.forEach(({ inputs }) =>
    inputs.forEach(({ path, sources }) => {
      if (path !== 'W') sources.forEach(read);
    }),
  );
  return outside;
}

/** The layers, their operands and the maps, one by one and in this order. */
const matches = (nests: readonly Layer[], maps: readonly string[], geometry: AxisGeometry): boolean =>
  geometry.maps.length === maps.length &&
  geometry.maps.every(({ map }, m) => map === maps[m]) &&
  geometry.layers.length === nests.length &&
  geometry.layers.every((extent, l) => isOf(extent, nests[l]));

const isOf = ({ layer, inputs }: LayerExtent, nest: Layer | undefined): boolean =>
  layer === nest?.id &&
  inputs.length === nest.inputs.length &&
  nest.inputs.every(({ path, sources }, i) => {
    const extents = inputs[i] ?? [];
    const streamed = path === 'W' ? 0 : sources.length;
    return extents.length === streamed && extents.every(({ map }, s) => map === sources[s]?.map);
  });

/** Sizes along an axis that contradict one another. */
export function unmetNeeds(lookup: Lookup, stack: TiledStack, profile: Profile): readonly string[] {
  return each(AXES, (axis) => {
    const classes = each(stack[axis], (one) => {
      const kept = keeps(stack.mode, axis) ? NOTHING : keptAnyway(one, axis);
      const found = [...unmet(one, axis), ...uncomputed(stack, one, axis)];
      return found.length + kept.length === 0 ? NOTHING : [...found, ...kept];
    });
    // Lengths of the published model know no border: they may add up to more than there is.
    const bounded = keeps(stack.mode, axis) && profile.padding === 'clipped';
    return bounded ? [...classes, ...madeTwice(lookup, stack, axis)] : classes;
  });
}

const keeps = (mode: OverlapMode, axis: AxisName): boolean =>
  axis === 'columns' ? mode !== 'fully-recompute' : mode === 'fully-cached';

/** Maps of which an operand needs more than is held from before or fresh. */
function unmet({ name, actual }: AxisClass, axis: AxisName): readonly string[] {
  const maps = new Map(actual.maps.map((map) => [map.map, map]));
  return each(actual.layers, ({ inputs, out }) =>
    out === 0
      ? NOTHING
      : each(inputs, (sources) =>
          each(sources, ({ map, needed, overlap }) => {
            const extent = maps.get(map);
            const met = extent && overlap <= extent.held && needed - overlap <= extent.fresh;
            return met ? NOTHING : [`${axis} ${name}: needed of ${map} is not held plus fresh`];
          }),
        ),
  );
}

/** Layers that compute another length than is fresh of their map; of the sink that is the tile. */
function uncomputed(
  { layers, inputs }: TiledStack,
  { name, tile, actual }: AxisClass,
  axis: AxisName,
): readonly string[] {
  const sink = layers.at(-1);
  // After the maps from outside come those of the layers, one by one.
  return each(actual.layers, ({ layer, out }, l) =>
    actual.maps[inputs.length + l]?.fresh === out && (layer !== sink || out === tile)
      ? NOTHING
      : [`${axis} ${name}: ${layer} computes another size than its map has fresh`],
  );
}

const keptAnyway = ({ name, actual }: AxisClass, axis: AxisName): readonly string[] =>
  each(actual.maps, ({ map, held, kept }) =>
    held + kept === 0
      ? NOTHING
      : [`${axis} ${name}: ${map} is kept, which the mode does not do along this axis`],
  );

/** Where data is kept, every column (row) is made once: together no more than the map has. */
const madeTwice = (lookup: Lookup, stack: TiledStack, axis: AxisName): readonly string[] =>
  each(stack[axis][0]?.actual.maps ?? NOTHING, ({ map }, m) => {
    const made = sum(stack[axis], ({ count, actual }) => count * (actual.maps[m]?.fresh ?? 0));
    const size = lookup.map(map)?.[axis === 'columns' ? 'width' : 'height'] ?? 0;
    return made <= size ? NOTHING : [`${made} ${axis} of ${map} are made, it has ${size}`];
  });
