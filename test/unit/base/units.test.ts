import { groupedDown } from '../../../src/base/units.js';

test.each([
  [9408, '9_408'],
  [5265.5, '5_265.5'],
  [5265.9999, '5_265.999'],
  [1100.0000000000002, '1_100'],
  [0.25, '0.25'],
  [2 ** 53 - 1, '9_007_199_254_740_991'],
])('%d is no more than %s', (value, text) => {
  expect(groupedDown(value)).toBe(text);
  expect(Number(text.replaceAll('_', ''))).toBeLessThanOrEqual(value);
});
