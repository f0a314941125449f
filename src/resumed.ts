/**
 * What a run that starts from a dump takes over from the runs before it: the passes that made what it goes on from,
 * and the accelerator, the profile and the limit on loop prime factors that this holds for. A dump that does not say
 * (older ones, and modules made by hand) is taken as it is.
 */
import { PROFILES, type Profile } from './base/profile.js';
import { fail } from './diag/diagnostic.js';
import type { Accelerator } from './hw/accelerator.js';
import { diffFields, type FieldDiff } from './ir/diff.js';
import { FACETS, type Facet, type PartialIR } from './ir/facets.js';
import type { LayerPrecision, OperandBits } from './ir/layer-precision.js';
import type { CostSettings, GivenInputs, LayerPrecisions, PassRecord, Provenance } from './ir/provenance.js';
import type { AnyPass } from './pass/pass.js';

const MOST_TERMS = 6;

export interface CostedBy {
  readonly profile: Profile;
  readonly lpfLimit: number | null;
}

/** What a run costs by: what it asks for, else what it takes over, else the default. */
export function costedBy(request: Partial<CostedBy> & { readonly from?: PartialIR }): CostedBy {
  const kept = request.from?.made?.settings;
  const profile = request.profile ?? (kept ? profileNamed(kept.profile) : PROFILES.default);
  const usual = kept?.profile === profile.name ? kept.lpfLimit : profile.lpfLimit;
  return { profile, lpfLimit: request.lpfLimit === undefined ? usual : request.lpfLimit };
}

const profileNamed = (name: string): Profile =>
  Object.values(PROFILES).find((profile) => profile.name === name) ??
  fail('DF8015', `the dump was made with the profile "${name}", which this program does not have`, [], {
    help: `start from the model, with --profile ${Object.keys(PROFILES).join(' or ')}`,
  });

export const settingsOf = ({ profile, lpfLimit }: CostedBy): CostSettings => ({
  profile: profile.name,
  lpfLimit,
});

interface Asked {
  readonly dims?: Readonly<Record<string, number>>;
  readonly precision?: OperandBits;
  readonly precisions?: readonly LayerPrecision[];
}

/** What the shapes and layers of a run follow from: what it asks for, or what those of the dump were made with. */
export function givenInputs(start: PartialIR, passes: readonly AnyPass[], asked: Asked): GivenInputs {
  const isMade = (facet: Facet): boolean =>
    start[facet] === undefined || passes.some(({ makes }) => makes === facet);
  const kept = start.made?.given ?? {};
  const own = inputsOf(asked);
  const { dims } = isMade('shapes') ? own : kept;
  const { precision, layerPrecisions } = isMade('layers') ? own : kept;
  return {
    ...(dims === undefined ? {} : { dims }),
    ...(precision === undefined ? {} : { precision }),
    ...(layerPrecisions === undefined ? {} : { layerPrecisions }),
  };
}

const inputsOf = ({ dims = {}, precision = {}, precisions = [] }: Asked): GivenInputs => ({
  ...(Object.keys(dims).length === 0 ? {} : { dims }),
  ...(Object.keys(precision).length === 0 ? {} : { precision }),
  ...(precisions.length === 0 ? {} : { layerPrecisions: layerPrecisions(precisions) }),
});

function layerPrecisions(entries: readonly LayerPrecision[]): LayerPrecisions {
  const at = entries[0]?.at;
  return {
    file: at?.kind === 'file' ? at.file : null,
    layers: entries.map(({ pattern, bits }) => ({ layer: pattern, ...bits })),
  };
}

/** The module for a run on `hw`, with the passes that count. Throws a DiagnosticError if it is for another one. */
export function takenOver(
  start: PartialIR,
  passes: readonly AnyPass[],
  hw: Accelerator,
  costed: CostedBy,
  given: GivenInputs,
): PartialIR {
  const { made } = start;
  if (made === undefined) return start;
  const again = Math.min(FACETS.length, ...passes.map(({ makes }) => FACETS.indexOf(makes)));
  const kept = FACETS.slice(0, again).filter((facet) => start[facet] !== undefined);
  checkAccelerator(start, made, kept, hw);
  const settings = made.settings && settingsOf(costed);
  if (made.settings && settings) checkSettings(start, made.settings, kept, settings);
  return {
    ...start,
    made: {
      accelerator: hw,
      ...(settings && { settings }),
      ...(Object.keys(given).length === 0 ? {} : { given }),
      passes: passesBefore(made, passes[0]),
    },
  };
}

