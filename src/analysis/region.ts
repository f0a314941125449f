/** Regions: which interval of an input axis an interval of output indices needs. */
import { unreachable } from '../base/assert.js';
import { gcd } from '../base/gcd.js';
import type { Interval } from '../base/range.js';
import type { Border, Region } from '../ir/layer.js';

/** Input indices that output indices `out` need, clipped to the source map of `size` columns (rows): not empty ones. */
export const inputInterval = (region: Region, out: Interval, size: number): Interval => ({
  start: neededStart(region, out.start, out.end, size),
  end: neededEnd(region, out.start, out.end, size),
});

/**
 * Start and end of what outputs from `start` to `end` need, and no others. Only where outputs beyond a border take what
 * lies within it is that less than what outputs from `start` on and those before `end` have in common.
 */
export function neededStart(region: Region, start: number, end: number, size: number): number {
  if (region.kind !== 'scale' || region.border === undefined) return inputStart(region, start, size);
  const [first, last] = [firstIndex(region, start), endIndex(region, end, size) - 1];
  if (first < 0 && last >= 0) return 0;
  return Math.min(within(region.border, first, size), within(region.border, last, size));
}

export function neededEnd(region: Region, start: number, end: number, size: number): number {
  if (region.kind !== 'scale' || region.border === undefined) return inputEnd(region, end, size);
  const [first, last] = [firstIndex(region, start), endIndex(region, end, size) - 1];
  if (first < size && last >= size) return size;
  return Math.max(within(region.border, first, size), within(region.border, last, size)) + 1;
}

/** The index that stands for one beyond a border: as far within it, but no further than the border says. */
function within({ near, far }: Border, index: number, size: number): number {
  if (index < 0) return Math.min(-index, near, size - 1);
  if (index >= size) return Math.max(2 * (size - 1) - index, size - 1 - far, 0);
  return index;
}

/** Start of what outputs from `start` on need. */
export const inputStart = (region: Region, start: number, size: number): number =>
  Math.max(0, Math.min(firstIndex(region, start), latestStart(region, size)));

/** End of what outputs before `end` need. */
export const inputEnd = (region: Region, end: number, size: number): number =>
  Math.min(Math.max(endIndex(region, end, size), earliestEnd(region)), size);

/** No outputs start behind it: those beyond the far border take what lies before it. */
const latestStart = (region: Region, size: number): number =>
  region.kind === 'scale' && region.border ? size - 1 - region.border.far : size;

/** No outputs end before it: those beyond the near border take what lies behind it. */
const earliestEnd = (region: Region): number =>
  region.kind === 'scale' && region.border ? region.border.near + 1 : 0;

/** The first index that outputs from `start` on need, whether or not there is one. */
export function firstIndex(region: Region, start: number): number {
  switch (region.kind) {
    case 'same':
      return start;
    case 'full':
      return 0;
    case 'window':
      return start * region.stride - region.before;
    case 'scale':
      return Math.floor((start * region.mul + region.lo) / region.div);
    default:
      return unreachable(region);
  }
}

/** Behind the last index that outputs before `end` need, whether or not there is one. */
export function endIndex(region: Region, end: number, size: number): number {
  switch (region.kind) {
    case 'same':
      return end;
    case 'full':
      return size;
    case 'window':
      return (end - 1) * region.stride - region.before + region.dilation * (region.kernel - 1) + 1;
    case 'scale':
      return Math.floor(((end - 1) * region.mul + region.hi) / region.div) + 1;
    default:
      return unreachable(region);
  }
}

/**
 * Number of distinct input indices `stride*o + dilation*k` for o < outs, k < taps (published model, 1.1):
 * with g = gcd(stride, dilation), `outs*taps - max(0, taps - stride/g) * (outs - dilation/g)`.
 */
export function distinctExtent(stride: number, outs: number, dilation: number, taps: number): number {
  const g = gcd(stride, dilation);
  return Math.trunc(outs * taps - Math.max(0, taps - stride / g) * (outs - dilation / g));
}

/** Input columns (rows) between the first and the last that `outs` consecutive outputs need, away from any border. */
export function spanExtent(region: Region, outs: number, size: number): number {
  const extent = endIndex(region, outs, size) - firstIndex(region, 0);
  return region.kind === 'window' ? extent : Math.min(extent, size);
}

/** The same without those in between that a stride leaves out (the published model, Q16). */
export const freeExtent = (region: Region, outs: number, size: number): number =>
  region.kind === 'window'
    ? distinctExtent(region.stride, outs, region.dilation, region.kernel)
    : spanExtent(region, outs, size);

/** Input columns (rows) by which the needed region advances per output column (row). */
export function advance(region: Region): number {
  switch (region.kind) {
    case 'same':
      return 1;
    case 'full':
      return 0;
    case 'window':
      return region.stride;
    case 'scale':
      return region.mul / region.div;
    default:
      return unreachable(region);
  }
}

export function sameRegion(one: Region, other: Region): boolean {
  if (one.kind === 'window' && other.kind === 'window')
    return (
      one.stride === other.stride &&
      one.dilation === other.dilation &&
      one.kernel === other.kernel &&
      one.before === other.before &&
      one.after === other.after
    );
  if (one.kind === 'scale' && other.kind === 'scale')
    return (
      one.mul === other.mul &&
      one.div === other.div &&
      one.lo === other.lo &&
      one.hi === other.hi &&
      one.border?.near === other.border?.near &&
      one.border?.far === other.border?.far
    );
  return one.kind === other.kind;
}
