/**
 * The difference of two IRs, as data: per facet, per entry (a layer, a map, a stack, a tensor, ...), which fields
 * changed. Lists whose elements have names of their own are matched by name, all others by position, so the
 * difference of a stack that lost a layer is that layer and not everything behind it. Deterministic: facets in their
 * order, entries and fields in the order of the first IR, then what only the second one has.
 */
import { FACETS, type Facet, type PartialIR } from './facets.js';

/** How one thing in the first IR becomes that of the second. */
export type Change = 'added' | 'removed' | 'changed';

export interface FieldDiff {
  /** From the entry down: keys of objects, names or positions of list elements. */
  readonly path: readonly string[];
  readonly change: Change;
  /** Absent on the side that has no such field. */
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface EntryDiff {
  /** The list of the facet it stands in; '' for what is no list element, such as the totals. */
  readonly list: string;
  /** `@conv1`, `%a`, `$0`, or the name of a tensor or node; '' for the facet's own fields. */
  readonly id: string;
  readonly change: Change;
  /** What changed in it; none of an entry that only one of the two has. */
  readonly fields: readonly FieldDiff[];
}

export interface FacetDiff {
  readonly facet: Facet;
  readonly change: Change;
  readonly entries: readonly EntryDiff[];
}

/** Facets that differ; none: the two are equal. */
export function diffIr(before: PartialIR, after: PartialIR, facets: readonly Facet[] = FACETS): FacetDiff[] {
  return facets.flatMap((facet): FacetDiff[] => {
    const [old, young] = [before[facet], after[facet]];
    if (old === undefined && young === undefined) return [];
    if (old === undefined) return [{ facet, change: 'added', entries: [] }];
    if (young === undefined) return [{ facet, change: 'removed', entries: [] }];
    const entries = diffEntries(old, young);
    return entries.length === 0 ? [] : [{ facet, change: 'changed', entries }];
  });
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** The lists of a facet entry by entry, and its other fields as one entry without a name. */
function diffEntries(before: object, after: object): readonly EntryDiff[] {
  const entries: EntryDiff[] = [];
  const own: FieldDiff[] = [];
  for (const [key, old, young] of pairs(before as Fields, after as Fields)) {
    const matched = matchedByName(old, young);
    if (matched === undefined) {
      own.push(...diffFields([key], old, young));
      continue;
    }
    for (const [id, one, other] of matched.pairs) {
      const change = changeOf(one, other);
      const fields = change === 'changed' ? diffFields([], one, other) : [];
      if (change !== 'changed' || fields.length > 0) entries.push({ list: key, id, change, fields });
    }
    own.push(...orderDiff([key], matched));
  }
  return own.length === 0 ? entries : [...entries, { list: '', id: '', change: 'changed', fields: own }];
}

const changeOf = (before: unknown, after: unknown): Change =>
  before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';

/** What differs between two values, from `path` down. */
export function diffFields(path: readonly string[], before: unknown, after: unknown): readonly FieldDiff[] {
  const leaf = (): readonly FieldDiff[] => [
    {
      path,
      change: changeOf(before, after),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
  if (Object.is(before, after)) return [];
  if (isObject(before) && isObject(after))
    return pairs(before, after).flatMap(([key, old, young]) => diffFields([...path, key], old, young));
  if (!isList(before) || !isList(after)) return leaf();
  const matched = matchedByName(before, after);
  if (matched !== undefined)
    return [
      ...matched.pairs.flatMap(([id, old, young]) => diffFields([...path, id], old, young)),
      ...orderDiff(path, matched),
    ];
  // A list of ids or numbers is read as one value.
  if ([...before, ...after].every(isPlain))
    return before.length === after.length && before.every((value, i) => Object.is(value, after[i]))
      ? []
      : leaf();
  return Array.from({ length: Math.max(before.length, after.length) }, (_, i) =>
    diffFields([...path, String(i)], before[i], after[i]),
  ).flat();
}

/** Keys of both, each once; undefined: not there. */
function pairs(before: Fields, after: Fields): readonly (readonly [string, unknown, unknown])[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].map((key) => [key, before[key], after[key]] as const);
}

/** Fields that name an element of a list, the first that all elements have. */
const NAMES: readonly (readonly string[])[] = [
  ['id'],
  ['stack'],
  ['layer'],
  ['before'],
  ['why', 'map'],
  ['type'],
  ['operand', 'memory'],
  ['name'],
  ['map'],
  ['memory'],
  ['dim'],
];

interface Matched {
  readonly pairs: readonly (readonly [id: string, before: unknown, after: unknown])[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Two lists of named elements; undefined if they are none, or two elements of a list share a name. */
function matchedByName(before: unknown, after: unknown): Matched | undefined {
  if (!isList(before) || !isList(after)) return undefined;
  const all = [...before, ...after];
  const keys = NAMES.find((names) =>
    all.every((value) => isObject(value) && names.every((name) => typeof value[name] === 'string')),
  );
  if (keys === undefined || all.length === 0) return undefined;
  const named = (list: readonly unknown[]): ReadonlyMap<string, unknown> =>
    new Map(list.map((value) => [keys.map((key) => String((value as Fields)[key])).join(' '), value]));
  const [old, young] = [named(before), named(after)];
  if (old.size < before.length || young.size < after.length) return undefined;
  const ids = new Set([...old.keys(), ...young.keys()]);
  return {
    pairs: [...ids].map((id) => [id, old.get(id), young.get(id)] as const),
    before: [...old.keys()],
    after: [...young.keys()],
  };
}

/** The same elements in another order. */
function orderDiff(path: readonly string[], { before, after }: Matched): readonly FieldDiff[] {
  const [olds, youngs] = [new Set(before), new Set(after)];
  const [both, also] = [before.filter((id) => youngs.has(id)), after.filter((id) => olds.has(id))];
  if (both.every((id, i) => id === also[i])) return [];
  return [{ path: [...path, 'order'], change: 'changed', before: both, after: also }];
}
