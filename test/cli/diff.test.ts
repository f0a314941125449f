/** `defines diff`, built and spawned: exit codes as of diff(1), and what it says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { diffCommand } from '../../src/cli/commands/diff.js';
import { called, cli, temporaryFolder } from '../support/cli.js';

const at = temporaryFolder();
const dumped = (folder: string, tile: string): void => {
  const args = ['compile', 'fsrcnn', '-a', 'meta-proto-df', '-t', tile, '--dump-dir', at(folder)];
  expect(cli([...args, '--stop-after', 'tile-stacks']).code).toBe(0);
};

test('equal dumps exit 0, different ones 1 and say where', () => {
  dumped('a', '60x72');
  dumped('b', '60x64');
  const [cut, chosen] = [at('a/05-partition-stacks.json'), at('a/06-choose-tiles.json')];
  expect(cli(['diff', cut, cut])).toEqual({
    code: 0,
    stderr: '',
    stdout: `--- ${cut}  has graph shapes layers stacks\n+++ ${cut}  has graph shapes layers stacks\n\nequal\n`,
  });
  const { code, stdout } = cli(['diff', cut, chosen]);
  expect(code).toBe(1);
  expect(stdout.split('\n').slice(2)).toEqual([
    '',
    'stacks',
    '  $0',
    '      tile x  full -> 60',
    '      tile y  full -> 72',
    '',
  ]);
  const json = cli(['diff', cut, chosen, '--format', 'json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'defines-diff/1', equal: false });
});

test('facets can be picked, and all fields shown', async () => {
  const sides = [at('a/07-tile-stacks.json'), at('b/07-tile-stacks.json')];
  const short = (await called(diffCommand, sides, { facets: 'tiles' })).stdout;
  expect(short).toMatch(/^tiles$/m);
  expect(short).not.toMatch(/^stacks$/m);
  expect(short).toMatch(/\.\.\. and \d+ more fields/);
  expect((await called(diffCommand, sides, { facets: 'tiles', all: true })).stdout).not.toContain('more');
  expect((await called(diffCommand, sides, { facets: 'graph' })).code).toBe(0);
  const misspelt = await called(diffCommand, sides, { facets: 'tilse' });
  expect(misspelt.code).toBe(2);
  expect(misspelt.stderr).toContain('did you mean "tiles"?');
});

test('a dump that cannot be read is trouble: 2, not "different"', async () => {
  const good = at('a/04-lower-layers.json');
  writeFileSync(at('old.json'), readFileSync(good, 'utf8').replace('"irVersion": 1', '"irVersion": 0'));
  const old = cli(['diff', good, at('old.json')]);
  expect(old).toMatchObject({ code: 2, stdout: '' });
  expect(old.stderr).toContain('error[DF8012]: the dump has version 0');
  const text = await called(diffCommand, [good, at('a/04-lower-layers.txt')], {});
  expect([text.code, text.stderr]).toEqual([2, expect.stringContaining('give the .json file')]);
  expect(await called(diffCommand, [good, at('nowhere.json')], {})).toMatchObject({ code: 2 });
  expect(cli(['diff', good]).stderr).toContain("missing required argument 'after'");
});
