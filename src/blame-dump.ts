/**
 * Who is to blame in a run that starts from a dump. Dumps can be edited, and verifiers cannot know everything (a graph
 * whose shapes were inferred before it was changed): what then looks like a bug of a built-in pass is the dump's
 * matter first. Plugins are blamed as always: whoever writes one resumes from dumps all the time.
 */
import { InternalError } from './base/assert.js';
import { CATALOGUE } from './diag/codes.js';
import { diagnostic, type Diagnostic } from './diag/diagnostic.js';

const HELP = 'make the dump again; if nobody has edited it, report it with the dump';
const MOST_TERMS = 10;

/** What verifiers reject of built-in passes, as one diagnostic about the dump. */
export function blamingDump(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const isBug = ({ code, severity, plugin }: Diagnostic): boolean =>
    severity === 'error' && CATALOGUE[code].kind === 'bug' && plugin === undefined;
  const bugs = found.filter(isBug);
  const [first] = bugs;
  if (first === undefined) return found;
  return [...found.filter((d) => !isBug(d)), contradiction(first.pass ?? 'the pipeline', bugs)];
}

const contradiction = (pass: string, bugs: readonly Diagnostic[]): Diagnostic =>
  diagnostic('DF8013', `the IR to start from leads ${pass} to break an invariant`, [], {
    terms: bugs.slice(0, MOST_TERMS).map(({ code, message }) => `${code}: ${message}`),
    help: HELP,
  });

/** What was thrown, as a diagnostic about the dump; undefined: it is somebody else's matter. */
export const dumpToBlame = (error: unknown): Diagnostic | undefined =>
  error instanceof InternalError
    ? diagnostic('DF8013', 'a pass cannot go on from the IR to start from', [], {
        terms: [error.message],
        help: HELP,
      })
    : undefined;
