/**
 * The corrections: groups of profile fields that belong together, with the numbers of the deviations they remove
 * (docs/cost-model.md). Invariant: every field in which the two profiles differ is in exactly one of them.
 */
import { PROFILES, type Profile } from '../../src/base/profile.js';

/** The fields that say how to compute; the name and the default search limit do not. */
export type Choice = Exclude<keyof Profile, 'name' | 'lpfLimit'>;

export interface Correction {
  readonly quirks: string;
  readonly title: string;
  readonly fields: readonly Choice[];
  /**
   * Fields of other corrections without which it cannot act. Borders are known to intervals of real columns alone, and those follow
   * lagging branches too.
   */
  readonly with?: readonly Choice[];
}

const list = <const Name extends string>(corrections: Readonly<Record<Name, Correction>>) => corrections;

/** In the order of the list of deviations. */
export const CORRECTIONS = list({
  firstCut: { quirks: 'Q1', title: 'first cut kept', fields: ['firstCut'] },
  weightCapacity: { quirks: 'Q2', title: 'weight capacity of all instances', fields: ['weightCapacity'] },
  alive: {
    quirks: 'Q4, Q7',
    title: 'room for caches while data is alive',
    fields: ['firstColumnCaches', 'cacheView'],
  },
  cacheLevels: {
    quirks: 'Q5, Q6',
    title: 'cache levels: highest of the neighbours',
    fields: ['hCacheLevel', 'vCacheLevel'],
  },
  inputHalo: { quirks: 'Q8', title: 'halo of stack inputs paid for', fields: ['inputHalo'] },
  offload: {
    quirks: 'Q10',
    title: 'off-loading counted, ports shared',
    fields: ['offloadCounted', 'offloadSharing'],
  },
  padding: {
    quirks: 'Q13 with Q17',
    title: 'padding at the true border',
    fields: ['padding'],
    with: ['branchDelay'],
  },
  counts: {
    quirks: 'Q14, Q15, Q33',
    title: 'integer loop counts, real extents',
    fields: ['fractions', 'loopCounts'],
  },
  strideExtent: { quirks: 'Q16', title: 'spans of strides beyond the kernel', fields: ['strideExtent'] },
  branchDelay: { quirks: 'Q17', title: 'delayed branches stored and read', fields: ['branchDelay'] },
  crossing: { quirks: '-', title: 'crossings of columns and rows in both caches', fields: ['crossing'] },
  lowPatch: { quirks: 'Q18', title: 'input patch where its reader reads', fields: ['lowPatch'] },
  onloadHalf: { quirks: 'Q20', title: 'half-shared on-loading added up', fields: ['onloadHalf'] },
  overfullMemory: { quirks: 'Q21', title: 'over-full memory is no mapping', fields: ['overfullMemory'] },
  cutChannels: { quirks: 'Q26', title: 'channels of cut maps counted once', fields: ['cutChannels'] },
  lateWeights: { quirks: 'Q28', title: 'weights of layers that run later brought', fields: ['lateWeights'] },
  residents: { quirks: 'Q29', title: 'room left by weights and caches', fields: ['residents'] },
  boundaries: { quirks: '-', title: 'splits searched, ties broken by latency', fields: ['boundaries'] },
  barriers: { quirks: '-', title: 'whole-axis operands end a stack', fields: ['barriers'] },
  postOps: { quirks: '-', title: 'parameters of post-operations counted', fields: ['postOpParameters'] },
});

export type CorrectionName = keyof typeof CORRECTIONS;

export const ALL_CORRECTIONS: readonly Correction[] = Object.values<Correction>(CORRECTIONS);

/** `reference-2023` with some corrections, each with what it cannot act without. */
export function corrected(...corrections: readonly Correction[]): Profile {
  const fields = corrections.flatMap((one) => [...one.fields, ...(one.with ?? [])]);
  const choices = Object.fromEntries(fields.map((field) => [field, PROFILES.default[field]]));
  return { ...PROFILES['reference-2023'], ...choices };
}
