/**
 * Stacks that are alike are printed once. What the text leaves out is put back from what it says: sections under other
 * names, compared word by word with the sections that would stand there.
 */
import { readFileSync } from 'node:fs';
import { compile } from '../../../src/compile.js';
import { builtinNetworkFile, loadAccelerator } from '../../../src/node/builtin.js';
import { firstAlike } from '../../../src/report/alike.js';
import type { ModelLayer, ScheduleReport, StackReport } from '../../../src/report/report.js';
import { PLAIN } from '../../../src/report/text-table.js';
import { stackSection } from '../../../src/report/text-stack.js';
import { energyUnit } from '../../../src/report/text-units.js';
import { renderText } from '../../../src/report/text.js';
import { encoder } from '../../support/encoder.js';
import { model } from '../../support/onnx-model.js';

const { accelerator: hw } = loadAccelerator('tpu-like-df');

async function reportOf(file: string, bytes: Uint8Array, pipeline?: string): Promise<ScheduleReport> {
  const { report } = await compile({ source: { file, bytes }, hw, ...(pipeline ? { pipeline } : {}) });
  if (report === undefined) throw new Error('no report');
  return report;
}

const builtin = (network: string) => reportOf(network, readFileSync(builtinNetworkFile(network) ?? ''));

/** By the overview, of every stack the one whose section speaks for it. */
function spokenFor(text: string, { stacks }: ScheduleReport): ReadonlyMap<string, string> {
  const lines = text.split('\n');
  const title = lines[lines.indexOf('stacks') + 1] ?? '';
  const [likeFrom, likeTo] = [title.indexOf('like'), title.indexOf('#')];
  const count = (id: string): number => Number(id.slice(1));
  const found = new Map<string, string>();
  for (const line of lines.slice(lines.indexOf(title) + 1, lines.indexOf('', lines.indexOf(title)))) {
    const [from = '', to = from] = (/\$\S+/.exec(line)?.[0] ?? '').split('-');
    const like = likeFrom < 0 ? '' : line.slice(likeFrom, likeTo).trim();
    const [first = '', last = first] = (like.split(' ')[0] ?? '').split('-');
    for (let s = count(from); s <= count(to); s++) {
      const position = (s - count(from)) % (count(last) - count(first) + 1);
      const as = like === '' ? `$${s}` : `$${count(first) + position}`;
      found.set(`$${s}`, found.get(as) ?? as);
    }
    const sequence = count(last) - count(first) + 1;
    const times = (count(to) - count(from) + 1) / sequence;
    if (like !== '') expect(/ x (\S+)/.exec(like)?.[1] ?? '1').toBe(String(times));
  }
  expect([...found.keys()]).toEqual(stacks.map(({ id }) => id));
  return found;
}

/** Words of the sections, by stack. */
function sectionsIn(text: string): ReadonlyMap<string, readonly string[]> {
  const parts = text.split(/\n\n(?=stack \$|remarks\n)/).filter((part) => part.startsWith('stack $'));
  return new Map(
    parts.map((part) => {
      const lines = part.trimEnd().split('\n');
      const alike = lines.findIndex((line) => line.startsWith('  alike '));
      const behind = lines.findIndex((line) => line.startsWith('  energy '));
      const own = alike < 0 ? lines : [...lines.slice(0, alike), ...lines.slice(behind)];
      return [part.split(' ')[1] ?? '', wordsOf(own)];
    }),
  );
}

const wordsOf = (lines: readonly string[]): readonly string[] => lines.join(' ').trim().split(/ +/);

/** Whether words are the same, or the names and numbers that stand at the same places of two stacks. */
function sameButForNames(
  { model: { layers } }: ScheduleReport,
  one: StackReport,
  other: StackReport,
): (word: string, there: string) => boolean {
  const at = ({ layers: ids }: StackReport): readonly ModelLayer[] =>
    ids.flatMap((id) => layers.find(({ layer }) => layer === id) ?? []);
  const names = (stack: StackReport): readonly string[] => [
    stack.id,
    ...at(stack).flatMap((layer) => [
      layer.layer,
      layer.output,
      ...layer.inputs,
      String(layers.indexOf(layer) + 1),
    ]),
  ];
  const [here, yonder] = [names(one), names(other)];
  const pairs = (word: string, there: string): boolean =>
    here.some((name, n) => {
      const counterpart = yonder[n] ?? '';
      // Long ones are shortened to their ends.
      const is = (text: string, full: string): boolean =>
        text === full || (text.startsWith('..') && full.endsWith(text.slice(2)));
      return is(word, name) && is(there, counterpart);
    });
  const pieces = (word: string): readonly string[] => word.split(/(?<=\d)(?=[-,])|(?<=[-,])|(?=:$)/);
  return (word, there) => {
    if (word === there || pairs(word, there)) return true;
    const [a, b] = [pieces(word), pieces(there)];
    return a.length === b.length && a.every((piece, i) => piece === b[i] || pairs(piece, b[i] ?? ''));
  };
}

