/**
 * The outcome of a command, whatever it waits for. Passes may be asynchronous, and a plugin may wait for what never
 * happens or throw where nobody listens: both are outcomes that name it.
 */
import { setImmediate } from 'node:timers/promises';
import { InternalError } from '../base/assert.js';
import type { Outcome } from './command.js';
import { brokeOut, neverEnds, type Notes } from './activity.js';

export function settled(work: Promise<Outcome>, { current, guest }: Notes): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    // The event loop has nothing left to do, and the work is not done.
    const dry = (): void => {
      const activity = current();
      if (activity === undefined) reject(new InternalError('the command never ends'));
      else resolve({ diagnostics: [neverEnds(activity)] });
    };
    const broken = (error: unknown): void => {
      const d = brokeOut(error, guest());
      if (d === undefined) reject(error instanceof Error ? error : new Error(String(error)));
      else resolve({ diagnostics: [d] });
    };
    process.once('beforeExit', dry).once('uncaughtException', broken);
    void work
      // A promise that a plugin left rejected is told at the end of this turn of the event loop, and no sooner.
      .finally(() => (guest() === undefined ? undefined : setImmediate()))
      .then(resolve, reject)
      .finally(() => process.off('beforeExit', dry).off('uncaughtException', broken));
  });
}
