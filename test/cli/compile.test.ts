/** `defines compile`, built and spawned: the report, where it goes, dumps and how a run resumes from them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cli, CLI, temporaryFolder, type Ran } from '../support/cli.js';
import type { ScheduleReport } from '../../src/report/report.js';

const at = temporaryFolder();
const MAIN = [
  'compile',
  'models/networks/fsrcnn.onnx',
  '-a',
  'meta-proto-df',
  '--tile',
  '60x72',
  '--mode',
  'fully-cached',
];
const REFERENCE = [...MAIN, '--profile', 'reference-2023', '--lpf-limit', '6'];
/** The main command, run once. */
const once = (args: readonly string[]): (() => Ran) => {
  let ran: Ran | undefined;
  return () => (ran ??= cli(args));
};
const text = once(MAIN);
const json = once([...MAIN, '--format', 'json']);
const read = (name: string): string => readFileSync(at(name), 'utf8');
const report = (text: string): ScheduleReport => JSON.parse(text) as ScheduleReport;

test('the main command prints the published energy and latency', () => {
  const { code, stdout, stderr } = cli([...REFERENCE, '--format', 'json']);
  expect(code).toBe(0);
  expect(stderr).not.toContain('error');
  const { totals, pipeline, profile } = report(stdout);
  // Published totals of FSRCNN on Meta-prototype-DF, 60x72, mode 3, limit 6 (cost-model.md 9.5).
  expect(totals.energyPj).toBeCloseTo(2_154_699_943.145, 2);
  expect(totals.latencyCycles).toBe(20_187_977);
  expect(profile).toBe('reference-2023');
  expect(pipeline).toBe(
    'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{by=auto},choose-tiles{tile=60x72 mode=fully-cached},tile-stacks,allocate-memory,annotate-cost',
  );
});

test('two runs give equal bytes, and a built-in network needs no path', () => {
  const first = json();
  expect(cli([...MAIN, '--format', 'json'])).toEqual(first);
  const byName = cli([
    'compile',
    'fsrcnn',
    '-a',
    'meta-proto-df',
    '-t',
    '60x72',
    '-m',
    'fully-cached',
    '--format',
    'json',
  ]);
  expect(byName.stdout).toBe(first.stdout);
});

test('the pipeline in the report gives the report again', () => {
  const { stdout } = cli([...MAIN, '--stacks', 'single-layer', '--format', 'json']);
  const { pipeline } = report(stdout);
  expect(pipeline).toContain('partition-stacks{by=single-layer}');
  expect(
    cli([
      'compile',
      'models/networks/fsrcnn.onnx',
      '-a',
      'meta-proto-df',
      '--passes',
      pipeline,
      '--format',
      'json',
    ]).stdout,
  ).toBe(stdout);
});

test('a report file takes the place of stdout', () => {
  const { stdout } = text();
  expect(cli([...MAIN, '-o', '-']).stdout).toBe(stdout);
  const written = cli([...MAIN, '-o', at('report.txt')]);
  expect(written).toMatchObject({ code: 0, stdout: '' });
  expect(read('report.txt')).toBe(stdout);
});

test('--stacks takes cuts by layer name', () => {
  const { stacks, pipeline } = report(cli([...MAIN, '--stacks', 'conv3,conv5', '--format', 'json']).stdout);
  expect(pipeline).toContain('partition-stacks{cuts=conv3,conv5}');
  expect(stacks.map(({ layers }) => layers.length)).toEqual([3, 2, 3]);
});

test('what is fixed by options reaches the report', () => {
  const [narrow, wide] = ['W=8', 'W=16'].map((precision) =>
    report(cli([...MAIN, '--precision', precision, '--format', 'json']).stdout),
  );
  expect(wide?.model.weightBits).toBe(2 * (narrow?.model.weightBits ?? NaN));
  expect(report(cli([...MAIN, '--lpf-limit', '5', '--format', 'json']).stdout).lpfLimit).toBe(5);
});

