/**
 * A file that grows by complete lines. What cannot be written to its end is taken back, so that the file never ends
 * in half a line for a reason this process could see; putting lines in order replaces the file in one step.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { fail, type Location } from '../diag/diagnostic.js';
import { checkWritable, replaceFile } from './files.js';
import { objection } from './objection.js';

export interface LineFile {
  /** Throws a DiagnosticError if the line cannot be written. */
  readonly append: (line: string) => void;
  readonly close: () => void;
}

/** The text of a file to continue; undefined: there is none yet. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return fail('DF1001', `"${file}" cannot be read: ${objection(error, 'it does not exist')}`, [
      { kind: 'file', file },
    ]);
  }
}

/** What a file that begins anew has until then; nothing where that cannot be told, as of a device. */
export function textUntilNow(file: string): string {
  try {
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}

/** `before`: the text that stays, and lines go behind it; undefined: the file begins anew. */
export function openLineFile(file: string, before: string | undefined, at: Location): LineFile {
  checkWritable(file, at);
  const descriptor = opened(file, before === undefined ? 'w' : 'a', at);
  let end = fstatSync(descriptor).size;
  const append = (text: string): void => {
    const bytes = Buffer.from(text);
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    } catch (error) {
      takeBack(descriptor, end);
      cutShort(error, at);
    }
    end += bytes.length;
  };
  // A line that was cut short stays one; the next begins on its own.
  if (before !== undefined && before !== '' && !before.endsWith('\n')) append('\n');
  return { append: (line) => append(`${line}\n`), close: () => closeSync(descriptor) };
}

/** The same lines and more, in order: the file is the old one or the new one, never something between. */
export function rewriteLines(file: string, lines: readonly string[], at: Location): void {
  try {
    replaceFile(file, lines.map((line) => `${line}\n`).join(''));
  } catch (error) {
    cutShort(error, at);
  }
}

function opened(file: string, flags: 'w' | 'a', at: Location): number {
  try {
    return openSync(file, flags);
  } catch (error) {
    return cutShort(error, at);
  }
}

function takeBack(descriptor: number, end: number): void {
  try {
    ftruncateSync(descriptor, end);
  } catch {
    // A pipe or a device: what is written is gone.
  }
}

const cutShort = (error: unknown, at: Location): never =>
  fail(
    'DF8203',
    `the results cannot be written to the end: ${objection(error, 'the folder is gone')}`,
    [at],
    {
      help: 'complete lines are kept: make room and continue with --resume',
    },
  );
