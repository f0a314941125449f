/**
 * 20,000 inputs, mostly broken: each ends in a report or in a diagnostic with a code, within 5 s of processor time and
 * 500 MB. The same seed makes the same inputs; DEFINES_FUZZ_SEED=<n> tries others. A failure is made again alone with
 * `npm run fuzz -- --kind <kind> --seed <seed> --index <index> > input`, mended, and kept as a file of
 * test/fuzz/regressions.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Batches from '../../scripts/fuzz/batch.js';
import type { Kind } from '../../scripts/fuzz/targets.js';
import { projectFolder } from '../support/reference.js';

const SEED = Number(process.env['DEFINES_FUZZ_SEED'] ?? 1);

/** How many inputs of each kind, and codes that must be among the ends, or the fuzzer has gone astray. */
const RUNS: readonly (readonly [kind: Kind, count: number, codes: readonly string[]])[] = [
  [
    'onnx',
    16_000,
    ['DF1004', 'DF1010', 'DF1016', 'DF1017', 'DF1018', 'DF2003', 'DF2004', 'DF2011', 'DF2012'],
  ],
  ['accelerator', 1500, ['DF8100', 'DF8101', 'DF8106']],
  ['layers', 1000, ['DF1030', 'DF1031', 'DF1032']],
  ['mapping', 1000, ['DF6050', 'DF6051', 'DF6055']],
  ['ir', 500, ['DF8011', 'DF8013']],
];

test('at least 20,000 inputs', () => {
  expect(RUNS.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThanOrEqual(20_000);
});

test.each(RUNS)(
  '%s: %i inputs',
  async (kind, count, expected) => {
    // The threads run the built program, as users do.
    const built = join(projectFolder(), 'dist/scripts/fuzz/batch.js');
    if (!existsSync(built)) throw new Error('the fuzzer is not built: npm run build');
    const { runBatch } = (await import(pathToFileURL(built).href)) as typeof Batches;
    const { failures, inputs, reports, codes } = await runBatch({ kind, seed: SEED, from: 0, count });
    expect({ seed: SEED, failures }).toEqual({ seed: SEED, failures: [] });
    expect(inputs).toBe(count);
    expect(reports).toBeGreaterThan(0);
    expect(Object.keys(codes)).toEqual(expect.arrayContaining([...expected]));
  },
  600_000,
);
