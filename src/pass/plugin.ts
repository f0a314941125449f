/**
 * Plugins: passes and named pipelines that are not ours. A plugin gets the kit as an argument, so it works from any
 * folder and can never load a second copy of this library. Whatever is wrong with one is an error that names it.
 */
import { DiagnosticError, type Diagnostic } from '../diag/diagnostic.js';
import type { Facet } from '../ir/facets.js';
import { blame, faultOf, originText, placeOf, type PluginOrigin } from './origin.js';
import { hasVendor, noVendor, passFaults } from './plugin-pass.js';
import type { AnyPass, Pass } from './pass.js';
import { resolvePipeline, type NamedPipeline, type Registry } from './registry.js';
import { parsePipeline } from './spec.js';

export const PLUGIN_API_VERSION = 1;

export interface PluginApiOf<Kit> {
  /** What built-in passes are made of; also: import from 'defines/kit'. */
  readonly kit: Kit;
  readonly registerPass: <N extends Facet, M extends Facet, O extends object>(pass: Pass<N, M, O>) => void;
  readonly registerPipeline: (name: string, summary: string, spec: string) => void;
}

export interface PluginOf<Kit> {
  /** The version of this interface it is written for. */
  readonly apiVersion: typeof PLUGIN_API_VERSION;
  /** Kebab case; the vendor of its passes. */
  readonly name: string;
  /** Where it was loaded from, for diagnostics; the loader fills it in. */
  readonly file?: string;
  setup(api: PluginApiOf<Kit>): void | Promise<void>;
}

export interface Registrations {
  readonly origin: PluginOrigin;
  readonly passes: readonly AnyPass[];
  readonly pipelines: readonly NamedPipeline[];
}

const NAME = /^[a-z][a-z0-9-]*$/;
const SHAPE = "export default { apiVersion: 1, name: 'acme', setup({ kit, registerPass }) { ... } }";

/** A value as the plugin it should be; `file` is where it came from. Throws a DiagnosticError. */
export function checkPlugin<Kit>(value: unknown, file?: string): PluginOf<Kit> {
  const origin = { name: file ?? 'given by the program' };
  const refuse = (why: string): never => {
    const d = blame(origin, 'DF8302', `${origin.name} is no plugin: ${why}`, [], { help: `write ${SHAPE}` });
    throw new DiagnosticError([d]);
  };
  if (typeof value !== 'object' || value === null)
    return refuse('it has no default export that is an object');
  const { apiVersion, name, setup } = value as Partial<Record<string, unknown>>;
  if (apiVersion === undefined) return refuse('it has no apiVersion');
  if (apiVersion !== PLUGIN_API_VERSION)
    throw new DiagnosticError([
      blame(
        origin,
        'DF8303',
        `${origin.name} is written for plugin API ${JSON.stringify(apiVersion)}, this program has ${PLUGIN_API_VERSION}`,
        [],
        { help: 'take a version of the plugin that fits' },
      ),
    ]);
  if (typeof name !== 'string' || !NAME.test(name)) return refuse(`its name is ${JSON.stringify(name)}`);
  if (typeof setup !== 'function') return refuse('it has no function setup');
  const plugin = value as PluginOf<Kit>;
  return file === undefined
    ? plugin
    : { apiVersion, name, file, setup: (api: PluginApiOf<Kit>) => plugin.setup(api) };
}

/** Calls `setup` and collects what it registers. Throws a DiagnosticError with all that is wrong in it. */
export async function setUp<Kit>(plugin: PluginOf<Kit>, kit: Kit): Promise<Registrations> {
  const { name, file } = plugin;
  const origin: PluginOrigin = file === undefined ? { name } : { name, file };
  const passes: AnyPass[] = [];
  const pipelines: NamedPipeline[] = [];
  const problems: Diagnostic[] = [];
  let open = true;
  const whileOpen = (action: () => void): void => {
    if (open) action();
    else throw new Error('register while setup runs, or return a promise that setup awaits');
  };
  const api: PluginApiOf<Kit> = Object.freeze({
    kit,
    registerPass: (pass: AnyPass) =>
      whileOpen(() => {
        const faults = passFaults(pass, origin);
        problems.push(...faults);
        if (faults.length === 0) passes.push(pass);
      }),
    registerPipeline: (pipeline: string, summary: string, spec: string) =>
      whileOpen(() => {
        if (![pipeline, summary, spec].every((part) => typeof part === 'string'))
          problems.push(
            blame(origin, 'DF8307', `a pipeline of ${originText(origin)} is malformed`, [], {
              help: "write registerPipeline('acme/name', 'one line about it', 'a,b{option=value},c')",
            }),
          );
        else if (hasVendor(pipeline, origin)) pipelines.push({ name: pipeline, summary, spec });
        else problems.push(noVendor(origin, 'pipeline', pipeline));
      }),
  });
  try {
    await plugin.setup(api);
  } catch (error) {
    const { message, at } = faultOf(error, 'setup', origin);
    throw new DiagnosticError([
      ...problems,
      blame(
        origin,
        'DF8304',
        `${originText(origin)}: ${message}`,
        at.length > 0 ? at : placeOf(error, origin),
        {
          help: 'mend the plugin, or leave it out',
        },
      ),
    ]);
  }
  open = false;
  if (problems.length > 0) throw new DiagnosticError(problems);
  return { origin, passes, pipelines };
}

/** The registry with what plugins bring. Throws a DiagnosticError: names that are taken, pipelines that are none. */
export function withPlugins(registry: Registry, plugins: readonly Registrations[]): Registry {
  const problems: Diagnostic[] = [];
  const origins = new Map(registry.origins);
  const own = { passes: [...registry.passes], pipelines: [...registry.pipelines] };
  plugins.forEach(({ origin, passes, pipelines }, position) => {
    const namesake = plugins.slice(0, position).find((other) => other.origin.name === origin.name);
    if (namesake !== undefined) {
      problems.push(namesakes(origin, namesake.origin));
      return;
    }
    for (const [list, added, noun] of [
      [own.passes, passes, 'pass'],
      [own.pipelines, pipelines, 'pipeline'],
    ] as const)
      for (const entry of added) {
        if (list.some(({ name }) => name === entry.name))
          problems.push(registeredTwice(origin, noun, entry.name));
        list.push(entry as AnyPass & NamedPipeline);
        origins.set(entry, origin);
      }
  });
  const result = { ...own, origins };
  for (const { origin, pipelines } of plugins)
    for (const pipeline of pipelines) problems.push(...pipelineFaults(result, pipeline, origin));
  if (problems.length > 0) throw new DiagnosticError(problems);
  return result;
}

const namesakes = (origin: PluginOrigin, first: PluginOrigin): Diagnostic => {
  const from = ({ file }: PluginOrigin): string => file ?? 'given by the program';
  return blame(
    origin,
    'DF8306',
    `two plugins are called "${origin.name}": ${from(first)}, and ${from(origin)}`,
    [],
    { help: 'rename one, or load one of the two' },
  );
};

const registeredTwice = (origin: PluginOrigin, noun: string, name: string): Diagnostic =>
  blame(origin, 'DF8306', `${originText(origin)} registers the ${noun} "${name}" twice`, [], {
    help: 'rename one of the two',
  });

function pipelineFaults(
  registry: Registry,
  { name, spec }: NamedPipeline,
  origin: PluginOrigin,
): readonly Diagnostic[] {
  try {
    resolvePipeline(registry, parsePipeline(spec));
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ message, at, help }) =>
      blame(origin, 'DF8307', `pipeline ${name}: ${message}`, at, help === undefined ? {} : { help }),
    );
  }
}
