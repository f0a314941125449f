/**
 * A better order by exchanging loops, two at a time, as long as that makes it cheaper: a start for a search that has
 * to know how much a good order costs, and its answer where it is cut. Every step is the first improvement found, so the
 * same layer tile gives the same order.
 */

/** Orders priced at most. */
const MOST_TRIED = 3000;

export interface PricedOrder {
  readonly order: readonly number[];
  /** Infinity: it does not fit. */
  readonly energyPj: number;
}

/** `pricePj`: energy of an order; Infinity: it does not fit. At most as dear as `start`. */
export function exchangeLoops(
  start: PricedOrder,
  pricePj: (order: readonly number[]) => number,
): PricedOrder {
  const order = [...start.order];
  let { energyPj } = start;
  let tried = 0;
  for (let since = 0, at = 0; since < order.length && tried < MOST_TRIED; at = (at + 1) % order.length) {
    since++;
    for (let other = 0; other < order.length; other++) {
      if (order[other] === order[at]) continue;
      exchange(order, at, other);
      const changedPj = pricePj(order);
      tried++;
      if (changedPj < energyPj) {
        energyPj = changedPj;
        since = 0;
      } else exchange(order, at, other);
    }
  }
  return { order, energyPj };
}

function exchange(order: number[], a: number, b: number): void {
  [order[a], order[b]] = [order[b]!, order[a]!];
}
