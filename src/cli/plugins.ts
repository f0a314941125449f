/** `--plugin`: loaded in the order given, before anything else is looked at. */
import { format } from 'node:util';
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
  if (names.length > 0) keepStdoutClean(terminal);
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

/** What a plugin logs is for people: stdout carries the report and nothing else. */
function keepStdoutClean(terminal: Terminal): void {
  for (const method of ['log', 'info', 'debug', 'dir'] as const)
    globalThis.console[method] = (...values: readonly unknown[]) => terminal.err(`${format(...values)}\n`);
}