describe.each<readonly [string, Promise<ScheduleReport>, number]>([
  ['bert-base-layer', builtin('bert-base-layer'), 7],
  ['llama-prefill', builtin('llama-prefill'), 10],
  ['vit-tiny-block', builtin('vit-tiny-block'), 3],
  ['resnet18', builtin('resnet18'), 11],
  ['twelve encoder layers', reportOf('encoder', encoder(12)), 2],
  ['one of seven is wider', reportOf('encoder', encoder(7, 3)), 3],
])('%s', (_name, pending, kinds) => {
  test('sections put back under other names are those that would stand there', async () => {
    const report = await pending;
    const text = renderText(report);
    const sections = sectionsIn(text);
    expect(sections.size).toBe(kinds);
    const like = spokenFor(text, report);
    expect(new Set(like.values())).toEqual(new Set(sections.keys()));
    const unit = energyUnit(report.totals.energyPj, 4);
    for (const stack of report.stacks) {
      const first = report.stacks.find(({ id }) => id === like.get(stack.id))!;
      const folded = sections.get(first.id)!;
      const unfolded = wordsOf(stackSection(report, [stack], unit, PLAIN));
      const same = sameButForNames(report, first, stack);
      expect(folded.filter((word, w) => !same(word, unfolded[w] ?? ''))).toEqual([]);
      expect(unfolded.length).toBe(folded.length);
    }
  });

  test('no two sections are the same but for names', async () => {
    const report = await pending;
    const sections = sectionsIn(renderText(report));
    const ids = [...sections.keys()];
    for (const [n, id] of ids.entries())
      for (const other of ids.slice(n + 1)) {
        const [one, two] = [id, other].map((wanted) => report.stacks.find((stack) => stack.id === wanted)!);
        const same = sameButForNames(report, one!, two!);
        const there = sections.get(other)!;
        const here = sections.get(id)!;
        expect(here.length === there.length && here.every((word, w) => same(word, there[w]!))).toBe(false);
      }
  });

  test('energies of the overview add up to all, and those of a section to what its stacks cost', async () => {
    const report = await pending;
    const text = renderText(report);
    const like = spokenFor(text, report);
    for (const [, id = '', count = '', energy = ''] of text.matchAll(
      /^stack (\S+) .*\n {2}alike +(\S+) stacks, equal but for names; together (\S+) /gm,
    )) {
      const members = report.stacks.filter((stack) => like.get(stack.id) === id);
      expect(members).toHaveLength(Number(count.replaceAll('_', '')));
      const unit = energyUnit(report.totals.energyPj, 4);
      const sum = members.reduce((all, { energyPj }) => all + (energyPj ?? 0), 0) / unit.pj;
      expect(Math.abs(Number(energy.replaceAll('_', '')) - sum)).toBeLessThan(10 ** -unit.decimals);
    }
  });
});

test('layers that repeat are one line of the overview', async () => {
  const text = renderText(await reportOf('encoder', encoder(12)));
  const overview = text.slice(text.indexOf('\nstacks\n'), text.indexOf('\nstack $0'));
  expect(overview.match(/^ {2}\$\S+ /gm)?.map((id) => id.trim())).toEqual(['$0', '$1', '$2', '$3-$35']);
  expect(overview).toMatch(/^ {2}\$3-\$35 +\$0-\$2 x 11 +\S+ +layer1\.k \.\. layer11\.Add /m);
});

/** Paths of all numbers, texts, flags and nulls in a value. */
const leaves = (value: unknown, path: readonly string[] = []): readonly (readonly string[])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, part]) => leaves(part, [...path, key]))
    : [path];

function changed(value: unknown, [key, ...path]: readonly string[]): unknown {
  if (key === undefined) return typeof value === 'number' ? value + 1 : `other ${String(value)}`;
  const part = (value as Readonly<Record<string, unknown>>)[key];
  const parts = { ...(value as object), [key]: changed(part, path) };
  return Array.isArray(value) ? Object.values(parts) : parts;
}

test('whatever is another, a number or who corresponds to whom, stacks are not alike', async () => {
  const report = await builtin('bert-base-layer');
  const [k, v, fused] = report.stacks as readonly [StackReport, StackReport, StackReport];
  // Reports share parts that bear no names; copies share nothing.
  const alike = (one: StackReport, other: StackReport): boolean =>
    firstAlike({ ...report, stacks: [one, structuredClone(other)] })[1] === 0;
  expect(alike(k, v)).toBe(true);
  expect(alike(fused, fused)).toBe(true);
  // Names that occur once may be any.
  const free = new Set(['id', 'part', 'map', 'before', 'layer']);
  const paths = leaves(fused).filter((path) => !free.has(path.at(-1)!) && path[0] !== 'layers');
  expect(paths.length).toBeGreaterThan(300);
  expect(paths.filter((path) => alike(fused, changed(fused, path) as StackReport))).toEqual([]);
  const [, twice] = leaves(fused).filter((path) => path.at(-1) === 'layer');
  expect(alike(fused, changed(fused, twice!) as StackReport)).toBe(false);
});

test('a layer and a map of the same name in one of two stacks that are alike', async () => {
  const bytes = model({
    inputs: { x: [1, 8, 16, 16] },
    outputs: ['c'],
    initializers: { w: { shape: [8, 8, 1, 1] } },
    nodes: [
      { op: 'Conv', name: 'a', in: ['x', 'w'], out: ['a'] },
      { op: 'Conv', name: 'b', in: ['a', 'w'], out: ['c'] },
    ],
  });
  const report = await reportOf(
    'two.onnx',
    bytes,
    'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{by=single-layer},choose-tiles,tile-stacks,allocate-memory,annotate-cost',
  );
  const named = report.stacks.map(({ layers, tileTypes }) => [
    layers,
    tileTypes.flatMap((type) =>
      type.layers.map(({ layer, inputs }) => [layer, inputs.map(({ map }) => map)]),
    ),
  ]);
  expect(named).toEqual([
    [['a'], [['a', ['x']]]],
    [['b'], [['b', ['a']]]],
  ]);
});
