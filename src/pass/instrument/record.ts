/**
 * Keeps the IR before every pass of a run, so that one that failed can be run again from there. The IR is immutable:
 * keeping it costs references.
 */
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Instrument, PassEvent } from '../manager.js';

export interface Recording {
  readonly instrument: Instrument;
  /** The pass that ended the run, or reported the first error; the first of all where no pass is to blame. */
  readonly failure: (errors: readonly Diagnostic[]) => PassEvent | undefined;
}

export function recording(): Recording {
  const started: PassEvent[] = [];
  let failed: PassEvent | undefined;
  return {
    instrument: {
      before: (event) => void started.push(event),
      failed: (event) => {
        failed = event;
      },
    },
    failure: (errors) =>
      failed ?? started.find(({ pass }) => errors.some((error) => error.pass === pass.name)) ?? started[0],
  };
}
