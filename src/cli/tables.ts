/** What `--time-passes` and `--pass-stats` print to stderr. */
import { grouped } from '../base/units.js';
import type { PassTime } from '../pass/instrument/timing.js';
import type { PassStatistic } from '../pass/manager.js';
import { left, right, table } from '../report/text-table.js';

export function timesTable(times: readonly PassTime[]): string {
  const rows = times.map(({ index, pass, milliseconds }) => [String(index), pass, milliseconds.toFixed(1)]);
  const total = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return lines(table([right('#'), left('pass'), right('ms')], [...rows, ['', 'total', total.toFixed(1)]]));
}

export const statisticsTable = (statistics: readonly PassStatistic[]): string =>
  lines(
    table(
      [right('#'), left('pass'), left('what'), right('count')],
      statistics.map(({ index, pass, name, count }) => [String(index), pass, name, grouped(count)]),
    ),
  );

const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;
