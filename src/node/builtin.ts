/**
 * What ships with the package, found by name: accelerators and networks under `models/`. The package root is the
 * nearest folder that has them, so the same code works from `dist/` and from the sources.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deepFreeze } from '../base/freeze.js';
import { fail } from '../diag/diagnostic.js';
import { choice } from '../diag/schema-errors.js';
import { parseAccelerator, type LoadedAccelerator } from '../hw/load.js';

const ACCELERATORS = 'models/accelerators';
const NETWORKS = 'models/networks';

export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, ACCELERATORS)) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Names in code-unit order. */
export const builtinAccelerators = (): readonly string[] => namesIn(ACCELERATORS, '.yaml');
export const builtinNetworks = (): readonly string[] => namesIn(NETWORKS, '.onnx');

function namesIn(folder: string, extension: string): readonly string[] {
  const path = join(packageRoot(), folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length))
    .sort();
}

/** An accelerator by built-in name or file. Throws a DiagnosticError, also for a faulty description. */
export const loadAccelerator = (nameOrFile: string): LoadedAccelerator =>
  describedAccelerator(readAccelerator(nameOrFile));

/** A description, and the name that it is shown under. */
export interface DescriptionText {
  readonly text: string;
  readonly file: string;
}

/** What a description says. Throws a DiagnosticError if it is faulty. */
export const describedAccelerator = ({ text, file }: DescriptionText): LoadedAccelerator =>
  prepared(file, text) ?? parseAccelerator(text, file);

/**
 * The text of a description. A name that is built in wins over a file of that name (`./name` is the file). Throws a
 * DiagnosticError: unknown name (with the nearest one), or unreadable file.
 */
export function readAccelerator(nameOrFile: string): DescriptionText {
  const names = builtinAccelerators();
  if (names.includes(nameOrFile)) {
    const file = `${ACCELERATORS}/${nameOrFile}.yaml`;
    return { text: readFileSync(join(packageRoot(), file), 'utf8'), file };
  }
  if (/[/\\]|\.(yaml|yml|json)$/.test(nameOrFile) || existsSync(nameOrFile))
    return { text: readText(nameOrFile), file: nameOrFile };
  const suggestion = choice(nameOrFile, names, 'built-in accelerators') ?? 'name a file';
  const list = suggestion.includes(names.join(', ')) ? '' : ` built in: ${names.join(', ')}`;
  return fail('DF8109', `"${nameOrFile}" is neither a built-in accelerator nor a file`, [], {
    help: `${suggestion}${list}`,
  });
}

/** A description as the build has parsed it, with the text it was made from. */
export interface PreparedAccelerator extends LoadedAccelerator {
  readonly text: string;
}

/** It lies beside the bundled command line, and nowhere else; of another text it says nothing. */
function prepared(description: string, text: string): LoadedAccelerator | undefined {
  const name = builtinAccelerators().find((known) => description === `${ACCELERATORS}/${known}.yaml`);
  const file = new URL(`./accelerators/${name ?? ''}.json`, import.meta.url);
  if (name === undefined || !existsSync(file)) return undefined;
  const found = JSON.parse(readFileSync(file, 'utf8')) as PreparedAccelerator;
  if (found.text !== text) return undefined;
  deepFreeze(found);
  return found;
}

/** The file behind a built-in network's name; undefined for any other text, which is then a path. */
export const builtinNetworkFile = (name: string): string | undefined =>
  builtinNetworks().includes(name) ? join(packageRoot(), NETWORKS, `${name}.onnx`) : undefined;

function readText(file: string): string {
  const unreadable = (why: string): never =>
    fail('DF8110', `"${file}" ${why}`, [{ kind: 'file', file }], {
      help: 'give the path of a YAML or JSON file, or a built-in name',
    });
  try {
    return statSync(file).isDirectory() ? unreadable('is a directory') : readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT' || code === 'ENOTDIR') return unreadable('does not exist');
    if (code === 'EACCES' || code === 'EPERM') return unreadable('may not be read');
    if (typeof code === 'string') return unreadable(`cannot be read (${code})`);
    throw error;
  }
}
