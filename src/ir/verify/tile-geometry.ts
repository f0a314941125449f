/**
 * The geometry of tile columns and rows: that it speaks of the layers and maps of its stack, in their order, and that
 * sizes along an axis agree with one another. Invariants DF4093 and DF4091 of tiles.ts.
 */
import type { Profile } from '../../base/profile.js';
import type { OverlapMode } from '../stack.js';
import type { Layer } from '../layer.js';
import type { AxisClass, AxisGeometry, LayerExtent, TiledStack } from '../tile.js';
import { each, NOTHING, sameIds, sum, type Lookup } from './find.js';

const AXES = ['columns', 'rows'] as const;
type AxisName = (typeof AXES)[number];

/** What does not belong to the layers of the stack; nothing else is looked at until this is empty. */
export function geometryFaults(lookup: Lookup, stack: TiledStack): readonly string[] {
  const { layers, inputs, columns, rows, types } = stack;
  const nests = layers.map(lookup.layer);
  if (!nests.every((nest) => nest !== undefined) || nests.length === 0)
    return [`tiles of ${layers.find((_, l) => nests[l] === undefined) ?? 'no layer'}`];
  const made = new Set(nests.map(({ output }) => output.map));
  const maps = [...inputs, ...nests.map(({ output }) => output.map)];
  const unmatched = AXES.flatMap((axis) =>
    stack[axis].flatMap(({ name, actual, cacheView }) =>
      (actual === cacheView ? [actual] : [actual, cacheView])
        .filter((geometry) => !matches(nests, maps, geometry))
        .map(() => `${axis} ${name} have the geometry of other layers`),
    ),
  );
  return [
    ...(sameIds([...inputs].sort(), readFromOutside(nests, made).sort())
      ? []
      : ['the maps from outside are others than it reads']),
    ...maps.filter((map) => lookup.map(map) === undefined).map((map) => `there is no map ${map}`),
    ...types
      .filter(({ column, row }) => columns[column] === undefined || rows[row] === undefined)
      .map(({ name }) => `tile type ${name} is of no column or row`),
    ...unmatched,
  ];
}

function readFromOutside(nests: readonly Layer[], made: ReadonlySet<string>): string[] {
  const outside = new Set<string>();
  for (const { inputs } of nests)
    for (const { path, sources } of inputs)
      if (path !== 'W') for (const { map } of sources) if (!made.has(map)) outside.add(map);
  return [...outside];
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
  return AXES.flatMap((axis) => [
    ...stack[axis].flatMap((one) => [
      ...unmet(one).map((map) => `${axis} ${one.name}: needed of ${map} is not held plus fresh`),
      ...uncomputed(stack, one).map(
        (id) => `${axis} ${one.name}: ${id} computes another size than its map has fresh`,
      ),
      ...(keeps(stack.mode, axis) ? [] : keptAnyway(one, axis)),
    ]),
    // Lengths of the published model know no border: they may add up to more than there is.
    ...(keeps(stack.mode, axis) && profile.padding === 'clipped' ? madeTwice(lookup, stack, axis) : []),
  ]);
}

const keeps = (mode: OverlapMode, axis: AxisName): boolean =>
  axis === 'columns' ? mode !== 'fully-recompute' : mode === 'fully-cached';

/** Maps of which an operand needs more than is held from before or fresh. */
function unmet({ actual }: AxisClass): readonly string[] {
  const maps = new Map(actual.maps.map((map) => [map.map, map]));
  return each(actual.layers, ({ inputs, out }) =>
    out === 0
      ? NOTHING
      : each(inputs, (sources) =>
          each(sources, ({ map, needed, overlap }) => {
            const extent = maps.get(map);
            const met = extent && overlap <= extent.held && needed - overlap <= extent.fresh;
            return met ? NOTHING : [map];
          }),
        ),
  );
}

/** Layers that compute another length than is fresh of their map; of the sink that is the tile. */
function uncomputed({ layers, inputs }: TiledStack, { tile, actual }: AxisClass): readonly string[] {
  const sink = layers.at(-1);
  // After the maps from outside come those of the layers, one by one.
  return actual.layers
    .filter(
      ({ layer, out }, l) =>
        actual.maps[inputs.length + l]?.fresh !== out || (layer === sink && out !== tile),
    )
    .map(({ layer }) => layer);
}

function keptAnyway({ name, actual }: AxisClass, axis: AxisName): readonly string[] {
  return actual.maps
    .filter(({ held, kept }) => held + kept > 0)
    .map(({ map }) => `${axis} ${name}: ${map} is kept, which the mode does not do along this axis`);
}

/** Where data is kept, every column (row) is made once: together no more than the map has. */
function madeTwice(lookup: Lookup, stack: TiledStack, axis: AxisName): readonly string[] {
  return (stack[axis][0]?.actual.maps ?? []).flatMap(({ map }, m) => {
    const made = sum(stack[axis], ({ count, actual }) => count * (actual.maps[m]?.fresh ?? 0));
    const size = lookup.map(map)?.[axis === 'columns' ? 'width' : 'height'] ?? 0;
    return made <= size ? [] : [`${made} ${axis} of ${map} are made, it has ${size}`];
  });
}
