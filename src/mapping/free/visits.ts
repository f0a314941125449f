/**
 * Which partial mappings a depth-first search has seen. What they have in common is numbered: the boundaries closed so
 * far, with the loops inside and the run below them, as a path in a tree; and the runs of the open levels.
 */
export class Visits {
  private readonly seen = new Set<number>();
  private readonly paths = new Map<number, number>();
  private readonly runIds = new Map<number, number>();
  private readonly runTuples = new Map<string, number>();
  private path = 0;

  constructor(private readonly states: number) {}

  /** Whether this is the first visit of `state` with the boundaries closed so far. */
  first(state: number, runs: readonly number[]): boolean {
    const key = (this.path * this.states + state) * MOST_RUNS + numbered(this.runTuples, runs.join());
    const before = this.seen.size;
    this.seen.add(key);
    return this.seen.size > before;
  }

  /** Closes a boundary at a state; the mark takes it back. */
  close(boundary: number, state: number, run: number): number {
    const mark = this.path;
    const step = (boundary * this.states + state) * MOST_RUNS + numbered(this.runIds, run);
    // Below 2^53: 2^20 paths, 2^16 states, 2^4 boundaries and 2^12 runs.
    this.path = numbered(this.paths, mark * MOST_BOUNDARIES * this.states * MOST_RUNS + step, 1);
    return mark;
  }

  reopen(mark: number): void {
    this.path = mark;
  }
}

const MOST_RUNS = 2 ** 12;
const MOST_BOUNDARIES = 2 ** 4;

function numbered<K>(numbers: Map<K, number>, key: K, first = 0): number {
  const found = numbers.get(key);
  if (found !== undefined) return found;
  const number = numbers.size + first;
  numbers.set(key, number);
  return number;
}
