/**
 * The schedule options as what they are: options of passes. `-t` and `-m` belong to choose-tiles, or with `--optimize`
 * to optimize-schedule, as do limits; `--stacks` belongs to partition-stacks, or it names the pass of a plugin in its
 * place; a pipeline given as such carries them itself, so the two ways exclude each other.
 */
import { diagnostic, DiagnosticError, type Location } from '../diag/diagnostic.js';
import { FACETS, type PartialIR } from '../ir/facets.js';
import type { AnyPass } from '../pass/pass.js';
import { findPipeline, type Registry } from '../pass/registry.js';
import { parsePipeline, type OptionSpec, type PassSpec, type PipelineSpec } from '../pass/spec.js';
import { cyclesOf, energyOf } from './limits.js';
import { checkRule, choiceOf, valuePlace, type CompileOptions } from './options.js';

/** The pipeline that the options ask for. `model`: what is read, if anything; `from`: the IR a run resumes from. */
export function pipelineOf(
  options: CompileOptions,
  registry: Registry,
  model: string | undefined,
  from: PartialIR | undefined,
): PipelineSpec {
  checkExclusive(options);
  checkSearched(options);
  const spatial = choiceOf('--spatial', options.spatial, ['own', 'search'], 'own');
  if (options.passes !== undefined) return parsePipeline(options.passes, '--passes ');
  const named = (name: string, at: readonly Location[]): PipelineSpec => {
    const spec = parsePipeline(findPipeline(registry, name, at).spec);
    const reading = model !== undefined && isLayerTable(model) ? readingTable(spec) : spec;
    return spatial === 'search' ? listingUnrollings(reading) : reading;
  };
  if (options.pipeline !== undefined)
    return named(options.pipeline, [valuePlace('--pipeline', options.pipeline)]);
  const own = pluginPasses(options.stacks, registry);
  if (options.stacks !== undefined && own.length === 0) checkRule(options.stacks, options.stacks);
  const settings = passOptions(options, own.length > 0);
  const base = named(options.optimize === undefined ? 'default' : 'optimize', []).map((pass) =>
    withOptions(pass, settings),
  );
  const spec = replaced(base, own, settings);
  return from === undefined ? spec : resumed(spec, registry, from, settings, own);
}

const isLayerTable = (model: string): boolean => /\.(ya?ml|json)$/i.test(model);

/** Layer tables come in at the layers facet: one importer in place of the passes up to there. */
function readingTable(spec: PipelineSpec): PipelineSpec {
  const lowered = spec.findIndex(({ name }) => name === 'lower-layers');
  return [...parsePipeline('import-layers'), ...spec.slice(lowered + 1)];
}

/** Right behind the pass that makes the layers. */
function listingUnrollings(spec: PipelineSpec): PipelineSpec {
  const made = spec.findIndex(({ name }) => name === 'lower-layers' || name === 'import-layers');
  return [...spec.slice(0, made + 1), ...parsePipeline('list-unrollings'), ...spec.slice(made + 1)];
}

/** The pass of a plugin that `--stacks` names, if it does: layer names may hold a slash too. */
function pluginPasses(stacks: string | undefined, registry: Registry): PipelineSpec {
  const vendor = /^([a-z][a-z0-9-]*)\//.exec(stacks ?? '')?.[1];
  const isPlugin = [...registry.origins.values()].some(({ name }) => name === vendor);
  return stacks === undefined || !isPlugin ? [] : parsePipeline(stacks, '--stacks ');
}

/**
 * A pass of a plugin in place of partition-stacks. It may choose tiles and modes as well: unless options do,
 * choose-tiles would only put its defaults in their place, and is left out.
 */
function replaced(spec: PipelineSpec, own: PipelineSpec, settings: Settings): PipelineSpec {
  if (own.length === 0) return spec;
  return spec.flatMap((pass) => {
    if (pass.name === 'partition-stacks') return own;
    return pass.name === 'choose-tiles' && (settings.get(pass.name) ?? []).length === 0 ? [] : [pass];
  });
}

type Settings = ReadonlyMap<string, readonly OptionSpec[]>;

function option(key: string, flag: string, text: string | undefined, value = text): readonly OptionSpec[] {
  if (text === undefined || value === undefined) return [];
  const at = valuePlace(flag, text);
  return [{ key, value, at, valueAt: at }];
}

function passOptions(options: CompileOptions, isPlugin: boolean): Settings {
  const { tile, mode, stacks, optimize } = options;
  const rule = stacks !== undefined && ['auto', 'single-layer', 'one'].includes(stacks);
  const tileAndMode = [...option('tile', '--tile', tile), ...option('mode', '--mode', mode)];
  return new Map([
    ['choose-tiles', optimize === undefined ? tileAndMode : []],
    ['optimize-schedule', optimize === undefined ? [] : [...searchOptions(options), ...tileAndMode]],
    ['partition-stacks', isPlugin ? [] : option(rule ? 'by' : 'cuts', '--stacks', stacks)],
  ]);
}

