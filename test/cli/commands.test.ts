/** The commands around `compile`, and that there are no others. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAccelerator } from '../../src/hw/load.js';
import { builtinAccelerators, type PreparedAccelerator } from '../../src/node/builtin.js';
import { cli, temporaryFolder } from '../support/cli.js';
import { model } from '../support/onnx-model.js';
import { projectFolder } from '../support/reference.js';

const at = temporaryFolder();

test('--help lists the commands that exist, and no others', () => {
  const { code, stdout, stderr } = cli(['--help']);
  expect([code, stderr]).toEqual([0, '']);
  const commands = stdout.slice(stdout.indexOf('Commands:')).match(/^ {2}\w+/gm);
  expect(commands?.map((name) => name.trim())).toEqual([
    'compile',
    'explore',
    'merge',
    'inspect',
    'check',
    'passes',
    'accelerators',
    'networks',
    'explain',
    'diff',
    'replay',
  ]);
});

test('compile --help shows every option by its group, and none that does not exist yet', () => {
  const { stdout } = cli(['compile', '--help']);
  for (const option of [
    '-a, --accelerator',
    '-t, --tile',
    '-m, --mode',
    '--stacks',
    '--profile',
    '--optimize',
    '--budget',
    '--lpf-limit',
    '--mapping',
    '--precision',
    '--dim',
    '--passes',
    '--plugin',
    '--pass-timeout',
    '--from-ir',
    '--reproducer',
    '-o, --output',
  ])
    expect(stdout).toContain(option);
  expect(stdout).not.toMatch(/--threads/);
  expect(stdout.match(/^\S.*:$/gm)).toEqual([
    'Arguments:',
    'Hardware and model:',
    'Schedule:',
    'Passes:',
    'Output:',
    'Options:',
    'Example:',
  ]);
});

test('--version is that of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(projectFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(cli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('explain takes a code in any spelling', () => {
  const { code, stdout } = cli(['explain', 'DF5001']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^DF5001 {2}a layer fits no choice of memory levels\n/);
  expect(cli(['explain', 'df5001']).stdout).toBe(stdout);
  expect(cli(['explain', '5001']).stdout).toBe(stdout);
});

test('passes shows facets, options with defaults, and pipelines', () => {
  const { stdout } = cli(['passes']);
  expect(stdout).toMatch(
    /^ {2}choose-tiles: .*\n {4}needs stacks, makes stacks\n {4}tile=\[full\] {2}columns x rows/m,
  );
  expect(stdout).toMatch(/^ {4}by=\[auto\] single-layer one/m);
  expect(stdout).toMatch(/^ {2}single-layer: .*\n {4}import-onnx,/m);
  expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([]);
});

test('accelerators and networks are a line each', () => {
  const accelerators = cli(['accelerators']).stdout.trim().split('\n');
  expect(accelerators).toHaveLength(12); // eleven and a title
  expect(accelerators.find((line) => line.startsWith('meta-proto-df '))).toMatch(
    / 1_024 {2}32 x 2 x 4 x 4 +7 /,
  );
  const networks = cli(['networks']);
  expect(networks.stderr).toBe('');
  // 8.363 GMAC (issue of the paper's networks): 960 x 540 outputs, 16 132 MAC each counted layer by layer in the tests of the networks.
  expect(networks.stdout).toMatch(/^fsrcnn +8 +8_362_594_208 /m);
});

test('the accelerators that the build has parsed are those of the files', () => {
  const folder = join(projectFolder(), 'dist/bin/accelerators');
  const names = readdirSync(folder);
  expect(names.map((name) => name.replace('.json', '')).sort()).toEqual(builtinAccelerators());
  for (const name of names) {
    const prepared = JSON.parse(readFileSync(join(folder, name), 'utf8')) as PreparedAccelerator;
    const file = `models/accelerators/${name.replace('.json', '.yaml')}`;
    const text = readFileSync(join(projectFolder(), file), 'utf8');
    expect(prepared).toEqual({ text, ...parseAccelerator(text, file) });
  }
});

describe('inspect', () => {
  interface Inspection {
    readonly operators: Record<string, number>;
    readonly macs: number;
    readonly layers: readonly { readonly name: string; readonly macs: number }[];
    readonly tensors: Record<string, { readonly shape: readonly number[]; readonly dtype: string }>;
    readonly outputs: Record<string, { readonly shape: readonly number[] }>;
    readonly coverage: { readonly macsExactPct: number };
  }

  test('as JSON', () => {
    const { code, stdout } = cli(['inspect', 'models/networks/fsrcnn.onnx', '--format', 'json']);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as Inspection;
    expect(found.operators['Conv']).toBe(8);
    expect(found.macs).toBe(8_362_594_208);
    expect(found.layers.reduce((sum, { macs }) => sum + macs, 0)).toBe(found.macs);
    expect(Object.values(found.outputs)).toEqual([{ shape: [1, 16, 540, 960] }]);
    expect(Object.values(found.tensors)[0]).toEqual({ shape: [1, 1, 554, 974], dtype: 'float' });
    expect(found.coverage.macsExactPct).toBe(100);
  });

  test('as text', () => {
    const { stdout } = cli(['inspect', 'fsrcnn']);
    expect(stdout).toMatch(/^fsrcnn {3}8 layers {3}8_362_594_208 MAC {3}weights 15_992 B\n/);
    expect(stdout).toMatch(/^Conv +8$/m);
    expect(stdout).toMatch(/^output .* float \[1 16 540 960\]$/m);
  });
});

test('inspect of a model with an open dimension says what it knows and how to go on', () => {
  const file = at('open.onnx');
  writeFileSync(
    file,
    model({
      inputs: { x: ['batch', 3, 8, 8] },
      outputs: ['y'],
      nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }],
    }),
  );
  const { code, stdout, stderr } = cli(['inspect', file]);
  expect(code).toBe(1);
  expect(stderr).toContain('error[DF2001]');
  expect(stdout).toContain('input   x float [batch 3 8 8]');
  expect(stdout).toContain('symbol  batch = ?, bind it with --dim batch=<size>   (x.0)');
  expect(stdout).toMatch(/^Relu +1$/m);
});
