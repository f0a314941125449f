/** The closed form of the window union against marking every cycle. */
import fc from 'fast-check';
import { unionOfWindows, type PeriodicWindow } from '../../../src/cost/window-union.js';

function marked(windows: readonly PeriodicWindow[]): number {
  const longest = Math.max(...windows.map(({ period }) => period));
  return Array.from({ length: longest }, (_, cycle) => cycle).filter((cycle) =>
    windows.some(({ period, open }) => cycle % period < open),
  ).length;
}

test('two windows by hand', () => {
  // Period 4, open 1: cycles 0 4 8. Period 12, open 6: cycles 0 to 5. Together 0-5 and 8.
  expect(unionOfWindows([{ period: 12, open: 6 }, { period: 4, open: 1 }])).toBe(7); // prettier-ignore
});

test('equal periods: the longer window covers the shorter', () => {
  expect(unionOfWindows([{ period: 6, open: 5 }, { period: 6, open: 2 }])).toBe(5); // prettier-ignore
});

test('the closed form counts what marking cycles counts', () => {
  const factor = fc.integer({ min: 1, max: 5 });
  const chain = fc.array(fc.tuple(factor, fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(chain, (steps) => {
      let period = 1;
      const windows = steps.map(([grow, share]) => {
        period *= grow;
        return { period, open: Math.max(1, Math.floor(share * period)) };
      });
      expect(unionOfWindows(windows.toReversed())).toBe(marked(windows));
    }),
    { seed: 2023, numRuns: 1000 },
  );
});
