/**
 * A command in a thread of its own, which is ended if one pass takes too long: a loop that never returns cannot be
 * stopped from inside. The thread runs the command as ever; its terminal sends here what it would write, so printing,
 * progress and reports are the same in both.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import picocolors from 'picocolors';
import { known } from '../base/assert.js';
import { DiagnosticError, type Diagnostic } from '../diag/diagnostic.js';
import { PLAIN } from '../diag/render.js';
import { brokeOut, tookTooLong, type Activity } from './activity.js';
import type { Outcome } from './command.js';
import type { Duration } from './options.js';
import { keepDraft } from './reproducer-file.js';
import type { Terminal } from './terminal.js';

export interface Task {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: object;
}

type Message =
  | { readonly kind: 'err'; readonly text: string }
  | { readonly kind: 'doing'; readonly activity: Activity | undefined }
  | {
      readonly kind: 'progress';
      readonly state: readonly [done: number, total: number, label: string] | 'stopped';
    }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'thrown'; readonly error: Error };

/** Runs a task in a thread that starts as `entry`; the limit is for each pass, and for loading each plugin. */
export function isolated(entry: URL, task: Task, terminal: Terminal, limit: Duration): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData: { ...task, coloured: terminal.coloured } });
    const progress = terminal.progress();
    let timer: NodeJS.Timeout | undefined;
    let current: Activity | undefined;
    const { reproducer } = task.options as { readonly reproducer?: string };
    /** What the thread was at when it had to be stopped, with the file that shows it. */
    const stopped = (d: Diagnostic): void =>
      end(() => {
        const kept = reproducer === undefined ? [] : keepDraft(reproducer, current?.name ?? task.command);
        resolve({ diagnostics: [d, ...kept] });
      });
    let ended = false;
    const end = (finish: () => void): void => {
      ended = true;
      clearTimeout(timer);
      progress.stop();
      void worker.terminate().then(finish);
    };
    const begin = (activity: Activity | undefined): void => {
      clearTimeout(timer);
      current = activity;
      if (activity === undefined) return;
      timer = setTimeout(() => stopped(tookTooLong(activity, limit)), limit.milliseconds);
    };
    worker.on('message', (message: Message) => {
      switch (message.kind) {
        case 'err':
          terminal.err(message.text);
          break;
        case 'doing':
          begin(message.activity);
          break;
        case 'progress':
          if (message.state === 'stopped') progress.stop();
          else progress.report(...message.state);
          break;
        case 'outcome':
          end(() => resolve(message.outcome));
          break;
        case 'thrown':
          end(() => reject(message.error));
          break;
      }
    });
    const broken = (error: Error): void => {
      const d = brokeOut(error, current);
      if (d === undefined) end(() => reject(error));
      else stopped(d);
    };
    worker.on('error', broken);
    worker.on('exit', (code) => {
      if (!ended) broken(new Error(`it ended the process with code ${code}`));
    });
  });
}

/** The task of this thread, if it was started by `isolated`. */
export const givenTask = (): Task | undefined => (isMainThread ? undefined : (workerData as Task));

export async function answer(run: (terminal: Terminal) => Promise<Outcome>): Promise<void> {
  const port = known(parentPort, 'parent');
  const post = (message: Message): void => port.postMessage(message);
  const { coloured } = workerData as { readonly coloured: boolean };
  const terminal: Terminal = {
    err: (text) => post({ kind: 'err', text }),
    palette: PLAIN,
    coloured,
    heading: picocolors.createColors(coloured).bold,
    progress: () => ({
      report: (...state) => post({ kind: 'progress', state }),
      stop: () => post({ kind: 'progress', state: 'stopped' }),
    }),
    doing: (activity) => post({ kind: 'doing', activity }),
  };
  try {
    post({ kind: 'outcome', outcome: await run(terminal) });
  } catch (error) {
    if (error instanceof DiagnosticError)
      post({ kind: 'outcome', outcome: { diagnostics: error.diagnostics } });
    else post({ kind: 'thrown', error: error instanceof Error ? error : new Error(String(error)) });
  }
}
