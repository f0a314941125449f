/** Evaluates the schedule of a golden file through the ordinary pipeline and compares. The unit of parallel work. */
import { readFileSync } from 'node:fs';
import { PROFILES } from '../src/base/profile.js';
import { compile } from '../src/compile.js';
import { compareSchedule, type Comparison } from './compare.js';
import { hardwarePath, readGolden, tablePath, type Inputs } from './golden.js';
import { readHardware } from './hardware.js';

const MODES = { 1: 'fully-recompute', 2: 'h-cached-v-recompute', 3: 'fully-cached' } as const;

export interface Task {
  readonly path: string;
  readonly inputs: Inputs;
}

export default async function replay({ path, inputs }: Task): Promise<Comparison> {
  const golden = readGolden(path);
  const table = tablePath(inputs, golden);
  const choice = `tile=${golden.tile.join('x')} mode=${MODES[golden.mode]}`;
  const { ir, ok, diagnostics } = await compile({
    source: { file: table, bytes: readFileSync(table) },
    hw: readHardware(hardwarePath(inputs, golden)),
    profile: PROFILES['reference-2023'],
    lpfLimit: golden.lpf_limit,
    pipeline: `import-layers,partition-stacks,choose-tiles{${choice}},tile-stacks,allocate-memory,annotate-cost`,
    verify: 'off',
  });
  if (ok && ir.costs) return compareSchedule(golden, ir);
  const misses = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => `${code}: ${message}`);
  return { energyError: Infinity, latencyError: Infinity, misses };
}
