/** Half-open integer intervals `[start, end)`; an interval with `end <= start` is empty. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

export const length = (a: Interval): number => Math.max(0, a.end - a.start);
export const isEmpty = (a: Interval): boolean => a.end <= a.start;

/** Smallest interval that holds both; an empty one adds nothing. */
export const hull = (a: Interval, b: Interval): Interval =>
  isEmpty(a) ? b : isEmpty(b) ? a : { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
