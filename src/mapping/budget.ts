/** How hard the mapper looks at a layer tile. A mapping whose search was cut carries its gap, whatever the budget. */

/** Partial mappings looked at per layer tile, at most, before the best one found is taken with its gap. */
export interface MapperBudget {
  /** Best first, for the least energy, or for the best order under the published rule. */
  readonly bestFirst: number;
  /** Depth first, for the best of many mappings, in each of a few passes. */
  readonly depthFirst: number;
}

/** Some seconds of search in the worst layer tiles. */
export const THOROUGH: MapperBudget = { bestFirst: 200_000, depthFirst: 200_000 };

/** Some hundredths of a second: for a run that has to answer in time. Least energies are mostly found all the same. */
export const BRIEF: MapperBudget = { bestFirst: 20_000, depthFirst: 1000 };
