/** Validates reports against the published schema. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../support/reference.js';

const SCHEMA = JSON.parse(
  readFileSync(join(projectFolder(), 'schemas/report-v1.schema.json'), 'utf8'),
) as object;
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(SCHEMA);

export function schemaErrors(report: unknown): readonly string[] {
  validate(report);
  return (validate.errors ?? []).map(
    (e: ErrorObject) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`,
  );
}
