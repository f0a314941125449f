/**
 * The pages of the passes: every pass has one, in one form, and what can be derived is: needs, makes and options from
 * the pass itself, the worked example from a filetest. To write these anew: `BLESS=1 npm run jest -- test/docs`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REGISTRY } from '../../src/compile.js';
import { CATALOGUE } from '../../src/diag/codes.js';
import type { AnyPass, OptionSchema } from '../../src/pass/pass.js';
import { FILETESTS } from '../support/filetest/files.js';
import { readFiletest } from '../support/filetest/read.js';
import { expectFresh } from '../support/generated.js';
import { projectFolder } from '../support/reference.js';

const FOLDER = 'docs/passes';
const pages = readdirSync(join(projectFolder(), FOLDER)).filter((file) => file !== 'README.md');
const pageOf = (name: string): string | undefined => pages.find((file) => file === `${name}.md`);
const read = (file: string): string => readFileSync(join(projectFolder(), FOLDER, file), 'utf8');

const HEADINGS = [
  'Purpose',
  'Needs and makes',
  'Options',
  'Input invariants',
  'Output guarantees',
  'Method',
  'Diagnostics',
  'Worked example',
];

test('every pass has a page, and every page a pass', () => {
  const names = REGISTRY.passes.map(({ name }) => name);
  expect(names.filter((name) => pageOf(name) === undefined)).toEqual([]);
  expect(pages.filter((file) => !names.includes(file.replace(/\.md$/, '')))).toEqual([]);
});

describe.each(REGISTRY.passes.map((pass): [string, AnyPass] => [pass.name, pass]))('%s', (name, pass) => {
  const file = pageOf(name) ?? '';

  test('has all headings, in order', () => {
    expect([...read(file).matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(HEADINGS);
  });

  test('what is derived is fresh', () => {
    const page = read(file);
    const example = /<!-- filetest (\S+) -->/.exec(page)?.[1] ?? '';
    expect(example.split('/')[0]).toBe(name);
    const filetest = readFileSync(join(FILETESTS, `${example}.dft`), 'utf8');
    const derived = replaced(page, 'pass', '<!-- pass -->', facts(pass));
    const block = `\`\`\`text\n${filetest.trimEnd()}\n\`\`\`\n`;
    expectFresh(`${FOLDER}/${file}`, replaced(derived, 'filetest', `<!-- filetest ${example} -->`, block));
  });

  test('names diagnostics that exist', () => {
    const codes = read(file).match(/DF\d{4}/g) ?? [];
    expect(codes.filter((code) => !(code in CATALOGUE))).toEqual([]);
  });

  test('names every diagnostic that its filetests show', () => {
    const folder = join(FILETESTS, name);
    const shown = readdirSync(folder).flatMap((one) => {
      const expected = readFiletest(readFileSync(join(folder, one), 'utf8')).expected;
      return [...expected.matchAll(/^\w+\[(DF\d{4})\]/gm)].map(([, code = '']) => code);
    });
    const page = read(file);
    expect([...new Set(shown)].filter((code) => !page.includes(code))).toEqual([]);
  });
});

/** The text with what stands between an opening and its closing comment replaced. */
function replaced(text: string, name: string, opening: string, content: string): string {
  const [start, end] = [text.indexOf(opening), text.indexOf(`<!-- /${name} -->`)];
  return `${text.slice(0, start)}${opening}\n\n${content}\n${text.slice(end)}`;
}

function facts({ name, summary, needs, makes, options }: AnyPass): string {
  const required = (needs as readonly string[]).map((facet) => `\`${facet}\``).join(', ');
  const rows = Object.entries(options as Readonly<Record<string, OptionSchema>>).map(
    ([key, { default: standard, enum: words, description }]) => [
      `\`${key}\``,
      words?.map((word) => `\`${word}\``).join(', ') ?? '',
      JSON.stringify(standard),
      description,
    ],
  );
  return [
    '## Needs and makes',
    '',
    `Needs ${required === '' ? 'the file' : required}; makes \`${makes}\`. In \`defines passes\`: _${name}: ${summary}_`,
    '',
    '## Options',
    '',
    ...(rows.length === 0 ? ['None.'] : aligned([['option', 'values', 'default', 'meaning'], ...rows])),
    '',
  ].join('\n');
}

/** A table as the formatter writes it. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(3, ...rows.map((row) => (row[c] ?? '').length)));
  const lines = rows.map((row) => `| ${row.map((cell, c) => cell.padEnd(widths[c] ?? 0)).join(' | ')} |`);
  return [lines[0] ?? '', `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.slice(1)];
}
