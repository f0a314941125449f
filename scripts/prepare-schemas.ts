/** A module with validators of the schemas that most runs use, as `PREPARED` of src/diag/prepared-schemas.ts. */
import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { REGISTRY } from '../src/compile.js';
import { compilerOptions, schemaKey, THOROUGH } from '../src/diag/validator.js';
import { OWN_SCHEMA } from '../src/hw/own.js';
import { ACCELERATOR_SCHEMA } from '../src/hw/schema.js';
import { COERCING, optionsSchema } from '../src/pass/registry.js';

/** CommonJS text. */
export const preparedSchemas = (): string => `
const PREPARED = new Map();
${validators(REGISTRY.passes.map(optionsSchema), COERCING)}
${validators([ACCELERATOR_SCHEMA, OWN_SCHEMA], THOROUGH)}
module.exports = { PREPARED };`;

function validators(schemas: readonly object[], options: Options): string {
  const ajv = new Ajv2020({ ...compilerOptions(options), code: { source: true } });
  const names = schemas.map((schema, i) => [`v${i}`, schema] as const);
  for (const [name, schema] of names) ajv.addSchema({ ...schema, $id: name }, name);
  const code = standalone.default(ajv, Object.fromEntries(names.map(([name]) => [name, name])));
  const entries = names.map(([name, schema]) => [schemaKey(schema, options), name] as const);
  return `{
  const exports = {};
  ${code}
  ${entries.map(([key, name]) => `PREPARED.set(${JSON.stringify(key)}, exports.${name});`).join('\n  ')}
}`;
}