describe('dumps', () => {
  test('--dump-dir writes text and JSON per pass, and keeps what else is there', () => {
    writeFileSync(at('mine.txt'), 'mine');
    expect(cli([...MAIN, '--dump-dir', at('')]).code).toBe(0);
    expect(read('mine.txt')).toBe('mine');
    const names = readdirSync(at('')).filter((name) => /^\d\d-/.test(name));
    expect(names).toHaveLength(18);
    expect(names.slice(0, 2)).toEqual(['01-import-onnx.json', '01-import-onnx.txt']);
    expect(read('07-tile-stacks.txt')).toMatch(
      /^ir v1 {2}module fsrcnn .* has graph shapes layers stacks tiles\n/,
    );
  });

  test('a run resumes from any of them, with the same numbers', () => {
    const { totals, pipeline } = report(json().stdout);
    const resume = ['-a', 'meta-proto-df', '--format', 'json'];
    for (const dump of [
      '01-import-onnx',
      '02-normalize-graph',
      '04-lower-layers',
      '06-choose-tiles',
      '08-allocate-memory',
      '09-annotate-cost',
    ]) {
      // Before the tiles are made the run still asks which; behind them the dump knows.
      const tile = dump < '05' ? ['-t', '60x72'] : [];
      const resumed = cli(['compile', '--from-ir', at(`${dump}.json`), ...tile, ...resume]);
      expect(resumed.code).toBe(0);
      expect(report(resumed.stdout)).toMatchObject({ totals, pipeline });
    }
  });

  test('a run goes on with the profile and the limit of the one before, and refuses others', () => {
    const made = ['--profile', 'reference-2023', '--lpf-limit', '2'];
    const dump = (name: string): string => at(`settings/${name}.json`);
    const whole = report(cli([...MAIN, ...made, '--dump-dir', at('settings'), '--format', 'json']).stdout);
    const resumed = (name: string, ...options: readonly string[]): Ran =>
      cli(['compile', '--from-ir', dump(name), '-a', 'meta-proto-df', ...options, '--format', 'json']);
    for (const [name, options] of [
      ['02-normalize-graph', ['-t', '60x72']],
      ['06-choose-tiles', []],
      ['06-choose-tiles', made],
      ['09-annotate-cost', []],
    ] as const) {
      const { totals, profile, lpfLimit } = report(resumed(name, ...options).stdout);
      expect([totals, profile, lpfLimit]).toEqual([whole.totals, 'reference-2023', 2]);
    }
    const { code, stdout, stderr } = resumed('09-annotate-cost', '--profile', 'default', '--lpf-limit', '3');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('error[DF8015]: the layers of the dump were made with another profile\n');
    expect(stderr).toContain('profile: reference-2023 in the dump, default here');
    expect(stderr).toContain('limit on loop prime factors: 2 in the dump, 3 here');
    expect(report(resumed('07-tile-stacks', '--lpf-limit', '3').stdout).lpfLimit).toBe(3);
  });

  test('a dump that does not say what it was made with takes what still has a say', () => {
    const { made, ...unsaid } = JSON.parse(read('07-tile-stacks.json')) as { made: object };
    expect(made).toMatchObject({ settings: { profile: 'default', lpfLimit: null } });
    writeFileSync(at('unsaid.json'), JSON.stringify(unsaid));
    const resumed = (...options: readonly string[]): Ran =>
      cli(['compile', '--from-ir', at('unsaid.json'), '-a', 'meta-proto-df', ...options, '--format', 'json']);
    expect(report(resumed('--lpf-limit', '3').stdout).lpfLimit).toBe(3);
    const { code, stderr } = resumed('--profile', 'default');
    expect(code).toBe(2);
    expect(stderr).toContain('error[DF8007]: --profile comes too late: the dump holds layers already');
  });

  test('what was made for one accelerator is not reported as of another', () => {
    const resumed = (dump: string): Ran =>
      cli(['compile', '--from-ir', at(`${dump}.json`), '-a', 'tpu-like']);
    const { code, stdout, stderr } = resumed('09-annotate-cost');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      'error[DF8014]: the allocs of the dump were made for an accelerator that differs',
    );
    expect(resumed('07-tile-stacks').code).toBe(0);
  });

  test('an option that a pass behind would have taken sends the run back to it', () => {
    const resumed = cli([
      'compile',
      '--from-ir',
      at('09-annotate-cost.json'),
      '-a',
      'meta-proto-df',
      '-t',
      'full',
      '--format',
      'json',
    ]);
    expect(report(resumed.stdout).pipeline).toMatch(
      /choose-tiles\{tile=60x72 mode=fully-cached\},choose-tiles\{tile=full mode=fully-cached\},tile-stacks,allocate-memory,annotate-cost$/,
    );
    expect(report(resumed.stdout).totals.macs).toBe(8_362_594_208);
  });

  test('an edited dump is verified before anything runs', () => {
    const edited = read('07-tile-stacks.json').replace(
      '"layers": [\n            "@conv1",',
      '"layers": [\n            "@conv2",',
    );
    expect(edited).not.toBe(read('07-tile-stacks.json'));
    writeFileSync(at('edited.json'), edited);
    const args = ['compile', '--from-ir', at('edited.json'), '-a', 'meta-proto-df'];
    const { code, stdout, stderr } = cli(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error[DF8013]');
  });

  test('a broken invariant that nobody verified is a bug: exit 70, the stack only for who asks', () => {
    writeFileSync(
      at('unknown.json'),
      read('07-tile-stacks.json')
        .replaceAll('"@conv3"', '"@nowhere"')
        .replace('"id": "@nowhere"', '"id": "@conv3"'),
    );
    const args = ['compile', '--from-ir', at('unknown.json'), '-a', 'meta-proto-df', '--verify', 'off'];
    const quiet = cli(args);
    expect([quiet.code, quiet.stdout]).toEqual([70, '']);
    expect(quiet.stderr).toMatch(/^error\[DF9001\]: .*\n {2}help {3}report it/);
    expect(cli(args, { DEFINES_DEBUG: '1' }).stderr).toContain('at ');
  });

  test('an importer has no place in a run that starts from a dump', () => {
    const { code, stderr } = cli([
      'compile',
      '--from-ir',
      at('01-import-onnx.json'),
      '-a',
      'meta-proto-df',
      '--passes',
      'import-onnx',
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('error[DF8003]: import-onnx reads a model file');
  });
});

describe('printing between passes goes to stderr', () => {
  test('--stop-after prints the IR in place of the report', () => {
    const ir = cli([...MAIN, '--stop-after', 'lower-layers']);
    expect(ir.code).toBe(0);
    expect(ir.stdout).toMatch(/^ir v1 {2}module fsrcnn .* has graph shapes layers\n/);
    const dump = cli([...MAIN, '--stop-after', 'lower-layers', '--format', 'json']);
    expect(Object.keys((JSON.parse(dump.stdout) as { facets: object }).facets)).toEqual([
      'graph',
      'shapes',
      'layers',
    ]);
  });

  test('banners name position and pass, stdout stays the report', () => {
    const { stdout, stderr } = cli([
      ...MAIN,
      '--print-ir-before=choose-tiles',
      '--print-ir-after',
      'lower-layers,tile-stacks',
    ]);
    expect(stderr.match(/^;; .*$/gm)).toEqual([
      ';; after 4 lower-layers',
      ';; before 6 choose-tiles',
      ';; after 7 tile-stacks',
    ]);
    expect(stdout).toBe(text().stdout);
  });

  test('--print-ir-after-change skips what changes nothing', () => {
    const { stderr } = cli(['compile', 'fsrcnn', '-a', 'meta-proto-df', '--print-ir-after-change']);
    const printed = stderr.match(/^;; after \d+ \S+$/gm) ?? [];
    // Stacks are born with the whole map as their tile: choosing it again changes nothing.
    expect(printed).toContain(';; after 5 partition-stacks');
    expect(printed).not.toContain(';; after 6 choose-tiles');
  });

  test('--print-ir-after-failure prints the last good IR', () => {
    const { code, stderr } = cli([...MAIN, '--stacks', 'nowhere', '--print-ir-after-failure']);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      /;; last good IR before the failed 5 partition-stacks\nir v1 .* has graph shapes layers\n/,
    );
  });

  test('times and counts are tables', () => {
    const { stdout, stderr } = cli([...MAIN, '--time-passes', '--pass-stats', '--verify', 'end']);
    expect(stderr).toMatch(/^# {2}pass +ms$/m);
    expect(stderr).toMatch(/^ *7 {2}tile-stacks +tiles +128$/m); // 960/60 x 540/72 = 16 x 8 (7.5 rounded up)
    expect(stdout).toBe(text().stdout);
  });
});

test('diagnostics as JSON are a line each', () => {
  const { stderr } = cli(['compile', at('no.onnx'), '-a', 'meta-proto-df', '--diagnostics', 'json']);
  expect(
    stderr
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { code: string }).code),
  ).toEqual(['DF1001']);
});

