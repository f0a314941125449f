/**
 * A line of an exploration as a JSON schema. `schemas/explore-v1.schema.json` is this object; a test keeps the two
 * equal. Numbers that later versions add are no violation; what is missing or of another kind is.
 */
import { OVERLAP_MODES } from '../ir/stack.js';

const TEXT = { type: 'string', minLength: 1 };
const POSITIVE = { type: 'integer', minimum: 1 };
const QUANTITY = { type: 'number', minimum: 0 };
const SIZE = { anyOf: [POSITIVE, { const: 'full' }] };

const object = (
  properties: Readonly<Record<string, unknown>>,
  description: string,
  optional: readonly string[] = [],
) => ({
  type: 'object',
  description,
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
});

const recordOf = (values: unknown, description: string) => ({
  type: 'object',
  description,
  additionalProperties: values,
});

const HEAD = {
  schema: { const: 'defines-explore/1' },
  key: {
    type: 'string',
    pattern: '^[0-9a-f]{32}$',
    description: 'digest of all that the numbers follow from but the point: lines of one key may be compared',
  },
  model: TEXT,
  accelerator: TEXT,
  profile: TEXT,
  lpfLimit: { type: ['integer', 'null'], minimum: 1, description: 'loop-prime-factor limit; null: none' },
  dims: recordOf({ type: 'integer', minimum: 0 }, 'symbolic dimensions bound by the user'),
  precision: recordOf(POSITIVE, 'operand precisions set by the user, bits'),
  precisionFile: {
    type: 'string',
    pattern: '^[0-9a-f]{16}$',
    description: 'digest of what a precision file says of single layers; absent: none was given',
  },
};

const POINT = {
  stacks: { ...TEXT, description: 'a stack rule, or cuts by layer name: a,b,c' },
  mode: { enum: [...OVERLAP_MODES] },
  tile: object(
    {
      x: SIZE,
      y: SIZE,
      heads: { ...POSITIVE, description: 'attention heads at a time; absent: all of them' },
    },
    'as requested, columns by rows',
    ['heads'],
  ),
};

const EVALUATED = object(
  {
    status: { const: 'evaluated' },
    energyPj: QUANTITY,
    latencyCycles: QUANTITY,
    edp: { ...QUANTITY, description: 'energy times latency, pJ x cycles' },
    macs: QUANTITY,
    recomputedMacs: { type: 'number', description: 'MACs beyond computing everything needed once' },
    latency: object(
      { compute: QUANTITY, stall: QUANTITY, onload: QUANTITY, offload: QUANTITY, copy: QUANTITY },
      'all parts, counted in latencyCycles or not',
    ),
    energy: object(
      {
        mac: QUANTITY,
        memory: recordOf(
          object({ W: QUANTITY, I: QUANTITY, O: QUANTITY, copy: QUANTITY }, 'pJ by what moves'),
          'by memory',
        ),
      },
      'pJ by cause',
    ),
  },
  'what the schedule costs',
);

const NOTHING = { energyPj: { type: 'null' }, latencyCycles: { type: 'null' } };

const INFEASIBLE = object(
  {
    status: { const: 'infeasible' },
    ...NOTHING,
    infeasible: {
      type: 'array',
      minItems: 1,
      items: object(
        {
          stack: TEXT,
          tileType: TEXT,
          layer: TEXT,
          memory: TEXT,
          demandBits: QUANTITY,
          boundBits: QUANTITY,
          gapBits: QUANTITY,
        },
        'a stack that no choice of memory levels holds: which memory, and how many bits short',
      ),
    },
  },
  'a legitimate answer: it does not fit',
);

const FAILED = object(
  {
    status: { const: 'failed' },
    ...NOTHING,
    diagnostics: { type: 'array', minItems: 1, items: object({ code: TEXT, message: TEXT }, 'why') },
  },
  'no answer; --resume tries again',
);

export const EXPLORE_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'explore-v1.schema.json',
  title: 'A line of an exploration',
  ...object(
    { ...HEAD, ...POINT, status: { enum: ['evaluated', 'infeasible', 'failed'] } },
    'one schedule of one model on one accelerator',
    ['precisionFile'],
  ),
  oneOf: [EVALUATED, INFEASIBLE, FAILED],
};
