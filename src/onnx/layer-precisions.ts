/**
 * Precision files: operand bits of single layers, by name or by pattern. `schemas/precision-v1.schema.json` is the
 * schema below; a test keeps the two equal. Where several entries match a layer, the last one that sets an operand
 * counts; what none sets is left to the model, the command line and the accelerator.
 */
import { closest } from '../base/closest.js';
import { diagnostic, DiagnosticError, type Diagnostic } from '../diag/diagnostic.js';
import { readDocument } from '../diag/document.js';
import { schemaDiagnostics } from '../diag/schema-errors.js';
import { validatorOf } from '../diag/validator.js';
import type { LayerPrecision, OperandBits } from '../ir/layer-precision.js';

interface PrecisionFile {
  readonly schema: 'defines-precision/1';
  readonly layers: readonly (OperandBits & { readonly layer: string })[];
}

const bits = (what: string) => ({
  type: 'integer',
  minimum: 1,
  maximum: 1024,
  description: `bits of one element of ${what}, from 1 to 1024`,
});

export const PRECISION_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'precision-v1.schema.json',
  title: 'Operand precisions of single layers',
  type: 'object',
  description: 'a precision file has schema and layers',
  properties: {
    schema: { const: 'defines-precision/1', description: 'version of this format' },
    layers: {
      type: 'array',
      minItems: 1,
      description: 'a list of entries; of several that match a layer the last one counts',
      items: {
        type: 'object',
        description: 'an entry has layer and at least one of W, I, O and psum',
        properties: {
          layer: {
            type: 'string',
            minLength: 1,
            description: 'name of a layer as the report has it; * stands for any text',
          },
          W: bits('the weights'),
          I: bits('the inputs'),
          O: bits('the finished output'),
          psum: bits('the output while it is a partial sum'),
        },
        required: ['layer'],
        minProperties: 2,
        additionalProperties: false,
      },
    },
  },
  required: ['schema', 'layers'],
  additionalProperties: false,
};

const validator = validatorOf<PrecisionFile>(PRECISION_SCHEMA);

/** `file` is the name shown in diagnostics. Throws a DiagnosticError that holds every error found. */
export function parsePrecisions(text: string, file: string): readonly LayerPrecision[] {
  const document = readDocument(text, file, 'DF1050');
  const { value } = document;
  const validate = validator();
  if (!validate(value))
    throw new DiagnosticError(schemaDiagnostics('DF1051', document, validate.errors ?? []));
  return value.layers.map(({ layer, ...given }, i) => ({
    pattern: layer,
    bits: given,
    at: document.at(['layers', i, 'layer']),
  }));
}

const expression = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);

const NOTHING_SET: OperandBits = {};

/** Bits of a layer by its name. */
export function precisionsByName(entries: readonly LayerPrecision[]): (name: string) => OperandBits {
  if (entries.length === 0) return () => NOTHING_SET;
  const rules = entries.map(({ pattern, bits: given }) => ({ test: expression(pattern), given }));
  return (name) =>
    Object.assign({}, ...rules.flatMap(({ test, given }) => (test.test(name) ? [given] : []))) as OperandBits;
}

/** Entries that match no layer: most likely a wrong name. */
export function unmatchedPrecisions(
  entries: readonly LayerPrecision[],
  names: readonly string[],
): readonly Diagnostic[] {
  return entries
    .filter(({ pattern }) => !names.some((name) => expression(pattern).test(name)))
    .map(({ pattern, at }) => {
      const near = closest(pattern, names);
      return diagnostic('DF1052', `no layer is called "${pattern}"`, [at], {
        help: near === undefined ? 'list the layers with: defines inspect <model>' : `did you mean ${near}?`,
      });
    });
}
