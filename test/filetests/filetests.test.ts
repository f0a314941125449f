/**
 * Every file test/filetests/<pass>/*.dft: what the pass makes of the input above `----` stands below it. To write
 * the expectations anew, and see what changed: `BLESS=1 npm run jest -- test/filetests` (never in CI).
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { REGISTRY } from '../../src/compile.js';
import { filetestText, readFiletest } from '../support/filetest/read.js';
import { passOf, resultOf } from '../support/filetest/run.js';
import { filetestFiles, FILETESTS } from '../support/filetest/files.js';
import { projectFolder } from '../support/reference.js';

const BLESS = process.env['BLESS'] === '1';
const files = filetestFiles();

test('nothing is blessed in CI', () => {
  expect([BLESS, process.env['CI'] !== undefined]).not.toEqual([true, true]);
});

test('every file is a filetest of the pass whose folder it is in', () => {
  const passes = REGISTRY.passes.map(({ name }) => name);
  const entries = readdirSync(FILETESTS).filter((name) => statSync(join(FILETESTS, name)).isDirectory());
  expect(entries.filter((name) => !passes.includes(name))).toEqual([]);
  const strangers = entries.flatMap((folder) =>
    readdirSync(join(FILETESTS, folder)).filter((file) => !file.endsWith('.dft')),
  );
  expect(strangers).toEqual([]);
});

test('every pass has one', () => {
  const tested = new Set(files.map((file) => basename(dirname(file))));
  expect(REGISTRY.passes.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});

/** Codes of passes that no filetest can show, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  DF1040: 'needs a file of hundreds of megabytes: test/unit/onnx/large-models.test.ts',
  DF1041: 'a name that cannot be written: test/unit/hostile.test.ts',
  DF1042: 'needs external data: test/unit/hostile.test.ts',
  DF1043: 'needs hundreds of subgraphs: test/unit/hostile.test.ts',
  DF1050: 'a precision file is read before any pass runs: test/unit/onnx/layer-precisions.test.ts',
  DF1051: 'likewise',
  DF6002: 'takes a search of seconds: test/unit/passes/annotate-cost.test.ts',
  DF6050: 'a mapping file is read before any pass runs: test/unit/mapping/load-mappings.test.ts',
  DF6051: 'likewise',
  DF8320: 'needs a plugin that asks for the cost of something that is no stack: test/plugin',
  DF8321: 'likewise',
  DF8322: 'likewise',
  DF6061: 'needs a dump with allocations: test/unit/schedule/given-mappings.test.ts',
};

test('every diagnostic that a pass can give is pinned by one', () => {
  const given = new Set(SOURCES.flatMap(codesIn));
  const pinned = new Set(
    files.flatMap((file) => readFiletest(readFileSync(file, 'utf8')).expected.match(/DF\d{4}/g) ?? []),
  );
  expect([...given].filter((code) => !pinned.has(code) && !(code in ELSEWHERE)).sort()).toEqual([]);
  expect(Object.keys(ELSEWHERE).filter((code) => !given.has(code) || pinned.has(code))).toEqual([]);
});

/** What passes are made of. */
const SOURCES = [
  'passes',
  'src/onnx',
  'src/analysis',
  'src/mapping',
  'src/optimize',
  'src/planning',
  'src/schedule',
  'src/ir/load-layers.ts',
];

function codesIn(path: string): readonly string[] {
  const full = join(projectFolder(), path);
  if (statSync(full).isDirectory()) return readdirSync(full).flatMap((name) => codesIn(join(path, name)));
  return readFileSync(full, 'utf8').match(/DF\d{4}/g) ?? [];
}

test.each(files.map((file) => [relative(FILETESTS, file), file]))('%s', async (name, file) => {
  const text = readFileSync(file, 'utf8');
  const filetest = readFiletest(text);
  expect(passOf(filetest)).toBe(basename(dirname(file)));
  const found = await resultOf(filetest);
  // A gap that is known pins what is said about it today.
  if (basename(file).startsWith('todo-')) expect(found).toMatch(/^(error|warning)\[DF\d{4}\]/m);
  if (BLESS && process.env['CI'] === undefined && found !== filetest.expected) {
    writeFileSync(file, filetestText(filetest, found));
    process.stderr.write(changesText(name, filetest.expected, found));
    return;
  }
  // The lines that differ, not the whole: a message that can be read.
  expect(found.split('\n')).toEqual(filetest.expected.split('\n'));
});

/** Lines that went and lines that came. */
function changesText(name: string, before: string, after: string): string {
  const [old, young] = [before.split('\n'), after.split('\n')];
  const only = (lines: readonly string[], others: readonly string[], sign: string): readonly string[] =>
    lines.filter((line) => line !== '' && !others.includes(line)).map((line) => `  ${sign} ${line}`);
  return `blessed ${name}\n${[...only(old, young, '-'), ...only(young, old, '+'), ''].join('\n')}`;
}
