/**
 * Cost profiles: every modelling choice in which the published model (HPCA 2023) and this one differ,
 * as a named field. `reference-2023` reproduces the published numbers, `default` corrects them.
 * The Q numbers are the list of known deviations in docs/cost-model.md. No code asks for a profile's
 * name to decide how to compute; it asks for the choice.
 */
export interface Profile {
  readonly name: string;
  /** Q13. `clipped`: regions end at the feature-map border. `ignored`: no pads, shapes follow from the sink. */
  readonly padding: 'clipped' | 'ignored';
  /** Q16. Columns a strided window needs: the whole `span`, or only the `distinct` elements it touches. */
  readonly strideExtent: 'span' | 'distinct';
  /** Q5. Level of the column cache: highest over a row of tiles, or whatever the right neighbour computed. */
  readonly hCacheLevel: 'highest-in-row' | 'right-neighbour';
  /** Q5. Level of the row cache: highest over all tiles, or that of the last tile in scan order. */
  readonly vCacheLevel: 'highest' | 'last-tile';
  /** Q7. Cache sizes are computed for the overlap mode in use, or always as if both caches were in use. */
  readonly cacheView: 'as-scheduled' | 'always-cached';
  /** Q4. First-column tiles reserve room for the columns they leave behind, or not. */
  readonly firstColumnCaches: 'reserved' | 'not-reserved';
  /** Q8. Halo of a stack's input kept on chip: written at a cost, or free. */
  readonly inputHalo: 'charged' | 'free';
  /** Q17. Columns kept for a branch that lags behind: stored and read back, or only written. */
  readonly branchDelay: 'stored-and-read' | 'written-only';
  /** Where kept columns and rows cross: written to each cache that keeps them and rows read from the row cache, or
   *  written to the row cache alone and read from the column cache (5.1). The same bits if they share a memory. */
  readonly crossing: 'in-both-caches' | 'read-from-columns';
  /** Q18. An input patch that lies below the level its consumer reads from is copied up, or read for free. */
  readonly lowPatch: 'copied' | 'free';
  /** Q29. Top levels are chosen in the room that resident weights and caches leave, or in the whole memory. */
  readonly residents: 'reserved' | 'ignored';
  /** Q28. Weights of a layer that does not run in the first tile come with it all the same, or are there for nothing. */
  readonly lateWeights: 'charged' | 'free';
  /** Q14. Extents and words per cycle of fractional unrollings: real numbers, or truncated to integers. */
  readonly fractions: 'real' | 'truncated';
  /** Q15, Q33. Loop counts: exact integers, or the floating-point quotient as published. */
  readonly loopCounts: 'integer' | 'floating-quotient';
  /** Q10. Off-loading transfers that share a port are serialised, or all but the last are free. */
  readonly offloadSharing: 'serialised' | 'parallel';
  /** Q10. Whether `latencyCycles` includes off-loading. */
  readonly offloadCounted: boolean;
  /** Q20. On-load parts on half-shared ports add up, or overwrite one another. */
  readonly onloadHalf: 'added' | 'overwritten';
  /** Q21. A memory whose operands do not fit together even with no loop: no mapping, or, where it is the lowest level
   *  of one of them, unnoticed. */
  readonly overfullMemory: 'unmappable' | 'unnoticed-at-lowest';
  /**
   * Loops are split over the memory levels in any way that fits, whichever is best, and among mappings of equal energy
   * the fastest is taken; or as published: greedily, for the least traffic, and the first in the order of enumeration.
   */
  readonly boundaries: 'searched' | 'published-rule';
  /** Q1. A cut after the layer listed first in a table is a cut, or is lost (both stacks start at the input). */
  readonly firstCut: 'kept' | 'lost';
  /** Operands whose region is a whole axis: their producer is in an earlier stack, or treated like a window. */
  readonly barriers: 'respected' | 'ignored';
  /** Q26. Channels of a map that a stack of a layer table begins with: its own, or all names that its readers give them,
   *  as if each were a dim more. */
  readonly cutChannels: 'own' | 'as-named';
  /** Q2. Capacity that decides how many weights a stack may have: of all instances of the memory, or of one. */
  readonly weightCapacity: 'all' | 'one';
  /** Per-channel parameters of post-operations count as weights, or as nothing. */
  readonly postOpParameters: 'counted' | 'ignored';
  /** Default loop-prime-factor limit of the temporal mapper; null = none. */
  readonly lpfLimit: number | null;
}

const DEFAULT: Profile = {
  name: 'default',
  padding: 'clipped',
  strideExtent: 'span',
  hCacheLevel: 'highest-in-row',
  vCacheLevel: 'highest',
  cacheView: 'as-scheduled',
  firstColumnCaches: 'reserved',
  inputHalo: 'charged',
  branchDelay: 'stored-and-read',
  crossing: 'in-both-caches',
  lowPatch: 'copied',
  residents: 'reserved',
  lateWeights: 'charged',
  fractions: 'real',
  loopCounts: 'integer',
  offloadSharing: 'serialised',
  offloadCounted: true,
  onloadHalf: 'added',
  overfullMemory: 'unmappable',
  boundaries: 'searched',
  firstCut: 'kept',
  barriers: 'respected',
  cutChannels: 'own',
  weightCapacity: 'all',
  postOpParameters: 'counted',
  lpfLimit: null,
};

const REFERENCE_2023: Profile = {
  name: 'reference-2023',
  padding: 'ignored',
  strideExtent: 'distinct',
  hCacheLevel: 'right-neighbour',
  vCacheLevel: 'last-tile',
  cacheView: 'always-cached',
  firstColumnCaches: 'not-reserved',
  inputHalo: 'free',
  branchDelay: 'written-only',
  crossing: 'read-from-columns',
  lowPatch: 'free',
  residents: 'ignored',
  lateWeights: 'free',
  fractions: 'truncated',
  loopCounts: 'floating-quotient',
  offloadSharing: 'parallel',
  offloadCounted: false,
  onloadHalf: 'overwritten',
  overfullMemory: 'unnoticed-at-lowest',
  boundaries: 'published-rule',
  firstCut: 'lost',
  barriers: 'ignored',
  cutChannels: 'as-named',
  weightCapacity: 'one',
  postOpParameters: 'ignored',
  lpfLimit: 6,
};

export const PROFILES: Readonly<Record<'default' | 'reference-2023', Profile>> = Object.freeze({
  default: Object.freeze(DEFAULT),
  'reference-2023': Object.freeze(REFERENCE_2023),
});
