/**
 * Partial orders of the published rule as a search over the lattice keeps them. A label is a number; what is known of
 * it is a row of numbers, since a search makes tens of thousands and objects would keep the collector busy.
 */
import { doubled } from '../tuple-numbers.js';
import type { LoopGraph } from './cool-lex.js';

/** What a partial order has placed: written over from one to the next. */
export interface Placed {
  /** Energy of the boundaries that are settled, pJ. */
  spentPj: number;
  /** By boundary: the state it is settled at, or NOT_YET. */
  readonly settled: Int32Array;
  /** By boundary that waits: the candidate list of the states it may close over. */
  readonly lists: Int32Array;
}

/** A partial order, or several with the same future. */
export type Label = number;

export const NOT_YET = -1;
const NO_STEP = -1;

/** Labels and steps there is room for at first. */
const FIRST_ROWS = 32;

/** Positions of a label's numbers in its row, and of a step's. */
const ROW = { state: 0, lastStep: 1, bounded: 2, boundaries: 3 } as const;
const STEP = { from: 0, letter: 1, other: 2, size: 3 } as const;

export class Labels implements LoopGraph<Label> {
  private size = 0;
  private stepCount = 0;
  /** A row per label: state, the last step found to lead to it, a mark, and per boundary settled state and list. */
  private rows: Int32Array;
  private spent = new Float64Array(FIRST_ROWS);
  /** A row per step: the label one loop further in, the loop, and the step to the same label found before. */
  private steps: Int32Array = new Int32Array(FIRST_ROWS * STEP.size);
  private readonly width: number;

  constructor(boundaries: number) {
    this.width = ROW.boundaries + 2 * boundaries;
    this.rows = new Int32Array(FIRST_ROWS * this.width);
  }

  stateOf(label: Label): number {
    return this.rows[label * this.width + ROW.state]!;
  }

  spentPj(label: Label): number {
    return this.spent[label]!;
  }

  add({ spentPj, settled, lists }: Placed, state: number): Label {
    const label = this.size++;
    if (label === this.spent.length) {
      this.rows = doubled(this.rows);
      const spent = new Float64Array(2 * label);
      spent.set(this.spent);
      this.spent = spent;
    }
    const { rows, width } = this;
    let at = label * width;
    this.spent[label] = spentPj;
    rows[at + ROW.state] = state;
    rows[at + ROW.lastStep] = NO_STEP;
    at += ROW.boundaries;
    for (let j = 0; j < settled.length; j++) {
      rows[at++] = settled[j]!;
      rows[at++] = lists[j]!;
    }
    return label;
  }

  read(label: Label, placed: Placed): void {
    const { settled, lists } = placed;
    const { rows } = this;
    placed.spentPj = this.spent[label]!;
    let at = label * this.width + ROW.boundaries;
    for (let j = 0; j < settled.length; j++) {
      settled[j] = rows[at++]!;
      lists[j] = rows[at++]!;
    }
  }

  /** Marks a label as one that waits with the best bound there is; whether it was marked before. */
  markBounded(label: Label): boolean {
    const at = label * this.width + ROW.bounded;
    const before = this.rows[at] === 1;
    this.rows[at] = 1;
    return before;
  }

  /** A loop of `letter` leads from one label to another. */
  link(from: Label, letter: number, to: Label): void {
    const at = this.stepCount * STEP.size;
    if (at === this.steps.length) this.steps = doubled(this.steps);
    const last = to * this.width + ROW.lastStep;
    this.steps[at + STEP.from] = from;
    this.steps[at + STEP.letter] = letter;
    this.steps[at + STEP.other] = this.rows[last]!;
    this.rows[last] = this.stepCount++;
  }

  readonly isStart = (label: Label): boolean => this.stateOf(label) === 0;

  readonly before = (labels: readonly Label[], letter: number): readonly Label[] => {
    const { rows, steps, width } = this;
    const found = new Set<Label>();
    for (const label of labels)
      for (let step = rows[label * width + ROW.lastStep]!; step !== NO_STEP;) {
        const at = step * STEP.size;
        if (steps[at + STEP.letter] === letter) found.add(steps[at + STEP.from]!);
        step = steps[at + STEP.other]!;
      }
    return [...found];
  };
}
