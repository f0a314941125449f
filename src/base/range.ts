/** Half-open integer intervals `[start, end)`; an interval with `end <= start` is empty. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

export const length = (a: Interval): number => Math.max(0, a.end - a.start);
