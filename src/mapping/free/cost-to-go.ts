/**
 * The least energy that any completion of a partial mapping still pays, by one backward sweep: per sub-multiset of
 * loops and per split state, the best of closing one more boundary here and of placing one more loop. Exact but for
 * one relaxation: in a memory that operands share, each may use what the others leave when they hold the least.
 *
 * Hot core: typed arrays, no allocation in the sweep.
 */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { Restriction } from './restriction.js';
import type { Closing, SplitStates } from './split-states.js';

export class CostToGo {
  /** By state and split state, pJ; Infinity: no completion fits. */
  private readonly leastPj: Float64Array;
  private readonly iterations: number;

  constructor(
    readonly tables: LatticeTables,
    readonly splits: SplitStates,
    readonly restriction: Restriction | undefined,
  ) {
    this.iterations = tables.iterations[tables.iterations.length - 1]!;
    this.leastPj = new Float64Array(tables.lattice.states * splits.count);
    this.sweep();
  }

  at(state: number, split: number): number {
    return this.leastPj[state * this.splits.count + split]!;
  }

  /** What closing a boundary at a state costs, pJ; Infinity: its data does not fit, or it may not lie here. */
  closingPj(state: number, closing: Closing): number {
    const { operands, boundaries, reductionsLeft, iterations } = this.tables;
    const { elements, finishedPj, unfinishedPj } = boundaries[closing.boundary]!;
    const own = operands[closing.operand]!.own[state]!;
    if (elements[own]! * closing.widthBits > closing.roomBits) return Infinity;
    if (this.restriction?.mayClose(state, closing) === false) return Infinity;
    const perCrossing = reductionsLeft[state]! > 0 ? unfinishedPj[own]! : finishedPj[own]!;
    return perCrossing * (this.iterations / iterations[state]!);
  }

  private sweep(): void {
    const { strides, times, states } = this.tables.lattice;
    const { count, closings } = this.splits;
    const { leastPj, restriction } = this;
    const digits = Int32Array.from(times);
    for (let state = states - 1; state >= 0; state--) {
      const row = state * count;
      const data = this.tables.reductionsLeft[state]! > 0 ? 1 : 0;
      for (let split = count - 1; split >= 0; split--) {
        const open = closings[split]!;
        let least = state === states - 1 && open.length === 0 ? 0 : Infinity;
        for (let letter = 0; letter < times.length; letter++) {
          if (digits[letter] === times[letter] || restriction?.mayStep(state, letter) === false) continue;
          const beyond = leastPj[row + strides[letter]! * count + split]!;
          if (beyond < least) least = beyond;
        }
        for (let c = 0; c < open.length; c++) {
          const closing = open[c]!;
          const beyond = leastPj[row + closing.next[data]]!;
          if (beyond >= least) continue;
          const cost = beyond + this.closingPj(state, closing);
          if (cost < least) least = cost;
        }
        leastPj[row + split] = least;
      }
      for (let letter = 0; letter < times.length && --digits[letter]! < 0; letter++)
        digits[letter] = times[letter]!;
    }
  }
}
