/**
 * Results as a file, and against an earlier one. Counts of work are the same on every machine, so that a change of
 * one is a change of the program; times are only shown, as ratios of what the machine does with plain arithmetic.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { median, type Times } from './measure.js';

export type Counts = Readonly<Record<string, number>>;

export interface RowResult {
  readonly row: string;
  readonly times: Times;
  readonly counts: Counts;
}

export interface BenchResults {
  readonly node: string;
  readonly platform: string;
  readonly rows: readonly RowResult[];
}

export interface Change {
  readonly row: string;
  readonly count: string;
  readonly before: number | undefined;
  readonly now: number | undefined;
}

export const readResults = (file: string): BenchResults | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BenchResults) : undefined;

export function writeResults(file: string, results: BenchResults): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

const rowOf = (results: BenchResults, row: string): RowResult | undefined =>
  results.rows.find((one) => one.row === row);

/** Counts that differ, of rows that both have. */
export function countChanges(before: BenchResults, now: BenchResults): readonly Change[] {
  return now.rows.flatMap(({ row, counts }) => {
    const old = rowOf(before, row)?.counts;
    if (old === undefined) return [];
    return [...new Set([...Object.keys(old), ...Object.keys(counts)])]
      .filter((count) => old[count] !== counts[count])
      .map((count) => ({ row, count, before: old[count], now: counts[count] }));
  });
}

/** Median over the median before, both measured in units of the arithmetic loop beside them. */
export function timeRatio(before: BenchResults, { row, times }: RowResult): number | undefined {
  const old = rowOf(before, row)?.times;
  if (old === undefined || old.samplesMs.length === 0 || times.samplesMs.length === 0) return undefined;
  const inLoops = ({ samplesMs, calibrationMs }: Times): number => median(samplesMs) / calibrationMs;
  return inLoops(times) / inLoops(old);
}
