/**
 * The sub-multisets of the loops of a layer tile: what has been placed inside, whatever its order. A state is a number
 * in mixed radix with one digit per letter, how often the letter is placed; one more loop adds the letter's stride.
 * Sizes and costs are functions of states, and there are few: 16 loops in 4 groups have 625 states and 63 million orders.
 */
import type { LoopDim, LoopSize } from '../ir/layer.js';

export interface Lattice {
  /** Distinct loops, in alphabet order. */
  readonly letters: readonly LoopSize[];
  /** By letter: how many loops of it there are, and what one more adds to a state. */
  readonly times: Int32Array;
  readonly strides: Int32Array;
  /** Number of states; the last one has all loops. */
  readonly states: number;
}

/** `word`: every loop as the index of its letter. */
export function latticeOf(letters: readonly LoopSize[], word: readonly number[]): Lattice {
  const times = new Int32Array(letters.length);
  for (const letter of word) times[letter]!++;
  const { strides, states } = mixedRadix(times);
  return { letters, times, strides, states };
}

/** The lattice of the loops over some dims, and by letter what one more loop adds to a state of it; 0: nothing. */
export function latticeOver(
  { letters, times }: Lattice,
  dims: readonly LoopDim[],
): { readonly lattice: Lattice; readonly steps: Int32Array } {
  const own: number[] = [];
  for (let letter = 0; letter < letters.length; letter++)
    if (dims.includes(letters[letter]!.dim)) own.push(letter);
  const ownTimes = new Int32Array(own.length);
  for (let i = 0; i < own.length; i++) ownTimes[i] = times[own[i]!]!;
  const { strides, states } = mixedRadix(ownTimes);
  const steps = new Int32Array(letters.length);
  for (let i = 0; i < own.length; i++) steps[own[i]!] = strides[i]!;
  return {
    lattice: { letters: own.map((letter) => letters[letter]!), times: ownTimes, strides, states },
    steps,
  };
}

/** Number of loops: an order passes one state more. */
export const depthOf = ({ times }: Lattice): number => times.reduce((sum, count) => sum + count, 0);

/** How often a letter is placed in a state. */
export function placedOf({ times, strides }: Lattice, state: number, letter: number): number {
  return Math.floor(state / strides[letter]!) % (times[letter]! + 1);
}

/** Strides of digits that count from 0 to `most[i]`, the first one fastest; and how many numbers there are. */
export function mixedRadix(most: Int32Array): { strides: Int32Array; states: number } {
  const strides = new Int32Array(most.length);
  let states = 1;
  for (let digit = 0; digit < most.length; digit++) {
    strides[digit] = states;
    states *= most[digit]! + 1;
  }
  return { strides, states };
}

/** By state, a sum that every loop of letter `i` changes by `change[i]`. */
export function sumOverLoops({ times, strides, states }: Lattice, change: Int32Array, start = 0): Int32Array {
  const values = new Int32Array(states);
  values[0] = start;
  for (let letter = 0; letter < times.length; letter++) {
    const stride = strides[letter]!;
    const add = change[letter]!;
    const end = stride * (times[letter]! + 1);
    for (let s = stride; s < end; s++) values[s] = values[s - stride]! + add;
  }
  return values;
}

/** By state: the product of the loops inside. */
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

/** By state, the least of `values` with these loops inside, or more. */
export function leastFrom(
  { times, strides, states }: Pick<Lattice, 'times' | 'strides' | 'states'>,
  values: Float64Array,
): Float64Array {
  const least = values.slice();
  for (let letter = 0; letter < times.length; letter++) {
    const stride = strides[letter]!;
    const block = stride * (times[letter]! + 1);
    // From the state next to the last of its block inwards: the last one has all loops of the letter.
    for (let base = 0; base < states; base += block)
      for (let state = base + block - stride - 1; state >= base; state--)
        if (least[state + stride]! < least[state]!) least[state] = least[state + stride]!;
  }
  return least;
}

/** By state, the least of `values` with these loops inside, or fewer. */
export function leastUpTo({ times, strides, states }: Lattice, values: Float64Array): Float64Array {
  const least = values.slice();
  for (let letter = 0; letter < times.length; letter++) {
    const stride = strides[letter]!;
    const block = stride * (times[letter]! + 1);
    for (let base = 0; base < states; base += block)
      for (let state = base + stride; state < base + block; state++)
        if (least[state - stride]! < least[state]!) least[state] = least[state - stride]!;
  }
  return least;
}

/** By state, 1 where so many elements of this width fit. */
export function placesFor(elements: Float64Array, widthBits: number, roomBits: number): Uint8Array {
  const places = new Uint8Array(elements.length);
  for (let state = 0; state < places.length; state++)
    places[state] = elements[state]! * widthBits <= roomBits ? 1 : 0;
  return places;
}

/** Values at these places; Infinity elsewhere. */
export const onlyAt = (values: Float64Array, places: Uint8Array): Float64Array =>
  values.map((value, state) => (places[state] === 1 ? value : Infinity));
