/** `defines explore` and `merge`, built and spawned: the file they leave, whatever happens on the way. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { PointLine } from '../../src/explore/line.js';
import type { ExploreSummary } from '../../src/explore/summary.js';
import { cli, CLI, temporaryFolder, type Ran } from '../support/cli.js';
import { projectFolder } from '../support/reference.js';

const at = temporaryFolder();
const read = (name: string): string => readFileSync(at(name), 'utf8');
const linesOf = (text: string): readonly PointLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PointLine);

/** Eighteen points, quickly. */
const GRID = [
  'explore',
  'fsrcnn',
  '-a',
  'meta-proto-df',
  '--tiles',
  '240,60,fullx72,540',
  '--lpf-limit',
  '4',
];
const explore = (name: string, ...more: string[]): Ran => cli([...GRID, '-o', at(name), ...more]);
let whole = '';
let summary = '';
beforeAll(() => {
  const { code, stdout } = explore('whole.jsonl', '--threads', '0');
  expect(code).toBe(0);
  whole = read('whole.jsonl');
  summary = stdout;
});

test('a line per point, in order, as the schema says', () => {
  const schema = JSON.parse(
    readFileSync(join(projectFolder(), 'schemas/explore-v1.schema.json'), 'utf8'),
  ) as object;
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
  const lines = linesOf(whole);
  for (const line of lines) expect([validate(line), validate.errors]).toEqual([true, null]);
  expect(lines.map(({ mode, tile }) => `${mode} ${tile.x}x${tile.y}`).slice(4, 8)).toEqual([
    'fully-recompute fullx72',
    'fully-recompute fullx540',
    'h-cached-v-recompute 60x72',
    'h-cached-v-recompute 60x540',
  ]);
  expect(lines).toHaveLength(18);
});

test('what a line says is what compiling the point says', () => {
  const line = linesOf(whole).find(({ mode, tile }) => mode === 'fully-cached' && tile.x === 60);
  const options = ['-t', '60x72', '-m', 'fully-cached', '--lpf-limit', '4', '--format', 'json'];
  const { stdout } = cli(['compile', 'fsrcnn', '-a', 'meta-proto-df', ...options]);
  const { totals } = JSON.parse(stdout) as { readonly totals: Record<string, unknown> };
  const { energyPj, latencyCycles, edp, macs, latency, energy } = totals;
  expect(line).toMatchObject({ energyPj, latencyCycles, edp, macs, latency, energy });
});

test('the same bytes with worker threads', () => {
  for (const threads of ['1', '2']) {
    const { code, stdout } = explore('threads.jsonl', '--threads', threads);
    expect([code, stdout]).toEqual([0, summary]);
    expect(read('threads.jsonl')).toBe(whole);
  }
});

test('the same bytes from shards that are merged, in any order', () => {
  for (const part of [1, 2, 3]) expect(explore(`part${part}.jsonl`, '--shard', `${part}/3`).code).toBe(0);
  const parts = [3, 1, 2].map((part) => at(`part${part}.jsonl`));
  const { code, stdout, stderr } = cli(['merge', ...parts, '-o', at('merged.jsonl')]);
  expect([code, stderr]).toEqual([0, '']);
  expect(read('merged.jsonl')).toBe(whole);
  expect(stdout).toContain('18, 18 evaluated');
  expect(linesOf(read('part1.jsonl'))).toHaveLength(6);
});

test('two accelerators of one name are refused before anything is written, one given twice is one', () => {
  const text = readFileSync(join(projectFolder(), 'models/accelerators/meta-proto-df.yaml'), 'utf8');
  writeFileSync(at('same.yaml'), text);
  writeFileSync(at('other.yaml'), text.replace('energyPj: 700', 'energyPj: 70'));
  const { code, stdout, stderr } = explore('names.jsonl', '-a', at('other.yaml'));
  expect([code, stdout, existsSync(at('names.jsonl'))]).toEqual([2, '', false]);
  expect(stderr).toMatch(
    /^error\[DF8208\]: meta-proto-df and .*other\.yaml describe two accelerators of one name, "meta-proto-df"$/m,
  );
  expect(stderr).toContain('give one of them another name');
  expect(explore('same.jsonl', '-a', at('same.yaml')).code).toBe(0);
  expect(read('same.jsonl')).toBe(whole);
});

