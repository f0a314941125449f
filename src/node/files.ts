/** Files in and out, with a diagnostic for everything the file system can object to. */
import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { closest } from '../base/closest.js';
import { AS_UTF_8, isUtf16, UTF_16 } from '../base/utf16.js';
import { fail, type Location } from '../diag/diagnostic.js';
import type { ModelSource } from '../pass/pass.js';
import { builtinNetworkFile, builtinNetworks } from './builtin.js';
import { fileBytes } from './file-bytes.js';
import { objection } from './objection.js';

/**
 * A model by built-in name or path; it is named in diagnostics and reports as the user named it. A large file is not
 * read here: its weights may be gigabytes, and nobody needs them.
 */
export function readModelFile(nameOrFile: string): ModelSource {
  const file = builtinNetworkFile(nameOrFile) ?? nameOrFile;
  return { file: nameOrFile, bytes: attemptRead(() => fileBytes(file), nameOrFile) };
}

/** A file that is no model. */
export function readTextFile(file: string): string {
  const bytes = attemptRead(() => readFileSync(file), file, 'give the path of a file');
  const text = new TextDecoder().decode(bytes);
  if (isUtf16(text))
    fail('DF1001', `"${file}" cannot be read: ${UTF_16}`, [{ kind: 'file', file }], { help: AS_UTF_8 });
  return text;
}

function attemptRead<T>(read: () => T, shown: string, advice?: string): T {
  try {
    return read();
  } catch (error) {
    const near = closest(shown, builtinNetworks());
    const help =
      advice ??
      (near === undefined
        ? 'give the path of a file, or a name from: defines networks'
        : `did you mean the built-in network "${near}"?`);
    return fail(
      'DF1001',
      `\"${shown}\" cannot be read: ${objection(error, 'it does not exist')}`,
      [{ kind: 'file', file: shown }],
      { help },
    );
  }
}

/**
 * Throws a DiagnosticError unless a file can be written there; asked before the work begins. `read`: files that the
 * run reads (names of what is built in do not matter), which it must not write over.
 */
export function checkWritable(file: string, at: Location, read: readonly string[] = []): void {
  const source = read.find((other) => isSameFile(file, other));
  if (source !== undefined)
    fail('DF8009', `"${file}" cannot be written: "${source}" is read from it`, [at], {
      help: 'name another file for the output',
    });
  attempt(at, () => {
    const folder = statSync(dirname(file));
    if (!folder.isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) throw Object.assign(new Error(), { code: 'EISDIR' });
    accessSync(found === undefined ? dirname(file) : file, constants.W_OK);
  });
}

/** Under whatever names. What cannot be looked at is told by whoever reads or writes it. */
function isSameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(one, { bigint: true }), statSync(other, { bigint: true })];
    return a.isFile() && a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

export function writeTextFile(file: string, text: string, at: Location): void {
  attempt(at, () => {
    writeFileSync(file, text);
  });
}

/** In one step: whoever reads the file finds the old text or the new one. Throws what the file system says. */
export function replaceFile(file: string, text: string): void {
  const target = statSync(file, { throwIfNoEntry: false }) === undefined ? file : realpathSync(file);
  const draft = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** A folder for dumps, made if it is not there. What is in it stays; a dump of the same name is replaced. */
export function openFolder(folder: string, at: Location): (name: string, text: string) => void {
  const makeAndLook = (): void => {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  };
  attempt(at, makeAndLook, 'no folder can be made there');
  return (name, text) => writeTextFile(join(folder, name), text, at);
}

/**
 * With the folders around it, one by one: `recursive` never ends where the system says of a folder it does not make that
 * it is not there, as in /proc.
 */
function makeFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  if (found !== undefined) throw Object.assign(new Error(), { code: 'ENOTDIR' });
  const around = dirname(folder);
  if (around !== folder) makeFolder(around);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it in between.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

function attempt(at: Location, action: () => void, absent = 'the folder around it does not exist'): void {
  try {
    action();
  } catch (error) {
    const what = at.kind === 'spec' ? at.text.slice(at.offset) : 'the output';
    fail('DF8009', `"${what}" cannot be written: ${objection(error, absent)}`, [at], {
      help: 'name a place that exists and may be written',
    });
  }
}