function searchOptions({
  optimize,
  stacks,
  tiles,
  maxEnergy,
  maxLatency,
  pareto,
}: CompileOptions): readonly OptionSpec[] {
  const amount = (value: string | undefined, inUnits: (text: string) => number): string | undefined =>
    value === undefined ? undefined : String(inUnits(value));
  return [
    ...option('for', '--optimize', optimize),
    ...option('cuts', '--stacks', stacks, 'kept'),
    ...option('tiles', '--tiles', tiles),
    ...option('max-energy', '--max-energy', maxEnergy, amount(maxEnergy, energyOf)),
    ...option('max-latency', '--max-latency', maxLatency, amount(maxLatency, cyclesOf)),
    ...option('pareto', '--pareto', pareto === true ? 'true' : undefined),
  ];
}

/** Cuts by name take the place of the rule. */
function withOptions(pass: PassSpec, settings: Settings): PassSpec {
  const set = settings.get(pass.name) ?? [];
  const dropped = set.flatMap(({ key }) => (key === 'cuts' ? ['cuts', 'by'] : [key]));
  const kept = pass.options.filter(({ key }) => !dropped.includes(key));
  return { ...pass, options: [...set, ...kept] };
}

/**
 * What is left to do: everything behind the pass that ran last, or, where the dump does not say which, behind the first
 * one that makes the last facet there is; but no less than the passes that an option sets. Decisions in the dump stand: a pass that would only put its defaults in their place
 * is left out.
 */
function resumed(
  spec: PipelineSpec,
  registry: Registry,
  from: PartialIR,
  settings: Settings,
  own: PipelineSpec,
): PipelineSpec {
  const last = FACETS.findLast((facet) => from[facet] !== undefined);
  const passOf = (name: string): AnyPass | undefined => registry.passes.find((pass) => pass.name === name);
  const isSet = (pass: PassSpec): boolean => own.includes(pass) || (settings.get(pass.name) ?? []).length > 0;
  const ran = from.made?.passes.at(-1)?.pass.split('{', 1)[0];
  const made = Math.max(
    spec.findIndex(({ name }) => passOf(name)?.makes === last),
    spec.findLastIndex(({ name }) => name === ran),
  );
  const set = spec.findIndex(isSet);
  const start = set < 0 ? made + 1 : Math.min(made + 1, set);
  return spec
    .slice(start)
    .filter((pass) => isSet(pass) || passOf(pass.name)?.makes !== last || pass.options.length === 0);
}

/** Options of a search, where there is none. A budget is for whatever searches a pipeline has. */
function checkSearched(options: CompileOptions): void {
  const { optimize, passes, pipeline, tiles, maxEnergy, maxLatency, budget, pareto } = options;
  if (optimize !== undefined) return;
  const own = passes !== undefined || pipeline !== undefined;
  const given = [
    ['--tiles', tiles],
    ['--max-energy', maxEnergy],
    ['--max-latency', maxLatency],
    ['--pareto', pareto === true ? '' : undefined],
    ['--budget', own ? undefined : budget],
  ] as const;
  const idle = given.flatMap(([flag, value]) =>
    value === undefined
      ? []
      : [
          diagnostic(
            'DF3052',
            `${flag} is for a search, and nothing is searched`,
            [valuePlace(flag, value)],
            {
              help: own
                ? 'write it into the pipeline, as an option of optimize-schedule'
                : 'add --optimize energy, latency or edp',
            },
          ),
        ],
  );
  if (idle.length > 0) throw new DiagnosticError(idle);
}

function checkExclusive(options: CompileOptions): void {
  const pipelines = (['passes', 'pipeline'] as const).filter((key) => options[key] !== undefined);
  const schedule = (['tile', 'mode', 'stacks', 'optimize', 'spatial'] as const).filter(
    (key) => options[key] !== undefined,
  );
  const [first, ...others] = [...pipelines, ...(pipelines.length > 0 ? schedule : [])];
  if (first === undefined || others.length === 0) return;
  throw new DiagnosticError(
    others.map((other) =>
      diagnostic(
        'DF8007',
        `--${first} and --${other} exclude each other`,
        [valuePlace(`--${other}`, options[other] ?? '')],
        {
          help: other === 'pipeline' ? 'give one of the two' : ADVICE[other as keyof typeof ADVICE],
        },
      ),
    ),
  );
}

const ADVICE = {
  tile: 'write it into the pipeline: choose-tiles{tile=60x72}',
  mode: 'write it into the pipeline: choose-tiles{mode=fully-cached}',
  stacks: 'write it into the pipeline: partition-stacks{by=auto}',
  optimize: 'write it into the pipeline: optimize-schedule{for=energy}',
  spatial: 'write it into the pipeline, behind lower-layers: list-unrollings',
} as const;
