/** How a module came about: what a dump keeps besides the facets, so that a run that goes on from it knows. */
import type { Facet } from './facets.js';
import type { OperandBits } from './layer-precision.js';

export interface Provenance {
  /** The accelerator that the passes were given, as data: it is compared and nothing else. */
  readonly accelerator: object;
  /** Absent: an older dump, which does not say. */
  readonly settings?: CostSettings;
  /** Absent: nothing was given, or an older dump, which does not say. */
  readonly given?: GivenInputs;
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

/** What shapes and layers follow from besides the model and the accelerator, as far as it was given. */
export interface GivenInputs {
  /** Symbolic dimensions bound. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Operand precisions of all layers, bits. */
  readonly precision?: OperandBits;
  readonly layerPrecisions?: LayerPrecisions;
}

/** And of single layers: entries of a file, later ones before earlier ones. */
export interface LayerPrecisions {
  /** As the user named it; null: a program handed them over. */
  readonly file: string | null;
  readonly layers: readonly (OperandBits & { readonly layer: string })[];
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
