/**
 * The mapping file as a JSON schema and as a type: temporal mappings that the user gives, whole or in part.
 * `schemas/mapping-v1.schema.json` is this object; a test keeps the two equal. Descriptions are shown as help next to
 * an error.
 */
import type { OperandName } from '../ir/cost.js';
import { LOOP_DIMS, type LoopDim } from '../ir/layer.js';

/** The file as written, after validation. */
export interface MappingFile {
  readonly schema: 'defines-mapping/1';
  readonly mappings: readonly MappingEntry[];
}

export interface MappingEntry {
  /** Layer tables number their layers. */
  readonly layer: string | number;
  readonly stack?: string;
  readonly tile?: string;
  readonly loops: readonly (string | LoopEntry)[];
}

/** As in the `temporalMapping` of a report; `C6` and `C` are short for one without levels. */
export interface LoopEntry {
  readonly dim: LoopDim;
  readonly size?: number;
  readonly level?: Readonly<Partial<Record<OperandName, string>>>;
}

const closed = (
  properties: Readonly<Record<string, unknown>>,
  required: readonly string[],
  description: string,
) => ({
  type: 'object',
  description,
  properties,
  required,
  additionalProperties: false,
});

const memory = (operand: OperandName) => ({
  type: 'string',
  minLength: 1,
  description: `name of the memory that holds the data ${operand} has inside this loop`,
});

const LOOP = {
  ...closed(
    {
      dim: { enum: [...LOOP_DIMS], description: 'a loop dimension' },
      size: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000_000_000,
        description: 'iterations, at least 1; absent: all that the other loops of the dimension leave',
      },
      level: closed(
        { O: memory('O'), W: memory('W'), I: memory('I'), X: memory('X'), Y: memory('Y') },
        [],
        'per operand the memory this loop belongs to, such as { W: rf_1B, I: sram_64KB, O: rf_2B }',
      ),
    },
    ['dim'],
    'a loop such as C6 (C: all that is left of it), or { dim: C, size: 6, level: { W: rf_1B } }',
  ),
  type: ['string', 'object'],
  pattern: `^(${LOOP_DIMS.join('|')})([1-9][0-9]{0,8})?$`,
};

const ENTRY = closed(
  {
    layer: {
      type: ['string', 'integer'],
      description: 'name of a layer, as the report has it',
    },
    stack: {
      type: 'string',
      description: 'id of a stack, such as $0; needed only where a layer is in two of them',
    },
    tile: {
      type: 'string',
      description: 'name of a tile type, as the report has it; absent: every tile type of the layer',
    },
    loops: {
      type: 'array',
      items: LOOP,
      description: 'temporal loops, innermost first; the rest, if any, is searched',
    },
  },
  ['layer', 'loops'],
  'a mapping has layer, maybe tile and stack, and loops',
);

export const MAPPING_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'mapping-v1.schema.json',
  title: 'Temporal mappings',
  ...closed(
    {
      schema: { const: 'defines-mapping/1', description: 'version of this format' },
      mappings: {
        type: 'array',
        items: ENTRY,
        minItems: 1,
        description: 'a list of mappings, at most one per layer and tile type',
      },
    },
    ['schema', 'mappings'],
    'a mapping file has schema and mappings',
  ),
};
