/** What both ways of tiling an axis share: their question and the shape of their answer. */
import type { Profile } from '../base/profile.js';
import type { Axis } from '../ir/layer.js';
import type { AxisClass, AxisGeometry } from '../ir/tile.js';
import type { StackGraph, Use } from './stack-graph.js';
import type { TileGrid } from './tile-grid.js';

export interface AxisQuestion {
  readonly graph: StackGraph;
  readonly axis: Axis;
  readonly grid: TileGrid;
  /** Whether the overlap mode keeps data along this axis. */
  readonly cached: boolean;
  readonly rules: Pick<Profile, 'strideExtent' | 'cacheView'>;
}

/** Equal tiles along an axis, by what each of them makes and brings. */
export interface TileRun {
  readonly count: number;
  /** By map: columns (rows) that a tile makes or fetches. */
  readonly fresh: Float64Array;
  /** By use that was asked for: what it needs of its map that no earlier tile has had. */
  readonly brought: Float64Array;
}

export interface AxisTiling {
  /** All that is known of the tiles. */
  readonly classes: (question: AxisQuestion) => readonly AxisClass[];
  /** Only what they make and what some uses bring; the first of them begins with the first tile. */
  readonly runs: (question: AxisQuestion, uses: readonly Use[]) => readonly TileRun[];
}

/** One tile column (row), before equal ones are merged. */
export interface AxisTile {
  readonly tile: number;
  readonly actual: AxisGeometry;
  readonly cacheView: AxisGeometry;
}

/**
 * Merges tiles of equal sizes into classes, in order of first appearance. `separateEnds`: the first and the
 * last tile stay on their own (`count` tells how often an entry stands for a run of equal tiles).
 */
export function mergeTiles(
  tiles: readonly { readonly tile: AxisTile; readonly count: number }[],
  separateEnds: boolean,
): readonly AxisClass[] {
  const classes = new Map<string, { tile: AxisTile; count: number; first: boolean; last: boolean }>();
  tiles.forEach(({ tile, count }, index) => {
    const first = index === 0;
    const last = index === tiles.length - 1;
    const ends = separateEnds ? `${first} ${last} ` : '';
    const key = tiles.length === 1 ? '' : ends + sizesText(tile);
    const same = classes.get(key);
    if (same) {
      same.count += count;
      same.last ||= last;
    } else classes.set(key, { tile, count, first, last });
  });
  return named([...classes.values()].map(({ tile, ...rest }) => ({ ...tile, ...rest })));
}

/** Runs of equal tiles joined, in order of first appearance. */
export function mergeRuns(runs: readonly TileRun[]): readonly TileRun[] {
  const merged: TileRun[] = [];
  for (const run of runs) {
    const at = merged.findIndex((other) => equalRuns(run, other));
    const same = merged[at];
    if (same) merged[at] = { ...same, count: same.count + run.count };
    else merged.push(run);
  }
  return merged;
}

export const equalRuns = (one: Omit<TileRun, 'count'>, other: Omit<TileRun, 'count'>): boolean =>
  equalNumbers(one.fresh, other.fresh) && equalNumbers(one.brought, other.brought);

function equalNumbers(one: Float64Array, other: Float64Array): boolean {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** All sizes in their order: layers, operands and maps are the same in all tiles of an axis. */
function sizesText({ tile, actual, cacheView }: AxisTile): string {
  const sizes = [tile, ...geometrySizes(actual), ...(cacheView === actual ? [] : geometrySizes(cacheView))];
  return sizes.join(' ');
}

/** Of tiles of the same axis. */
export function equalSizes(one: AxisGeometry, other: AxisGeometry): boolean {
  const sizes = geometrySizes(other);
  return geometrySizes(one).every((size, i) => size === sizes[i]);
}

function geometrySizes({ layers, maps }: AxisGeometry): readonly number[] {
  const sizes: number[] = [];
  for (const { out, inputs } of layers) {
    sizes.push(out);
    for (const sources of inputs) for (const { needed, overlap } of sources) sizes.push(needed, overlap);
  }
  for (const { fresh, held, kept } of maps) sizes.push(fresh, held, kept);
  return sizes;
}

/** Names by position: `all` (one class), `first`, `last`, `edge` (both ends), and between them `inner`, `inner2`, ... */
function named(classes: readonly Omit<AxisClass, 'name'>[]): readonly AxisClass[] {
  let inner = 0;
  return classes.map((one) => {
    if (classes.length === 1) return { name: 'all', ...one };
    const end = one.first && one.last ? 'edge' : one.first ? 'first' : one.last ? 'last' : undefined;
    return { name: end ?? (inner++ === 0 ? 'inner' : `inner${inner}`), ...one };
  });
}
