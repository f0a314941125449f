/**
 * The sub-multisets of the loops of a layer tile: what has been placed inside, whatever its order. A state is a number
 * in mixed radix with one digit per letter, how often the letter is placed; one more loop adds the letter's stride.
 * Sizes and costs are functions of states, and there are few: 16 loops in 4 groups have 625 states and 63 million orders.
 */
import type { LoopSize } from '../ir/layer.js';

export interface Lattice {
  /** Distinct loops, in alphabet order. */
  readonly letters: readonly LoopSize[];
  /** By letter: how many loops of it there are, and what one more adds to a state. */
  readonly times: readonly number[];
  readonly strides: readonly number[];
  /** Number of states; the last one has all loops. */
  readonly states: number;
}

/** `word`: every loop as the index of its letter. */
export function latticeOf(letters: readonly LoopSize[], word: readonly number[]): Lattice {
  const times = letters.map((_, letter) => word.filter((other) => other === letter).length);
  const { strides, states } = mixedRadix(times);
  return { letters, times, strides, states };
}

/** How often a letter is placed in a state. */
export function placedOf({ times, strides }: Lattice, state: number, letter: number): number {
  return Math.floor(state / strides[letter]!) % (times[letter]! + 1);
}

/** Strides of digits that count from 0 to `most[i]`, the first one fastest; and how many numbers there are. */
export function mixedRadix(most: readonly number[]): { strides: readonly number[]; states: number } {
  let states = 1;
  const strides = most.map((times) => {
    const stride = states;
    states *= times + 1;
    return stride;
  });
  return { strides, states };
}

/**
 * By state, a quantity that every loop of letter `i` changes by `change[i]`: a sum from 0, or a product from 1.
 */
export function sumOverLoops({ times, strides, states }: Lattice, change: readonly number[]): Int32Array {
  const values = new Int32Array(states);
  for (let letter = 0; letter < times.length; letter++) {
    const stride = strides[letter]!;
    const add = change[letter]!;
    const end = stride * (times[letter]! + 1);
    for (let s = stride; s < end; s++) values[s] = values[s - stride]! + add;
  }
  return values;
}

export function productOverLoops({ letters, times, strides, states }: Lattice): Float64Array {
  const values = new Float64Array(states);
  values[0] = 1;
  for (let letter = 0; letter < times.length; letter++) {
    const stride = strides[letter]!;
    const factor = letters[letter]!.size;
    const end = stride * (times[letter]! + 1);
    for (let s = stride; s < end; s++) values[s] = values[s - stride]! * factor;
  }
  return values;
}
