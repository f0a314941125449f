/**
 * Long tables without what they say again: where rows repeat the ones right before them in all but numbers and names,
 * one row stands for them, `4-96  conv2 .. add32  like 1-3 x 31`.
 */
import { firstAlikeOf } from '../base/first-alike.js';
import { grouped } from '../base/units.js';
import { linesOf, type Line } from './repeats.js';
import type { Column } from './text-table.js';

/** Up to here a reader sees at a glance what is alike. */
export const MOST_ROWS = 64;

type Row = readonly string[];

export function withoutRepetitions(columns: readonly Column[], rows: readonly Row[]): readonly Row[] {
  const isNamed = columns.some(({ identifies }) => identifies !== undefined);
  if (rows.length <= MOST_ROWS || !isNamed) return rows;
  const told = (row: Row): string =>
    row.filter((_, at) => columns[at]?.identifies === undefined).join('\u0000');
  return inFewerLines(rows.map(told)).map((line) =>
    line.like === undefined || line.to === line.from + 1
      ? rows[line.from]!
      : repetition(columns, rows, { ...line, like: line.like }),
  );
}

/** Lines for items, of which those with equal texts are alike. */
export const inFewerLines = (texts: readonly string[]): readonly Line[] =>
  linesOf(
    firstAlikeOf(
      texts,
      (text) => text,
      () => true,
    ),
  );

function repetition(
  columns: readonly Column[],
  rows: readonly Row[],
  { from, to, like }: Required<Line>,
): Row {
  const number = columns.findIndex(({ identifies }) => identifies === 'number');
  const content = columns.findIndex(({ identifies }) => identifies === undefined);
  const between = (at: number, first: number, behind: number, mark: string): string =>
    rangeText(rows[first]?.[at] ?? '', rows[behind - 1]?.[at] ?? '', mark);
  return columns.map(({ identifies }, at) => {
    if (at === content) return likeText(between(number, like.from, like.to, '-'), { from, to, like });
    return identifies === undefined ? '' : between(at, from, to, identifies === 'number' ? '-' : ' .. ');
  });
}

export const rangeText = (one: string, last: string, mark = '-'): string =>
  one === last ? one : `${one}${mark}${last}`;

/** `like 1-3 x 31`: what comes again, and how often. */
export function likeText(what: string, { from, to, like }: Required<Line>): string {
  const times = (to - from) / (like.to - like.from);
  return `like ${what}${times === 1 ? '' : ` x ${grouped(times)}`}`;
}
