/**
 * Lists of states that a boundary may still close over, from the inside out. A list is a number, equal lists are the
 * same number, and one is made of a shorter one and its last state.
 */
import { PairNumbers } from '../pair-numbers.js';

export const EMPTY = -1;

export class CandidateLists {
  private readonly numbers = new PairNumbers();
  private readonly shorter: number[] = [];
  private readonly first: number[] = [];
  private readonly last: number[] = [];

  /** A list with one more state. */
  with(list: number, state: number): number {
    const longer = this.numbers.of(list, state);
    if (longer === this.last.length) {
      this.shorter.push(list);
      this.first.push(list === EMPTY ? state : this.first[list]!);
      this.last.push(state);
    }
    return longer;
  }

  firstOf(list: number): number {
    return this.first[list]!;
  }

  lastOf(list: number): number {
    return this.last[list]!;
  }

  withoutLast(list: number): number {
    return this.shorter[list]!;
  }

  /** The states from `begin` on; lists ascend. */
  from(list: number, begin: number): number {
    if (list === EMPTY || this.last[list]! < begin) return EMPTY;
    if (this.first[list]! >= begin) return list;
    const inner = this.shorter[list]!;
    const left = this.from(inner, begin);
    return this.with(left, this.last[list]!);
  }

  /** Writes the states to an array that has room for them; how many there are. */
  write(list: number, states: Int32Array): number {
    if (list === EMPTY) return 0;
    const count = this.write(this.shorter[list]!, states);
    states[count] = this.last[list]!;
    return count + 1;
  }
}
