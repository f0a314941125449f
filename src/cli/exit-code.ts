/**
 * Exit codes: 0 done, 1 diagnostics (a file that cannot be read is one, whatever it was to be), 2 usage, 70 a bug of ours
 * (that of a plugin is its author's matter), 130 ended early by a signal. docs/errors.md tells them to users.
 */
import { CATALOGUE } from '../diag/codes.js';
import type { Diagnostic } from '../diag/diagnostic.js';

export const EXIT = { done: 0, diagnostics: 1, usage: 2, internal: 70, interrupted: 130 } as const;

export function exitCode(diagnostics: readonly Diagnostic[]): number {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const kinds = errors.map(({ code, plugin }) => {
    const { kind } = CATALOGUE[code];
    return kind === 'bug' && plugin !== undefined ? 'invalid' : kind;
  });
  if (kinds.includes('bug')) return EXIT.internal;
  if (kinds.includes('interrupted')) return EXIT.interrupted;
  if (kinds.includes('usage')) return EXIT.usage;
  return kinds.length > 0 ? EXIT.diagnostics : EXIT.done;
}