/** The passes before and those of this run. */
export const wholePipeline = ({ made }: PartialIR, pipeline: string): string =>
  [...(made?.passes ?? []).map(({ pass }) => pass), pipeline].filter((text) => text !== '').join(',');

/** Without what the first pass to run makes stale and does not need. */
function passesBefore({ passes }: Provenance, first: AnyPass | undefined): readonly PassRecord[] {
  if (first === undefined) return passes;
  const needs = first.needs as readonly Facet[];
  const isUsed = ({ makes }: PassRecord): boolean =>
    needs.includes(makes) || FACETS.indexOf(makes) < FACETS.indexOf(first.makes);
  return passes.slice(0, passes.findLastIndex(isUsed) + 1);
}

/** Facets that no pass will make again hold for this accelerator, whatever its name. */
function checkAccelerator(start: PartialIR, made: Provenance, kept: readonly Facet[], hw: Accelerator): void {
  const differences = diffFields([], made.accelerator, hw);
  for (const facet of kept) {
    const follows = dependence(start, facet);
    const found = differences.filter(({ path: [part = ''] }) => follows(part));
    if (found.length > 0) refuse(facet, found);
  }
}

/** Which parts of the accelerator a facet follows from. Decisions that were not searched may be tried on any. */
function dependence({ shapes, layers, stacks }: PartialIR, facet: Facet): (part: string) => boolean {
  const all = (part: string): boolean => part !== 'name' && part !== 'source';
  const none = (): boolean => false;
  switch (facet) {
    case 'layers':
      if (layers?.layers.some(({ otherUnrollings }) => otherUnrollings !== undefined)) return all;
      // The layers of a table state their own.
      return layers && shapes ? (part) => part === 'precision' : none;
    case 'stacks':
      return stacks?.search ? all : none;
    case 'allocs':
    case 'costs':
      return all;
    default:
      return none;
  }
}

/** The same of profile and limit: the first shapes everything from the layers on, the second what mappings decide. */
function checkSettings(
  { stacks }: PartialIR,
  made: CostSettings,
  kept: readonly Facet[],
  settings: CostSettings,
): void {
  const first = {
    profile: kept.find((facet) => FACETS.indexOf(facet) >= FACETS.indexOf('layers')),
    lpfLimit: kept.find((facet) => facet === 'allocs' || (facet === 'stacks' && stacks?.search)),
  };
  const differing = (['profile', 'lpfLimit'] as const).filter(
    (key) => first[key] !== undefined && made[key] !== settings[key],
  );
  const [key] = differing;
  if (key === undefined) return;
  fail('DF8015', `the ${first[key]} of the dump were made with another ${SETTINGS[key].name}`, [], {
    terms: differing.map(
      (one) => `${SETTINGS[one].name}: ${made[one] ?? 'none'} in the dump, ${settings[one] ?? 'none'} here`,
    ),
    help:
      `leave out ${differing.map((one) => SETTINGS[one].flag).join(' and ')}: the dump keeps what it was made with; ` +
      `or start from the model, or from a dump without ${first[key]}`,
  });
}

const SETTINGS = {
  profile: { name: 'profile', flag: '--profile' },
  lpfLimit: { name: 'limit on loop prime factors', flag: '--lpf-limit' },
} as const;

const refuse = (facet: Facet, differences: readonly FieldDiff[]): never =>
  fail('DF8014', `the ${facet} of the dump were made for an accelerator that differs`, [], {
    terms: differences
      .slice(0, MOST_TERMS)
      .map(
        ({ path, before, after }) =>
          `${path.join(' ')}: ${valueText(before)} in the dump, ${valueText(after)} here`,
      ),
    help: `start from the model, or from a dump without ${facet}; or take the accelerator of the dump`,
  });

const valueText = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
