/** Validators are compiled without looking at the schemas themselves; that is done here, once for all runs. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { validatorOf } from '../../../src/diag/validator.js';
import { EXPLORE_SCHEMA } from '../../../src/explore/schema.js';
import { OWN_SCHEMA } from '../../../src/hw/own.js';
import { ACCELERATOR_SCHEMA } from '../../../src/hw/schema.js';
import { LAYER_TABLE_SCHEMA } from '../../../src/ir/layer-table.js';
import { IR_SCHEMA } from '../../../src/ir/schema/dump.js';
import { PRECISION_SCHEMA } from '../../../src/onnx/layer-precisions.js';
import { MAPPING_SCHEMA } from '../../../src/mapping/mapping-file.js';

const SCHEMAS = {
  PRECISION_SCHEMA,
  EXPLORE_SCHEMA,
  ACCELERATOR_SCHEMA,
  LAYER_TABLE_SCHEMA,
  IR_SCHEMA,
  MAPPING_SCHEMA,
  OWN_SCHEMA,
};

test.each(Object.entries(SCHEMAS))('%s is a schema', (_, schema) => {
  const ajv = new Ajv2020();
  expect([ajv.validateSchema(schema), ajv.errors]).toEqual([true, null]);
});

test('a validator is made once, and finds every violation', () => {
  const validator = validatorOf({
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number', minimum: 1 } },
  });
  expect(validator()).toBe(validator());
  expect(validator()({ a: 'x', b: 0 })).toBe(false);
  expect(validator().errors?.map(({ instancePath }) => instancePath)).toEqual(['/a', '/b']);
});
