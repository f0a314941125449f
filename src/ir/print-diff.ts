/** The difference of two IRs as text and as JSON: one line per field, what stood there and what stands there now. */
import { grouped } from '../base/units.js';
import type { EntryDiff, FacetDiff, FieldDiff } from './diff.js';
import { FACETS, type Facet, type PartialIR } from './facets.js';
import { encodeNumber } from './json.js';
import { nameText, someOf, table, type Row } from './print-table.js';

/** One of the two IRs, by the name of its file. */
export interface DiffSide {
  readonly file: string;
  readonly ir: PartialIR;
}

/** `most`: fields shown per entry; the rest is counted. */
export function printDiff(
  before: DiffSide,
  after: DiffSide,
  facets: readonly FacetDiff[],
  most: number,
): string {
  const heads = [sideText('---', before), sideText('+++', after)];
  const renamed =
    before.ir.name === after.ir.name
      ? []
      : ['', `module  ${nameText(before.ir.name)} -> ${nameText(after.ir.name)}`];
  const body = facets.flatMap((facet) => ['', ...facetText(facet, most)]);
  const equal = facets.length + renamed.length === 0 ? ['', 'equal'] : [];
  return `${[...heads, ...renamed, ...body, ...equal].join('\n')}\n`;
}

/** All of it as data; `schema` tells the form. */
export const diffJson = (before: DiffSide, after: DiffSide, facets: readonly FacetDiff[]): string =>
  `${JSON.stringify(
    {
      schema: 'defines-diff/1',
      before: { file: before.file, name: before.ir.name },
      after: { file: after.file, name: after.ir.name },
      equal: isEqual(before, after, facets),
      facets,
    },
    encodeNumber,
    2,
  )}\n`;

export const isEqual = (before: DiffSide, after: DiffSide, facets: readonly FacetDiff[]): boolean =>
  facets.length === 0 && before.ir.name === after.ir.name;

const sideText = (sign: string, { file, ir }: DiffSide): string =>
  `${sign} ${file}  has ${FACETS.filter((facet) => ir[facet] !== undefined).join(' ')}`.trimEnd();

function facetText({ facet, change, entries }: FacetDiff, most: number): readonly string[] {
  if (change !== 'changed') return [`${facet}  only in the ${change === 'added' ? 'second' : 'first'} dump`];
  return [facet, ...entries.flatMap((entry) => entryText(facet, entry, most))];
}

function entryText(facet: Facet, { list, id, change, fields }: EntryDiff, most: number): readonly string[] {
  // `layers` of layers, `stacks` of stacks: the id alone says what it is.
  const name =
    list === '' ? '(facet)' : `${list === facet || id.startsWith('$') ? '' : `${list} `}${nameText(id)}`;
  if (change !== 'changed') return [`  ${change === 'added' ? '+' : '-'} ${name}`];
  const shown = table(fields.slice(0, most).map(fieldRow), 6);
  const more = fields.length - shown.length;
  return [`  ${name}`, ...shown, ...(more > 0 ? [`      ... and ${grouped(more)} more fields`] : [])];
}

function fieldRow({ path, change, before, after }: FieldDiff): Row {
  const where = path.map(nameText).join(' ');
  if (change === 'added') return [where, `(absent) -> ${valueText(after)}`];
  if (change === 'removed') return [where, `${valueText(before)} -> (absent)`];
  const [old, young] = [valueText(before), valueText(after)];
  // Numbers that differ in digits that are not shown for reading are shown whole.
  if (old === young) return [where, `${JSON.stringify(before)} -> ${JSON.stringify(after)}`];
  return [where, `${old} -> ${young}${growth(before, after)}`];
}

/** By how much a number changed. */
function growth(before: unknown, after: unknown): string {
  if (typeof before !== 'number' || typeof after !== 'number' || before === 0) return '';
  const percent = (100 * (after - before)) / Math.abs(before);
  return Number.isFinite(percent) ? `  (${percent < 0 ? '' : '+'}${percent.toFixed(1)} %)` : '';
}

const LONGEST_VALUE = 72;
const MOST_ITEMS = 12;

const DECIMALS = 3;

function valueText(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value))
    return grouped(value, Number.isInteger(value) ? 0 : DECIMALS);
  if (typeof value === 'string') return nameText(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number'))
    return value.length === 0 ? '(none)' : someOf(value.map(valueText), MOST_ITEMS);
  const text = JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 3)}...`;
}
