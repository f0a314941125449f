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
  private readonly num: number[];
  private readonly den: number[];
  private readonly iterations: number[];
  /** By letter: position of its dim (-1: it changes nothing) and size. */
  private readonly dimOf: readonly number[];
  private readonly sizeOf: readonly number[];
  private readonly fanOut: readonly (readonly Factor[])[];

  /** `round` turns a product of iterations into elements; `whole` rounds iterations up first. */
  constructor(
    private readonly footprint: Footprint,
    letters: readonly LoopSize[],
    fanOut: readonly (readonly SpatialLoop[])[],
    private readonly round: (elements: number) => number,
    private readonly whole: boolean,
  ) {
    const { dims } = footprint;
    this.num = dims.map(() => 1);
    this.den = dims.map(() => 1);
    this.iterations = dims.map(() => 1);
    this.dimOf = letters.map(({ dim }) => dims.indexOf(dim));
    this.sizeOf = letters.map(({ size }) => size);
    this.fanOut = fanOut.map((loops) => loops.flatMap((loop) => factorOf(loop, dims)));
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
    for (const { at, num, den } of this.fanOut[a]!) {
      this.num[at]! *= num;
      this.den[at]! *= den;
    }
  }

  elements(): number {
    const { num, den, iterations } = this;
    for (let i = 0; i < iterations.length; i++) {
      const count = num[i]! / den[i]!;
      iterations[i] = this.whole ? Math.ceil(count) : count;
    }
    return this.round(this.footprint.elements(iterations));
  }

  /** Keeps the present content in `copy`, for `restore`. */
  save(copy: number[]): void {
    const { num, den } = this;
    for (let i = 0; i < num.length; i++) {
      copy[2 * i] = num[i]!;
      copy[2 * i + 1] = den[i]!;
    }
  }

  restore(copy: readonly number[]): void {
    const { num, den } = this;
    for (let i = 0; i < num.length; i++) {
      num[i] = copy[2 * i]!;
      den[i] = copy[2 * i + 1]!;
    }
  }
}

const factorOf = ({ dim, unroll }: SpatialLoop, dims: readonly LoopDim[]): readonly Factor[] => {
  const at = dims.indexOf(dim);
  return at < 0 ? [] : [{ at, ...unroll }];
};
