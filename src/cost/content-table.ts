/**
 * Contents of the levels of one operand for all sub-multisets of the loops that change it, as arrays. Its own lattice
 * is smaller than that of the layer tile: loops that do not index the operand are no digit of it.
 *
 * With the published float unrollings (Q15) a content may depend, in its last bit, on the order of multiplication, and
 * a rounding right after that may turn it into another number of elements. Then the table holds the least that any
 * order attains and says so (`ambiguous`): bounds stay bounds, and a loop order has to be walked (contents.ts).
 *
 * Hot core: typed arrays, filled once per layer tile and level.
 */
import type { LoopDim } from '../ir/layer.js';
import type { Footprint } from './footprint.js';
import { mixedRadix, type Lattice } from './lattice.js';
import type { Ratio, SpatialLoop } from './nest.js';

export interface ContentValues {
  /** By state of the operand's own lattice. */
  readonly elements: Float64Array;
  readonly ambiguous: boolean;
}

/** Whole, iterations rounded up, and average. */
export interface LevelContents {
  readonly whole: ContentValues;
  readonly average: ContentValues;
}

/** One dim of the operand: the loops it has, and the product of any of them. */
interface DimDigits {
  readonly sizes: Float64Array;
  readonly times: Int32Array;
  readonly products: Float64Array;
  /** The unrollings of the dim, with the level they belong to, bottom up. */
  readonly unrolls: readonly { readonly level: number; readonly unroll: Ratio }[];
}

/** Iterations of one dim by its digits, at least and at most over all orders of multiplication. */
interface DimRange {
  readonly least: Float64Array;
  readonly most: Float64Array;
}

export class ContentTable {
  private readonly dims: readonly DimDigits[];
  /** Positions of the dims in the order of their letters, in which their digits make up a state. */
  private readonly order: readonly number[];
  /** By number of unrollings below a boundary: with the same ones, contents are the same. */
  private readonly known: (LevelContents | undefined)[] = [];

  constructor(
    private readonly footprint: Footprint,
    /** Of the loops that change the operand. */
    readonly own: Lattice,
    fanOut: readonly (readonly SpatialLoop[])[],
    /** Unrollings are floats, multiplied in the order of the loops. */
    private readonly floats: boolean,
    /** Turns a product of average iterations into elements. */
    private readonly round: (elements: number) => number,
  ) {
    const { dims } = footprint;
    this.dims = dims.map((dim) => digitsOf(dim, own, fanOut));
    const first = dims.map((dim) => own.letters.findIndex((letter) => letter.dim === dim));
    this.order = dims
      .map((_, at) => at)
      .filter((at) => first[at]! >= 0)
      .sort((a, b) => first[a]! - first[b]!);
  }

  /** Contents below boundary `a`, fan-outs of the levels below it included. */
  values(a: number): LevelContents {
    let unrolls = 0;
    for (const dim of this.dims) for (const { level } of dim.unrolls) if (level < a) unrolls++;
    return (this.known[unrolls] ??= this.contentsBelow(a));
  }

  private contentsBelow(a: number): LevelContents {
    const ranges = this.dims.map((digits) => this.range(digits, a));
    const isWhole = ranges.every(({ least, most }) => most === least && areWhole(least));
    const isSame = isWhole && this.footprint.isWhole;
    const whole = this.measure(isWhole ? ranges : ranges.map(roundedUp), isSame ? undefined : Math.ceil);
    return { whole, average: isSame ? whole : this.measure(ranges, this.round) };
  }

  /** Elements of every state, by the iterations of every dim. `round`: absent where all are whole. */
  private measure(
    ranges: readonly DimRange[],
    round: ((elements: number) => number) | undefined,
  ): ContentValues {
    const { footprint, order } = this;
    const size = this.own.states;
    const ambiguousDims = ranges.some(({ least, most }) => least !== most);
    const digits = new Int32Array(ranges.length);
    const low = new Float64Array(ranges.length);
    const high = new Float64Array(ranges.length);
    for (let at = 0; at < ranges.length; at++) {
      low[at] = ranges[at]!.least[0]!;
      high[at] = ranges[at]!.most[0]!;
    }
    const elements = new Float64Array(size);
    let ambiguous = false;
    for (let state = 0; state < size; state++) {
      const product = footprint.elements(low);
      const least = round ? round(product) : product;
      elements[state] = least;
      if (ambiguousDims) {
        const most = footprint.elements(high);
        if ((round ? round(most) : most) !== least) ambiguous = true;
      }
      for (let i = 0; i < order.length; i++) {
        const at = order[i]!;
        const { least: lows, most: highs } = ranges[at]!;
        let digit = digits[at]! + 1;
        if (digit === lows.length) digit = 0;
        digits[at] = digit;
        low[at] = lows[digit]!;
        high[at] = highs[digit]!;
        if (digit > 0) break;
      }
    }
    return { elements, ambiguous };
  }

