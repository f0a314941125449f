/**
 * Invariants of the tiles facet:
 * - every stack is tiled, in order, with its own layers, mode and tile, and every class of columns and rows has the
 *   geometry of exactly these layers and their maps (DF4093);
 * - the tiles of a stack cover its output exactly once: classes add up to the grid and to the map, types to every
 *   pair of classes, and the origin is a single tile, in every part of the heads (DF4090), which its layers keep apart
 *   (DF4093);
 * - along an axis, what an operand needs is either held from the tile before or fresh in this one (DF4091; lagging
 *   branches and strides beyond the kernel break it in the published model, Q16 and Q17: a note there);
 * - MACs are those of the tiles, recomputed ones not negative, and none when everything that is shared is kept
 *   (DF4092; the published model counts columns that strides leave out, Q16: a note there).
 * How the geometry hangs together: tile-geometry.ts.
 */
import type { Profile } from '../../base/profile.js';
import type { Diagnostic, Severity } from '../../diag/diagnostic.js';
import { headTile, partsOf, workloadOfPart } from '../heads.js';
import type { Workload } from '../layer.js';
import type { Stack, StackPlan, TileSize } from '../stack.js';
import type { TiledStack, TilePlan } from '../tile.js';
import { broken, each, NOTHING, sameIds, sum } from './find.js';
import { lookupIn, type Lookup } from '../lookup.js';
import { geometryFaults, unmetNeeds } from './tile-geometry.js';

/** Without a plan (stacks are a facet of their own) tiles are held against the layers alone. */
export function verifyTiles(
  workload: Workload,
  plan: StackPlan | undefined,
  tiles: TilePlan,
  profile: Profile,
): Diagnostic[] {
  const published = profile.padding !== 'clipped';
  return [
    ...(plan === undefined ? [] : planned(lookupIn(workload), plan, tiles)),
    ...each(tiles.stacks, (stack) => {
      const uneven = wrongHeads(lookupIn(workload), stack);
      if (uneven !== undefined) return [broken('tiles', 'DF4093', stack.stack, uneven)];
      const lookup = lookupIn(workloadOfPart(workload, stack));
      const structure = geometryFaults(lookup, stack).map((fault) =>
        broken('tiles', 'DF4093', stack.stack, fault),
      );
      // What follows walks the geometry.
      if (structure.length > 0) return structure;
      const uncovered = coverage(lookup, stack);
      const unmet = unmetNeeds(lookup, stack, profile);
      const miscounted = macs(lookup, stack, published);
      if (uncovered.length + unmet.length + miscounted.length === 0) return NOTHING;
      return [
        ...uncovered,
        ...unmet.map((fault) => quirk('DF4091', stack, fault, published, 'Q16, Q17')),
        ...miscounted,
      ];
    }),
  ];
}

/** An error, or in a profile that follows the published model a note that names what it does. */
function quirk(
  code: 'DF4091' | 'DF4092',
  { stack }: TiledStack,
  fault: string,
  published: boolean,
  quirks: string,
): Diagnostic {
  const severity: Severity = published ? 'note' : 'error';
  return broken('tiles', code, stack, published ? `${fault}, as published (${quirks})` : fault, severity);
}

function planned(lookup: Lookup, plan: StackPlan, tiles: TilePlan): Diagnostic[] {
  const faults = each(plan.stacks, (stack, i): readonly Diagnostic[] => {
    const tiled = tiles.stacks[i];
    if (tiled?.stack !== stack.id) return [broken('tiles', 'DF4093', stack.id, 'is not tiled in its place')];
    const found = [...clamped(lookup, stack, tiled)];
    if (tiled.mode !== stack.mode) found.unshift(`tiled in mode ${tiled.mode}, planned in ${stack.mode}`);
    if (!sameIds(tiled.layers, stack.layers)) found.unshift('the tiles are of other layers');
    return found.map((fault) => broken('tiles', 'DF4093', stack.id, fault));
  });
  const more = tiles.stacks.slice(plan.stacks.length);
  return [...faults, ...more.map(({ stack }) => broken('tiles', 'DF4093', stack, 'is in no plan'))];
}

/** Parts of heads that its layers have not, or not with so many heads. */
function wrongHeads(lookup: Lookup, { layers, heads }: TiledStack): string | undefined {
  if (heads === undefined) return undefined;
  const found = headTile(
    layers.flatMap((id) => lookup.layer(id) ?? []),
    heads.tile,
  );
  return found !== undefined && 'of' in found && found.of === heads.of
    ? undefined
    : `${heads.tile} of ${heads.of} heads at a time, which its layers do not bear`;
}