test('a reader that has seen enough ends the output in peace', () => {
  const shell = `"${process.execPath}" "${CLI}" compile fsrcnn -a meta-proto-df --format json 2>"${at('err')}" | head -c 10; echo " \${PIPESTATUS[0]}"`;
  const { stdout } = spawnSync('bash', ['-c', shell], { encoding: 'utf8' });
  expect(stdout).toBe('{\n  "schem 0\n');
  expect(read('err')).not.toContain('EPIPE');
});

const FULL = existsSync('/dev/full') ? test : test.skip;
FULL.each([
  ['compile', 'fsrcnn', '-a', 'meta-proto-df'],
  ['compile', 'fsrcnn', '-a', 'meta-proto-df', '--format', 'json', '--pass-timeout', '60s'],
  ['check', 'meta-proto-df'],
  ['inspect', 'fsrcnn'],
  ['--help'],
])('a full device is a diagnostic: %s %s', (...args) => {
  const words = args.map((word) => `"${word}"`).join(' ');
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', `"${process.execPath}" "${CLI}" ${words} > /dev/full`],
    {
      encoding: 'utf8',
    },
  );
  expect(stderr).toContain(
    'error[DF8009]: the standard output cannot be written: no space is left on the device\n',
  );
  expect(stderr).not.toMatch(/^ +at .*:\d+/m);
  expect(status).toBe(2);
});

test.each(['', 'true'])('no colour where nobody sees it, CI=%s', (CI) => {
  const { stderr } = cli(['compile', at('no.onnx'), '-a', 'meta-proto-df'], { CI });
  expect(stderr).not.toMatch(/\u001b/);
});
