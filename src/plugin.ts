/** Plugins with the kit they get: the one place that knows both. */
import { PASSES, PIPELINES } from '../passes/index.js';
import * as kit from './kit.js';
import {
  checkPlugin,
  setUp,
  withPlugins,
  type PluginApiOf,
  type PluginOf,
  type Registrations,
} from './pass/plugin.js';
import { createRegistry, type Registry } from './pass/registry.js';

export type Kit = typeof kit;
export type PluginApi = PluginApiOf<Kit>;
export type Plugin = PluginOf<Kit>;

/** Nothing but what is built in. */
export const REGISTRY = createRegistry(PASSES, PIPELINES);

/** A plugin is set up once, however often it is used. */
const registrations = new WeakMap<object, Promise<Registrations>>();

/** The built-in passes and pipelines, and those of plugins. Throws a DiagnosticError that names the plugin at fault. */
export async function registryWith(plugins: readonly Plugin[]): Promise<Registry> {
  if (plugins.length === 0) return REGISTRY;
  const ready: Registrations[] = [];
  for (const value of plugins) {
    const plugin = checkPlugin<Kit>(value);
    const made = registrations.get(plugin) ?? setUp(plugin, kit);
    registrations.set(plugin, made);
    ready.push(await made);
  }
  return withPlugins(REGISTRY, ready);
}
