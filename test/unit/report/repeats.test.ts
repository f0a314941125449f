/** Sequences that come again: what is left out is put back from the lines alone. */
import fc from 'fast-check';
import { MOST_ROWS } from '../../../src/report/repeated-rows.js';
import { linesOf } from '../../../src/report/repeats.js';
import { ranges } from '../../../src/report/text-numbers.js';
import { itemName, itemNumber, left, right, table } from '../../../src/report/text-table.js';

/** Kinds of items, in sequences that are repeated, within one another too. */
const sequences = fc
  .array(fc.tuple(fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 6 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.flatMap(([kinds, times]) => Array.from({ length: times }, () => kinds).flat()))
  .chain((kinds) =>
    fc.integer({ min: 1, max: 3 }).map((times) => Array.from({ length: times }, () => kinds).flat()),
  );

test('lines cover all items in order, and are like what stands before them', () => {
  fc.assert(
    fc.property(sequences, (kinds) => {
      const lines = linesOf(kinds.map((kind) => kinds.indexOf(kind)));
      const behind: number[] = [];
      for (const { from, to, like } of lines) {
        const stretch = like === undefined ? kinds.slice(from, from + 1) : behind.slice(like.from, like.to);
        const isNew = like === undefined && kinds.indexOf(kinds[from]!) === from;
        if (from !== behind.length || !(isNew || (to - from) % stretch.length === 0)) return false;
        for (let at = from; at < to; at++) behind.push(stretch[(at - from) % stretch.length]!);
      }
      return behind.join() === kinds.join();
    }),
  );
});

const COLUMNS = [itemNumber('#'), itemName('layer'), left('what'), right('cost')];
const rowsOf = (kinds: readonly number[]): readonly (readonly string[])[] =>
  kinds.map((kind, i) => [String(i + 1), `l${i + 1}`, `kind${kind}`, String(10 * kind)]);

/** Rows of a table whose cells have no blanks in them, but for those that stand for others. */
function unfolded(lines: readonly string[]): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  for (const line of lines) {
    const again = /^ *(\d+)(?:-(\d+))? +\S+(?: \.\. \S+)? +like (\d+)(?:-(\d+))?(?: x (\d+))?$/.exec(line);
    if (again === null) rows.push(line.trim().split(/ +/));
    else {
      const [from, to, first, last, times] = again.slice(1).map(Number) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const sequence = rows.slice(first - 1, last || first);
      for (let n = from; n <= (to || from); n++)
        rows.push([String(n), `l${n}`, ...sequence[(n - from) % sequence.length]!.slice(2)]);
      expect(((to || from) - from + 1) / sequence.length).toBe(times || 1);
    }
  }
  return rows;
}

test('long tables say nothing twice in a row, and nothing is lost', () => {
  fc.assert(
    fc.property(sequences, fc.integer({ min: 1, max: 12 }), (kinds, times) => {
      const rows = rowsOf(Array.from({ length: times }, () => kinds).flat());
      const [, ...lines] = table(COLUMNS, rows, 1);
      expect(unfolded(lines)).toEqual(rows);
      if (rows.length <= MOST_ROWS) expect(lines).toHaveLength(rows.length);
      else if (times > 1) expect(lines.length).toBeLessThanOrEqual(2 * kinds.length + 1);
    }),
    { numRuns: 40 },
  );
});

test('long tables whose rows have no names are left alone', () => {
  const rows = Array.from({ length: MOST_ROWS + 1 }, () => ['a', '1']);
  expect(table([left('what'), right('cost')], rows)).toHaveLength(rows.length + 1);
});

test('numbers: neighbours, and many at equal distances', () => {
  expect(ranges([1, 2, 3, 7])).toEqual(['1-3', '7']);
  expect(ranges([1, 4, 7, 10, 11, 12])).toEqual(['1', '4', '7', '10-12']);
  const every = Array.from({ length: 10 }, (_, i) => 1 + 3 * i);
  expect(ranges([...every, 40, 41])).toEqual(['1', '4 .. 28', '40-41']);
  expect(ranges([])).toEqual([]);
});
