/**
 * How many times another number one is. Nothing is once as much as nothing, and anything else as many times as a number
 * can say: what is reported becomes JSON, which has no infinity.
 */
export const ratio = (one: number, other: number): number =>
  one === other ? 1 : Math.min(one / other, Number.MAX_VALUE);
