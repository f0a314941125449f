/**
 * `defines diff`: what differs between two dumps. Exit codes are those of diff(1): 0 equal, 1 different, 2 trouble
 * (a dump that cannot be read), so that scripts can tell the last two apart.
 */
import { DiagnosticError } from '../../diag/diagnostic.js';
import { diffIr } from '../../ir/diff.js';
import { FACETS, type Facet } from '../../ir/facets.js';
import { readIr } from '../../ir/json.js';
import { diffJson, isEqual, printDiff, type DiffSide } from '../../ir/print-diff.js';
import { readTextFile } from '../../node/files.js';
import type { Outcome, Run } from '../command.js';
import { EXIT } from '../exit-code.js';
import { choiceOf, listOf } from '../options.js';

export interface DiffOptions {
  readonly facets?: string;
  readonly all?: boolean;
  readonly format?: string;
  readonly diagnostics?: string;
}

/** Fields of one entry that are shown; a cost alone has hundreds. */
const MOST_FIELDS = 16;

export const diffCommand: Run<DiffOptions> = ([first = '', second = ''], options): Outcome => {
  const format = choiceOf('--format', options.format, ['text', 'json'], 'text');
  choiceOf('--diagnostics', options.diagnostics, ['text', 'json'], 'text');
  const facets = facetsOf(options.facets);
  try {
    const [before, after] = [sideOf(first), sideOf(second)];
    const found = diffIr(before.ir, after.ir, facets);
    return {
      text:
        format === 'json'
          ? diffJson(before, after, found)
          : printDiff(before, after, found, options.all === true ? Infinity : MOST_FIELDS),
      diagnostics: [],
      exit: isEqual(before, after, found) ? EXIT.done : EXIT.diagnostics,
    };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { diagnostics: error.diagnostics, exit: EXIT.usage };
  }
};

const sideOf = (file: string): DiffSide => ({ file, ir: readIr(readTextFile(file), file) });

/** In the order of the facets, however they are listed. */
function facetsOf(value: string | undefined): readonly Facet[] {
  const wanted = new Set(listOf(value).map((name) => choiceOf('--facets', name, FACETS, 'graph')));
  return value === undefined ? FACETS : FACETS.filter((facet) => wanted.has(facet));
}
