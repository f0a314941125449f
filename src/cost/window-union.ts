/**
 * Cycles in which at least one of several periodic windows is open (cost-model.md 10.5): a window is open in the
 * first `open` cycles of each of its periods. Periods divide one another, being products of the inner loops of one
 * order, so the union has a closed form instead of an array of cycles.
 */
export interface PeriodicWindow {
  readonly period: number;
  readonly open: number;
}

interface Layer extends PeriodicWindow {
  /** Cycles that the faster windows cover inside the open part, and that all up to this one cover in a period. */
  readonly hidden: number;
  readonly perPeriod: number;
}

/** Covered cycles in one period of the slowest window. */
export function unionOfWindows(windows: readonly PeriodicWindow[]): number {
  const layers: Layer[] = [];
  for (const { period, open } of windows.toSorted((a, b) => a.period - b.period || a.open - b.open)) {
    const hidden = covered(layers, layers.length, open);
    const perPeriod = open + covered(layers, layers.length, period) - hidden;
    layers.push({ period, open, hidden, perPeriod });
  }
  return layers.at(-1)?.perPeriod ?? 0;
}

/** Cycles of [0, end) covered by the first `count` windows: whole periods of the slowest, then a part of one. */
function covered(layers: readonly Layer[], count: number, end: number): number {
  const slowest = layers[count - 1];
  if (slowest === undefined) return 0;
  const { period, open, hidden, perPeriod } = slowest;
  const periods = Math.floor(end / period);
  const part = end - periods * period;
  const rest = part <= open ? part : open + covered(layers, count - 1, part) - hidden;
  return periods * perPeriod + rest;
}
