/**
 * The least latency of any mapping by where the output's lowest boundary lies: every other boundary lies no further out
 * than that or no further in, which decides at once how often unfinished sums travel and how much of the other operands
 * has to come in first. A memory for one sum makes the loops that add to it the innermost ones: then all weights of
 * these come in before the first result leaves, or anew with each of them. A bound that looks at boundaries one by one
 * sees neither.
 *
 * Hot core: one bound, told about boundary by boundary.
 */
import type { LatencyBound } from '../../cost/latency-bound.js';
import { leastFrom } from '../../cost/lattice.js';
import type { LatticeTables } from '../../cost/lattice-tables.js';

/** Bounds worked out at most: where there are more, they are not worth it. */
const MOST_BOUNDS = 4096;

/**
 * Cycles at least, by state of the tile and by how many boundaries of each input lie within the output's lowest one: two
 * digits more of the state. Without such boundaries it is the state itself.
 */
export interface OutputClosings {
  /** By operand, what one more such boundary adds; of the output nothing. */
  readonly steps: readonly number[];
  /** The boundary lies at this state; Infinity: it may not. */
  readonly closedAt: Float64Array;
  /** It lies there or further out, and at least as many others within it. */
  readonly openAt: Float64Array;
}

/** Undefined: the output has one level only, or too many places. */
export function outputClosings(bound: LatencyBound, tables: LatticeTables): OutputClosings | undefined {
  const { lattice, boundaries } = tables;
  if (boundaries[0]?.operand !== 0) return undefined;
  const counts = [1, 2].map((input) => boundaries.filter(({ operand }) => operand === input).length);
  const ways = (counts[0]! + 1) * (counts[1]! + 1);
  const places: number[] = [];
  for (let state = 0; state < lattice.states; state++) if (bound.mayLie(0, state)) places.push(state);
  if (places.length * ways > MOST_BOUNDS) return undefined;
  const strides = [lattice.states, lattice.states * (counts[0]! + 1)];
  const steps = [0, ...strides];
  const sided = {
    times: Int32Array.of(...lattice.times, ...counts),
    strides: Int32Array.of(...lattice.strides, ...strides),
    states: lattice.states * ways,
  };
  const closedAt = new Float64Array(sided.states).fill(Infinity);
  for (const state of places) boundAt(state, bound, tables, steps, closedAt);
  return { steps, closedAt, openAt: leastFrom(sided, closedAt) };
}

/** With the output's lowest boundary at a state of the tile, for all ways to lay those of the inputs within or around. */
function boundAt(
  state: number,
  bound: LatencyBound,
  { boundaries, operands, reductionsLeft, iterations }: LatticeTables,
  steps: readonly number[],
  closedAt: Float64Array,
): void {
  const own = (j: number): number => operands[boundaries[j]!.operand]!.own[state]!;
  const inputs: number[][] = [[], []];
  for (let j = 1; j < boundaries.length; j++)
    if (boundaries[j]!.operand === 0) bound.open(j, own(j));
    else inputs[boundaries[j]!.operand - 1]!.push(j);
  bound.close(0, own(0), reductionsLeft[state]! > 0 ? 1 : 0, iterations[state]!);
  const layInput = (input: number, at: number): void => {
    const some = inputs[input];
    if (some === undefined) {
      closedAt[at] = bound.leastCycles();
      return;
    }
    for (const j of some) bound.open(j, own(j));
    layInput(input + 1, at);
    some.forEach((j, within) => {
      bound.closeWithin(j, state);
      layInput(input + 1, at + (within + 1) * steps[input + 1]!);
    });
  };
  layInput(0, state);
}
