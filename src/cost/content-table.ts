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
import type { Footprint } from './footprint.js';
import { mixedRadix, placedOf, productOverLoops, type Lattice } from './lattice.js';
import type { Ratio, SpatialLoop } from './nest.js';

export interface ContentValues {
  /** By state of the operand's own lattice. */
  readonly elements: Float64Array;
  readonly ambiguous: boolean;
}

/** One dim of the operand: the loops it has, and the product of any of them. */
interface DimDigits {
  readonly sizes: readonly number[];
  readonly times: readonly number[];
  readonly products: readonly number[];
  /** The unrollings of the dim, with the level they belong to, bottom up. */
  readonly unrolls: readonly { readonly level: number; readonly unroll: Ratio }[];
}

/** Iterations of one dim by its digits, at least and at most over all orders of multiplication. */
interface DimRange {
  readonly least: readonly number[];
  readonly most: readonly number[];
}

export class ContentTable {
  /** By letter of the tile's lattice: what one more loop adds to the operand's state; 0: nothing changes. */
  readonly steps: readonly number[];
  readonly size: number;
  /** Loops that change nothing have no digit. */
  private readonly own: Lattice;
  private readonly dims: readonly DimDigits[];

  constructor(
    private readonly footprint: Footprint,
    { letters, times }: Lattice,
    fanOut: readonly (readonly SpatialLoop[])[],
    /** Unrollings are floats, multiplied in the order of the loops. */
    private readonly floats: boolean,
  ) {
    const changes = letters.map(({ dim }) => footprint.dims.includes(dim));
    const ownTimes = times.map((count, letter) => (changes[letter] ? count : 0));
    const { strides, states } = mixedRadix(ownTimes);
    this.own = { letters, times: ownTimes, strides, states };
    this.steps = strides.map((stride, letter) => (changes[letter] ? stride : 0));
    this.size = states;
    this.dims = footprint.dims.map((dim) => {
      const own = letters.flatMap((letter, i) => (letter.dim === dim ? [i] : []));
      const sizes = own.map((i) => letters[i]!.size);
      const dimTimes = own.map((i) => times[i]!);
      const unrolls = fanOut.flatMap((loops, level) =>
        loops.flatMap((loop) => (loop.dim === dim ? [{ level, unroll: loop.unroll }] : [])),
      );
      return { sizes, times: dimTimes, products: productsOf(sizes, dimTimes), unrolls };
    });
    this.order = this.alphabetical(letters);
  }

  /** Positions of the dims in the order of their letters, in which their digits make up a state. */
  private readonly order: readonly number[];

  private alphabetical(letters: Lattice['letters']): readonly number[] {
    const first = (at: number): number => letters.findIndex(({ dim }) => dim === this.footprint.dims[at]);
    return this.footprint.dims
      .map((_, at) => at)
      .filter((at) => first(at) >= 0)
      .sort((a, b) => first(a) - first(b));
  }

  /** Contents below boundary `a`, fan-outs of the levels below it included: whole, iterations rounded up, and average. */
  values(
    a: number,
    round: (elements: number) => number,
  ): { readonly whole: ContentValues; readonly average: ContentValues } {
    const ranges = this.dims.map((digits) => this.range(digits, a));
    const up = ranges.map(({ least, most }): DimRange => {
      const rounded = least.map(Math.ceil);
      return { least: rounded, most: most === least ? rounded : most.map(Math.ceil) };
    });
    const whole = this.measure(up, (elements) => elements);
    const isWhole = ranges.every(({ least, most }) => most === least && least.every(Number.isInteger));
    return { whole, average: isWhole ? whole : this.measure(ranges, round) };
  }

  /** Elements of every state, by the iterations of every dim. */
  private measure(ranges: readonly DimRange[], round: (elements: number) => number): ContentValues {
    const { footprint, order, size } = this;
    const ambiguousDims = ranges.some(({ least, most }) => least !== most);
    const digits = ranges.map(() => 0);
    const low = ranges.map(({ least }) => least[0]!);
    const high = ranges.map(({ most }) => most[0]!);
    const elements = new Float64Array(size);
    let ambiguous = false;
    for (let state = 0; state < size; state++) {
      const least = round(footprint.elements(low));
      elements[state] = least;
      if (ambiguousDims && round(footprint.elements(high)) !== least) ambiguous = true;
      for (const at of order) {
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

  /** By own state: iterations of the loops inside. */
  iterations(): Float64Array {
    return productOverLoops(this.own);
  }

  /** By own state, the least of `values` with these loops inside, or more. */
  leastFrom(values: Float64Array): Float64Array {
    const { times, strides, states } = this.own;
    const least = values.slice();
    times.forEach((most, letter) => {
      if (most === 0) return;
      for (let state = states - 1; state >= 0; state--)
        if (placedOf(this.own, state, letter) < most)
          least[state] = Math.min(least[state]!, least[state + strides[letter]!]!);
    });
    return least;
  }

  /** Whole elements of all loops below boundary `a`, and whether they depend on the order of multiplication. */
  all(a: number): { readonly elements: number; readonly ambiguous: boolean } {
    const ranges = this.dims.map((digits) => this.range(digits, a));
    const elements = this.footprint.elements(ranges.map(({ least }) => Math.ceil(least.at(-1)!)));
    const most = this.footprint.elements(ranges.map(({ most: range }) => Math.ceil(range.at(-1)!)));
    return { elements, ambiguous: most !== elements };
  }

  private range({ sizes, times, products, unrolls }: DimDigits, a: number): DimRange {
    const below = unrolls.flatMap(({ level, unroll }) => (level < a ? [unroll] : []));
    if (below.length === 0) return { least: products, most: products };
    if (this.floats && below.some(({ num }) => !Number.isInteger(num))) {
      const values = attainable(sizes, times, below.map(({ num }) => num)); // prettier-ignore
      const least = values.map((set) => Math.min(...set));
      const most = values.map((set) => Math.max(...set));
      return least.every((value, i) => value === most[i]) ? { least, most: least } : { least, most };
    }
    const num = below.reduce((product, unroll) => product * unroll.num, 1);
    const den = below.reduce((product, unroll) => product * unroll.den, 1);
    const exact = products.map((product) => (product * num) / den);
    return { least: exact, most: exact };
  }
}

function productsOf(sizes: readonly number[], times: readonly number[]): readonly number[] {
  const { strides, states } = mixedRadix(times);
  const products = Array.from({ length: states }, () => 1);
  sizes.forEach((size, i) => {
    const end = strides[i]! * (times[i]! + 1);
    for (let s = strides[i]!; s < end; s++) products[s] = products[s - strides[i]!]! * size;
  });
  return products;
}

/**
 * By sub-multiset of the loops, every float that multiplying them and the unrollings can give: loops in any order,
 * unrollings in theirs, interleaved at will.
 */
function attainable(
  sizes: readonly number[],
  times: readonly number[],
  unrolls: readonly number[],
): readonly (readonly number[])[] {
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
  return before.map((set) => [...set]);
}
