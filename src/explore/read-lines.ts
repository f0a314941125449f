/**
 * Lines back from a file: those that are what the schema says, and a diagnostic with the line number for each that
 * is not. A line cut short by a power failure costs itself and nothing else.
 */
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import { validatorOf, type Validate } from '../diag/validator.js';
import type { PointLine } from './line.js';
import { EXPLORE_SCHEMA } from './schema.js';

export interface FoundLine {
  readonly line: PointLine;
  /** From 1. */
  readonly number: number;
}

export interface FoundLines {
  readonly lines: readonly FoundLine[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Of a line that is none, the first reason will do. */
const validator = validatorOf<PointLine>(EXPLORE_SCHEMA, {});

export function readLines(text: string, file: string): FoundLines {
  const validate = validator();
  const diagnostics: Diagnostic[] = [];
  const lines = text.split('\n').flatMap((row, index): readonly FoundLine[] => {
    if (row.trim() === '') return [];
    const value = parsed(row);
    const number = index + 1;
    if (validate(value)) return [{ line: value, number }];
    const fault = value === undefined ? 'it is not JSON, or was cut short' : faultOf(validate.errors);
    diagnostics.push(
      diagnostic('DF8200', `line ${number} is no result: ${fault}`, [{ kind: 'file', file, line: number }], {
        help: 'the other lines are kept; explore --resume works the point out again',
      }),
    );
    return [];
  });
  return { lines, diagnostics };
}

function parsed(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    return undefined;
  }
}

function faultOf(errors: Validate<PointLine>['errors']): string {
  const error = errors?.[0];
  return `${error?.instancePath === '' ? 'it' : (error?.instancePath ?? 'it')} ${error?.message ?? 'is invalid'}`;
}
