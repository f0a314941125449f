/**
 * `npm run parity -- <folder> [--workloads <folder>] [--accelerators <folder>]`: replays every golden file of a folder
 * in profile `reference-2023`, a row per file, then a summary. Exit code 1 on any miss, 2 on a usage error.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { Piscina } from 'piscina';
import type { Comparison } from './compare.js';
import { goldenFiles, inputFolder, type Inputs } from './golden.js';
import type { Task } from './replay.js';

const SHOWN_MISSES = 5;

function usage(message: string): never {
  process.stderr.write(
    `parity: ${message}\nusage: npm run parity -- <folder> [--workloads <folder>] [--accelerators <folder>]\n`,
  );
  process.exit(2);
}

function readArguments(): { folder: string; inputs: Inputs } {
  const { values, positionals } = parseArgs({
    options: { workloads: { type: 'string' }, accelerators: { type: 'string' } },
    allowPositionals: true,
  });
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) usage('one folder is needed');
  if (!existsSync(folder)) usage(`${folder} does not exist`);
  const find = (name: keyof Inputs): string =>
    values[name] ??
    inputFolder(folder, name) ??
    usage(`no folder ${name} in ${folder}, its parent or the parent's reference`);
  return { folder, inputs: { workloads: find('workloads'), accelerators: find('accelerators') } };
}

function row(path: string, { energyError, latencyError, misses }: Comparison): string {
  const verdict = misses.length === 0 ? 'ok  ' : 'MISS';
  const lines = [
    `${verdict} ${basename(path)}  energy error ${energyError.toExponential(1)}  latency error ${latencyError.toExponential(1)}`,
  ];
  for (const miss of misses.slice(0, SHOWN_MISSES)) lines.push(`       ${miss}`);
  if (misses.length > SHOWN_MISSES) lines.push(`       and ${misses.length - SHOWN_MISSES} more`);
  return lines.join('\n');
}

const failed = (error: unknown): Comparison => ({
  energyError: Infinity,
  latencyError: Infinity,
  misses: [error instanceof Error ? error.message : String(error)],
});

const { folder, inputs } = readArguments();
const files = goldenFiles(folder);
if (files.length === 0) usage(`no golden file (*.json, *.json.gz) in ${folder}`);
const pool = new Piscina<Task, Comparison>({
  filename: new URL('./replay.js', import.meta.url).href,
  maxThreads: availableParallelism(),
});
const results = await Promise.all(files.map((path) => pool.run({ path, inputs }).catch(failed)));
const print = (line: string): void => void process.stdout.write(`${line}\n`);
files.forEach((path, i) => print(row(path, results[i] ?? failed('no result'))));
await pool.destroy();
const ok = results.filter(({ misses }) => misses.length === 0).length;
const worst = (error: (result: Comparison) => number): string =>
  Math.max(...results.map(error)).toExponential(1);
print(
  `parity: ${ok}/${files.length} files, worst energy error ${worst((r) => r.energyError)}, worst latency error ${worst((r) => r.latencyError)}`,
);
process.exitCode = ok === files.length ? 0 : 1;
