/**
 * The geometry of tile columns and rows: that it speaks of the layers and maps of its stack, in their order, and that
 * sizes along an axis agree with one another. Invariants DF4093 and DF4091 of tiles.ts.
 */
import type { Profile } from '../../base/profile.js';
import type { OverlapMode } from '../stack.js';
import type { AxisClass, AxisGeometry, TiledStack } from '../tile.js';
import { sameIds, sum, type Lookup } from './find.js';

const AXES = ['columns', 'rows'] as const;
type AxisName = (typeof AXES)[number];

/** What does not belong to the layers of the stack; nothing else is looked at until this is empty. */
export function geometryFaults(lookup: Lookup, stack: TiledStack): readonly string[] {
  const { layers, inputs, columns, rows, types } = stack;
  const unknown = layers.filter((id) => lookup.layer(id) === undefined);
  if (unknown.length > 0 || layers.length === 0) return [`tiles of ${unknown[0] ?? 'no layer'}`];
  const outputs = layers.flatMap((id) => lookup.layer(id)?.output.map ?? []);
  const read = layers.flatMap((id) =>
    (lookup.layer(id)?.inputs ?? []).flatMap(({ path, sources }) =>
      path === 'W' ? [] : sources.map(({ map }) => map),
    ),
  );
  const made = new Set(outputs);
  const outside = [...new Set(read.filter((map) => !made.has(map)))];
  const maps = [...inputs, ...outputs];
  const unmatched = AXES.flatMap((axis) =>
    stack[axis].flatMap(({ name, actual, cacheView }) =>
      [actual, cacheView]
        .filter((geometry) => !matches(lookup, stack, maps, geometry))
        .map(() => `${axis} ${name} have the geometry of other layers`),
    ),
  );
  return [
    ...(sameIds([...inputs].sort(), outside.sort())
      ? []
      : ['the maps from outside are others than it reads']),
    ...maps.filter((map) => lookup.map(map) === undefined).map((map) => `there is no map ${map}`),
    ...types
      .filter(({ column, row }) => columns[column] === undefined || rows[row] === undefined)
      .map(({ name }) => `tile type ${name} is of no column or row`),
    ...unmatched,
  ];
}

function matches(
  lookup: Lookup,
  { layers }: TiledStack,
  maps: readonly string[],
  geometry: AxisGeometry,
): boolean {
  return (
    sameIds(
      geometry.layers.map(({ layer }) => layer),
      layers,
    ) &&
    sameIds(
      geometry.maps.map(({ map }) => map),
      maps,
    ) &&
    geometry.layers.every(({ layer, inputs }) => {
      const operands = lookup.layer(layer)?.inputs ?? [];
      return (
        inputs.length === operands.length &&
        operands.every(({ path, sources }, i) =>
          sameIds(
            (inputs[i] ?? []).map(({ map }) => map),
            path === 'W' ? [] : sources.map(({ map }) => map),
          ),
        )
      );
    })
  );
}

/** Sizes along an axis that contradict one another. */
export function unmetNeeds(lookup: Lookup, stack: TiledStack, profile: Profile): readonly string[] {
  return AXES.flatMap((axis) => [
    ...stack[axis].flatMap((one) => [
      ...unmet(one).map((map) => `${axis} ${one.name}: needed of ${map} is not held plus fresh`),
      ...uncomputed(lookup, stack, one).map(
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
  return actual.layers.flatMap((layer) =>
    layer.inputs.flat().flatMap(({ map, needed, overlap }) => {
      const extent = maps.get(map);
      const met = extent && overlap <= extent.held && needed - overlap <= extent.fresh;
      return met || layer.out === 0 ? [] : [map];
    }),
  );
}

/** Layers that compute another length than is fresh of their map; of the sink that is the tile. */
function uncomputed(lookup: Lookup, { layers }: TiledStack, { tile, actual }: AxisClass): readonly string[] {
  const fresh = new Map(actual.maps.map(({ map, fresh: length }) => [map, length]));
  return actual.layers.flatMap(({ layer, out }) => {
    const map = lookup.layer(layer)?.output.map;
    const whole = layer !== layers.at(-1) || out === tile;
    return map !== undefined && fresh.get(map) === out && whole ? [] : [layer];
  });
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
