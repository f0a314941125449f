/**
 * Measuring: a function over and over in this process, or a command as a whole process. Samples stop at a time box;
 * what did not fit is said. A loop of plain arithmetic beside every row tells how fast the machine is just then.
 */
import { spawnSync } from 'node:child_process';

export interface Times {
  /** Wall times, ms, in the order measured. */
  readonly samplesMs: readonly number[];
  /** Processor time per sample, user and system, all threads, ms; processes only. */
  readonly processorMs?: readonly number[];
  /** Peak memory, MB; processes only. */
  readonly peakMb?: number;
  /** The arithmetic loop, ms. */
  readonly calibrationMs: number;
  /** Why there are fewer samples than wanted, or none. */
  readonly note?: string;
}

export interface Box {
  readonly samples: number;
  /** No sample begins after this, and no process runs longer, ms. */
  readonly milliseconds: number;
}

/** A hundred million steps of a linear congruential generator. */
export function calibrate(): number {
  const begin = performance.now();
  let state = 1;
  for (let i = 0; i < 1e8; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  const end = performance.now();
  if (state === 0) throw new Error('the generator has period 2^32 and does not reach 0 here');
  return end - begin;
}

/** Two runs to warm up, or one that fills the box. */
export async function timeFunction(run: () => unknown, { samples, milliseconds }: Box): Promise<Times> {
  const calibrationMs = calibrate();
  const begin = performance.now();
  const spent = (): number => performance.now() - begin;
  const once = async (): Promise<number> => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
  let cold = await once();
  if (spent() < milliseconds / samples) cold = await once();
  const samplesMs: number[] = [];
  while (samplesMs.length < samples && spent() < milliseconds) samplesMs.push(await once());
  if (samplesMs.length === 0) samplesMs.push(cold);
  return { samplesMs, calibrationMs, ...shortOf(samples, samplesMs.length) };
}

/** What the process tells about itself when it ends. */
interface Usage {
  readonly userCPUTime: number;
  readonly systemCPUTime: number;
  readonly maxRSS: number;
}

const REPORTER = `data:text/javascript,${encodeURIComponent(
  'import{writeSync}from"node:fs";process.on("exit",()=>writeSync(3,JSON.stringify(process.resourceUsage())))',
)}`;

/** `args`: of node. Each run is a process of its own, the first one not counted. */
export function timeProcess(args: readonly string[], { samples, milliseconds }: Box): Times {
  const calibrationMs = calibrate();
  const begin = performance.now();
  const samplesMs: number[] = [];
  const usages: Usage[] = [];
  for (let i = 0; i <= samples && performance.now() - begin < milliseconds; i++) {
    const start = performance.now();
    const { status, signal, stderr, output } = spawnSync(process.execPath, ['--import', REPORTER, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      timeout: milliseconds,
    });
    const took = performance.now() - start;
    if (signal !== null) return { samplesMs, calibrationMs, note: `cut after ${seconds(milliseconds)}` };
    if (status !== 0) return { samplesMs, calibrationMs, note: firstError(stderr) };
    // The first run warms the file system; it counts where it is the only one.
    if (i === 1) {
      samplesMs.length = 0;
      usages.length = 0;
    }
    samplesMs.push(took);
    usages.push(JSON.parse(output[3] ?? '') as Usage);
  }
  return {
    samplesMs,
    processorMs: usages.map(({ userCPUTime, systemCPUTime }) => (userCPUTime + systemCPUTime) / 1000),
    peakMb: Math.max(...usages.map(({ maxRSS }) => maxRSS)) / 1024,
    calibrationMs,
    ...shortOf(samples, samplesMs.length),
  };
}

const shortOf = (wanted: number, got: number): { readonly note?: string } =>
  got < wanted ? { note: `${got} of ${wanted} samples fit the time box` } : {};

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(0)} s`;

const firstError = (stderr: string): string =>
  stderr.split('\n').find((line) => line.startsWith('error[')) ?? `failed: ${stderr.slice(0, 120)}`;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle - 1)] ?? NaN)) / 2;
}
