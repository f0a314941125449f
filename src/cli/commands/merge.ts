/** `defines merge`: files of results as one, each point once, in order, with the summary of all. */
import { diagnostic, DiagnosticError, type Diagnostic } from '../../diag/diagnostic.js';
import { lineText } from '../../explore/line.js';
import { mergeLines } from '../../explore/merge.js';
import { readLines } from '../../explore/read-lines.js';
import { summaryOf } from '../../explore/summary.js';
import { checkWritable, readTextFile } from '../../node/files.js';
import { rewriteLines } from '../../node/line-file.js';
import type { Run } from '../command.js';
import { summaryText } from '../explore-text.js';
import { checkIsFile, choiceOf, valuePlace } from '../options.js';

interface MergeOptions {
  readonly output?: string;
  readonly format?: string;
  readonly diagnostics?: string;
}

export const mergeCommand: Run<MergeOptions> = (files, options, terminal) => {
  const format = choiceOf('--format', options.format, ['text', 'json'], 'text');
  choiceOf('--diagnostics', options.diagnostics, ['text', 'json'], 'text');
  checkIsFile(options.output);
  const at = valuePlace('--output', options.output ?? '');
  if (options.output !== undefined) checkWritable(options.output, at);
  const sources = files.map((file) => ({ file, ...readLines(readTextFile(file), file) }));
  const strangers = sources.filter(({ lines, diagnostics }) => lines.length === 0 && diagnostics.length > 0);
  if (strangers.length > 0) throw new DiagnosticError(strangers.map(({ file }) => noResults(file)));
  const lines = mergeLines(sources);
  if (options.output !== undefined) rewriteLines(options.output, lines.map(lineText), at);
  const summary = summaryOf(lines, []);
  return {
    text:
      format === 'json' ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary, terminal.heading),
    diagnostics: sources.flatMap(({ diagnostics }) => diagnostics),
  };
};

/** A file cut short keeps some line; this one is probably something else, and not what was meant. */
const noResults = (file: string): Diagnostic =>
  diagnostic('DF8207', 'no line of the file is a result', [{ kind: 'file', file }], {
    help: 'give files that explore -o wrote, or leave this one out',
  });
