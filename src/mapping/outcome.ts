/** What a search over mappings comes back with; the mapping itself lies in the placement, scored. */
import type { Shortage } from './room.js';

export interface SearchOutcome {
  readonly found: boolean;
  /** How far, relatively, the objective may be above the optimum; 0: it is the optimum. */
  readonly gap: number;
  /** Partial mappings looked at, and complete ones scored. */
  readonly nodes: number;
  readonly scored: number;
  /** Of mappings that were tried and do not fit, if any: the one that came closest. */
  readonly shortage?: Shortage | undefined;
}

export const nothingFits = (nodes: number, shortage?: Shortage): SearchOutcome => ({
  found: false,
  gap: 0,
  nodes,
  scored: 0,
  shortage,
});
