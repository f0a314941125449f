/**
 * docs/corrections.md says what the code does: its generated tables are measured again, every field of the profiles is
 * in exactly one correction and has its place in the text, and what the page points to exists.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BLOCKS } from '../../scripts/corrections/blocks.js';
import { generatedPart, withGeneratedPart } from '../../scripts/corrections/document.js';
import { ALL_CORRECTIONS, corrected } from '../../scripts/corrections/list.js';
import { change, left, right, table } from '../../scripts/corrections/table.js';
import { PROFILES } from '../../src/base/profile.js';
import { describeWithReference, projectFolder } from '../support/reference.js';

const PATH = join(projectFolder(), 'docs/corrections.md');
const page = readFileSync(PATH, 'utf8');

describe('generated parts of docs/corrections.md (npm run docs:corrections)', () => {
  test.each(BLOCKS.flatMap((block) => (block.needs === 'nothing' ? [block] : [])))('$name', async (block) => {
    expect(generatedPart(page, block.name)).toBe(await block.make());
  });
});

describeWithReference('generated parts of docs/corrections.md on reference data', (reference) => {
  test.each(BLOCKS.flatMap((block) => (block.needs === 'reference' ? [block] : [])))(
    '$name',
    async (block) => {
      expect(generatedPart(page, block.name)).toBe(await block.make(reference));
    },
  );
});

describe('the list of corrections', () => {
  const fields = ALL_CORRECTIONS.flatMap((correction) => correction.fields);

  test('holds every field in which the profiles differ, once', () => {
    const { default: own, 'reference-2023': published } = PROFILES;
    const different = (Object.keys(own) as (keyof typeof own)[]).filter(
      (field) => field !== 'name' && field !== 'lpfLimit' && own[field] !== published[field],
    );
    expect(fields.toSorted()).toEqual(different.toSorted());
  });

  test('together turns one profile into the other', () => {
    const { name, lpfLimit } = PROFILES['reference-2023'];
    expect(corrected(...ALL_CORRECTIONS)).toEqual({ ...PROFILES.default, name, lpfLimit });
  });

  test.each(fields)('%s has a section that names it', (field) => {
    expect(page).toMatch(new RegExp(`^_Fields?_ .*\`${field}\``, 'm'));
  });

  test.each(ALL_CORRECTIONS.filter(({ quirks }) => quirks !== '-'))(
    '$quirks stand(s) in a heading',
    (one) => {
      for (const quirk of one.quirks.match(/Q\d+/g) ?? [])
        expect(page).toMatch(new RegExp(`^### .*\\b${quirk}\\b`, 'm'));
    },
  );
});

describe('the page', () => {
  test('points to files that exist', () => {
    const targets = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!);
    expect(targets.length).toBeGreaterThan(20);
    expect(targets.filter((target) => !existsSync(join(dirname(PATH), target)))).toEqual([]);
  });

  test('has no generated part that nothing generates', () => {
    const names = [...page.matchAll(/<!-- generated: (\S+) -->/g)].map((match) => match[1]);
    expect(names).toEqual(BLOCKS.map(({ name }) => name));
  });

  test('keeps what is written by hand when a part is replaced', () => {
    const before = 'a\n<!-- generated: t -->\nold\n<!-- end: t -->\nb\n';
    const after = withGeneratedPart(before, 't', 'new');
    expect(after).toBe('a\n<!-- generated: t -->\n\nnew\n\n<!-- end: t -->\nb\n');
    expect(withGeneratedPart(after, 't', generatedPart(after, 't'))).toBe(after);
  });
});

describe('numbers in the tables', () => {
  // Two digits from a tenth of a percent on, two significant ones below; 1e-10 is the order of summation.
  test.each([
    [105.778, 100, '+5.78'],
    [50, 100, '-50.00'],
    [100.0052, 100, '+0.0052'],
    [99.988, 100, '-0.012'],
    [100 + 1e-8, 100, '0'],
    [100, 100, '0'],
  ])('%d against %d', (value, base, text) => {
    expect(change(value, base)).toBe(text);
  });

  test('align as the formatter aligns them', () => {
    expect(table([left('a'), right('number')], [['long name', '1']])).toBe(
      ['| a         | number |', '| --------- | -----: |', '| long name |      1 |'].join('\n'),
    );
  });
});
