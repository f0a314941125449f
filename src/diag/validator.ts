/**
 * JSON schemas as validators, compiled when first used: most runs use one or two of those there are. Schemas of our
 * own are checked against the meta-schema by a test, so that no run has to; those of plugins, when they come in.
 */
import { Ajv2020, type ErrorObject, type Options } from 'ajv/dist/2020.js';
import { PREPARED } from './prepared-schemas.js';

export interface Validate<T> {
  (data: unknown): data is T;
  readonly errors?: readonly ErrorObject[] | null;
}

/** For `schemaDiagnostics`: all violations, with what they are about. */
export const THOROUGH: Options = { allErrors: true, verbose: true };

export function validatorOf<T>(schema: object, options: Options = THOROUGH): () => Validate<T> {
  let validate: Validate<T> | undefined;
  return () => (validate ??= compileSchema(schema, options));
}

/** A compiler per set of options: it costs about as much as a schema does. */
const compilers = new Map<Options, Ajv2020>();

export function compileSchema<T>(schema: object, options: Options = THOROUGH): Validate<T> {
  const prepared = PREPARED.get(schemaKey(schema, options));
  if (prepared) return prepared as Validate<T>;
  const compiler = compilers.get(options) ?? new Ajv2020(compilerOptions(options));
  compilers.set(options, compiler);
  return compiler.compile<T>(schema);
}

/**
 * By a compiler of its own, which goes when the validator does: one that is shared keeps all it has ever compiled, and
 * a program may hand over any number of plugins.
 */
export const compileApart = <T>(schema: object, options: Options = THOROUGH): Validate<T> =>
  (PREPARED.get(schemaKey(schema, options)) as Validate<T> | undefined) ??
  new Ajv2020(compilerOptions(options)).compile<T>(schema);

/** A prepared validator is used only for the very schema that it was made of. */
export const schemaKey = (schema: object, options: Options): string => JSON.stringify([options, schema]);

export const compilerOptions = (options: Options): Options => ({
  allowUnionTypes: true,
  ...options,
  meta: false,
  validateSchema: false,
});

/** For schemas that are not our own. Throws an Error that says what is no schema in it. */
export const checkSchema = (schema: object): void =>
  void new Ajv2020({ allowUnionTypes: true }).validateSchema(schema, true);
