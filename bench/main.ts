/**
 * `npm run bench [-- --only <pattern>] [-- --seconds <n>] [-- --baseline]`: measures, prints a row each, writes
 * bench/results/latest.json and compares with bench/results/baseline.json. Exit code 1 if a count has changed, which
 * a run with --baseline puts on record.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { grouped } from '../src/base/units.js';
import { packageRoot } from '../src/node/builtin.js';
import { median } from './measure.js';
import {
  countChanges,
  readResults,
  timeRatio,
  writeResults,
  type BenchResults,
  type RowResult,
} from './results.js';
import { rows } from './rows.js';

const SAMPLES = { components: 10, processes: 5 };
const RESULTS = join(packageRoot(), 'bench/results');
const BASELINE = join(RESULTS, 'baseline.json');
const LATEST = join(RESULTS, 'latest.json');

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '30' },
    baseline: { type: 'boolean', default: false },
  },
});
const milliseconds = 1000 * Number(values.seconds);
if (!(milliseconds > 0)) {
  process.stderr.write('bench: --seconds takes a positive number\n');
  process.exit(2);
}

const before = readResults(BASELINE);
const chosen = rows(
  { samples: SAMPLES.components, milliseconds },
  { samples: SAMPLES.processes, milliseconds },
).filter(({ name }) => new RegExp(values.only).test(name));

const measured: RowResult[] = [];
print(`node ${process.version}, at most ${values.seconds} s per row; times: median (least to most)`);
for (const { name, run } of chosen) {
  const result = { row: name, ...(await run()) };
  measured.push(result);
  print(rowText(result, before));
}
const results: BenchResults = {
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  rows: measured,
};
writeResults(LATEST, results);
if (values.baseline) writeResults(BASELINE, merged(before, results));
else if (before !== undefined) {
  const changes = countChanges(before, results);
  for (const { row, count, before: old, now } of changes)
    print(`changed: ${row}: ${count} ${numberText(old)} -> ${numberText(now)}`);
  if (changes.length > 0) process.exitCode = 1;
  else print('all counts are those of the baseline');
}

function rowText(result: RowResult, baseline: BenchResults | undefined): string {
  const { row, times, counts } = result;
  const { samplesMs, processorMs, peakMb, note } = times;
  const ratio = baseline && timeRatio(baseline, result);
  const facts = [
    samplesMs.length === 0
      ? undefined
      : `${ms(median(samplesMs))} (${ms(Math.min(...samplesMs))} to ${ms(Math.max(...samplesMs))})`,
    processorMs === undefined || processorMs.length === 0
      ? undefined
      : `processor ${ms(median(processorMs))}`,
    peakMb === undefined || samplesMs.length === 0 ? undefined : `peak ${peakMb.toFixed(0)} MB`,
    ratio === undefined ? undefined : `${ratio.toFixed(2)} x baseline`,
    ...Object.entries(counts).map(([name, count]) => `${name} ${grouped(count)}`),
    note,
  ];
  return `${row.padEnd(52)} ${facts.filter((fact) => fact !== undefined).join('; ')}`;
}

/** A row measured anew takes its place among the others; one that was cut has nothing to put on record. */
function merged(old: BenchResults | undefined, now: BenchResults): BenchResults {
  const complete = now.rows.filter(({ times }) => times.samplesMs.length > 0);
  const fresh = new Map(complete.map((row) => [row.row, row]));
  const kept = (old?.rows ?? []).map((row) => fresh.get(row.row) ?? row);
  const names = new Set(kept.map(({ row }) => row));
  return { ...now, rows: [...kept, ...complete.filter(({ row }) => !names.has(row))] };
}

function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toPrecision(3)} ms`;
}

function numberText(value: number | undefined): string {
  return value === undefined ? 'absent' : grouped(value);
}
