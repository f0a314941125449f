/**
 * Parts of the IR schema. Objects are closed, and the builder of objects is typed by the interface it describes:
 * a field added to the IR does not compile until it stands in the schema, and neither does a field left over.
 */
import { LOOP_DIMS } from '../layer.js';
import type { MemoryOperand } from '../../hw/memory.js';

export type Schema = Readonly<Record<string, unknown>>;
type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];

/** A closed object with exactly the fields of T; the optional ones of T are named, the compiler checks which. */
export const object = <T>(
  properties: { readonly [K in keyof T]-?: Schema },
  ...optional: OptionalKeys<T>[]
): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !(optional as string[]).includes(key)),
  additionalProperties: false,
});
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const record = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
export const constant = (value: string | number | boolean): Schema => ({ const: value });
export const oneOf = (...values: readonly (string | number)[]): Schema => ({ enum: values });
export const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
/** Members told apart by their `kind`. */
export const union = (...members: readonly Schema[]): Schema => ({
  type: 'object',
  discriminator: { propertyName: 'kind' },
  required: ['kind'],
  oneOf: members,
});

export const STRING: Schema = { type: 'string' };
export const BOOLEAN: Schema = { type: 'boolean' };
export const NUMBER: Schema = { type: 'number' };
export const INTEGER: Schema = { type: 'integer' };
export const COUNT: Schema = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
export const POSITIVE: Schema = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
export const AMOUNT: Schema = { type: 'number', minimum: 0 };
/** JSON has no infinities: `{ "number": "-Infinity" }`. */
export const ANY_NUMBER: Schema = {
  anyOf: [NUMBER, object<{ number: string }>({ number: oneOf('Infinity', '-Infinity', 'NaN') })],
};
export const LAYER: Schema = { type: 'string', pattern: '^@' };
export const MAP: Schema = { type: 'string', pattern: '^%' };
export const STACK: Schema = { type: 'string', pattern: '^\\$\\d+$' };
export const MEMORY: Schema = { type: 'string', pattern: '^mem:' };
export const LOOP_DIM = oneOf(...LOOP_DIMS);
export const PATH = oneOf('W', 'I', 'O');
export const OPERAND = oneOf('O', 'W', 'I', 'X', 'Y');

export const byPath = (values: Schema): Schema =>
  object<Record<MemoryOperand, unknown>>({ W: values, I: values, O: values });
export const xy = (values: Schema): Schema => object<{ x: unknown; y: unknown }>({ x: values, y: values });
