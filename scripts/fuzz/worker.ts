/** The thread behind a batch: makes each input, runs it, counts how it ended. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Batch, BatchResult, Failure } from './batch.js';
import { makeInput, runInput } from './targets.js';

const { kind, seed, from, count, shared } = workerData as Batch & { readonly shared: SharedArrayBuffer };

const current = new Int32Array(shared);
const codes: Record<string, number> = {};
const failures: Failure[] = [];
let reports = 0;
let slowestMilliseconds = 0;

/** The message and where it came from, on one line. */
function wording(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  const [, place = ''] = /\n\s+at (.*)/.exec(cause.stack ?? '') ?? [];
  return `${error.message} at ${place}`;
}

for (let index = from; index < from + count; index++) {
  Atomics.store(current, 0, index);
  const began = performance.now();
  try {
    const outcome = await runInput(kind, await makeInput(kind, seed, index), index);
    if (outcome === 'report') reports++;
    else for (const code of outcome) codes[code] = (codes[code] ?? 0) + 1;
  } catch (error) {
    failures.push({ kind, seed, index, what: wording(error) });
  }
  slowestMilliseconds = Math.max(slowestMilliseconds, performance.now() - began);
}
const result: BatchResult = { inputs: count, reports, codes, failures, slowestMilliseconds };
parentPort?.postMessage(result);
