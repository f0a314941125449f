/**
 * Which partial mappings a depth-first search has seen. What they have in common is numbered: the boundaries closed so
 * far, with the loops inside and the run below them, as a path in a tree; and the runs of the open levels.
 */
import { PairNumbers } from '../pair-numbers.js';

export class Visits {
  private readonly seen = new PairNumbers();
  private readonly ends = new PairNumbers();
  private readonly runTuples = new PairNumbers();
  private readonly paths = new PairNumbers();
  private readonly closings = new PairNumbers();
  private path = -1;

  /** `boundaries`: how many there are. */
  constructor(private readonly boundaries: number) {}

  /** Whether this is the first visit of `state` with the boundaries closed so far. */
  first(state: number, runs: readonly number[]): boolean {
    let tuple = -1;
    for (let op = 0; op < runs.length; op++) tuple = this.runTuples.of(tuple, runs[op]!);
    const { size } = this.seen;
    return this.seen.of(this.path, this.ends.of(state, tuple)) === size;
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
