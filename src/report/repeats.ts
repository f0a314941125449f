/**
 * Lists in which sequences come again and again, in fewer lines: the first time a sequence is there item by item, and
 * one line stands for all repetitions that follow it directly.
 */

export interface Stretch {
  readonly from: number;
  /** One behind the last. */
  readonly to: number;
}

/** Items that a line is about. */
export interface Line extends Stretch {
  /** What they repeat, once or several times; absent: they are not like any before. */
  readonly like?: Stretch;
}

/** A sequence is looked for whose repetitions follow it directly, up to this length. */
const LONGEST = 256;

/** Lines for the items from `from` to `to`; `first` has of every item the first one that it is like. */
export function linesOf(first: readonly number[], from = 0, to = first.length): readonly Line[] {
  const lines: Line[] = [];
  for (let s = from; s < to;) {
    const { period, end } = repeatedAt(first, s, to);
    if (period > 1) lines.push(...linesOf(first, s, s + period));
    else {
      const like = first[s]!;
      lines.push({ from: s, to: s + 1, ...(like === s ? {} : { like: { from: like, to: like + 1 } }) });
    }
    const behind = s + period;
    const origin = period > 1 ? s : first[s]!;
    if (end > behind) lines.push({ from: behind, to: end, like: { from: origin, to: origin + period } });
    s = end;
  }
  return lines;
}

/** The sequence that begins here and, with whole repetitions, goes furthest; of those the shortest. */
function repeatedAt(
  first: readonly number[],
  s: number,
  to: number,
): { readonly period: number; readonly end: number } {
  let best = { period: 1, end: s + 1 };
  for (let period = 1; period <= LONGEST && s + 2 * period <= to && best.end < to; period++) {
    let at = s + period;
    while (at < to && first[at] === first[at - period]) at++;
    const end = s + period * Math.floor((at - s) / period);
    if (end >= s + 2 * period && end > best.end) best = { period, end };
  }
  return best;
}
