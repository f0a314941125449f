/** Plain-text layout: aligned columns and wrapped lines, never wider than `WIDTH`. */

import { grouped } from '../base/units.js';

export const WIDTH = 120;

/** How to emphasise: no colour unless someone injects it. */
export interface TextStyle {
  readonly heading: (line: string) => string;
}

export const PLAIN: TextStyle = { heading: (line) => line };

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** What gives way if a line is too long: names are shortened first, then columns one can do without left out. */
  readonly yields?: 'shortened' | 'left-out';
}

export const left = (title: string): Column => ({ title, align: 'left' });
export const right = (title: string): Column => ({ title, align: 'right' });
export const name = (title: string): Column => ({ title, align: 'left', yields: 'shortened' });
export const extra = (title: string): Column => ({ title, align: 'right', yields: 'left-out' });

const GAP = 2;
const SHORTEST_NAME = 12;

/** A column that is printed: its cells, title first, and its width. */
interface Printed {
  readonly column: Column;
  readonly cells: readonly string[];
  readonly width: number;
}

/** Title line and one line per row. A column without content is left out. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  indent = 0,
): readonly string[] {
  const filled = columns.flatMap((column, i): readonly Printed[] => {
    const cells = [column.title];
    let [width, empty] = [column.title.length, true];
    for (const row of rows) {
      const cell = row[i] ?? '';
      cells.push(cell);
      width = Math.max(width, cell.length);
      empty &&= cell === '';
    }
    return empty ? [] : [{ column, cells, width }];
  });
  const printed = fitted(filled, WIDTH - indent);
  const gap = ' '.repeat(GAP);
  return Array.from({ length: rows.length + 1 }, (_, line) => {
    let text = ' '.repeat(indent);
    for (const [i, { column, cells, width }] of printed.entries()) {
      const cell = clip(cells[line] ?? '', width);
      text += (i === 0 ? '' : gap) + (column.align === 'right' ? cell.padStart(width) : cell.padEnd(width));
    }
    return printable(text).trimEnd();
  });
}

/** Shortens names, then leaves out columns from the right, until the line fits or nothing more can give way. */
function fitted(columns: readonly Printed[], room: number): readonly Printed[] {
  const excess = columns.reduce((sum, { width }) => sum + width + GAP, -GAP) - room;
  if (excess <= 0) return columns;
  const longest = Math.max(
    ...columns.map(({ column, width }) => (column.yields === 'shortened' ? width : 0)),
  );
  if (longest > SHORTEST_NAME) {
    const index = columns.findIndex(
      ({ column, width }) => column.yields === 'shortened' && width === longest,
    );
    const width = Math.max(SHORTEST_NAME, longest - excess);
    return fitted(columns.with(index, { ...columns[index]!, width }), room);
  }
  const index = columns.findLastIndex(({ column }) => column.yields === 'left-out');
  return index < 0 ? columns : fitted(columns.toSpliced(index, 1), room);
}

/** Names come from files: what would steer a terminal is shown as a question mark. */
export const printable = (text: string): string =>
  /\p{Cc}/u.test(text) ? text.replaceAll(/\p{Cc}/gu, '?') : text;

/** The end of a text that is too long: `..layer1.0/conv2`. */
export const clip = (text: string, width: number): string =>
  text.length <= width ? text : `..${text.slice(text.length - width + 2)}`;

/** Words after a label; further lines are indented as the first word is. A word that is too long gets its own line. */
export function wrap(label: string, words: readonly string[], separator = ' '): readonly string[] {
  const lines: string[] = [];
  const mark = separator.trimEnd();
  const gap = ' '.repeat(separator.length - mark.length);
  let line = label;
  let space = '';
  for (const [i, word] of words.entries()) {
    const piece = i < words.length - 1 ? word + mark : word;
    if (i > 0 && line.length + space.length + piece.length > WIDTH) {
      lines.push(printable(line));
      line = ' '.repeat(label.length) + piece;
    } else line += space + piece;
    space = gap;
  }
  return [...lines, printable(line)];
}

export const plural = (amount: number, noun: string, many = `${noun}s`): string =>
  `${grouped(amount)} ${amount === 1 ? noun : many}`;