/** The tile asked for, as far as the map reaches. */
function clamped(lookup: Lookup, { tile, layers }: Stack, tiled: TiledStack): readonly string[] {
  const map = lookup.map(lookup.layer(layers.at(-1) ?? '')?.output.map ?? '');
  const size = (wanted: TileSize['x'], most: number): number =>
    wanted === 'full' ? most : Math.min(wanted, most);
  if (map === undefined) return ['the sink has no map'];
  const [x, y] = [size(tile.x, map.width), size(tile.y, map.height)];
  if (tiled.heads !== undefined && tiled.heads.tile !== tile.heads)
    return [`tiled ${tiled.heads.tile} heads at a time, ${tile.heads ?? 'all'} planned`];
  return tiled.tile.x === x && tiled.tile.y === y
    ? []
    : [`tiles of ${tiled.tile.x}x${tiled.tile.y}, ${x}x${y} planned`];
}

function coverage(lookup: Lookup, stack: TiledStack): readonly Diagnostic[] {
  const { grid, columns, rows, types, tile } = stack;
  const map = lookup.map(lookup.layer(stack.layers.at(-1) ?? '')?.output.map ?? '');
  const width = map?.width ?? 0;
  const height = map?.height ?? 0;
  const parts = partsOf(stack);
  let faults: Diagnostic[] | undefined;
  const check = (what: string | (() => string), found: number, expected: number): void => {
    if (found === expected) return;
    const name = typeof what === 'string' ? what : what();
    const fault = `${found} ${name}, ${expected} expected`;
    (faults ??= []).push(broken('tiles', 'DF4090', stack.stack, fault));
  };
  const origin = types[0]?.origin === true && types[0].column + types[0].row === 0;
  check(
    'tile columns',
    sum(columns, ({ count }) => count),
    grid.x,
  );
  check(
    'tile rows',
    sum(rows, ({ count }) => count),
    grid.y,
  );
  check('tile columns of the grid', grid.x, Math.ceil(width / tile.x));
  check('tile rows of the grid', grid.y, Math.ceil(height / tile.y));
  check(
    'output columns',
    sum(columns, (c) => c.count * c.tile),
    width,
  );
  check(
    'output rows',
    sum(rows, (r) => r.count * r.tile),
    height,
  );
  check(
    'tiles',
    sum(types, ({ count }) => count),
    grid.x * grid.y * parts,
  );
  check(
    'origin tiles',
    sum(types, (type) => (type.origin ? type.count : 0)),
    parts,
  );
  check('tiles at the origin', origin ? 1 : 0, 1);
  if (types.length > 1)
    check('names of tile types', new Set(types.map(({ name }) => name)).size, types.length);
  const counts = new Map<number, number>();
  for (const { column, row, count } of types) {
    const pair = column * rows.length + row;
    counts.set(pair, (counts.get(pair) ?? 0) + count);
  }
  columns.forEach((column, c) => {
    rows.forEach((row, r) => {
      const name = (): string => `tiles in column ${column.name}, row ${row.name}`;
      check(name, counts.get(c * rows.length + r) ?? 0, column.count * row.count * parts);
    });
  });
  return faults ?? NOTHING;
}

/** MACs by output pixels, layer by layer. */
function macs(lookup: Lookup, stack: TiledStack, published: boolean): readonly Diagnostic[] {
  const { mode, layers, types, columns, rows, recomputedMacs } = stack;
  let counted = 0;
  for (let l = 0; l < layers.length; l++) {
    const layer = lookup.layer(layers[l]!);
    const map = lookup.map(layer?.output.map ?? '');
    if (layer === undefined || map === undefined) continue;
    const pixels = sum(
      types,
      ({ count, column, row }) =>
        count * (columns[column]?.actual.layers[l]?.out ?? 0) * (rows[row]?.actual.layers[l]?.out ?? 0),
    );
    counted += Math.round((layer.macs * pixels) / (map.width * map.height));
  }
  const sane = mode === 'fully-cached' ? recomputedMacs === 0 : recomputedMacs >= 0;
  if (counted === stack.macs && sane) return NOTHING;
  return [
    ...(counted === stack.macs
      ? []
      : [broken('tiles', 'DF4092', stack.stack, `${stack.macs} MACs, those of its tiles are ${counted}`)]),
    ...(sane
      ? []
      : [quirk('DF4092', stack, `${recomputedMacs} MACs recomputed in mode ${mode}`, published, 'Q16')]),
  ];
}
