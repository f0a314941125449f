/**
 * Passes and pipelines by name. Here a pipeline string becomes steps that can run: every name resolved, every
 * option checked against the schema its pass declares and coerced from text, defaults filled in. Everything
 * wrong is reported at once, and nothing has run.
 */
import { assert, known } from '../base/assert.js';
import { deepFreeze } from '../base/freeze.js';
import type { Code } from '../diag/codes.js';
import { diagnostic, DiagnosticError, type Diagnostic, type Location } from '../diag/diagnostic.js';
import { choice } from '../diag/schema-errors.js';
import { checkSchema, compileApart, type Validate } from '../diag/validator.js';
import { optionHelp } from './option-text.js';
import type { PluginOrigin } from './origin.js';
import type { AnyPass, OptionSchema } from './pass.js';
import { printPipeline, type OptionSpec, type PassSpec, type PipelineSpec } from './spec.js';

export interface NamedPipeline {
  readonly name: string;
  readonly summary: string;
  /** A pipeline string. */
  readonly spec: string;
}

export interface Registry {
  readonly passes: readonly AnyPass[];
  readonly pipelines: readonly NamedPipeline[];
  /** Whose those are that are not built in. */
  readonly origins: ReadonlyMap<AnyPass | NamedPipeline, PluginOrigin>;
}

/** A pass with its options, ready to run. */
export interface Step {
  readonly pass: AnyPass;
  readonly options: Readonly<Record<string, unknown>>;
  readonly at: Location;
  readonly plugin?: PluginOrigin | undefined;
  /** As in a pipeline string. */
  readonly text: string;
}

export function createRegistry(passes: readonly AnyPass[], pipelines: readonly NamedPipeline[]): Registry {
  for (const names of [passes, pipelines].map((list) => list.map(({ name }) => name)))
    assert(new Set(names).size === names.length, `registered twice: ${names.join(', ')}`);
  return { passes, pipelines, origins: new Map() };
}

/** The registered pass of that name, or a diagnostic with the nearest one. */
export const findPass = (registry: Registry, name: string, at: readonly Location[]): AnyPass =>
  find(registry.passes, name, 'DF8004', ['pass', 'passes'], at);

export const findPipeline = (registry: Registry, name: string, at: readonly Location[]): NamedPipeline =>
  find(registry.pipelines, name, 'DF8006', ['pipeline', 'pipelines'], at);

function find<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
  code: Code,
  [noun, nouns]: readonly [string, string],
  at: readonly Location[],
): T {
  const found = list.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const names = list.map((entry) => entry.name);
  const help = choice(name, names, nouns) ?? `there are no ${nouns}`;
  throw new DiagnosticError([diagnostic(code, `unknown ${noun} "${name}"`, at, { help })]);
}

/** Resolves a pipeline; throws a DiagnosticError with everything wrong in it. */
export function resolvePipeline(registry: Registry, spec: PipelineSpec): readonly Step[] {
  const problems: Diagnostic[] = [];
  const steps = spec.flatMap((entry): Step[] => {
    try {
      const pass = findPass(registry, entry.name, [entry.at]);
      const plugin = registry.origins.get(pass);
      const text = printPipeline([entry]);
      return [{ pass, options: resolveOptions(pass, entry), at: entry.at, plugin, text }];
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      problems.push(...error.diagnostics);
      return [];
    }
  });
  if (problems.length > 0) throw new DiagnosticError(problems);
  return steps;
}

export const COERCING = { allErrors: true, verbose: true, coerceTypes: true, useDefaults: true } as const;
const validators = new WeakMap<AnyPass, Validate<unknown>>();

function resolveOptions(pass: AnyPass, spec: PassSpec): Readonly<Record<string, unknown>> {
  // Where nothing is given there is nothing to check, and no validator is made for it.
  const options = spec.options.length === 0 ? defaultsOf(pass) : checkedOptions(pass, spec);
  deepFreeze(options);
  return options;
}

function checkedOptions(pass: AnyPass, spec: PassSpec): Record<string, unknown> {
  const schemas = pass.options as Readonly<Record<string, OptionSchema>>;
  const given = spec.options.map((option) => [option.key, parsed(option, schemas[option.key])] as const);
  const options: Record<string, unknown> = Object.fromEntries(given);
  const validate = optionsValidator(pass);
  const problems = [
    ...duplicates(pass, spec),
    ...(validate(options) ? [] : violations(pass, spec, validate.errors)),
  ];
  if (problems.length > 0) throw new DiagnosticError(problems);
  return options;
}

const defaultsOf = ({ options }: AnyPass): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options as Readonly<Record<string, OptionSchema>>).flatMap(([key, schema]) =>
      schema.default === undefined ? [] : [[key, structuredClone(schema.default)]],
    ),
  );

function optionsValidator(pass: AnyPass): Validate<unknown> {
  const validate = validators.get(pass) ?? compileApart(optionsSchema(pass), COERCING);
  validators.set(pass, validate);
  return validate;
}

/** What is wrong with the options a pass declares: fragments that are no schemas, defaults that break them. */
export function optionFaults(pass: AnyPass): readonly string[] {
  try {
    checkSchema(optionsSchema(pass));
    // Given and not filled in, and as they are: nobody coerces the defaults of a run without options.
    const validate = compileApart(optionsSchema(pass));
    if (validate(defaultsOf(pass))) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message }) =>
        `the default of option ${instancePath.slice(1)} ${message ?? 'is refused'}`,
    );
  } catch (error) {
    return [`options: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The declared options as one closed object. */
export const optionsSchema = ({ options }: AnyPass): object => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(options as Readonly<Record<string, OptionSchema>>).map(([key, schema]) => [
      key,
      schema.type === 'array' ? { ...schema, items: { type: 'string', ...schema.items } } : schema,
    ]),
  ),
  additionalProperties: false,
});

/** A bare key is true; a list is written with commas. ajv turns the other texts into numbers and booleans. */
function parsed({ value }: OptionSpec, schema: OptionSchema | undefined): unknown {
  if (value === undefined) return true;
  if (schema?.type !== 'array') return value;
  return value === '' ? [] : value.split(',');
}

const duplicates = (pass: AnyPass, { options }: PassSpec): readonly Diagnostic[] =>
  options
    .filter(({ key }, i) => options.findIndex((other) => other.key === key) < i)
    .map(({ key, at }) => diagnostic('DF8005', `option "${key}" of ${pass.name} is given twice`, [at]));

function violations(
  pass: AnyPass,
  spec: PassSpec,
  errors: Validate<unknown>['errors'],
): readonly Diagnostic[] {
  const schemas = pass.options as Readonly<Record<string, OptionSchema>>;
  return (errors ?? []).map((error) => {
    const unknownKey = (error.params as { additionalProperty?: string }).additionalProperty;
    const [, path = '', element] = error.instancePath.split('/');
    const key = unknownKey ?? path;
    const option = spec.options.find((candidate) => candidate.key === key);
    if (unknownKey !== undefined)
      return diagnostic('DF8005', `${pass.name} has no option "${key}"`, [option?.at ?? spec.at], {
        help: choice(key, Object.keys(schemas), 'options') ?? 'it takes no options',
      });
    const whole = option?.value ?? 'true';
    const value = element === undefined ? whole : (whole.split(',')[Number(element)] ?? whole);
    const cannot = element === undefined ? 'cannot be' : 'cannot have the element';
    const at = [option?.valueAt ?? spec.at];
    return diagnostic('DF8005', `option "${key}" of ${pass.name} ${cannot} "${value}"`, at, {
      help: optionHelp(key, known(schemas[key], 'option'), value),
    });
  });
}
