/**
 * Layer tables: the network format of earlier tools, one entry per loop nest with an equation such as
 * `O[b][k][oy][ox]+=W[k][c][fy][fx]*I[b][c][ix][iy]`. Here: the file as a JSON schema and as a type.
 */
import { LOOP_DIMS, type LoopDim } from './layer.js';

export interface LayerTable {
  readonly workload: string;
  readonly architecture?: string;
  readonly layers: readonly TableEntry[];
}

export type TableEntry = TableInput | TableLayer;

/** A network input: dims of the map, no computation. */
export interface TableInput {
  readonly id: number;
  readonly equation: 'input';
  readonly loop_dim_size: Readonly<Partial<Record<LoopDim, number>>>;
  readonly precision: number;
}

export interface TableLayer {
  readonly id: number;
  readonly equation: string;
  readonly equation_relations?: readonly string[];
  readonly loop_dim_size: Readonly<Partial<Record<LoopDim, number>>>;
  readonly operand_precision: Readonly<Record<string, number>>;
  readonly operand_source: Readonly<Record<string, readonly number[]>>;
  readonly operand_source_dimension_mapping?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly constant_operands: readonly string[];
  readonly spatial_mapping?: Readonly<Record<string, readonly [LoopDim, number]>>;
}

const size = {
  type: 'integer',
  minimum: 1,
  maximum: 1e9,
  description: 'a whole number of iterations, at least 1',
};
const bits = { type: 'integer', minimum: 0, maximum: 1024, description: 'a whole number of bits' };

export const LAYER_TABLE_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://defines.dev/schemas/layers-v1.schema.json',
  title: 'Layer table',
  description: 'A network as loop nests: an equation, loop sizes, precisions and producers per layer.',
  type: 'object',
  required: ['workload', 'layers'],
  additionalProperties: false,
  properties: {
    workload: { type: 'string', minLength: 1, description: 'name of the network' },
    architecture: { type: 'string', description: 'accelerator the spatial mappings were written for' },
    layers: {
      type: 'array',
      minItems: 2,
      description: 'network inputs (equation: input) and layers, producers first',
      items: {
        type: 'object',
        required: ['id', 'equation', 'loop_dim_size'],
        additionalProperties: false,
        properties: {
          id: { type: 'integer', description: 'number of the layer, referred to by operand_source' },
          equation: { type: 'string', description: 'input, or O[..]+=W[..]*I[..], or O[..]=X[..]+Y[..]' },
          equation_relations: {
            type: 'array',
            items: { type: 'string', pattern: '^\\s*i[xy]\\s*=\\s*\\d+\\*o[xy]\\s*\\+\\s*\\d+\\*f[xy]\\s*$' },
            description: 'how an input index follows from an output and a kernel index, e.g. ix=2*ox+1*fx',
          },
          loop_dim_size: {
            type: 'object',
            propertyNames: { enum: [...LOOP_DIMS] },
            additionalProperties: size,
            description: 'size per loop dim; the order decides ties in factor limiting',
          },
          precision: bits,
          operand_precision: {
            type: 'object',
            additionalProperties: bits,
            description: 'bits per operand: O (partial sums), O_final, W, I or X, Y',
          },
          operand_source: {
            type: 'object',
            additionalProperties: { type: 'array', items: { type: 'integer' } },
            description: 'per operand the id of its producer; none for constants',
          },
          operand_source_dimension_mapping: {
            type: 'object',
            additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
            description:
              'per operand, what its loop dims are called in its producer; matters in reference-2023 alone, where readers disagree',
          },
          constant_operands: {
            type: 'array',
            items: { type: 'string' },
            description: 'operands that are weights',
          },
          core_allocation: { description: 'ignored: there is one core' },
          memory_operand_links: {
            type: 'object',
            description: 'implied: W on the weight path, inputs on the input path',
          },
          spatial_mapping: {
            type: 'object',
            additionalProperties: {
              type: 'array',
              prefixItems: [{ enum: [...LOOP_DIMS] }, size],
              minItems: 2,
              maxItems: 2,
            },
            description: 'per array dimension the loop dim and how often it is unrolled',
          },
        },
      },
    },
  },
} as const;
