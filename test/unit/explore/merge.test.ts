/** Joining lines of several files: order, doubles, and what must not be joined. */
import { compareLines, lineText, type PointLine } from '../../../src/explore/line.js';
import { mergeLines } from '../../../src/explore/merge.js';
import { readLines } from '../../../src/explore/read-lines.js';
import { codesThrown, diagnosticsThrown } from '../../support/codes.js';
import { evaluated, failed } from '../../support/explore-lines.js';

const source = (file: string, lines: readonly PointLine[]) => ({
  file,
  lines: lines.map((line, i) => ({ line, number: i + 1 })),
});
const at = (x: number) => evaluated({ tile: { x, y: 1 } });

test('lines come out once and in order', () => {
  const merged = mergeLines([source('a', [at(60), at(4)]), source('b', [at(16), at(4)])]);
  expect(merged.map(({ tile }) => tile.x)).toEqual([4, 16, 60]);
  expect([...merged].sort(compareLines)).toEqual(merged);
});

test('an answer takes the place of a failure, wherever it stands', () => {
  expect(mergeLines([source('a', [failed(at(4))]), source('b', [at(4)])])).toEqual([at(4)]);
  expect(mergeLines([source('a', [at(4)]), source('b', [failed(at(4))])])).toEqual([at(4)]);
});

test('two numbers for one point are refused with both places', () => {
  const edited = { ...at(4), energyPj: 9 };
  const [d] = diagnosticsThrown(() => mergeLines([source('a', [at(4)]), source('b', [at(1), edited])]));
  expect(d?.code).toBe('DF8202');
  expect(d?.at).toEqual([
    { kind: 'file', file: 'b', line: 2 },
    { kind: 'file', file: 'a', line: 1 },
  ]);
});

test('the same model from other bytes is refused; another model is not', () => {
  const changed = evaluated({ key: '1'.repeat(32) });
  expect(codesThrown(() => mergeLines([source('a', [at(4)]), source('b', [changed])]))).toEqual(['DF8201']);
  const other = evaluated({ key: '1'.repeat(32), model: 'another' });
  expect(mergeLines([source('a', [at(4)]), source('b', [other])])).toEqual([other, at(4)]);
});

describe('reading lines', () => {
  const text = (lines: readonly PointLine[]): string => lines.map((line) => `${lineText(line)}\n`).join('');

  test('what was written is read back, bit for bit', () => {
    const lines = [at(4), failed(at(16)), evaluated({ energyPj: 0.1 + 0.2, tile: { x: 'full', y: 3 } })];
    const found = readLines(text(lines), 'grid.jsonl');
    expect(found.diagnostics).toEqual([]);
    expect(found.lines.map(({ line }) => lineText(line))).toEqual(lines.map(lineText));
  });

  test('each line that is none is reported by its number, and costs only itself', () => {
    const torn = lineText(at(60)).slice(0, 200);
    const wrong = lineText({ ...at(1), energyPj: -1 });
    const half = lineText({ ...failed(at(1)), status: 'infeasible' } as unknown as PointLine);
    const { lines, diagnostics } = readLines(
      `${text([at(4)])}\nnonsense\n${wrong}\n${half}\n${torn}`,
      'g.jsonl',
    );
    expect(lines.map(({ number }) => number)).toEqual([1]);
    expect(diagnostics.map(({ code, at: places }) => [code, places[0]])).toEqual(
      [3, 4, 5, 6].map((line) => ['DF8200', { kind: 'file', file: 'g.jsonl', line }]),
    );
  });
});
