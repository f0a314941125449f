/**
 * Plugins from files and packages. A path begins with ./, ../ or / (or ends like a file); anything else is a package
 * installed where the command runs. Loading runs the code of the plugin: it is trusted like any other program.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolvePackage } from 'import-meta-resolve';
import { DiagnosticError, type Location } from '../diag/diagnostic.js';
import { blame, placeOf } from '../pass/origin.js';
import { checkPlugin, type PluginOf } from '../pass/plugin.js';
import { importModule } from './import-module.js';

/** Throws a DiagnosticError that names the plugin; `at`: where the user asked for it. */
export async function loadPlugin<Kit>(name: string, at: Location): Promise<PluginOf<Kit>> {
  const url = locate(name, at);
  let loaded: { readonly default?: unknown };
  try {
    loaded = await importModule(url);
  } catch (error) {
    throw new DiagnosticError([notLoaded(name, url, error)]);
  }
  return checkPlugin<Kit>(loaded.default, name);
}

const isPath = (name: string): boolean => /^\.{0,2}[/\\]|^[A-Za-z]:|\.(js|mjs|cjs|ts|mts|cts)$/.test(name);

function locate(name: string, at: Location): string {
  const refuse = (why: string, help: string): never => {
    throw new DiagnosticError([blame({ name }, 'DF8300', `${name} ${why}`, [at], { help })]);
  };
  if (isPath(name)) {
    const file = resolve(name);
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined)
      return refuse('does not exist', 'paths are relative to the folder the command runs in');
    if (found.isDirectory())
      return refuse('is a directory', 'name the file in it, or install it as a package');
    return pathToFileURL(file).href;
  }
  try {
    const url = resolvePackage(name, pathToFileURL(join(process.cwd(), 'plugin')).href);
    if (url.startsWith('file:') && existsSync(fileURLToPath(url))) return url;
  } catch {
    // Not installed, or without an entry: the same to the user.
  }
  return existsSync(name)
    ? refuse('is not an installed package', `for the file write ./${name}`)
    : refuse('is not an installed package', `npm install ${name}, or give a path that begins with ./`);
}

function notLoaded(name: string, url: string, error: unknown): ReturnType<typeof blame> {
  const message = error instanceof Error ? error.message : String(error);
  const { code } = error as { readonly code?: unknown };
  const origin = { name };
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return blame(
      origin,
      'DF8301',
      `${name} cannot be loaded: ${kindOf(message)}`,
      [{ kind: 'file', file: name }],
      {
        help: 'build it with tsc and name the .js file; Node.js from 22.18 on runs TypeScript as it is',
      },
    );
  const syntax = error instanceof SyntaxError;
  const help = /Unexpected token 'export'|import statement outside a module/.test(message)
    ? 'it is an ES module: call the file .mjs, or put "type": "module" into package.json'
    : syntax
      ? 'mend the line shown'
      : 'mend the plugin, or install what it imports';
  const at = syntax ? syntaxPlace(name, url, message) : placeOf(error, { name, file: name });
  return blame(origin, 'DF8301', `${name} cannot be loaded: ${message}`, at, { help });
}

/** `Unknown file extension ".ts" for /a/b.ts`, without the path. */
const kindOf = (message: string): string => message.replace(/ for .*$/s, '').replace(/^U/, 'u');

/** Where a syntax error is, the engine tells the terminal alone; so it is asked again in a process of its own. */
function syntaxPlace(name: string, url: string, message: string): readonly Location[] {
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--check'], {
    input: readFileSync(fileURLToPath(url)),
    encoding: 'utf8',
  });
  // Another error, or none, if it is in a file that the plugin imports.
  const line = stderr.includes(message) ? /:(\d+)\r?\n/.exec(stderr)?.[1] : undefined;
  return [{ kind: 'file', file: name, ...(line === undefined ? {} : { line: Number(line) }) }];
}
