/**
 * Partial orders of the published rule as a search over the lattice keeps them. A label is a number; what is known of
 * it stands in columns, since a search makes tens of thousands and objects of them would keep the collector busy.
 */
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

export class Labels implements LoopGraph<Label> {
  /** By label: whether it waits with the best bound there is. */
  readonly bounded: boolean[] = [];
  private readonly states: number[] = [];
  private readonly spent: number[] = [];
  /** Settled states and lists, label after label. */
  private readonly rows: number[] = [];
  /** By label: the last step that was found to lead to it. */
  private readonly steps: number[] = [];
  /** By step: the label that is one loop further in, the loop, and the step to the same label found before. */
  private readonly from: number[] = [];
  private readonly letters: number[] = [];
  private readonly others: number[] = [];

  stateOf(label: Label): number {
    return this.states[label]!;
  }

  spentPj(label: Label): number {
    return this.spent[label]!;
  }

  add({ spentPj, settled, lists }: Placed, state: number): Label {
    this.spent.push(spentPj);
    for (let j = 0; j < settled.length; j++) this.rows.push(settled[j]!, lists[j]!);
    this.steps.push(NO_STEP);
    this.bounded.push(false);
    return this.states.push(state) - 1;
  }

  read(label: Label, placed: Placed): void {
    const { settled, lists } = placed;
    placed.spentPj = this.spent[label]!;
    let at = 2 * label * settled.length;
    for (let j = 0; j < settled.length; j++) {
      settled[j] = this.rows[at++]!;
      lists[j] = this.rows[at++]!;
    }
  }

  /** A loop of `letter` leads from one label to another. */
  link(from: Label, letter: number, to: Label): void {
    this.others.push(this.steps[to]!);
    this.letters.push(letter);
    this.steps[to] = this.from.push(from) - 1;
  }

  readonly isStart = (label: Label): boolean => this.states[label] === 0;

  readonly before = (labels: readonly Label[], letter: number): readonly Label[] => {
    const found = new Set<Label>();
    for (const label of labels)
      for (let step = this.steps[label]!; step !== NO_STEP; step = this.others[step]!)
        if (this.letters[step] === letter) found.add(this.from[step]!);
    return [...found];
  };
}
