/**
 * A batch of inputs in a thread of its own, so that an endless loop or a full memory ends the thread and not the run.
 * The number of the input at work stands in shared memory, where the watcher sees whether it moves.
 */
import { Worker } from 'node:worker_threads';
import type { Kind } from './targets.js';

/** Of processor time, so that a busy machine does not matter. */
export const LIMIT_SECONDS = 5;
export const LIMIT_MEGABYTES = 500;

/** Before the first input, while the thread loads the program. */
const IDLE = -1;

export interface Batch {
  readonly kind: Kind;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
}

export interface Failure {
  readonly kind: Kind;
  readonly seed: number;
  readonly index: number;
  readonly what: string;
}

export interface BatchResult {
  readonly inputs: number;
  readonly reports: number;
  /** Inputs per code of an error. */
  readonly codes: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  readonly slowestMilliseconds: number;
}

/** All of a batch: after an input that ends its thread, the next thread goes on behind it. */
export async function runBatch(batch: Batch): Promise<BatchResult> {
  const results: BatchResult[] = [];
  for (let from = batch.from; from < batch.from + batch.count;) {
    const part = { ...batch, from, count: batch.from + batch.count - from };
    const { result, next } = await runThread(part);
    results.push(result);
    from = next;
  }
  return results.reduce(addResults);
}

export const addResults = (a: BatchResult, b: BatchResult): BatchResult => {
  const codes = [...new Set([...Object.keys(a.codes), ...Object.keys(b.codes)])].sort();
  return {
    inputs: a.inputs + b.inputs,
    reports: a.reports + b.reports,
    codes: Object.fromEntries(codes.map((code) => [code, (a.codes[code] ?? 0) + (b.codes[code] ?? 0)])),
    failures: [...a.failures, ...b.failures],
    slowestMilliseconds: Math.max(a.slowestMilliseconds, b.slowestMilliseconds),
  };
};

/** Of the whole process, in which nothing else is at work. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

interface ThreadEnd {
  readonly result: BatchResult;
  /** First input that was not run. */
  readonly next: number;
}

function runThread(batch: Batch): Promise<ThreadEnd> {
  const shared = new SharedArrayBuffer(4);
  const current = new Int32Array(shared);
  current[0] = IDLE;
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: { ...batch, shared },
    resourceLimits: { maxOldGenerationSizeMb: LIMIT_MEGABYTES },
  });
  return new Promise((resolve) => {
    const broken = (what: string): void => {
      clearInterval(watch);
      const index = Math.max(batch.from, Atomics.load(current, 0));
      const failures = [{ kind: batch.kind, seed: batch.seed, index, what }];
      const inputs = index - batch.from + 1;
      // What the thread had counted is lost with it; its failures would be found again by a run without this input.
      resolve({
        result: { inputs, reports: 0, codes: {}, failures, slowestMilliseconds: 0 },
        next: index + 1,
      });
      void worker.terminate();
    };
    let seen = -1;
    let since = cpuSeconds();
    const watch = setInterval(() => {
      const index = Atomics.load(current, 0);
      if (index !== seen) [seen, since] = [index, cpuSeconds()];
      else if (index !== IDLE && cpuSeconds() - since > LIMIT_SECONDS)
        broken(`takes longer than ${LIMIT_SECONDS} s`);
    }, 200);
    worker.once('message', (result: BatchResult) => {
      clearInterval(watch);
      resolve({ result, next: batch.from + batch.count });
      void worker.terminate();
    });
    worker.once('error', (error) => broken(String(error)));
  });
}
