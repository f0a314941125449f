/** What the verifiers of consequences share: lookups that may fail, findings in a facet, numbers that agree. */
import { perObject } from '../../base/bounded-map.js';
import { diagnostic, type Diagnostic, type Severity } from '../../diag/diagnostic.js';
import type { Code } from '../../diag/codes.js';
import type { Facet } from '../facets.js';
import type { FeatureMap, Layer, Workload } from '../layer.js';

/** Layers and maps by id; an id that resolves to nothing is a finding, not an exception. */
export interface Lookup {
  readonly layer: (id: string) => Layer | undefined;
  readonly map: (id: string) => FeatureMap | undefined;
}

export const lookupIn = perObject(({ layers, maps }: Workload): Lookup => {
  const byLayer = new Map<string, Layer>(layers.map((layer) => [layer.id, layer]));
  const byMap = new Map<string, FeatureMap>(maps.map((map) => [map.id, map]));
  return { layer: (id) => byLayer.get(id), map: (id) => byMap.get(id) };
});

/** A finding about one thing in a facet; `id` says which. */
export const broken = (
  facet: Facet,
  code: Code,
  id: string,
  what: string,
  severity: Severity = 'error',
): Diagnostic => diagnostic(code, `${id}: ${what}`, [{ kind: 'ir', facet, id }], { severity });

export const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);

/** No findings: networks have 20,000 layers, and a list for each would be most of what their verifiers do. */
export const NOTHING: readonly never[] = [];

/** All findings about the items of a long list. */
export function each<T, F>(items: readonly T[], findings: (item: T) => readonly F[]): readonly F[] {
  const all: F[] = [];
  for (const item of items) {
    const found = findings(item);
    if (found.length > 0) all.push(...found);
  }
  return all;
}

/** Equal ids in equal order. */
export const sameIds = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((id, i) => id === other[i]);

/** Sums of doubles in another order differ by rounding only. */
const TOLERANCE = 1e-9;

export const near = (a: number, b: number): boolean =>
  Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
