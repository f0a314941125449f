/** The diagnostics a function throws, by code; empty if it returns. Other errors pass through. */
import { DiagnosticError, type Diagnostic } from '../../src/diag/diagnostic.js';

export function diagnosticsThrown(run: () => unknown): readonly Diagnostic[] {
  try {
    run();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  return [];
}

export const codesThrown = (run: () => unknown): readonly string[] =>
  diagnosticsThrown(run).map(({ code }) => code);

/** The same of a function that returns a promise. */
export async function diagnosticsRejected(run: () => Promise<unknown>): Promise<readonly Diagnostic[]> {
  try {
    await run();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  return [];
}
