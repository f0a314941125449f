/**
 * What one instance of a memory can hold of an operand, as the states of a graph: a state is the iteration counts
 * accumulated so far, an arc multiplies one of them by a loop or by the fan-out of a level. States are made when
 * first reached and numbered, so that whatever depends on a content (its size, the words to move) is a lookup in a
 * typed array, and orders that lead to the same content share it.
 *
 * Counts are kept as numerator and denominator. With exact unrollings both are integers and the same loops give
 * the same state whatever their order; with the published float unrollings the denominator is 1 and the numerator
 * carries the rounding of that very order of multiplication (Q15), which is then part of the state.
 *
 * Hot core: a search steps through states millions of times, hence a class and typed arrays here.
 */
import type { LoopDim, LoopSize } from '../ir/layer.js';
import type { SpatialLoop } from './nest.js';

const UNKNOWN = -1;

interface Factor {
  /** Position of its dim. */
  readonly at: number;
  readonly num: number;
  readonly den: number;
}

export class Contents {
  /** The content before any loop: one element. */
  readonly start: number;
  /** By state: elements held. */
  elements = new Float64Array(64);
  private count = 0;
  /** By state and dim: numerator and denominator of the iterations. */
  private counts: Float64Array;
  /** By state and arc: the state it leads to. Arcs are the letters, then the fan-outs. */
  private arcs: Int32Array;
  private readonly states = new Map<string, number>();
  private readonly arcFactors: readonly (readonly Factor[])[];

  /** `measure` says how many elements given iterations of `dims` touch. */
  constructor(
    private readonly dims: readonly LoopDim[],
    private readonly letters: readonly LoopSize[],
    fanOut: readonly (readonly SpatialLoop[])[],
    private readonly measure: (iterations: readonly number[]) => number,
  ) {
    this.arcFactors = [
      ...letters.map(({ dim, size }) => [{ at: dims.indexOf(dim), num: size, den: 1 }]),
      ...fanOut.map((loops) => loops.map(({ dim, unroll }) => ({ at: dims.indexOf(dim), ...unroll }))),
    ].map((factors) => factors.filter(({ at }) => at >= 0));
    this.counts = new Float64Array(this.elements.length * 2 * dims.length);
    this.arcs = new Int32Array(this.elements.length * this.arcFactors.length).fill(UNKNOWN);
    this.start = this.stateOf(new Float64Array(2 * dims.length).fill(1));
  }

  /** Content after one more loop around it. */
  step(state: number, letter: number): number {
    const next = this.arcs[state * this.arcFactors.length + letter]!;
    return next === UNKNOWN ? this.follow(state, letter) : next;
  }

  /** Content together with that of the neighbours in the fan-out of level `a`. */
  spread(state: number, a: number): number {
    return this.step(state, this.letters.length + a);
  }

  private follow(state: number, arc: number): number {
    const width = 2 * this.dims.length;
    const row = this.counts.slice(state * width, (state + 1) * width);
    for (const { at, num, den } of this.arcFactors[arc]!) {
      row[2 * at]! *= num;
      row[2 * at + 1]! *= den;
    }
    const next = this.stateOf(row);
    this.arcs[state * this.arcFactors.length + arc] = next;
    return next;
  }

  private stateOf(row: Float64Array): number {
    const key = row.join();
    const found = this.states.get(key);
    if (found !== undefined) return found;
    const state = this.count++;
    if (this.count > this.elements.length) this.grow();
    this.states.set(key, state);
    this.counts.set(row, state * row.length);
    this.elements[state] = this.measure(this.dims.map((_, at) => row[2 * at]! / row[2 * at + 1]!));
    return state;
  }

  private grow(): void {
    const capacity = 2 * this.elements.length;
    const arcs = new Int32Array(capacity * this.arcFactors.length).fill(UNKNOWN);
    arcs.set(this.arcs);
    this.arcs = arcs;
    this.counts = enlarged(this.counts, capacity * 2 * this.dims.length);
    this.elements = enlarged(this.elements, capacity);
  }
}

export function enlarged(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(array);
  return larger;
}
