/** What a command is to main: a function from arguments to an outcome; writing it out is main's matter. */
import type { Diagnostic } from '../diag/diagnostic.js';
import type { Terminal } from './terminal.js';

export interface Outcome {
  /** For stdout. */
  readonly text?: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Absent: what the diagnostics say. */
  readonly exit?: number;
}

/** Positional arguments, options by camel-cased name. A DiagnosticError thrown is an outcome too. */
export type Run<O extends object = object> = (
  args: readonly string[],
  options: O,
  terminal: Terminal,
) => Outcome | Promise<Outcome>;
