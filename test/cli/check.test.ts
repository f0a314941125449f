/** `defines check` as a user runs it: exit codes, the hierarchy, findings with line and column, JSON. */
import { writeFileSync } from 'node:fs';
import { readAccelerator } from '../../src/node/builtin.js';
import { cli, temporaryFolder } from '../support/cli.js';

const at = temporaryFolder();
const { text } = readAccelerator('tpu-like');

function file(name: string, from: string, to: string): string {
  expect(text).toContain(from);
  writeFileSync(
    at(name),
    text.replace(from, () => to),
  );
  return at(name);
}

test('a built-in accelerator passes, also strictly; the hierarchy is shown as it is understood', () => {
  const { code, stdout } = cli(['check', 'tpu-like', '--strict']);
  expect(code).toBe(0);
  expect(stdout).toContain('tpu-like   array D1 32 x D2 32 = 1_024 MAC units');
  // 32 units of D1 have a register file each, which serves D2: 0.54 pJ / 16 bit.
  expect(stdout).toMatch(/rf_1KB +O +2 B +32 +64 B +16 +0\.0338 /);
  expect(stdout).toContain('valid, 0 errors, 0 warnings, 1 warning accepted');
});

test('a warning: exit code 0, and 1 with --strict', () => {
  const lying = file('lying.yaml', '    accepts: [DF8151]\n', '');
  expect(cli(['check', lying])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 warning') as string,
  });
  const strict = cli(['check', lying, '--strict']);
  expect(strict.code).toBe(1);
  expect(strict.stderr).toContain('error[DF8151]: rf_1KB says 1KB and holds 2 B');
  expect(strict.stderr).toContain('lying.yaml:22:11 /memories/1/name');
});

test('errors: exit code 1, every one with its place, as text and as JSON', () => {
  const broken = file('broken.yaml', 'serves: [D2]', 'serves: [D7]');
  const { code, stdout, stderr } = cli(['check', broken, '--format', 'json']);
  expect(code).toBe(1);
  expect(stderr).toContain('error[DF8102]: the array has no dimension "D7"');
  expect(JSON.parse(stdout)).toMatchObject({
    file: broken,
    ok: false,
    errors: 1,
    warnings: 0,
    findings: [{ code: 'DF8102', severity: 'error', line: 26, column: 14, pointer: '/memories/1/serves/0' }],
  });
  expect(cli(['check', broken]).stdout).toContain('not valid, 1 error');
});

test('a level above the shared top is named: nothing reaches it', () => {
  const dram = text.slice(text.indexOf('  - name: dram'));
  const sram = text.slice(text.indexOf('  - name: sram_2MB'), text.indexOf('  - name: dram'));
  const top = dram.replace('ports: { rw1: [', 'ports: { rw1: [I.fromHigh, O.toHigh, O.fromHigh, ');
  writeFileSync(
    at('order.yaml'),
    text.replace(sram + dram, () => top + sram),
  );
  const { code, stderr } = cli(['check', at('order.yaml')]);
  expect(code).toBe(1);
  expect(stderr).toContain('move dram to the end: nothing reaches sram_2MB above it');
});
