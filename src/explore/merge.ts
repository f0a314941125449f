/**
 * Lines of several files as one: each point once, in the one order. What two files say differently about the same
 * point is never settled by choosing; only a failure gives way to an answer.
 */
import { diagnostic, DiagnosticError, type Diagnostic, type Location } from '../diag/diagnostic.js';
import { circumstancesOf, compareLines, identityOf, lineText, type PointLine } from './line.js';
import type { FoundLine } from './read-lines.js';
import { pointText } from './grid.js';

export interface LineSource {
  readonly file: string;
  readonly lines: readonly FoundLine[];
}

interface Placed {
  readonly line: PointLine;
  readonly at: Location;
}

/** Throws a DiagnosticError for lines that contradict each other. */
export function mergeLines(sources: readonly LineSource[]): readonly PointLine[] {
  const problems: Diagnostic[] = [];
  const keys = new Map<string, Placed>();
  const merged = new Map<string, Placed>();
  for (const { file, lines } of sources)
    for (const { line, number } of lines) {
      const placed: Placed = { line, at: { kind: 'file', file, line: number } };
      const identity = identityOf(line);
      const other = merged.get(identity);
      const first = keys.get(circumstancesOf(line));
      if (first === undefined) keys.set(circumstancesOf(line), placed);
      else if (first.line.key !== line.key) {
        problems.push(otherInputs(first, placed));
        continue;
      }
      if (other === undefined || other.line.status === 'failed') merged.set(identity, placed);
      else if (line.status !== 'failed' && lineText(line) !== lineText(other.line))
        problems.push(contradiction(other, placed));
    }
  if (problems.length > 0) throw new DiagnosticError(problems);
  return [...merged.values()].map(({ line }) => line).sort(compareLines);
}

const otherInputs = (first: Placed, { line, at }: Placed): Diagnostic =>
  diagnostic(
    'DF8201',
    `${line.model} on ${line.accelerator} comes from other inputs here: key ${line.key}, and ${first.line.key} before`,
    [at, first.at],
    { help: 'the model file, the accelerator or the program has changed: explore one of them again' },
  );

const contradiction = (other: Placed, { line, at }: Placed): Diagnostic =>
  diagnostic('DF8202', `two lines disagree about ${pointText(line)}`, [at, other.at], {
    help: 'a line has been edited: remove one of the two, or explore again',
  });
