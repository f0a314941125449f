/** Plain-text layout: aligned columns and wrapped lines, never wider than `WIDTH`. */

import { grouped } from '../base/units.js';
import { withoutRepetitions } from './repeated-rows.js';

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
  /** It tells rows apart and nothing else: by a number, or by a name. */
  readonly identifies?: 'number' | 'name';
}

export const left = (title: string): Column => ({ title, align: 'left' });
export const right = (title: string): Column => ({ title, align: 'right' });
export const name = (title: string): Column => ({ title, align: 'left', yields: 'shortened' });
/** The number and the name of what a row is about. */
export const itemNumber = (title: string): Column => ({ ...right(title), identifies: 'number' });
export const itemName = (title: string): Column => ({ ...name(title), identifies: 'name' });
export const extra = (title: string): Column => ({ title, align: 'right', yields: 'left-out' });

const GAP = 2;
const SHORTEST_NAME = 12;

/** A column that is printed: where its cells are in a row, and how wide it is. */
interface Printed {
  readonly column: Column;
  readonly at: number;
  readonly width: number;
}

/** Title line and one line per row, in long tables without repetitions. A column without content is left out. */
export function table(
  columns: readonly Column[],
  allRows: readonly (readonly string[])[],
  indent = 0,
): readonly string[] {
  const rows = withoutRepetitions(columns, allRows);
  const widths = columns.map(() => 0);
  for (const row of rows)
    for (let at = 0; at < row.length; at++)
      if (row[at]!.length > (widths[at] ?? 0)) widths[at] = row[at]!.length;
  const filled = columns.flatMap((column, at): readonly Printed[] =>
    widths[at] === 0 ? [] : [{ column, at, width: Math.max(column.title.length, widths[at]!) }],
  );
  const printed = fitted(filled, WIDTH - indent);
  const titles = columns.map(({ title }) => title);
  return [titles, ...rows].map((cells) => lineOf(printed, cells, indent));
}

function lineOf(columns: readonly Printed[], cells: readonly string[], indent: number): string {
  let text = '';
  // Blanks are put down once there is something behind them.
  let blanks = indent;
  for (let i = 0; i < columns.length; i++) {
    const { column, at, width } = columns[i]!;
    const cell = clip(cells[at] ?? '', width);
    const free = width - cell.length;
    if (i > 0) blanks += GAP;
    if (column.align === 'right') blanks += free;
    if (cell !== '') {
      text += spaces(blanks) + cell;
      blanks = 0;
    }
    if (column.align === 'left') blanks += free;
  }
  return printable(text).trimEnd();
}

const SPACES = Array.from({ length: WIDTH + 1 }, (_, count) => ' '.repeat(count));
const spaces = (count: number): string => SPACES[count] ?? ' '.repeat(count);

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
  const whole = label + words.join(separator);
  if (whole.length <= WIDTH) return [printable(whole)];
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
