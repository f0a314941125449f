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
    const { lattice, reductionsLeft } = this.tables;
    const { strides, times, states } = lattice;
    const { count, kinds } = this.splits;
    const { leastPj, restriction } = this;
    const { starts, kind, next, ofKind } = sweptClosings(this.splits);
    const digits = Int32Array.from(times);
    const closingPj = new Float64Array(kinds);
    leastPj.fill(Infinity);
    for (let split = 0; split < count; split++)
      if (starts[split] === starts[split + 1]) leastPj[(states - 1) * count + split] = 0;
    for (let state = states - 1; state >= 0; state--) {
      const row = state * count;
      for (let letter = 0; letter < times.length; letter++)
        if (digits[letter] !== times[letter] && restriction?.mayStep(state, letter) !== false)
          lower(leastPj, row, strides[letter]! * count, count);
      for (const closing of ofKind) closingPj[closing.kind] = this.closingPj(state, closing);
      const after = next[reductionsLeft[state]! > 0 ? 1 : 0];
      for (let split = count - 1; split >= 0; split--) {
        const end = starts[split + 1]!;
        let least = leastPj[row + split]!;
        for (let c = starts[split]!; c < end; c++) {
          const cost = leastPj[row + after[c]!]! + closingPj[kind[c]!]!;
          if (cost < least) least = cost;
        }
        leastPj[row + split] = least;
      }
      for (let letter = 0; letter < times.length && --digits[letter]! < 0; letter++)
        digits[letter] = times[letter]!;
    }
  }
}

/** Takes over, for a row of `count` numbers, those that are lower `ahead` of it. */
function lower(values: Float64Array, row: number, ahead: number, count: number): void {
  for (let i = row; i < row + count; i++) if (values[i + ahead]! < values[i]!) values[i] = values[i + ahead]!;
}

/** The closings of all split states, one after another. */
interface SweptClosings {
  /** By split state, where its closings begin. */
  readonly starts: Int32Array;
  /** By closing: its kind, and the split state after it, with finished and with unfinished data. */
  readonly kind: Int32Array;
  readonly next: readonly [Int32Array, Int32Array];
  /** One of each kind. */
  readonly ofKind: readonly Closing[];
}

function sweptClosings({ count, kinds, closings }: SplitStates): SweptClosings {
  const starts = new Int32Array(count + 1);
  for (let split = 0; split < count; split++) starts[split + 1] = starts[split]! + closings[split]!.length;
  const kind = new Int32Array(starts[count]!);
  const next: [Int32Array, Int32Array] = [new Int32Array(kind.length), new Int32Array(kind.length)];
  const known = new Uint8Array(kinds);
  const ofKind: Closing[] = [];
  let c = 0;
  for (let split = 0; split < count; split++) {
    const open = closings[split]!;
    for (const closing of open) {
      kind[c] = closing.kind;
      next[0][c] = split + closing.step[0];
      next[1][c++] = split + closing.step[1];
      if (known[closing.kind] === 0) ofKind.push(closing);
      known[closing.kind] = 1;
    }
  }
  return { starts, kind, next, ofKind };
}
