/** Diagnostics are data: what happened, where, with numbers and units, and what to do about it. */
import { assert } from '../base/assert.js';
import { CATALOGUE, type Code } from './codes.js';

export type Severity = 'error' | 'warning' | 'note';

export type Location =
  /** A node of the model: ONNX has no lines, so index, name and operator identify it. */
  | {
      readonly kind: 'onnx';
      readonly file?: string;
      readonly node?: number;
      readonly name?: string;
      readonly op?: string;
      readonly opset?: number;
      readonly tensor?: string;
    }
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly line?: number;
      readonly column?: number;
      readonly pointer?: string;
    }
  /** A place in an option or pipeline string, shown with a caret. */
  | { readonly kind: 'spec'; readonly text: string; readonly offset: number; readonly length?: number }
  | { readonly kind: 'ir'; readonly pass?: string; readonly facet?: string; readonly id: string };

export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** Lower case, numbers with units, no full stop. */
  readonly message: string;
  readonly at: readonly Location[];
  /** The arithmetic behind the message. */
  readonly terms?: readonly string[];
  /** An action, never "please". */
  readonly help?: string;
  /** The pass that reported it; the pass manager fills it in. */
  readonly pass?: string;
  /** Whose doing it is, if not ours: `acme (./my-fusion.js)`. */
  readonly plugin?: string;
}

export type Details = Pick<Diagnostic, 'terms' | 'help'> & { readonly severity?: Severity };

/** A diagnostic with the catalogue's severity unless told otherwise (only warnings and notes may be re-levelled). */
export const diagnostic = (
  code: Code,
  message: string,
  at: readonly Location[] = [],
  details: Details = {},
): Diagnostic => ({ code, severity: severityOf(code), message, at, ...details });

/** Plugins may be JavaScript: what they take for a code may be none. */
function severityOf(code: Code): Severity {
  assert(
    Object.hasOwn(CATALOGUE, code),
    `there is no diagnostic ${code}; DF8330 (error), DF8331 (warning) and DF8332 (note) are for plugins`,
  );
  return CATALOGUE[code].severity;
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(({ severity }) => severity === 'error');

/** Thrown where nothing sensible can follow; carries everything collected so far. Never a bug: see InternalError. */
export class DiagnosticError extends Error {
  override readonly name = 'DiagnosticError';
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
  }

  /** By its form: what runs beside the bundled command line, a plugin for one, has a copy of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const error = value as Partial<DiagnosticError> | null | undefined;
    return error?.name === 'DiagnosticError' && Array.isArray(error.diagnostics);
  }
}

export const fail = (...args: Parameters<typeof diagnostic>): never => {
  throw new DiagnosticError([diagnostic(...args)]);
};
