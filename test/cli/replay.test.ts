/** `--reproducer` and `defines replay`: a failure in one file that fails again elsewhere. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { compileCommand } from '../../src/cli/commands/compile.js';
import { replayCommand } from '../../src/cli/commands/replay.js';
import type { CompileOptions } from '../../src/cli/options.js';
import { called, cli, temporaryFolder, type Ran } from '../support/cli.js';
import { modelBytes } from '../support/filetest/model-text.js';
import { pluginText } from '../support/plugins.js';

const at = temporaryFolder();
const text = (name: string): string => readFileSync(at(name), 'utf8');
const withoutNote = (stderr: string): string => stderr.replace(/note\[DF8352\][^]*?help[^\n]*\n/, '');
/** The part of stderr that is about errors. */
const errors = (stderr: string): readonly string[] => stderr.match(/^error.*$/gm) ?? [];

const compiled = (model: string, options: CompileOptions): Promise<Ran> =>
  called(compileCommand, [model], options);
const replayed = (name: string, options: CompileOptions = {}): Promise<Ran> =>
  called(replayCommand, [at(name)], options);

test('nothing is written while nothing fails', async () => {
  const options = { accelerator: 'depfin', stopAfter: 'tile-stacks', reproducer: at('none.json') };
  expect((await compiled('fsrcnn', options)).code).toBe(0);
  expect(readdirSync(at('.'))).toEqual([]);
});

