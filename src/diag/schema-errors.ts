/**
 * Violations of a JSON schema as diagnostics: every one with its place in the text, what is allowed there, and the
 * nearest allowed word. Knows the shape of a validator's error objects, not the validator.
 */
import { closest } from '../base/closest.js';
import type { Code } from './codes.js';
import { diagnostic, type Diagnostic } from './diagnostic.js';
import { pathOf, type TextDocument } from './document.js';

/** The part of a validator's error object that is read here (validated with all errors, verbosely). */
export interface SchemaViolation {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  /** The schema around the violated keyword; its `description` says what belongs there. */
  readonly parentSchema?: object;
  readonly data?: unknown;
}

interface SchemaPart {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** One diagnostic per violation, in the order of the text. */
export function schemaDiagnostics(
  code: Code,
  document: TextDocument,
  violations: readonly SchemaViolation[],
): readonly Diagnostic[] {
  const found = violations.map((violation) => {
    const path = pathOf(violation.instancePath);
    const unknownKey = violation.params['additionalProperty'];
    const at =
      violation.keyword === 'additionalProperties'
        ? document.at([...path, String(unknownKey)], 'key')
        : document.at(path);
    const { message, help } = describe(violation);
    return diagnostic(code, message, [at], help === undefined ? {} : { help });
  });
  return found.sort((a, b) => position(a) - position(b));
}

const position = (d: Diagnostic): number => {
  const at = d.at[0];
  return at?.kind === 'file' ? (at.line ?? 0) * 1e6 + (at.column ?? 0) : 0;
};

function describe({ keyword, params, message, parentSchema, data }: SchemaViolation): {
  message: string;
  help: string | undefined;
} {
  const part = (parentSchema ?? {}) as SchemaPart;
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const allowed = Object.keys(part.properties ?? {});
      return { message: `unknown key "${key}"`, help: choice(key, allowed, 'keys') ?? part.description };
    }
    case 'required':
      return { message: `key "${String(params['missingProperty'])}" is missing`, help: part.description };
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly unknown[]).map(String);
      // The nearest word may be a wrong guess (I.toHigh is no misspelt O.toHigh), so all of them are shown.
      const near = closest(String(data), allowed);
      const guess = near === undefined ? '' : `did you mean "${near}"? `;
      return {
        message: `${show(data)} is not allowed here`,
        help: `${guess}values: ${allowed.join(', ')}`,
      };
    }
    case 'const':
      return { message: `${show(data)} is not allowed here`, help: `write ${show(params['allowedValue'])}` };
    case 'type':
      return {
        message: `${show(data)} is not of type ${String(params['type']).replaceAll(',', ' or ')}`,
        help: part.description,
      };
    case 'pattern':
      return { message: `${show(data)} has the wrong form`, help: part.description };
    default:
      return { message: `${show(data)} ${message ?? `violates "${keyword}"`}`, help: part.description };
  }
}

/** `did you mean "size"?`, or what there is to choose from. */
export function choice(word: string, allowed: readonly string[], noun: string): string | undefined {
  const near = closest(word, allowed);
  if (near !== undefined) return `did you mean "${near}"?`;
  return allowed.length === 0 ? undefined : `${noun}: ${allowed.join(', ')}`;
}

/** A value in a message: whole if short. */
function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value); // JSON has no NaN
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
