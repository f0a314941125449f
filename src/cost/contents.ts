/**
 * What one instance of a memory holds of an operand, as loops are placed one after another: iteration counts per dim,
 * multiplied by each loop and by the fan-out of each level passed.
 *
 * Counts are kept as numerator and denominator. With exact unrollings both are integers and the same loops give the
 * same content whatever their order; with the published float unrollings the denominator is 1 and the numerator
 * carries the rounding of that very order of multiplication (Q15).
 *
 * Hot core: every loop order that is scored walks through here, hence a class with its working arrays.
 */
import { assert } from '../base/assert.js';
import type { LoopDim, LoopSize } from '../ir/layer.js';
import type { Footprint } from './footprint.js';
import type { SpatialLoop } from './nest.js';

interface Factor {
  /** Position of its dim. */
  readonly at: number;
  readonly num: number;
  readonly den: number;
}

export class Contents {
  private readonly num: Float64Array;
  private readonly den: Float64Array;
  private readonly iterations: Float64Array;
  /** By letter: position of its dim (-1: it changes nothing) and size. */
  private readonly dimOf: Int8Array;
  private readonly sizeOf: Float64Array;
  /** By level: what its fan-out multiplies. */
  private readonly fanOut: readonly (readonly Factor[])[];

  /** `round` turns a product of iterations into elements; `mostBits`: of one element. */
  constructor(
    private readonly footprint: Footprint,
    letters: readonly LoopSize[],
    fanOut: readonly (readonly SpatialLoop[])[],
    private readonly round: (elements: number) => number,
    private readonly mostBits: number,
  ) {
    const { dims } = footprint;
    this.num = new Float64Array(dims.length).fill(1);
    this.den = new Float64Array(dims.length).fill(1);
    this.iterations = new Float64Array(dims.length);
    this.dimOf = new Int8Array(letters.length);
    this.sizeOf = new Float64Array(letters.length);
    for (let letter = 0; letter < letters.length; letter++) {
      const { dim, size } = letters[letter]!;
      this.dimOf[letter] = dims.indexOf(dim);
      this.sizeOf[letter] = size;
    }
    this.fanOut = fanOut.map((loops) => factorsOf(loops, dims));
  }

  /** One element: no loop, no fan-out. */
  reset(): void {
    this.num.fill(1);
    this.den.fill(1);
  }

  /** One more loop around it. */
  step(letter: number): void {
    const at = this.dimOf[letter]!;
    if (at >= 0) this.num[at]! *= this.sizeOf[letter]!;
  }

  /** Together with the neighbours in the fan-out of level `a`. */
  spread(a: number): void {
    const factors = this.fanOut[a]!;
    for (let i = 0; i < factors.length; i++) {
      const { at, num, den } = factors[i]!;
      this.num[at]! *= num;
      this.den[at]! *= den;
    }
  }

  /** On average. */
  elements(): number {
    const { num, den, iterations } = this;
    for (let i = 0; i < iterations.length; i++) iterations[i] = num[i]! / den[i]!;
    return this.round(this.footprint.elements(iterations));
  }

  /** Whole elements that a level must have room for: iterations are rounded up. */
  wholeElements(): number {
    const { num, den, iterations } = this;
    for (let i = 0; i < iterations.length; i++) iterations[i] = Math.ceil(num[i]! / den[i]!);
    const elements = Math.ceil(this.footprint.elements(iterations));
    assert(Number.isSafeInteger(elements * this.mostBits), 'operand size overflows');
    return elements;
  }

  /** Room for a content to be saved in. */
  newCopy(): Float64Array {
    return new Float64Array(2 * this.num.length);
  }

  /** Keeps the present content in `copy`, for `restore`. */
  save(copy: Float64Array): void {
    const { num, den } = this;
    for (let i = 0; i < num.length; i++) {
      copy[2 * i] = num[i]!;
      copy[2 * i + 1] = den[i]!;
    }
  }

  restore(copy: Float64Array): void {
    const { num, den } = this;
    for (let i = 0; i < num.length; i++) {
      num[i] = copy[2 * i]!;
      den[i] = copy[2 * i + 1]!;
    }
  }
}

function factorsOf(loops: readonly SpatialLoop[], dims: readonly LoopDim[]): readonly Factor[] {
  const factors: Factor[] = [];
  for (const { dim, unroll } of loops) {
    const at = dims.indexOf(dim);
    if (at >= 0) factors.push({ at, num: unroll.num, den: unroll.den });
  }
  return factors;
}
