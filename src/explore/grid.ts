/**
 * The points of a grid in their one order: stack rule in code-unit order, mode as they are listed everywhere, then
 * columns, rows and heads of the tile, ascending, the whole last. However the lists are written, the points are equal.
 */
import { OVERLAP_MODES, sizesText, type OverlapMode, type TileSize } from '../ir/stack.js';

/** A schedule of the whole network: one tile and mode for all stacks. */
export interface SchedulePoint {
  /** A stack rule, or cuts by layer name: `a,b,c`. */
  readonly stacks: string;
  readonly mode: OverlapMode;
  /** As requested; stacks with smaller maps clamp it. */
  readonly tile: TileSize;
}

export interface Grid {
  readonly stacks: readonly string[];
  readonly modes: readonly OverlapMode[];
  readonly tiles: readonly TileSize[];
}

const size = (tiles: number | 'full' = 'full'): number => (tiles === 'full' ? Infinity : tiles);
const codeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Two whole maps are Infinity each, and their difference is no number. */
const ascending = (a: number, b: number): number => (a === b ? 0 : a - b);

export const comparePoints = (a: SchedulePoint, b: SchedulePoint): number =>
  codeUnits(a.stacks, b.stacks) ||
  OVERLAP_MODES.indexOf(a.mode) - OVERLAP_MODES.indexOf(b.mode) ||
  ascending(size(a.tile.x), size(b.tile.x)) ||
  ascending(size(a.tile.y), size(b.tile.y)) ||
  ascending(size(a.tile.heads), size(b.tile.heads));

export const pointText = ({ stacks, mode, tile }: SchedulePoint): string =>
  `${stacks} ${mode} ${sizesText(tile)}`;

/** Every combination, once. */
export function pointsOf({ stacks, modes, tiles }: Grid): readonly SchedulePoint[] {
  const points = stacks.flatMap((rule) =>
    modes.flatMap((mode) => tiles.map((tile): SchedulePoint => ({ stacks: rule, mode, tile }))),
  );
  return [...new Map(points.map((point) => [pointText(point), point])).values()].sort(comparePoints);
}

/** Part `index` (from 1) of `count`: every count-th point, so that all parts have about the same to do. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const inShard = <T>(items: readonly T[], { index, count }: Shard): readonly T[] =>
  items.filter((_, position) => position % count === index - 1);
