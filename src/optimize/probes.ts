/**
 * What looks best, evaluated now and then and ever more rarely, so that a search has a good answer whenever its time is
 * up. It changes how much is known, never what is best.
 */
import type { Weights } from './lazy-edge.js';
import { follow, followPromising, type SearchEdge, type SearchGraph } from './shortest-path.js';

/** Layers of the stacks of promising ways, at most: bounds of short stacks say more, long ones may gain more. */
const LONGEST = [1, 4, Infinity];

/** Steps of refinement that a stack may take: at first what looks best by its bounds has to do. */
const PATIENCE = [0, 20];

/** Probes before the first round, and whenever there have been so many times as many rounds. */
const RARER = 4;

/** Asked before every round of a search by some weights; says whether it evaluated anything. */
export type Probe = (weights: Weights) => boolean;

/** `start`: stacks that are always worth another look. */
export function probes(graph: SearchGraph, start: readonly SearchEdge[], outOfTime: () => boolean): Probe {
  let [rounds, due] = [0, 1];
  return (weights) => {
    if (++rounds < due) return false;
    due *= RARER;
    for (const patience of PATIENCE) {
      for (const longest of LONGEST) followPromising(graph, weights, longest, patience, outOfTime);
      follow(start, weights, patience, outOfTime);
    }
    return true;
  };
}
