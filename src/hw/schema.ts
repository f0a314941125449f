/**
 * The accelerator file as a JSON schema and as a type. `schemas/accelerator-v1.schema.json` is this object; a test
 * keeps the two equal. Descriptions are shown as help next to an error.
 */
import { LOOP_DIMS, type LoopDim } from '../ir/layer.js';
import type { MemoryOperand } from './memory.js';

/** The file as written, after validation. */
export interface AcceleratorFile {
  readonly schema: 'defines-accelerator/1';
  readonly name: string;
  readonly source: string;
  readonly array: { readonly dims: Readonly<Record<string, number>>; readonly macEnergyPj: number };
  readonly precision: { readonly W: number; readonly I: number; readonly O: number; readonly psum: number };
  readonly spatial: Readonly<Record<string, readonly LoopDim[]>>;
  readonly memories: readonly MemoryEntry[];
  readonly accepts?: readonly string[];
}

export interface MemoryEntry {
  readonly name: string;
  readonly size: string;
  readonly operands: readonly MemoryOperand[];
  readonly serves: 'all' | readonly string[];
  readonly read: AccessEntry;
  readonly write: AccessEntry;
  readonly ports: Readonly<Record<string, readonly string[]>>;
  readonly latencyCycles?: number;
  readonly accepts?: readonly string[];
}

export interface AccessEntry {
  readonly bits: number;
  readonly granularity?: number;
  readonly energyPj: number;
}

/** Inputs and weights only travel down; outputs travel both ways. */
const TRANSFERS = [
  'W.toLow',
  'W.fromHigh',
  'I.toLow',
  'I.fromHigh',
  'O.toLow',
  'O.fromLow',
  'O.toHigh',
  'O.fromHigh',
];

const closed = (
  properties: Readonly<Record<string, unknown>>,
  optional: readonly string[],
  description: string,
) => ({
  type: 'object',
  description,
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
  additionalProperties: false,
});

export const NAME = {
  type: 'string',
  pattern: '^[A-Za-z][A-Za-z0-9_.-]*$',
  description: 'a name: a letter, then letters, digits, "_", "-" or "."',
};
export const BITS = {
  type: 'integer',
  minimum: 1,
  maximum: 1_000_000,
  description: 'a whole number of bits',
};
export const ENERGY = { type: 'number', minimum: 0, maximum: 1e9, description: 'pJ, from 0 to 1e9' };
export const LATENCY = {
  type: 'integer',
  minimum: 0,
  maximum: 1_000_000,
  default: 1,
  description: 'latency of an access, cycles, from 0 to 1000000; default 1',
};

/** How a warning of `defines check` is acknowledged. */
const ACCEPTS = {
  type: 'array',
  items: { type: 'string', pattern: '^DF81[5-9][0-9]$' },
  uniqueItems: true,
  description: 'codes of warnings about this that are as intended, such as [DF8151]',
};

export const ARRAY_SIZE = {
  type: 'integer',
  minimum: 1,
  maximum: 1_000_000,
  description: 'units along this dimension',
};

/** Array dimensions are object keys whose order counts, so they must not look like integers. */
const byArrayDim = (values: unknown, description: string) => ({
  type: 'object',
  description,
  patternProperties: { '^[A-Za-z][A-Za-z0-9_]*$': values },
  additionalProperties: false,
});

const ACCESS = closed(
  {
    bits: { ...BITS, description: 'width of a full access, bits per cycle' },
    granularity: { ...BITS, description: 'smallest part of a word that is paid for, bits; default: bits' },
    energyPj: { ...ENERGY, description: 'energy of one full-width access, pJ' },
  },
  ['granularity'],
  'one side of a memory, such as { bits: 512, granularity: 64, energyPj: 26.56 }',
);

const MEMORY = closed(
  {
    name: NAME,
    size: {
      type: 'string',
      pattern: '^\\s*\\d+(\\.\\d+)?\\s*(bit|B|KB|MB)\\s*$',
      description: 'size of one instance with its unit: bit, B, KB (1024 B) or MB, such as "64 KB"',
    },
    operands: {
      type: 'array',
      items: { enum: ['W', 'I', 'O'] },
      minItems: 1,
      uniqueItems: true,
      description: 'the operands it holds: W, I, O, in order of allocation',
    },
    serves: {
      type: ['string', 'array'],
      pattern: '^all$',
      items: { type: 'string' },
      uniqueItems: true,
      description: 'the array dimensions that share one instance: a list, [] for none, or all',
    },
    read: ACCESS,
    write: ACCESS,
    ports: {
      type: 'object',
      minProperties: 1,
      additionalProperties: { type: 'array', items: { enum: TRANSFERS }, uniqueItems: true },
      description: 'per port (r1, w1, rw1, ...) the transfers it carries, such as [I.toLow, O.toHigh]',
    },
    latencyCycles: LATENCY,
    accepts: ACCEPTS,
  },
  ['latencyCycles', 'accepts'],
  'a memory has name, size, operands, serves, read, write, ports and maybe latencyCycles and accepts',
);

export const ACCELERATOR_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'accelerator-v1.schema.json',
  title: 'Accelerator description',
  ...closed(
    {
      schema: { const: 'defines-accelerator/1', description: 'version of this format' },
      name: NAME,
      source: {
        type: 'string',
        minLength: 1,
        description: 'where the description and its constants come from',
      },
      array: closed(
        {
          dims: {
            ...byArrayDim(ARRAY_SIZE, 'array dimensions with their sizes, such as { D1: 32, D2: 2 }'),
            minProperties: 1,
          },
          macEnergyPj: { ...ENERGY, description: 'energy of one multiply-accumulate, pJ' },
        },
        [],
        'the array of multiply-accumulate units: dims and macEnergyPj',
      ),
      precision: closed(
        { W: BITS, I: BITS, O: BITS, psum: BITS },
        [],
        'bits of W, I, O and psum (a partial sum), where the model does not say',
      ),
      spatial: byArrayDim(
        {
          type: 'array',
          items: { enum: [...LOOP_DIMS] },
          uniqueItems: true,
          description: 'loop dimensions it may unroll, in order of preference',
        },
        'per array dimension the loop dimensions it may unroll, such as { D1: [K, G] }',
      ),
      memories: {
        type: 'array',
        items: MEMORY,
        minItems: 1,
        description: 'all memories, low (near the array) to high',
      },
      accepts: ACCEPTS,
    },
    ['accepts'],
    'an accelerator has schema, name, source, array, precision, spatial, memories and maybe accepts',
  ),
};
