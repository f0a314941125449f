/** Partial orders of the published rule as a search over the lattice keeps them. */
import type { LoopGraph } from './cool-lex.js';

/** What a partial order has placed. */
export interface Placed {
  /** Energy of the boundaries that are settled, pJ. */
  readonly spentPj: number;
  /** By boundary: the state it is settled at, or NOT_YET. */
  readonly settled: Int32Array;
  /** By boundary that waits: the candidate list of the states it may close over. */
  readonly lists: Int32Array;
}

/** A partial order, or several with the same future. */
export interface Label extends Placed {
  readonly state: number;
  /** Where it comes from. */
  before: Step | undefined;
  /** It waits with the best bound there is. */
  bounded: boolean;
}

/** A label that is one loop further in, the loop, and the other steps that lead to the same label. */
export interface Step {
  readonly from: Label;
  readonly letter: number;
  readonly other: Step | undefined;
}

export const NOT_YET = -1;

export const LABEL_GRAPH: LoopGraph<Label> = {
  isStart: ({ state }) => state === 0,
  before: (nodes, letter) => {
    const labels = new Set<Label>();
    for (const node of nodes)
      for (let step = node.before; step; step = step.other) if (step.letter === letter) labels.add(step.from);
    return [...labels];
  },
};