test('an infeasible layer: the accelerator and all settings are in the file', () => {
  mkdirSync(at('hw'));
  const hw = readFileSync('models/accelerators/meta-proto-df.yaml', 'utf8').replace('size: 1 B', 'size: 2 B');
  writeFileSync(at('hw/mine.yaml'), hw);
  const failed = cli([
    ...['compile', 'fsrcnn', '-a', at('hw/mine.yaml'), '--profile', 'reference-2023', '--lpf-limit', '5'],
    ...['--precision', 'W=24', '-t', '60x72', '--reproducer', at('infeasible.json')],
  ]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain(`defines replay ${at('infeasible.json')}`);
  rmSync(at('hw'), { recursive: true });
  const reproducer = JSON.parse(text('infeasible.json')) as object;
  expect(reproducer).toMatchObject({
    pipeline: 'allocate-memory,annotate-cost',
    profile: 'reference-2023',
    lpfLimit: 5,
    model: null,
  });
  const again = cli(['replay', at('infeasible.json')]);
  expect(again.code).toBe(1);
  expect(errors(again.stderr)).toEqual(errors(failed.stderr));
  expect(errors(again.stderr).length).toBeGreaterThan(0);
  // The report, too, but for the pipeline that led to it.
  const report = (stdout: string): string => stdout.slice(stdout.indexOf('\nenergy'));
  expect(report(again.stdout)).toBe(report(failed.stdout));
});

test('a pass that ends the run, and one that stops doing so', async () => {
  const options = { accelerator: 'depfin', stacks: 'conv9', reproducer: at('cut.json') };
  const failed = await compiled('fsrcnn', options);
  expect(failed.code).toBe(2);
  const again = await replayed('cut.json');
  expect([again.code, again.stdout]).toEqual([2, '']);
  expect(withoutNote(failed.stderr)).toContain(again.stderr);
  expect(again.stderr).toContain('error[DF3001]');

  writeFileSync(at('mended.json'), text('cut.json').replace('cuts=conv9', 'cuts=conv3'));
  const mended = await replayed('mended.json');
  expect(mended.code).toBe(0);
  expect(mended.stderr).toContain('note[DF8353]: partition-stacks does not fail any more');
});

test('an importer takes its model along', async () => {
  writeFileSync(at('cut.onnx'), readFileSync('models/networks/fsrcnn.onnx').subarray(0, 300));
  const failed = await compiled(at('cut.onnx'), { accelerator: 'depfin', reproducer: at('import.json') });
  rmSync(at('cut.onnx'));
  expect(errors(failed.stderr)).toHaveLength(1);
  expect((await replayed('import.json')).stderr).toBe(withoutNote(failed.stderr));
});

describe('every option goes along', () => {
  const PRECISIONS =
    'schema: defines-precision/1\nlayers:\n  - { layer: conv1, W: 4 }\n  - { layer: conv2, O: 16 }\n';
  const MAPPING = 'schema: defines-mapping/1\nmappings:\n  - { layer: conv1, loops: [FX, FY] }\n';
  const MODEL = modelBytes('', [
    'x = input int8 1x4x16x16',
    'conv1 = Conv x k=3 pad=1 out=4',
    'conv2 = Conv conv1 k=3 pad=1 out=4',
    'output conv2',
  ]);

  test.each<[string, CompileOptions]>([
    [
      'model, hardware, mapping and a plugin',
      {
        ...{ accelerator: 'meta-proto-df', profile: 'reference-2023', lpfLimit: '5', precision: 'I=4' },
        ...{ precisionFile: at('precision.yaml'), mapping: at('mapping.yaml') },
        ...{ plugin: ['examples/plugins/whole-blocks.js'], stacks: 'blocks/keep-whole', tile: '8x8' },
        maxMemory: ['sram_1MB_A=512KB'],
      },
    ],
    ['a search', { accelerator: 'depfin', optimize: 'edp', tiles: '8x8,4x16', lpfLimit: '3', budget: '1h' }],
  ])('%s', async (_, options) => {
    writeFileSync(at('precision.yaml'), PRECISIONS);
    writeFileSync(at('mapping.yaml'), MAPPING);
    writeFileSync(at('whole.onnx'), MODEL.subarray(0, 100));
    const failed = await compiled(at('whole.onnx'), { ...options, reproducer: at('all.json') });
    expect(errors(failed.stderr)).toHaveLength(1);
    // With the model mended the replay is the run as it was asked for.
    const { model: cut, ...settings } = JSON.parse(text('all.json')) as { model: object };
    const whole = { ...settings, model: { ...cut, base64: Buffer.from(MODEL).toString('base64') } };
    writeFileSync(at('whole.json'), JSON.stringify(whole));
    rmSync(at('precision.yaml'));
    rmSync(at('mapping.yaml'));
    const again = await replayed('whole.json', { format: 'json' });
    writeFileSync(at('precision.yaml'), PRECISIONS);
    writeFileSync(at('mapping.yaml'), MAPPING);
    writeFileSync(at('whole.onnx'), MODEL);
    const direct = await compiled(at('whole.onnx'), { ...options, format: 'json' });
    expect([direct.code, direct.stderr.match(/^error.*$/gm)]).toEqual([0, null]);
    expect(again.stdout === direct.stdout).toBe(true);
  });
});

test('a pass that never returns: written ahead', () => {
  const plugin = at('forever.mjs');
  writeFileSync(plugin, pluginText({ run: 'for (;;);' }));
  const failed = cli([
    ...['compile', 'fsrcnn', '-a', 'depfin', '--plugin', plugin, '--stacks', 'acme/cut-all'],
    ...['--pass-timeout', '4s', '--reproducer', at('forever.json')],
  ]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('error[DF8311]: pass acme/cut-all took longer than 4s');
  expect(failed.stderr).toContain('note[DF8352]: the run from acme/cut-all on is in');
  expect(existsSync(`${at('forever.json')}.running`)).toBe(false);
  expect(JSON.parse(text('forever.json'))).toMatchObject({
    failure: { pass: 'acme/cut-all' },
    pipeline: expect.stringMatching(/^acme\/cut-all,/) as string,
    plugins: [plugin],
  });
});

test('a bug of ours is written too, and is one again', async () => {
  await compiled('fsrcnn', { accelerator: 'depfin', stopAfter: 'tile-stacks', dumpDir: at('dumps') });
  const broken = text('dumps/07-tile-stacks.json').replaceAll('"@conv3"', '"@nowhere"');
  writeFileSync(at('broken.json'), broken.replace('"id": "@nowhere"', '"id": "@conv3"'));
  const run = { fromIr: at('broken.json'), accelerator: 'depfin', verify: 'off' };
  await expect(called(compileCommand, [], { ...run, reproducer: at('bug.json') })).rejects.toThrow(
    `defines replay ${at('bug.json')} shows it again`,
  );
  const again = cli(['replay', at('bug.json')]);
  expect(again.code).toBe(70);
  expect(again.stderr).toContain('error[DF9001]: allocate-memory: ');
  // A failed replay is a run that failed.
  await expect(replayed('bug.json', { reproducer: at('bug2.json') })).rejects.toThrow('bug2.json');
  expect(text('bug2.json')).toBe(text('bug.json'));
});

describe('files that are no reproducer', () => {
  const spoilt = (edit: (value: Record<string, unknown>) => unknown): Promise<Ran> => {
    const value = JSON.parse(text('cut.json')) as Record<string, unknown>;
    writeFileSync(at('edited.json'), JSON.stringify(edit(value), null, 2));
    return replayed('edited.json');
  };

  test.each<[string, (value: Record<string, unknown>) => unknown, string, number]>([
    ['another version', (v) => ({ ...v, reproducerVersion: 2 }), 'DF8351', 1],
    ['no version', ({ reproducerVersion: _, ...v }) => v, 'DF8350', 1],
    ['a missing key', ({ pipeline: _, ...v }) => v, 'DF8350', 1],
    ['an unknown key', (v) => ({ ...v, extra: 1 }), 'DF8350', 1],
    ['a wrong type', (v) => ({ ...v, lpfLimit: 'six' }), 'DF8350', 1],
    ['an unknown profile', (v) => ({ ...v, profile: 'defualt' }), 'DF8350', 1],
    ['a pipeline that is none', (v) => ({ ...v, pipeline: 'partition-stacks{' }), 'DF8002', 2],
    ['an unknown pass', (v) => ({ ...v, pipeline: 'partition-stakcs' }), 'DF8004', 2],
    ['a pass without its facet', (v) => ({ ...v, pipeline: 'tile-stacks' }), 'DF8003', 2],
    ['an importer without a model', (v) => ({ ...v, pipeline: 'import-onnx' }), 'DF8003', 2],
    ['a broken accelerator', (v) => ({ ...v, accelerator: { file: 'x', text: 'name: x' } }), 'DF8101', 1],
    ['a broken IR', (v) => ({ ...v, ir: { irVersion: 1, name: 'x', facets: { stacks: 1 } } }), 'DF8011', 1],
    ['an IR of another version', (v) => ({ ...v, ir: { irVersion: 2 } }), 'DF8012', 1],
    ['a list', () => [], 'DF8350', 1],
  ])('%s', async (_, edit, code, exit) => {
    const { stderr, ...ran } = await spoilt(edit);
    expect(stderr).toContain(`error[${code}]`);
    expect(ran.code).toBe(exit);
  });

  test('the place in the file is told, inside the IR as well', async () => {
    const typed = await spoilt((v) => ({ ...v, lpfLimit: 'six' }));
    expect(typed.stderr).toMatch(/edited\.json:\d+:\d+ \/lpfLimit/);
    const broken = await spoilt((v) => ({
      ...v,
      ir: { irVersion: 1, name: 'x', facets: { stacks: 1 } },
    }));
    expect(broken.stderr).toMatch(/edited\.json:\d+:\d+ \/ir\/facets\/stacks/);
    writeFileSync(at('text.json'), 'no reproducer');
    expect((await replayed('text.json')).stderr).toContain('DF8350');
  });
});
