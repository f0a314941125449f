/**
 * JSON schemas as validators, compiled when first used: most runs use one or two of those there are. Schemas of our
 * own are checked against the meta-schema by a test, so that no run has to; those of plugins, when they come in.
 */
import { Ajv2020, type Options, type ValidateFunction } from 'ajv/dist/2020.js';

export type Validate<T> = ValidateFunction<T>;

/** For `schemaDiagnostics`: all violations, with what they are about. */
const THOROUGH: Options = { allErrors: true, verbose: true };

export function validatorOf<T>(schema: object, options: Options = THOROUGH): () => Validate<T> {
  let validate: Validate<T> | undefined;
  return () => (validate ??= compileSchema(schema, options));
}

/** A compiler per set of options: it costs about as much as a schema does. */
const compilers = new Map<Options, Ajv2020>();

export function compileSchema<T>(schema: object, options: Options = THOROUGH): Validate<T> {
  const compiler =
    compilers.get(options) ??
    new Ajv2020({ allowUnionTypes: true, ...options, meta: false, validateSchema: false });
  compilers.set(options, compiler);
  return compiler.compile<T>(schema);
}

/** For schemas that are not our own. Throws an Error that says what is no schema in it. */
export const checkSchema = (schema: object): void =>
  void new Ajv2020({ allowUnionTypes: true }).validateSchema(schema, true);
