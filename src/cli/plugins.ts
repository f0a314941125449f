/** `--plugin`: loaded in the order given, before anything else is looked at. */
import { REGISTRY, registryWith, type Kit, type Plugin } from '../compile.js';
import { loadPlugin } from '../node/load-plugin.js';
import type { Registry } from '../pass/registry.js';
import { valuePlace } from './options.js';
import type { Terminal } from './terminal.js';

export interface LoadedPlugins {
  readonly plugins: readonly Plugin[];
  readonly registry: Registry;
}

export async function loadPlugins(names: readonly string[] = [], terminal: Terminal): Promise<LoadedPlugins> {
  if (names.length > 0) {
    keepStdoutClean(terminal);
    keepRunning();
  }
  const plugins: Plugin[] = [];
  let registry = REGISTRY;
  for (const name of names) {
    terminal.doing({ what: 'plugin', name });
    plugins.push(await loadPlugin<Kit>(name, valuePlace('--plugin', name)));
    registry = await registryWith(plugins);
  }
  terminal.doing(undefined);
  return { plugins, registry };
}

/** What a plugin writes to stdout is for people too: stdout carries the report and nothing else. */
function keepStdoutClean(terminal: Terminal): void {
  const decoder = new TextDecoder();
  const write = (chunk: string | Uint8Array): boolean => {
    terminal.err(typeof chunk === 'string' ? chunk : decoder.decode(chunk));
    return true;
  };
  Object.assign(process.stdout, { write });
}

/** An exit would end the program without a word: here it throws, and is told like whatever else a plugin throws. */
function keepRunning(): void {
  process.exit = (code) => {
    throw new Error(`process.exit(${code ?? ''}) is not for plugins`);
  };
}
