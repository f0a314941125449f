/** The catalogue is complete enough to be a page of documentation. */
import { CATALOGUE } from '../../../src/diag/codes.js';

const entries = Object.entries(CATALOGUE);

test('codes are DF and four digits, in ascending order within their block', () => {
  const codes = entries.map(([code]) => code);
  expect(codes.filter((code) => !/^DF[1-9]\d{3}$/.test(code))).toEqual([]);
  const blocks = [...new Set(codes.map((code) => code[2]))];
  for (const block of blocks) {
    const numbers = codes.filter((code) => code[2] === block);
    expect(numbers).toEqual([...numbers].sort());
  }
});

test.each(entries)('%s says what it means and what to do', (_code, { title, explanation }) => {
  expect(title).not.toMatch(/[.!]$/);
  expect(explanation).toMatch(/^[A-Z0-9].*\.$/s);
  expect(explanation.length).toBeGreaterThan(60);
  expect(`${title} ${explanation}`).not.toMatch(/please/i);
});
