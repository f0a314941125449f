/** `--reproducer` and `defines replay`, built and spawned: a failure in one file that fails again elsewhere. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { replayCommand } from '../../src/cli/commands/replay.js';
import { called, cli, temporaryFolder, type Ran } from '../support/cli.js';

const at = temporaryFolder();
const text = (name: string): string => readFileSync(at(name), 'utf8');
const withoutNote = (stderr: string): string => stderr.replace(/note\[DF8352\][^]*?help[^\n]*\n/, '');
/** The part of stderr that is about errors. */
const errors = (stderr: string): readonly string[] => stderr.match(/^error.*$/gm) ?? [];

test('nothing is written while nothing fails', () => {
  const args = ['compile', 'fsrcnn', '-a', 'meta-proto-df', '-t', '60x72', '--reproducer', at('none.json')];
  expect(cli(args).code).toBe(0);
  expect(existsSync(at('none.json'))).toBe(false);
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
  const { pipeline, profile, lpfLimit, model } = JSON.parse(text('infeasible.json')) as Record<
    string,
    unknown
  >;
  expect([pipeline, profile, lpfLimit, model]).toEqual([
    'allocate-memory,annotate-cost',
    'reference-2023',
    5,
    null,
  ]);
  const again = cli(['replay', at('infeasible.json')]);
  expect(again.code).toBe(1);
  expect(errors(again.stderr)).toEqual(errors(failed.stderr));
  expect(errors(again.stderr).length).toBeGreaterThan(0);
  // The report, too, but for the pipeline that led to it.
  const report = (stdout: string): string => stdout.slice(stdout.indexOf('\nenergy'));
  expect(report(again.stdout)).toBe(report(failed.stdout));
});

test('a pass that ends the run, and one that stops doing so', () => {
  const failed = cli([
    'compile',
    'fsrcnn',
    '-a',
    'depfin',
    '--stacks',
    'conv9',
    '--reproducer',
    at('cut.json'),
  ]);
  expect(failed.code).toBe(2);
  const again = cli(['replay', at('cut.json')]);
  expect([again.code, again.stdout]).toEqual([2, '']);
  expect(withoutNote(failed.stderr)).toContain(again.stderr);
  expect(again.stderr).toContain('error[DF3001]');

  writeFileSync(at('mended.json'), text('cut.json').replace('cuts=conv9', 'cuts=conv3'));
  const mended = cli(['replay', at('mended.json')]);
  expect(mended.code).toBe(0);
  expect(mended.stderr).toContain('note[DF8353]: partition-stacks does not fail any more');
});

test('an importer takes its model along', () => {
  writeFileSync(at('cut.onnx'), readFileSync('models/networks/fsrcnn.onnx').subarray(0, 300));
  const args = ['compile', at('cut.onnx'), '-a', 'depfin', '--reproducer', at('import.json')];
  const failed = cli(args);
  rmSync(at('cut.onnx'));
  expect(errors(failed.stderr)).toHaveLength(1);
  expect(cli(['replay', at('import.json')]).stderr).toBe(withoutNote(failed.stderr));
});

test('a bug of ours is written too, and is one again', () => {
  expect(
    cli(['compile', 'fsrcnn', '-a', 'depfin', '--stop-after', 'tile-stacks', '--dump-dir', at('dumps')]).code,
  ).toBe(0);
  const broken = text('dumps/07-tile-stacks.json').replaceAll('"@conv3"', '"@nowhere"');
  writeFileSync(at('broken.json'), broken.replace('"id": "@nowhere"', '"id": "@conv3"'));
  const args = ['compile', '--from-ir', at('broken.json'), '-a', 'depfin', '--verify', 'off'];
  const failed = cli([...args, '--reproducer', at('bug.json')]);
  expect(failed.code).toBe(70);
  expect(failed.stderr).toContain(`defines replay ${at('bug.json')} shows it again`);
  const again = cli(['replay', at('bug.json')]);
  expect(again.code).toBe(70);
  expect(again.stderr).toContain('error[DF9001]: allocate-memory: ');
  // A failed replay is a run that failed.
  cli(['replay', at('bug.json'), '--reproducer', at('bug2.json')]);
  expect(text('bug2.json')).toBe(text('bug.json'));
});

describe('files that are no reproducer', () => {
  const replayed = (edit: (value: Record<string, unknown>) => unknown): Promise<Ran> => {
    const value = JSON.parse(text('cut.json')) as Record<string, unknown>;
    writeFileSync(at('edited.json'), JSON.stringify(edit(value), null, 2));
    return called(replayCommand, [at('edited.json')], {});
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
    const { stderr, ...ran } = await replayed(edit);
    expect(stderr).toContain(`error[${code}]`);
    expect(ran.code).toBe(exit);
  });

  test('the place in the file is told, inside the IR as well', async () => {
    const typed = await replayed((v) => ({ ...v, lpfLimit: 'six' }));
    expect(typed.stderr).toMatch(/edited\.json:\d+:\d+ \/lpfLimit/);
    const broken = await replayed((v) => ({
      ...v,
      ir: { irVersion: 1, name: 'x', facets: { stacks: 1 } },
    }));
    expect(broken.stderr).toMatch(/edited\.json:\d+:\d+ \/ir\/facets\/stacks/);
    writeFileSync(at('text.json'), 'no reproducer');
    expect((await called(replayCommand, [at('text.json')], {})).stderr).toContain('DF8350');
  });
});
