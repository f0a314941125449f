/**
 * The file of an exploration: what an earlier run left in it, and the lines that join. Whatever happened on the way,
 * it ends with every line known, in order.
 */
import { diagnostic, DiagnosticError, fail, type Diagnostic } from '../diag/diagnostic.js';
import {
  circumstancesOf,
  compareLines,
  identityOf,
  lineText,
  type LineHead,
  type PointLine,
} from '../explore/line.js';
import { mergeLines } from '../explore/merge.js';
import { readLines, type FoundLine } from '../explore/read-lines.js';
import { checkWritable } from '../node/files.js';
import { plural } from '../report/text-table.js';
import { openLineFile, readIfThere, rewriteLines, textUntilNow, type LineFile } from '../node/line-file.js';
import { checkIsFile, valuePlace } from './options.js';

export interface ExploreOutput {
  /** Lines of earlier runs, by identity; failures are not among them, they are tried again. */
  readonly earlier: ReadonlyMap<string, PointLine>;
  /** Lines of the file that are none. */
  readonly diagnostics: readonly Diagnostic[];
  readonly append: (line: PointLine) => void;
  /** What is to be said of the file that is left. */
  readonly finish: () => readonly Diagnostic[];
}

/** Nothing is kept: only the summary is wanted. */
const NOWHERE: ExploreOutput = {
  earlier: new Map(),
  diagnostics: [],
  append: () => undefined,
  finish: () => [],
};

/** Asked before work begins. `read`: the files that the exploration is made from. */
export function checkOutput(file: string | undefined, resume: boolean, read: readonly string[]): void {
  checkIsFile(file);
  if (file !== undefined) checkWritable(file, valuePlace('--output', file), read);
  else if (resume)
    fail('DF8001', '--resume needs a file to continue', [], { help: 'name it with -o <file>' });
}

/** `heads`: of the studies at hand; lines that claim to be theirs must have their keys. */
export function openOutput(
  file: string | undefined,
  resume: boolean,
  heads: readonly LineHead[],
): ExploreOutput {
  if (file === undefined) return NOWHERE;
  const at = valuePlace('--output', file);
  const before = resume ? readIfThere(file) : undefined;
  const dropped = resume ? '' : textUntilNow(file);
  const { lines, diagnostics } = before === undefined ? NO_LINES : readLines(before, file);
  refuseOtherInputs(file, lines, heads);
  const earlier = mergeLines([{ file, lines }]).filter(({ status }) => status !== 'failed');
  const fresh: PointLine[] = [];
  let opened: LineFile | undefined;
  return {
    earlier: new Map(earlier.map((line) => [identityOf(line), line])),
    diagnostics,
    append: (line) => {
      opened ??= openLineFile(file, before, at);
      opened.append(lineText(line));
      fresh.push(line);
    },
    finish: () => {
      (opened ??= openLineFile(file, before, at)).close();
      if (before === undefined) return replaced(dropped, fresh, file);
      const texts = [...earlier, ...fresh].sort(compareLines).map(lineText);
      if (before !== texts.map((text) => `${text}\n`).join('')) rewriteLines(file, texts, at);
      return [];
    },
  };
}

/** Without --resume a file begins anew; results that this run has not worked out again are gone, and nobody may have meant it. */
function replaced(dropped: string, fresh: readonly PointLine[], file: string): readonly Diagnostic[] {
  const known = new Set(fresh.map(identityOf));
  const gone = readLines(dropped, file).lines.filter(({ line }) => !known.has(identityOf(line)));
  if (gone.length === 0) return [];
  return [
    diagnostic(
      'DF8209',
      `${plural(gone.length, 'result')} of an earlier run that the file had ${gone.length === 1 ? 'is' : 'are'} replaced`,
      [{ kind: 'file', file }],
      { help: 'with --resume what a file has is kept' },
    ),
  ];
}

const NO_LINES = { lines: [], diagnostics: [] };

function refuseOtherInputs(file: string, lines: readonly FoundLine[], heads: readonly LineHead[]): void {
  const keys = new Map(heads.map((head) => [circumstancesOf(head), head.key]));
  const other = lines.find(({ line }) => (keys.get(circumstancesOf(line)) ?? line.key) !== line.key);
  if (other === undefined) return;
  throw new DiagnosticError([
    diagnostic(
      'DF8201',
      `the file has results of ${other.line.model} on ${other.line.accelerator} from other inputs: key ${other.line.key}`,
      [{ kind: 'file', file, line: other.number }],
      { help: 'leave out --resume to replace them, or write to another file' },
    ),
  ]);
}
