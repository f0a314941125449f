/** How a module came about: what a dump keeps besides the facets, so that a run that goes on from it knows. */
import type { Facet } from './facets.js';

export interface Provenance {
  /** The accelerator that the passes were given, as data: it is compared and nothing else. */
  readonly accelerator: object;
  /** Absent: an older dump, which does not say. */
  readonly settings?: CostSettings;
  /** Those that have run, in order. */
  readonly passes: readonly PassRecord[];
}

/** What costs depend on besides the accelerator. */
export interface CostSettings {
  /** Name of the profile. */
  readonly profile: string;
  /** Loop prime factors of a mapping at most; null: no limit. */
  readonly lpfLimit: number | null;
}

export interface PassRecord {
  /** As in a pipeline string, options included. */
  readonly pass: string;
  readonly makes: Facet;
  /** Whose pass it is, if not ours. */
  readonly plugin?: PluginRecord;
}

export interface PluginRecord {
  readonly name: string;
  /** As the user named it; null: a program handed it over. */
  readonly file: string | null;
}
