/**
 * What truncation leaves of the elements that cross a boundary, at least (docs/lower-bound.md, formula 9): contents, words
 * per cycle and instances are rounded, and with the size of a tile known it is known how far.
 */
import { known } from '../base/assert.js';
import type { FanOut } from '../cost/fan-out.js';
import { valueOf, type SpatialLoop } from '../cost/nest.js';
import type { LoopDim } from '../ir/layer.js';
import type { TileOperand, TileWindow } from '../ir/layer-tile.js';

/** An operand of a tile on the array. */
export interface LaidOperand {
  readonly operand: TileOperand;
  /** Loops over the array below each of its memories, and above the last. */
  readonly loops: readonly (readonly SpatialLoop[])[];
  readonly fanOut: FanOut;
  /** Loops of the tile: iterations in all, and in time. */
  readonly sizeOf: (dim: LoopDim) => number;
  readonly countOf: (dim: LoopDim) => number;
}

/** At boundary `a`, on either side of it; 1: all. */
export function keptAt(laid: LaidOperand, a: number): number {
  const { operand, loops, fanOut } = laid;
  const { instances, distinct, perCycle } = fanOut;
  const at = (level: number): number =>
    known(instances[level], 'level') / unrolled(loops.slice(level), () => true);
  const perStep = known(distinct[a], 'level') / known(distinct[a + 1], 'level');
  const moved = Math.min(at(a), (known(perCycle[a], 'level') / perStep) * at(a + 1));
  const windows = operand.windows.reduce((kept, window) => kept * windowKept(laid, window, a), 1);
  return Math.min(1, moved * windows * contentKept(laid, a));
}

const unrolled = (loops: readonly (readonly SpatialLoop[])[], counts: (dim: LoopDim) => boolean): number => {
  let product = 1;
  for (const level of loops) for (const { dim, unroll } of level) if (counts(dim)) product *= valueOf(unroll);
  return product;
};

/** A content is rounded. It is at least one step of the units inside it; whole ones stay whole whatever loops are put around. */
function contentKept({ operand: { relevant, windows }, loops }: LaidOperand, a: number): number {
  const inside = loops.slice(0, a);
  const isFractional = inside.some((level) =>
    level.some(({ dim, unroll }) => relevant.includes(dim) && !Number.isInteger(valueOf(unroll))),
  );
  if (!isFractional) return 1;
  const least = windows.reduce(
    (product, window) =>
      product *
      Math.max(1, Math.floor(extent(window, of(inside, window.out), of(inside, window.kernel)) - NOISE)),
    unrolled(inside, (dim) => relevant.includes(dim)),
  );
  return Math.max(2 / 3, 1 - 0.5 / least);
}

const of = (loops: readonly (readonly SpatialLoop[])[], dim: LoopDim): number =>
  unrolled(loops, (other) => other === dim);

/** Products of floats may fall short of a whole number. */
const NOISE = 1e-9;

/**
 * Extents of windows are cut off to whole elements. Inside are all units along the axis and some of the loops in time,
 * whose sizes divide their counts; the rest comes one after another. 0 where that is not known.
 */
function windowKept({ loops, sizeOf, countOf }: LaidOperand, window: TileWindow, a: number): number {
  const { out, kernel, stride, dilation } = window;
  if (dilation !== 1) return 0;
  if (loops.slice(a).some((level) => level.some(({ dim }) => dim === out || dim === kernel))) return 0;
  const [outs, taps] = [of(loops, out), of(loops, kernel)];
  const isExact = isDyadic(outs) && isDyadic(taps);
  const all = extent({ stride }, sizeOf(out), sizeOf(kernel));
  let least = Infinity;
  for (const inner of divisors(countOf(out)))
    for (const innerTaps of divisors(countOf(kernel))) {
      const inside = extent({ stride }, outs * inner, taps * innerTaps);
      const times = (countOf(out) / inner) * (countOf(kernel) / innerTaps);
      least = Math.min(least, Math.floor(isExact ? inside : inside - NOISE) * times);
    }
  return Math.min(1, least / all);
}

/** Elements that `outs` outputs touch with `taps` positions each. */
const extent = ({ stride }: Pick<TileWindow, 'stride'>, outs: number, taps: number): number =>
  outs * taps - Math.max(0, taps - stride) * (outs - 1);

/** Whether products with whole numbers are exact in floating point. */
const isDyadic = (x: number): boolean => Number.isInteger(x * 1024);

function divisors(count: number): readonly number[] {
  const found: number[] = [];
  for (let n = 1; n <= count; n++) if (count % n === 0) found.push(n);
  return found;
}
