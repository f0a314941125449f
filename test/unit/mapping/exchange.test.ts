/** Exchanging loops, by what it promises: the same loops, no dearer, and no exchange of two left that makes it cheaper. */
import fc from 'fast-check';
import { exchangeLoops } from '../../../src/mapping/published/exchange.js';

/** A price per loop and position: orders differ in price, and many exchanges pay. */
const caseArb = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 9 }).chain((order) =>
  fc.record({
    order: fc.constant(order),
    prices: fc.array(fc.array(fc.nat({ max: 99 }), { minLength: 4, maxLength: 4 }), {
      minLength: order.length,
      maxLength: order.length,
    }),
  }),
);

test('random orders and prices', () => {
  fc.assert(
    fc.property(caseArb, ({ order, prices }) => {
      const price = (of: readonly number[]): number =>
        of.reduce((sum, loop, position) => sum + prices[position]![loop]!, 0);
      const found = exchangeLoops({ order, energyPj: price(order) }, price);
      expect(found.order.toSorted()).toEqual(order.toSorted());
      expect(found.energyPj).toBe(price(found.order));
      expect(found.energyPj).toBeLessThanOrEqual(price(order));
      for (let a = 0; a < order.length; a++)
        for (let b = 0; b < a; b++) {
          const other = found.order.with(a, found.order[b]!).with(b, found.order[a]!);
          expect(price(other)).toBeGreaterThanOrEqual(found.energyPj);
        }
    }),
    { seed: 20230227, numRuns: 300 },
  );
});

test('an order that does not fit is never taken', () => {
  const price = (of: readonly number[]): number => (of[0] === 1 ? Infinity : of[2]!);
  expect(exchangeLoops({ order: [0, 0, 1], energyPj: 1 }, price)).toEqual({ order: [0, 1, 0], energyPj: 0 });
});
