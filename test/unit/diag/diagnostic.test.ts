/** Diagnostics that are thrown are recognised, wherever their class comes from, and nothing else is. */
import { diagnostic, DiagnosticError } from '../../../src/diag/diagnostic.js';

test('a DiagnosticError of another copy of the program is one', () => {
  class DiagnosticErrorOfACopy extends Error {
    override readonly name = 'DiagnosticError';
    readonly diagnostics = [diagnostic('DF1001', 'cannot be read')];
  }
  expect(new DiagnosticErrorOfACopy()).toBeInstanceOf(DiagnosticError);
  expect(new DiagnosticError([])).toBeInstanceOf(DiagnosticError);
});

test('other errors and no errors are none', () => {
  for (const value of [new Error('x'), Object.assign(new Error('x'), { name: 'DiagnosticError' }), null, 'x'])
    expect(value instanceof DiagnosticError).toBe(false);
});