test('merge refuses a file that is something else, and writes nothing', () => {
  writeFileSync(at('other.json'), '{ "schema": "defines-accelerator/1" }\n');
  const { code, stdout, stderr } = cli(['merge', at('part1.jsonl'), at('other.json'), '-o', at('no.jsonl')]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^error\[DF8207\]: no line of the file is a result\n.*other\.json/);
  expect(existsSync(at('no.jsonl'))).toBe(false);
});

test('a file that begins anew says which results it had; the same ones again are none lost', () => {
  writeFileSync(at('anew.jsonl'), whole);
  const { stderr } = explore('anew.jsonl', '--modes', 'fully-cached');
  expect(stderr).toMatch(/^warning\[DF8209\]: 12 results of an earlier run that the file had are replaced$/m);
  expect(linesOf(read('anew.jsonl'))).toHaveLength(6);
  expect(explore('anew.jsonl', '--modes', 'fully-cached').stderr).not.toContain('DF8209');
});

describe('--resume', () => {
  test('works out what is missing, reports lines that are none, and leaves the same bytes', () => {
    const lines = whole.trimEnd().split('\n');
    const kept = [lines[7], 'not a line', lines[2], lines[3], lines[12]?.slice(0, 300)];
    writeFileSync(at('resumed.jsonl'), kept.join('\n'));
    const { code, stdout, stderr } = explore('resumed.jsonl', '--resume');
    expect([code, stdout]).toEqual([0, summary]);
    expect(read('resumed.jsonl')).toBe(whole);
    expect(stderr).toMatch(/DF8200.*line 2 is no result/);
    expect(stderr).toMatch(/DF8200.*line 5 is no result/);
  });

  test('begins a file that is not there, and leaves a finished one as it is', () => {
    expect(explore('begun.jsonl', '--resume').code).toBe(0);
    expect(read('begun.jsonl')).toBe(whole);
    const { stdout } = explore('begun.jsonl', '--resume');
    expect([stdout, read('begun.jsonl')]).toEqual([summary, whole]);
  });

  test('keeps points of a larger grid', () => {
    writeFileSync(at('larger.jsonl'), whole);
    const { stdout } = explore('larger.jsonl', '--resume', '--modes', 'fully-cached');
    expect(stdout).toContain('6, 6 evaluated');
    expect(read('larger.jsonl')).toBe(whole);
  });

  test('refuses results of other inputs, and touches nothing', () => {
    const old = whole.replaceAll(/"key":"./g, '"key":"x').replaceAll('"key":"x', '"key":"0');
    const other = old === whole ? whole.replaceAll('"key":"0', '"key":"1') : old;
    writeFileSync(at('other.jsonl'), other);
    const { code, stderr } = explore('other.jsonl', '--resume');
    expect([code, read('other.jsonl')]).toEqual([1, other]);
    expect(stderr).toContain('error[DF8201]');
    // Other options are other points, and stand beside them.
    writeFileSync(at('both.jsonl'), whole);
    expect(explore('both.jsonl', '--resume', '--precision', 'W=4', '--modes', 'fully-cached').code).toBe(0);
    expect(linesOf(read('both.jsonl'))).toHaveLength(24);
  });
});

test('Ctrl-C leaves whole lines and exit code 130, and the run goes on from there', async () => {
  const file = at('stopped.jsonl');
  const child = spawn(process.execPath, [CLI, ...GRID, '-o', file, '--threads', '1'], {
    cwd: projectFolder(),
  });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  while (!(existsSync(file) && readFileSync(file, 'utf8').includes('\n')))
    await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(stderr).toMatch(/DF8205.*ended early: \d+ of 18 points/);
  const stopped = read('stopped.jsonl');
  expect(whole.startsWith(stopped) && stopped.endsWith('\n')).toBe(true);
  expect(explore('stopped.jsonl', '--resume').code).toBe(0);
  expect(read('stopped.jsonl')).toBe(whole);
});

describe('what cannot be', () => {
  test('an infeasible point is a line with memory and gap; only a grid without any other is an error', () => {
    const hw = readFileSync(join(projectFolder(), 'models/accelerators/meta-proto-df.yaml'), 'utf8');
    writeFileSync(at('small.yaml'), hw.replace('10000000000 bit', '5000000 bit'));
    const grid = ['explore', 'fsrcnn', '-a', at('small.yaml'), '--lpf-limit', '4', '--modes', 'fully-cached'];
    const mixed = cli([...grid, '--tiles', '60x72', '--tiles', 'full', '-o', at('mixed.jsonl')]);
    expect(mixed.code).toBe(0);
    expect(mixed.stdout).toContain('2, 1 evaluated, 1 infeasible');
    expect(linesOf(read('mixed.jsonl')).map(({ status }) => status)).toEqual(['evaluated', 'infeasible']);
    const ran = cli([...grid, '--tiles', 'full', '-o', at('small.jsonl')]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('error[DF8206]: none of 1 points is feasible');
    const [line] = linesOf(read('small.jsonl'));
    expect(line).toMatchObject({
      status: 'infeasible',
      energyPj: null,
      infeasible: [{ memory: 'dram', boundBits: 5_000_000 }],
    });
  });

  test('a place that cannot be written is refused before work begins, a full device when it is met', () => {
    const nowhere = cli([...GRID, '-o', at('no/such/folder.jsonl')]);
    expect([nowhere.code, nowhere.stdout]).toEqual([2, '']);
    expect(nowhere.stderr).toContain('error[DF8009]');
    if (!existsSync('/dev/full')) return;
    const full = cli([...GRID, '-o', '/dev/full']);
    expect([full.code, full.stdout]).toEqual([1, '']);
    expect(full.stderr).toMatch(/DF8203.*no space is left on the device/);
  });

  test.each([
    [['--tiles', '60'], 'DF8008', '--tiles cannot be "60"'],
    [['--tiles', '60x0'], 'DF8008', '"0" is no whole number from 1'],
    [['--tiles', '60x72x2'], 'DF8008', '--tiles cannot be "60x72x2"'],
    [['--tiles', '60x72xh0'], 'DF8008', '"0" is no whole number from 1'],
    [['--tiles', '60x72', '--modes', 'fully-cashed'], 'DF8008', 'did you mean "fully-cached"?'],
    [['--tiles', '60x72', '--shard', '4/3'], 'DF8008', '--shard cannot be "4/3"'],
    [['--tiles', '60x72', '--threads', 'many'], 'DF8008', '--threads cannot be "many"'],
    [['--tiles', '60x72', '--resume'], 'DF8001', '--resume needs a file'],
    [[], 'DF8001', 'no tiles given'],
  ])('%j', (options, code, message) => {
    const { code: exit, stdout, stderr } = cli(['explore', 'fsrcnn', '-a', 'meta-proto-df', ...options]);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).toContain(message);
  });
});

test('accelerators, stack rules and a layer table; the summary as JSON', () => {
  const options = ['-a', 'tpu-like-df,meta-proto-df', '--stacks', 'one;conv5,conv3', '--tiles', '240x270'];
  const more = ['--modes', 'fully-cached', '--lpf-limit', '4', '--format', 'json', '--cache', at('cache')];
  const first = cli(['explore', 'fsrcnn', ...options, ...more]);
  const { studies } = JSON.parse(first.stdout) as ExploreSummary;
  expect(studies.map(({ accelerator, points }) => [accelerator, points])).toEqual([
    ['meta-proto-df', 2],
    ['tpu-like-df', 2],
  ]);
  expect(studies[0]?.baselines).toHaveProperty('layer-by-layer');
  expect(cli(['explore', 'fsrcnn', ...options, ...more]).stdout).toBe(first.stdout);
});
