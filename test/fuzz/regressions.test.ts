/**
 * Inputs that once broke something, each a file: `regressions/<kind>/<what>.<end>.<ext>`, where the end is `report` or
 * the code of an error. `npm run fuzz -- --keep <folder>` writes what fails in this form, with `fails` for the end.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Targets from '../../scripts/fuzz/targets.js';
import { projectFolder } from '../support/reference.js';

const folder = join(projectFolder(), 'test/fuzz/regressions');
const built = pathToFileURL(join(projectFolder(), 'dist/scripts/fuzz/targets.js')).href;
const kinds = readdirSync(folder) as Targets.Kind[];
const cases = kinds.flatMap((kind) =>
  readdirSync(join(folder, kind)).map((file) => ({ kind, file, end: file.split('.').at(-2) ?? '' })),
);

test('a file for every kind of input', async () => {
  const { KINDS } = (await import(built)) as typeof Targets;
  expect([...kinds].sort()).toEqual([...KINDS].sort());
  expect(cases.length).toBeGreaterThan(45);
});

test.each(cases)('$kind: $file', async ({ kind, file, end }) => {
  const { runInput } = (await import(built)) as typeof Targets;
  // Number 0 is scheduled, to the report.
  const outcome = await runInput(kind, readFileSync(join(folder, kind, file)), 0);
  if (outcome === 'report') expect(end).toBe('report');
  else expect(outcome).toContain(end);
});
