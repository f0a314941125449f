/**
 * Which partial mappings a depth-first search has seen. What they have in common is numbered: the boundaries closed so
 * far, with the loops inside and the run below them, as a path in a tree; and the runs of the open levels.
 */
import { PairNumbers } from '../pair-numbers.js';
import { TupleNumbers } from '../tuple-numbers.js';

/** Runs are products of loops and may have more digits than a number of a tuple. */
const HALF = 2 ** 30;

export class Visits {
  private readonly seen: TupleNumbers;
  private readonly paths = new PairNumbers();
  private readonly closings = new PairNumbers();
  private path = -1;

  /** How many there are. */
  constructor(
    private readonly boundaries: number,
    operands: number,
  ) {
    this.seen = new TupleNumbers(2 + 2 * operands);
  }

  /** Whether this is the first visit of `state` with the boundaries closed so far. */
  first(state: number, runs: readonly number[]): boolean {
    const { tuple, size } = this.seen;
    tuple[0] = this.path;
    tuple[1] = state;
    for (let op = 0; op < runs.length; op++) {
      const run = runs[op]!;
      tuple[2 + 2 * op] = run % HALF;
      tuple[3 + 2 * op] = run / HALF;
    }
    return this.seen.find() === size;
  }

  /** Closes a boundary at a state; the mark takes it back. */
  close(boundary: number, state: number, run: number): number {
    const mark = this.path;
    const place = this.closings.of(state * this.boundaries + boundary, run);
    this.path = this.paths.of(mark, place);
    return mark;
  }

  reopen(mark: number): void {
    this.path = mark;
  }
}
