/** What a plugin registers, looked at before anything runs: a value in JavaScript may be anything. */
import type { Diagnostic } from '../diag/diagnostic.js';
import { choice } from '../diag/schema-errors.js';
import { FACETS } from '../ir/facets.js';
import { blame, originText, type PluginOrigin } from './origin.js';
import type { AnyPass } from './pass.js';
import { optionFaults } from './registry.js';

const VENDOR_NAME = /^[a-z][a-z0-9-]*\/[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** One diagnostic for its name, and one for all the rest. */
export function passFaults(value: unknown, origin: PluginOrigin): readonly Diagnostic[] {
  const owner = originText(origin);
  if (typeof value !== 'object' || value === null)
    return [blame(origin, 'DF8307', `${owner} registers something that is no pass`, [], { help: HELP })];
  const { name } = value as Partial<AnyPass>;
  const named = typeof name === 'string' ? name : 'a pass without a name';
  const faults = shapeFaults(value);
  const all = faults.length > 0 ? faults : optionFaults(value as AnyPass);
  return [
    ...(typeof name !== 'string' || hasVendor(name, origin) ? [] : [noVendor(origin, 'pass', name)]),
    ...(all.length === 0
      ? []
      : [
          blame(origin, 'DF8307', `${named} of ${owner} is malformed: ${all[0] ?? ''}`, [], {
            terms: all.slice(1),
            help: HELP,
          }),
        ]),
  ];
}

export const hasVendor = (name: string, { name: vendor }: PluginOrigin): boolean =>
  VENDOR_NAME.test(name) && name.startsWith(`${vendor}/`);

export const noVendor = (origin: PluginOrigin, what: 'pass' | 'pipeline', name: string): Diagnostic =>
  blame(
    origin,
    'DF8305',
    `the ${what} "${name}" of ${originText(origin)} is not called ${origin.name}/verb-noun`,
    [],
    {
      help: `call it ${origin.name}/${kebab(name)}`,
    },
  );

/** `Acme/cutAtPools` -> `cut-at-pools`. */
const kebab = (name: string): string =>
  name
    .replace(/^.*\//, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '') || 'verb-noun';

const HELP =
  'the parts of a pass: name, summary, needs, makes, options, run; docs/adding-a-pass.md shows one';

function shapeFaults({
  name,
  summary,
  needs,
  makes,
  options,
  run,
}: Partial<Record<keyof AnyPass, unknown>>): readonly string[] {
  return [
    ...(typeof name === 'string' ? [] : ['name is no text']),
    ...(typeof summary === 'string' ? [] : ['summary is no text']),
    ...(Array.isArray(needs) ? needs.flatMap((facet) => facetFaults('needs', facet)) : ['needs is no list']),
    ...facetFaults('makes', makes),
    ...(isRecord(options)
      ? Object.entries(options).flatMap(([key, schema]) => schemaFaults(key, schema))
      : ['options is no object']),
    ...(typeof run === 'function' ? [] : ['run is no function']),
  ];
}

function facetFaults(part: string, facet: unknown): readonly string[] {
  if (FACETS.some((known) => known === facet)) return [];
  const hint = typeof facet === 'string' ? choice(facet, FACETS, 'facets') : `facets: ${FACETS.join(', ')}`;
  return [
    `${part} names ${facet === undefined ? 'nothing' : JSON.stringify(facet)}, which is no facet (${hint ?? ''})`,
  ];
}

const ELEMENT_TYPES = ['string', 'number', 'integer', 'boolean'];
const TYPES = [...ELEMENT_TYPES, 'array'];

function schemaFaults(key: string, schema: unknown): readonly string[] {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(key)) return [`option "${key}" cannot be written in a pipeline`];
  if (!isRecord(schema)) return [`option ${key} is no schema`];
  const { type, description, items } = schema;
  const isListed =
    items === undefined || (isRecord(items) && ELEMENT_TYPES.includes(items['type'] as string));
  return [
    ...(TYPES.includes(type as string) ? [] : [`option ${key} has no type (${TYPES.join(', ')})`]),
    ...(isListed ? [] : [`the items of option ${key} have no type (${ELEMENT_TYPES.join(', ')})`]),
    ...(typeof description === 'string' ? [] : [`option ${key} has no description`]),
    ...('default' in schema ? [] : [`option ${key} has no default`]),
  ];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
