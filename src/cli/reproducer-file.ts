/**
 * Where a reproducer goes. A pass that never returns cannot write one, so with `--pass-timeout` it is written beside
 * its place before every pass, and put there by the thread that stops the pass.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';

export const draftOf = (file: string): string => `${file}.running`;

export const discardDraft = (file: string): void => rmSync(draftOf(file), { force: true });

/** Puts the draft, if there is one, in its place, and says so. `pass`: the one that was running. */
export function keepDraft(file: string, pass: string): readonly Diagnostic[] {
  if (!existsSync(draftOf(file))) return [];
  renameSync(draftOf(file), file);
  return [reproducerWritten(file, pass)];
}

export const reproducerWritten = (file: string, pass: string): Diagnostic =>
  diagnostic('DF8352', `the run from ${pass} on is in ${file}`, [], {
    help: `run it again with: defines replay ${file}`,
  });
