/** Results on disk: found again, never those of other circumstances, never torn ones, and not without bound. */
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SearchResult } from '../../../src/ir/layer-tile.js';
import { openResultCache } from '../../../src/node/result-cache.js';
import { codesThrown } from '../../support/codes.js';
import { temporaryFolder } from '../../support/cli.js';

const at = temporaryFolder();
const AT = { kind: 'spec', text: '--cache here', offset: 8 } as const;
const ALL = { worthMs: 0, mostBytes: 1e9 };
const result = (demandBits: number): SearchResult => ({
  kind: 'unmappable',
  reason: { memory: 1, operand: 'O', demandBits, boundBits: 1 / 3 },
});

test('a result is found by another run, under its setting and key alone', () => {
  openResultCache(at('found'), AT, ALL)
    .of('setting')
    .put('problem', result(0.1 + 0.2), 5);
  const again = openResultCache(at('found'), AT, ALL);
  expect(again.of('setting').get('problem')).toEqual(result(0.1 + 0.2));
  expect(again.of('setting').get('other')).toBeUndefined();
  expect(again.of('other').get('problem')).toBeUndefined();
});

test('what was found fast is not kept', () => {
  const store = openResultCache(at('fast'), AT).of('setting');
  store.put('fast', result(1), 0.5);
  store.put('slow', result(2), 1.5);
  expect([store.get('fast'), store.get('slow')]).toEqual([undefined, result(2)]);
});

test('every file that was cut short or changed is passed over and written anew', () => {
  const store = openResultCache(at('torn'), AT, ALL).of('setting');
  store.put('problem', result(12345), 5);
  const [name = ''] = readdirSync(at('torn'));
  const file = join(at('torn'), name);
  const whole = readFileSync(file, 'utf8');
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(file, whole.slice(0, length));
    expect(store.get('problem')).toBeUndefined();
  }
  writeFileSync(file, whole.replace('12345', '12346'));
  expect(store.get('problem')).toBeUndefined();
  // A file of another problem under this name.
  writeFileSync(file, whole.replace(' problem"', ' another"'));
  expect(store.get('problem')).toBeUndefined();
  store.put('problem', result(12345), 5);
  expect(store.get('problem')).toEqual(result(12345));
});

test('the oldest results go first when the folder is full, and what is not ours stays', () => {
  const cache = openResultCache(at('full'), AT, ALL);
  const store = cache.of('setting');
  const keys = Array.from({ length: 10 }, (_, i) => `problem ${i}`);
  keys.forEach((key, i) => {
    const before = new Set(readdirSync(at('full')));
    store.put(key, result(i), 5);
    const name = readdirSync(at('full')).find((file) => !before.has(file)) ?? '';
    utimesSync(join(at('full'), name), 1000 + i, 1000 + i);
  });
  writeFileSync(join(at('full'), 'notes.txt'), 'mine');
  const bytes = statSync(join(at('full'), readdirSync(at('full'))[0] ?? '')).size;
  const bounded = openResultCache(at('full'), AT, { worthMs: 0, mostBytes: 4.5 * bytes });
  bounded.of('setting').put('newest', result(10), 5);
  bounded.trim();
  const kept = [...keys, 'newest'].filter((key) => store.get(key) !== undefined);
  expect(kept).toEqual(['problem 7', 'problem 8', 'problem 9', 'newest']);
  expect(readFileSync(join(at('full'), 'notes.txt'), 'utf8')).toBe('mine');
});

test('a folder that cannot be one is refused', () => {
  writeFileSync(at('file'), '');
  expect(codesThrown(() => openResultCache(at('file'), AT))).toEqual(['DF8009']);
});
