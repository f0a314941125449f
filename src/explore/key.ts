/**
 * What the numbers of an exploration follow from, as one text to be digested: model bytes, accelerator, options and
 * the version of the cost model. Equal texts, equal numbers.
 */
import type { Profile } from '../base/profile.js';
import { COST_MODEL_VERSION } from '../cost/version.js';
import type { Accelerator, Precision } from '../hw/accelerator.js';
import type { LayerPrecision } from '../ir/layer-precision.js';
import type { MapperSetting } from './mapper.js';

/** What answers of the mapper depend on besides the problem. */
export const settingText = ({ hw, profile, lpfLimit }: MapperSetting): string =>
  JSON.stringify({ costModel: COST_MODEL_VERSION, objective: 'energy', lpfLimit, hw, profile });

export interface Circumstances {
  /** Digest of the model's bytes. */
  readonly modelDigest: string;
  /** How the bytes are read. */
  readonly importer: string;
  readonly hw: Accelerator;
  readonly profile: Profile;
  readonly lpfLimit: number | null;
  readonly dims: Readonly<Record<string, number>>;
  readonly precision: Readonly<Partial<Precision>>;
  readonly precisions: readonly LayerPrecision[];
}

export const circumstancesText = ({
  modelDigest,
  importer,
  dims,
  precision,
  precisions,
  ...setting
}: Circumstances): string =>
  JSON.stringify([
    modelDigest,
    importer,
    inOrder(dims),
    inOrder(precision),
    entriesOf(precisions),
    settingText({ hw: setting.hw, profile: setting.profile, lpfLimit: setting.lpfLimit }),
  ]);

const entriesOf = (precisions: readonly LayerPrecision[]): unknown =>
  precisions.map(({ pattern, bits }) => [pattern, inOrder(bits)]);

/** What a precision file says, however it is written. */
export const precisionsText = (precisions: readonly LayerPrecision[]): string =>
  JSON.stringify(entriesOf(precisions));

/** Keys in code-unit order, so that the order in which options were typed does not matter. */
export const inOrder = <T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