  /** Whole elements of all loops below boundary `a`, and whether they depend on the order of multiplication. */
  all(a: number): { readonly elements: number; readonly ambiguous: boolean } {
    const low = new Float64Array(this.dims.length);
    const high = new Float64Array(this.dims.length);
    this.dims.forEach((digits, at) => {
      const { least, most } = this.range(digits, a);
      low[at] = Math.ceil(least[least.length - 1]!);
      high[at] = Math.ceil(most[most.length - 1]!);
    });
    const elements = Math.ceil(this.footprint.elements(low));
    return { elements, ambiguous: Math.ceil(this.footprint.elements(high)) !== elements };
  }

  private range({ sizes, times, products, unrolls }: DimDigits, a: number): DimRange {
    let num = 1;
    let den = 1;
    let isWhole = true;
    for (const { level, unroll } of unrolls) {
      if (level >= a) continue;
      num *= unroll.num;
      den *= unroll.den;
      isWhole &&= Number.isInteger(unroll.num);
    }
    if (this.floats && !isWhole) {
      const below = unrolls.flatMap(({ level, unroll }) => (level < a ? [unroll.num] : []));
      return rangeOf(attainable(sizes, times, below));
    }
    if (num === 1 && den === 1) return { least: products, most: products };
    const exact = new Float64Array(products.length);
    for (let i = 0; i < exact.length; i++) exact[i] = (products[i]! * num) / den;
    return { least: exact, most: exact };
  }
}

function digitsOf(
  dim: LoopDim,
  { letters, times }: Lattice,
  fanOut: readonly (readonly SpatialLoop[])[],
): DimDigits {
  let first = 0;
  while (first < letters.length && letters[first]!.dim !== dim) first++;
  let end = first;
  while (end < letters.length && letters[end]!.dim === dim) end++;
  const sizes = new Float64Array(end - first);
  for (let i = 0; i < sizes.length; i++) sizes[i] = letters[first + i]!.size;
  const dimTimes = times.slice(first, end);
  const unrolls: DimDigits['unrolls'][number][] = [];
  for (let level = 0; level < fanOut.length; level++)
    for (const loop of fanOut[level]!) if (loop.dim === dim) unrolls.push({ level, unroll: loop.unroll });
  return { sizes, times: dimTimes, products: productsOf(sizes, dimTimes), unrolls };
}

function roundedUp({ least, most }: DimRange): DimRange {
  const rounded = ceiled(least);
  return { least: rounded, most: most === least ? rounded : ceiled(most) };
}

function ceiled(values: Float64Array): Float64Array {
  const whole = new Float64Array(values.length);
  for (let i = 0; i < whole.length; i++) whole[i] = Math.ceil(values[i]!);
  return whole;
}

function areWhole(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isInteger(values[i])) return false;
  return true;
}

function rangeOf(values: readonly ReadonlySet<number>[]): DimRange {
  const least = Float64Array.from(values, (set) => Math.min(...set));
  const most = Float64Array.from(values, (set) => Math.max(...set));
  return least.every((value, i) => value === most[i]) ? { least, most: least } : { least, most };
}

function productsOf(sizes: Float64Array, times: Int32Array): Float64Array {
  const { strides, states } = mixedRadix(times);
  const products = new Float64Array(states).fill(1);
  for (let i = 0; i < sizes.length; i++) {
    const stride = strides[i]!;
    const end = stride * (times[i]! + 1);
    for (let s = stride; s < end; s++) products[s] = products[s - stride]! * sizes[i]!;
  }
  return products;
}

/**
 * By sub-multiset of the loops, every float that multiplying them and the unrollings can give: loops in any order,
 * unrollings in theirs, interleaved at will.
 */
function attainable(
  sizes: Float64Array,
  times: Int32Array,
  unrolls: readonly number[],
): readonly ReadonlySet<number>[] {
  const { strides, states } = mixedRadix(times);
  let before: Set<number>[] = [];
  for (let u = 0; u <= unrolls.length; u++) {
    const now = Array.from({ length: states }, () => new Set<number>());
    if (u === 0) now[0]!.add(1);
    for (let state = 0; state < states; state++) {
      const values = now[state]!;
      if (u > 0) for (const value of before[state]!) values.add(value * unrolls[u - 1]!);
      sizes.forEach((size, i) => {
        if (Math.floor(state / strides[i]!) % (times[i]! + 1) === 0) return;
        for (const value of now[state - strides[i]!]!) values.add(value * size);
      });
    }
    before = now;
  }
  return before;
}
