/** What is going on, so that what takes too long, never ends or breaks out of its pass can be named. */
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import type { Instrument } from '../pass/manager.js';
import { faultOf, originText, type PluginOrigin } from '../pass/origin.js';
import type { Duration } from './options.js';

export type Activity =
  | { readonly what: 'plugin'; readonly name: string }
  | { readonly what: 'pass'; readonly name: string; readonly plugin: PluginOrigin | undefined };

/** Notes of what goes on. */
export interface Notes {
  readonly doing: (activity: Activity | undefined) => void;
  readonly current: () => Activity | undefined;
  /** The last thing that a plugin did: what it began may break out later. */
  readonly guest: () => Activity | undefined;
}

export function takingNotes(): Notes {
  let current: Activity | undefined;
  let guest: Activity | undefined;
  return {
    doing: (activity) => {
      current = activity;
      if (activity?.what === 'plugin' || activity?.plugin !== undefined) guest = activity;
    },
    current: () => current,
    guest: () => guest,
  };
}

export const watching = (doing: (activity: Activity | undefined) => void): Instrument => ({
  before: ({ pass, plugin }) => doing({ what: 'pass', name: pass.name, plugin }),
  after: () => doing(undefined),
  failed: () => doing(undefined),
});

const blamedFor = (activity: Activity): Partial<Diagnostic> =>
  activity.what === 'plugin'
    ? { plugin: activity.name }
    : {
        pass: activity.name,
        ...(activity.plugin === undefined ? {} : { plugin: originText(activity.plugin) }),
      };

export const tookTooLong = (activity: Activity, { text }: Duration): Diagnostic => ({
  ...diagnostic(
    'DF8311',
    `${activity.what} ${activity.name} took longer than ${text} and was stopped`,
    [{ kind: 'spec', text: `--pass-timeout ${text}`, offset: '--pass-timeout '.length, length: text.length }],
    { help: 'give it more time, or a smaller problem' },
  ),
  ...blamedFor(activity),
});

export const neverEnds = (activity: Activity): Diagnostic => ({
  ...diagnostic('DF8312', `${activity.what} ${activity.name} waits for a promise that nothing settles`, [], {
    help: 'return the result, or await something that happens',
  }),
  ...blamedFor(activity),
});

/** An exception that nobody was waiting for: of the plugin that was at work last, if there was one. */
export function brokeOut(error: unknown, guest: Activity | undefined): Diagnostic | undefined {
  if (guest?.what === 'plugin')
    return faultOf(error, `plugin ${guest.name}`, { name: guest.name, file: guest.name });
  if (guest?.plugin === undefined) return undefined;
  return { ...faultOf(error, `pass ${guest.name}`, guest.plugin), pass: guest.name };
}
