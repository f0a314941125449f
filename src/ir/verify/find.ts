/** What the verifiers of consequences share: lookups that may fail, findings in a facet, numbers that agree. */
import { diagnostic, type Diagnostic, type Severity } from '../../diag/diagnostic.js';
import type { Code } from '../../diag/codes.js';
import type { Facet } from '../facets.js';

/** A finding about one thing in a facet; `id` says which. */
export const broken = (
  facet: Facet,
  code: Code,
  id: string,
  what: string,
  severity: Severity = 'error',
): Diagnostic => diagnostic(code, `${id}: ${what}`, [{ kind: 'ir', facet, id }], { severity });

export function sum<T>(items: readonly T[], value: (item: T) => number): number {
  let total = 0;
  for (let i = 0; i < items.length; i++) total += value(items[i] as T);
  return total;
}

/** No findings: networks have 20,000 layers, and a list for each would be most of what their verifiers do. */
export const NOTHING: readonly never[] = [];

/** All findings about the items of a long list. */
export function each<T, F>(
  items: readonly T[],
  findings: (item: T, index: number) => readonly F[],
): readonly F[] {
  let all: F[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const found = findings(items[i] as T, i);
    if (found.length > 0) (all ??= []).push(...found);
  }
  return all ?? NOTHING;
}

/** Equal ids in equal order. */
export const sameIds = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((id, i) => id === other[i]);

/** Sums of doubles in another order differ by rounding only. */
const TOLERANCE = 1e-9;

export const near = (a: number, b: number): boolean =>
  Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
