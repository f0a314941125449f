/** Wall time per pass. Times are never part of the IR or of a report: those are equal from run to run. */
import type { Instrument } from '../manager.js';

export interface PassTime {
  readonly index: number;
  readonly pass: string;
  readonly milliseconds: number;
}

/** `now`: a monotonic clock in milliseconds; `times` receives a record per finished pass. */
export function timing(now: () => number, times: PassTime[]): Instrument {
  let started = 0;
  const stop = ({
    index,
    pass,
  }: {
    readonly index: number;
    readonly pass: { readonly name: string };
  }): void => {
    times.push({ index, pass: pass.name, milliseconds: now() - started });
  };
  return { before: () => (started = now()), after: stop };
}
