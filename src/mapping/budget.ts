/** How hard the mapper looks at a layer tile. A mapping whose search was cut carries its gap, whatever the budget. */

/** Partial mappings looked at per layer tile, at most, before the best one found is taken with its gap. */
export interface MapperBudget {
  /** Best first, for the least energy, or for the best order under the published rule. */
  readonly bestFirst: number;
  /** Depth first, in each of a few passes: for the fastest of the mappings that have the least energy, */
  readonly ties: number;
  /** and for the best by another objective. */
  readonly depthFirst: number;
}

/**
 * Some seconds of search in the worst layer tiles. Depth first, nodes beyond some thousands hardly ever find a faster
 * mapping, they only prove a little more: of 2,149 layer tiles of FSRCNN, 20,000 nodes find ones 0.00001 % faster.
 */
export const THOROUGH: MapperBudget = { bestFirst: 200_000, ties: 200_000, depthFirst: 5000 };

/** Some hundredths of a second: for a run that has to answer in time. Least energies are mostly found all the same. */
export const BRIEF: MapperBudget = { bestFirst: 20_000, ties: 1000, depthFirst: 1000 };
