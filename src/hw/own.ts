/**
 * An accelerator that a program hands over: made by itself, or read and changed since. It is held against all that a
 * description is held against: its shape by a schema, its meaning by the checks of descriptions, and that it is what
 * the description of it would be read as.
 */
import { deepFreeze } from '../base/freeze.js';
import { MOST_BITS } from '../base/units.js';
import { diagnostic, DiagnosticError, type Diagnostic, type Location } from '../diag/diagnostic.js';
import type { Path, TextDocument } from '../diag/document.js';
import { schemaDiagnostics } from '../diag/schema-errors.js';
import { validatorOf } from '../diag/validator.js';
import { diffFields, type FieldDiff } from '../ir/diff.js';
import { LOOP_DIMS } from '../ir/layer.js';
import type { Accelerator } from './accelerator.js';
import { checkAccelerator } from './check.js';
import { toAccelerator } from './load.js';
import { MEMORY_OPERANDS, type AccessSide, type Memory } from './memory.js';
import { ARRAY_SIZE, BITS, ENERGY, LATENCY, NAME, type AcceleratorFile, type MemoryEntry } from './schema.js';

const TEXT = { type: 'string' };
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});
const list = (items: object, more: object = {}) => ({ type: 'array', items, ...more });

const SIDE = object({ bits: BITS, granularityBits: BITS, energyPj: ENERGY });
const OPERAND = { enum: [...MEMORY_OPERANDS] };

/** Inputs and weights only travel down. */
const TRANSFER = {
  ...object({ operand: OPERAND, direction: { enum: ['toLow', 'fromLow', 'toHigh', 'fromHigh'] } }),
  if: { properties: { operand: { enum: ['W', 'I'] } } },
  then: { properties: { direction: { enum: ['toLow', 'fromHigh'] } } },
};

/** What keys a program adds for itself is its matter. */
export const OWN_SCHEMA = object({
  name: NAME,
  source: TEXT,
  array: object({
    dims: list(object({ name: TEXT, size: ARRAY_SIZE }), { minItems: 1 }),
    macEnergyPj: ENERGY,
  }),
  precision: object({ W: BITS, I: BITS, O: BITS, psum: BITS }),
  spatial: list(object({ array: TEXT, dims: list({ enum: [...LOOP_DIMS] }, { uniqueItems: true }) })),
  memories: list(
    object({
      id: TEXT,
      name: NAME,
      sizeBits: { type: 'integer', minimum: 1, maximum: MOST_BITS, description: 'bits of one instance' },
      operands: list(OPERAND, { minItems: 1, uniqueItems: true }),
      serves: list(TEXT, { uniqueItems: true }),
      read: SIDE,
      write: SIDE,
      ports: list(
        object({
          name: TEXT,
          kind: { enum: ['read', 'write', 'read-write'] },
          transfers: list(TRANSFER, { uniqueItems: true }),
        }),
        { minItems: 1 },
      ),
      latencyCycles: LATENCY,
    }),
    { minItems: 1 },
  ),
});

const validator = validatorOf<Accelerator>(OWN_SCHEMA);

/** Accelerators as they were read, and stay. */
const settled = new WeakSet<object>();

/** Freezes an accelerator that a description has just been read as: so it need not be held against one again. */
export function settle(hw: Accelerator): Accelerator {
  deepFreeze(hw);
  settled.add(hw);
  return hw;
}

/** A copy of it, to freeze and to keep. Throws a DiagnosticError that holds every error found. */
export function ownAccelerator(value: unknown): Accelerator {
  if (isSettled(value)) return value;
  const document: TextDocument = { file: '', value, at: placeOf };
  const validate = validator();
  if (!validate(value))
    throw new DiagnosticError(schemaDiagnostics('DF8016', document, validate.errors ?? []));
  const description = describe(value);
  // What is a warning there has been said, or is meant.
  const errors = checkAccelerator(description, document).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new DiagnosticError(errors);
  const own = toAccelerator(description);
  const found = diffFields([], own, value).filter(isContradiction);
  if (found.length > 0) throw new DiagnosticError(found.map(contradiction));
  return own;
}

const isSettled = (value: unknown): value is Accelerator =>
  typeof value === 'object' && value !== null && settled.has(value);

/** Where a description and the object have it under two names. */
const OBJECT_NAMES: Readonly<Record<string, string>> = { size: 'sizeBits', granularity: 'granularityBits' };

/** `hw.memories[4].sizeBits` */
function placeOf(path: Path): Location {
  const steps = path.map((step) =>
    typeof step === 'number' || /^\d+$/.test(step) ? `[${step}]` : `.${OBJECT_NAMES[step] ?? step}`,
  );
  return { kind: 'ir', id: `hw${steps.join('')}` };
}

const describe = (hw: Accelerator): AcceleratorFile => ({
  schema: 'defines-accelerator/1',
  name: hw.name,
  source: hw.source,
  array: {
    dims: Object.fromEntries(hw.array.dims.map(({ name, size }) => [name, size])),
    macEnergyPj: hw.array.macEnergyPj,
  },
  precision: hw.precision,
  spatial: Object.fromEntries(hw.spatial.map(({ array, dims }) => [array, dims])),
  memories: hw.memories.map(describeMemory),
});

const describeMemory = (memory: Memory): MemoryEntry => ({
  name: memory.name,
  size: `${memory.sizeBits} bit`,
  operands: memory.operands,
  serves: memory.serves,
  read: describeSide(memory.read),
  write: describeSide(memory.write),
  ports: Object.fromEntries(
    memory.ports.map(({ name, transfers }) => [
      name,
      transfers.map(({ operand, direction }) => `${operand}.${direction}`),
    ]),
  ),
  latencyCycles: memory.latencyCycles,
});

const describeSide = ({ bits, granularityBits, energyPj }: AccessSide): MemoryEntry['read'] => ({
  bits,
  granularity: granularityBits,
  energyPj,
});

/** Further keys are no contradiction; further elements of a list, such as a second port of one name, are. */
const isContradiction = ({ change, path }: FieldDiff): boolean =>
  change !== 'added' || /^\d+$/.test(path.at(-1) ?? '');

const contradiction = ({ path, before, after }: FieldDiff): Diagnostic => {
  const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
  return diagnostic(
    'DF8016',
    `${text(after)} does not go with the rest of the accelerator`,
    [placeOf(path)],
    {
      help: `from its names follows ${text(before)}`,
    },
  );
};
