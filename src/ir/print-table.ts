/** Text blocks of the dump: rows of cells with aligned columns, one fact per line, no trailing blanks. */

export type Row = readonly string[];

/** Lines of a table, `indent` spaces in front; columns whose index is in `right` are aligned to the right. */
export function table(
  rows: readonly Row[],
  indent: number,
  right: readonly number[] = [],
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, c) => {
      widths[c] = Math.max(widths[c] ?? 0, cell.length);
    });
  return rows.map((row) => {
    const cells = row.map((cell, c) =>
      right.includes(c) ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0),
    );
    return (' '.repeat(indent) + cells.join('  ')).trimEnd();
  });
}

/** A name from a model, on one line and without blanks that would look like columns. */
export const nameText = (name: string): string =>
  /^[^\s\u0000-\u001f\u007f-\u009f"]+$/u.test(name) ? name : JSON.stringify(name);

/** Up to `most` items, then how many there are. */
export function someOf(items: readonly (string | number)[], most = 8): string {
  const shown = items.slice(0, most).join(' ');
  return items.length > most ? `${shown} ... (${items.length})` : shown;
}
