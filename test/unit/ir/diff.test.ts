/** The difference of two IRs: what is matched with what, and how it reads. */
import { layerId, memoryId, stackId } from '../../../src/base/ids.js';
import { diffIr } from '../../../src/ir/diff.js';
import type { PartialIR } from '../../../src/ir/facets.js';
import { diffJson, printDiff } from '../../../src/ir/print-diff.js';
import type { Stack } from '../../../src/ir/stack.js';

const stack = (index: number, layers: readonly string[], change: Partial<Stack> = {}): Stack => ({
  id: stackId(index),
  layers: layers.map(layerId),
  tile: { x: 'full', y: 'full' },
  mode: 'fully-cached',
  handOver: memoryId('dram'),
  ...change,
});
const plan = (by: string, ...stacks: Stack[]): PartialIR => ({ name: 'net', stacks: { by, stacks } });
const text = (before: PartialIR, after: PartialIR, most = 16): string =>
  printDiff({ file: 'a.json', ir: before }, { file: 'b.json', ir: after }, diffIr(before, after), most);

test('equal IRs have no difference, whoever holds them', () => {
  const [one, same] = [plan('auto', stack(0, ['a'])), plan('auto', stack(0, ['a']))];
  expect(diffIr(one, same)).toEqual([]);
  expect(text(one, same)).toBe('--- a.json  has stacks\n+++ b.json  has stacks\n\nequal\n');
});

test('fields of an entry, entries that came and went, fields of the facet', () => {
  const before = plan('auto', stack(0, ['a', 'b']), stack(1, ['c']));
  const after = plan('one', stack(0, ['a', 'b', 'c'], { tile: { x: 14, y: 'full' } }));
  expect(diffIr(before, after)).toEqual([
    {
      facet: 'stacks',
      change: 'changed',
      entries: [
        {
          list: 'stacks',
          id: '$0',
          change: 'changed',
          fields: [
            { path: ['layers'], change: 'changed', before: ['@a', '@b'], after: ['@a', '@b', '@c'] },
            { path: ['tile', 'x'], change: 'changed', before: 'full', after: 14 },
          ],
        },
        { list: 'stacks', id: '$1', change: 'removed', fields: [] },
        {
          list: '',
          id: '',
          change: 'changed',
          fields: [{ path: ['by'], change: 'changed', before: 'auto', after: 'one' }],
        },
      ],
    },
  ]);
  expect(text(before, after)).toBe(
    `--- a.json  has stacks
+++ b.json  has stacks

stacks
  $0
      layers  @a @b -> @a @b @c
      tile x  full -> 14
  - $1
  (facet)
      by  auto -> one
`,
  );
});

test('an entry that went does not disturb those behind it; their order counts', () => {
  const [a, b, c] = [stack(0, ['a']), stack(1, ['b']), stack(2, ['c'])];
  expect(diffIr(plan('x', a, b, c), plan('x', b, c))[0]?.entries).toEqual([
    { list: 'stacks', id: '$0', change: 'removed', fields: [] },
  ]);
  const [swapped] = diffIr(plan('x', a, b), plan('x', b, a));
  expect(swapped?.entries[0]?.fields).toEqual([
    { path: ['stacks', 'order'], change: 'changed', before: ['$0', '$1'], after: ['$1', '$0'] },
  ]);
});

test('names that repeat are compared by position', () => {
  const twice = (mode: Stack['mode']): PartialIR => plan('x', stack(0, ['a']), { ...stack(0, ['b']), mode });
  expect(diffIr(twice('fully-cached'), twice('fully-recompute'))[0]?.entries[0]?.fields).toEqual([
    { path: ['stacks', '1', 'mode'], change: 'changed', before: 'fully-cached', after: 'fully-recompute' },
  ]);
});

test('facets that one of the two has not, and facets nobody asked for', () => {
  const [bare, cut] = [{ name: 'net' }, plan('auto')];
  expect(text(bare, cut)).toContain('stacks  only in the second dump');
  expect(text(cut, bare)).toContain('stacks  only in the first dump');
  expect(diffIr(bare, cut, ['layers'])).toEqual([]);
  expect(text({ name: 'net' }, { name: 'other' })).toContain('module  net -> other');
});

describe('values', () => {
  const totals = (energyPj: number): PartialIR =>
    ({ name: 'net', costs: { stacks: [], totals: { energyPj } } }) as unknown as PartialIR;
  const line = (a: number, b: number): string | undefined =>
    text(totals(a), totals(b)).split('\n').at(-2)?.trim();

  test('numbers are grouped, with their growth; digits that differ are always shown', () => {
    expect(line(2_000_000, 2_100_000)).toBe('totals energyPj  2_000_000 -> 2_100_000  (+5.0 %)');
    expect(line(1234.5678, 617.2839)).toBe('totals energyPj  1_234.568 -> 617.284  (-50.0 %)');
    expect(line(0.1 + 0.2, 0.3)).toBe('totals energyPj  0.30000000000000004 -> 0.3');
    expect(line(0, 5)).toBe('totals energyPj  0 -> 5');
  });

  test('what has no JSON form is written as in a dump', () => {
    const [a, b] = [totals(1), totals(Infinity)];
    const json = diffJson({ file: 'a', ir: a }, { file: 'b', ir: b }, diffIr(a, b));
    expect(JSON.parse(json)).toMatchObject({ schema: 'defines-diff/1', equal: false });
    expect(json).toContain('"number": "Infinity"');
  });
});

test('of many fields some are shown, the rest is counted', () => {
  const wide = (n: number): PartialIR => ({
    name: 'net',
    stacks: {
      by: 'x',
      stacks: [stack(0, ['a'], { tile: { x: n, y: n }, handOver: memoryId(`m${n}`) })],
    },
  });
  expect(text(wide(1), wide(2), 2)).toContain('... and 1 more fields');
  expect(text(wide(1), wide(2), Infinity)).not.toContain('more');
});
