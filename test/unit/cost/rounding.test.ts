/** Where averages become whole numbers, as published and corrected. */
import { PROFILES } from '../../../src/base/profile.js';
import { roundHalfEven, roundingOf, snap } from '../../../src/cost/rounding.js';

test('half to even', () => {
  expect([0.5, 1.5, 2.5, 12.5, 445.46, 445.5, 446.5].map(roundHalfEven)).toEqual([
    0, 2, 2, 12, 445, 446, 446,
  ]);
});

test('noise is removed, fractions are not', () => {
  expect(snap(58.99999999999999)).toBe(59);
  expect(snap(1e9 + 1e-3)).toBe(1e9); // relative 1e-12
  expect(snap(3.99)).toBe(3.99);
});

test('the corrected profile does not jump to the next word for noise', () => {
  expect(roundingOf(PROFILES.default).ceil(2.0000000000000004)).toBe(2);
  expect(roundingOf(PROFILES['reference-2023']).ceil(2.0000000000000004)).toBe(3);
});
