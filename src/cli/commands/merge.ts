/** `defines merge`: files of results as one, each point once, in order, with the summary of all. */
import { lineText } from '../../explore/line.js';
import { mergeLines } from '../../explore/merge.js';
import { readLines } from '../../explore/read-lines.js';
import { summaryOf } from '../../explore/summary.js';
import { checkWritable, readTextFile } from '../../node/files.js';
import { rewriteLines } from '../../node/line-file.js';
import type { Run } from '../command.js';
import { summaryText } from '../explore-text.js';
import { choiceOf, valuePlace } from '../options.js';

interface MergeOptions {
  readonly output?: string;
  readonly format?: string;
  readonly diagnostics?: string;
}

export const mergeCommand: Run<MergeOptions> = (files, options, terminal) => {
  const format = choiceOf('--format', options.format, ['text', 'json'], 'text');
  choiceOf('--diagnostics', options.diagnostics, ['text', 'json'], 'text');
  const at = valuePlace('--output', options.output ?? '');
  if (options.output !== undefined) checkWritable(options.output, at);
  const sources = files.map((file) => ({ file, ...readLines(readTextFile(file), file) }));
  const lines = mergeLines(sources);
  if (options.output !== undefined) rewriteLines(options.output, lines.map(lineText), at);
  const summary = summaryOf(lines, []);
  return {
    text:
      format === 'json' ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary, terminal.heading),
    diagnostics: sources.flatMap(({ diagnostics }) => diagnostics),
  };
};
