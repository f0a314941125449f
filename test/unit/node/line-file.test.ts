/** A file of lines: what is in it after every way a run can end. */
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { openLineFile, readIfThere, rewriteLines } from '../../../src/node/line-file.js';
import { codesThrown } from '../../support/codes.js';
import { temporaryFolder } from '../../support/cli.js';

const at = temporaryFolder();
const AT = { kind: 'spec', text: '--output here', offset: 9 } as const;
const read = (name: string): string => readFileSync(at(name), 'utf8');

test('lines go into the file as they come', () => {
  const file = openLineFile(at('new'), undefined, AT);
  file.append('one');
  expect(read('new')).toBe('one\n');
  file.append('two');
  file.close();
  expect(read('new')).toBe('one\ntwo\n');
});

test('a file that is continued keeps what it has, and half a line stays by itself', () => {
  expect(readIfThere(at('old'))).toBeUndefined();
  writeFileSync(at('old'), 'one\ntw');
  const file = openLineFile(at('old'), readIfThere(at('old')), AT);
  file.append('three');
  file.close();
  expect(read('old')).toBe('one\ntw\nthree\n');
});

test('rewriting leaves the new file and nothing beside it, also behind a link', () => {
  writeFileSync(at('target'), 'b\na\n');
  symlinkSync(at('target'), at('link'));
  rewriteLines(at('link'), ['a', 'b'], AT);
  expect(read('target')).toBe('a\nb\n');
  expect(readdirSync(dirname(at('x'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

const full = existsSync('/dev/full') ? test : test.skip;
full('a full device is a diagnostic', () => {
  const file = openLineFile('/dev/full', undefined, AT);
  expect(codesThrown(() => file.append('one'))).toEqual(['DF8203']);
});
