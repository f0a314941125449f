/**
 * Whether a value is a facet in form: plain data that JSON keeps as it is, and the schema of the dump. What the
 * compiler checks for passes in TypeScript is checked here for those that may come from anywhere.
 */
import { compileSchema, type Validate } from '../diag/validator.js';
import type { Facet } from './facets.js';
import { facetSchema } from './schema/dump.js';

const validators = new Map<Facet, Validate<unknown>>();
const OPTIONS = { allErrors: true, discriminator: true } as const;

/** Where the value is none, each with its place; empty: it is a facet in form. */
export function facetFaults(facet: Facet, value: unknown): readonly string[] {
  const unlike = unplain(value, '', []);
  if (unlike !== undefined) return [unlike];
  const validate = validators.get(facet) ?? compileSchema(facetSchema(facet), OPTIONS);
  validators.set(facet, validate);
  return validate(value) ? [] : (validate.errors ?? []).map(faultText);
}

function faultText({
  instancePath,
  message,
  params,
}: NonNullable<Validate<unknown>['errors']>[number]): string {
  const { additionalProperty, allowedValues } = params as Readonly<Record<string, unknown>>;
  const more =
    typeof additionalProperty === 'string'
      ? ` (${additionalProperty})`
      : Array.isArray(allowedValues)
        ? ` (${allowedValues.join(', ')})`
        : '';
  return `${instancePath === '' ? '/' : instancePath} ${message ?? 'is not allowed'}${more}`;
}

/** The first part that is no plain data; `above`: what it lies in. */
function unplain(value: unknown, path: string, above: readonly object[]): string | undefined {
  const say = (what: string): string => `${path === '' ? '/' : path} is ${what}`;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : say(String(value));
  if (typeof value !== 'object') return say(value === undefined ? 'undefined' : `a ${typeof value}`);
  if (above.includes(value)) return say('part of itself');
  if (typeof (value as { then?: unknown }).then === 'function') return say('a promise that is not awaited');
  const prototype: unknown = Object.getPrototypeOf(value);
  // By shape and not by identity: other realms have an Object.prototype of their own.
  if (!Array.isArray(value) && prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return say(`of the class ${(value as { constructor?: { name?: string } }).constructor?.name ?? '?'}`);
  for (const [key, part] of Object.entries(value)) {
    const fault = unplain(part, `${path}/${key}`, [...above, value]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
