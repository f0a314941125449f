/** Markdown tables, aligned as the formatter aligns them, and how numbers are written in them. */

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export const left = (title: string): Column => ({ title, align: 'left' });
export const right = (title: string): Column => ({ title, align: 'right' });

export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, c) =>
    Math.max(3, title.length, ...rows.map((row) => (row[c] ?? '').length)),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const padded = (cells: readonly string[]): string =>
    line(
      columns.map(({ align }, c) =>
        align === 'left'
          ? (cells[c] ?? '').padEnd(widths[c] ?? 0)
          : (cells[c] ?? '').padStart(widths[c] ?? 0),
      ),
    );
  const rule = columns.map(({ align }, c) =>
    align === 'left' ? '-'.repeat(widths[c] ?? 0) : `${'-'.repeat((widths[c] ?? 0) - 1)}:`,
  );
  return [padded(columns.map(({ title }) => title)), line(rule), ...rows.map(padded)].join('\n');
}

/** Differences below this, relatively, are sums of the same terms in another order. */
const NOISE = 1e-9;

/** By how much `value` differs from `base`, in percent: `0`, `+0.0052`, `+5.78`, `-50.00`. */
export function change(value: number, base: number): string {
  const percent = 100 * (value / base - 1);
  if (Math.abs(percent) < 100 * NOISE) return '0';
  const size = Math.abs(percent);
  const digits = size >= 0.1 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(size)));
  return `${percent > 0 ? '+' : '-'}${size.toFixed(digits)}`;
}

export const millijoule = (energyPj: number): string => (energyPj / 1e9).toFixed(4);
