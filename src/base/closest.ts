/** Suggestions for mistyped names. Deterministic: among equally near candidates the first wins. */

/** Fewest insertions, deletions, substitutions and swaps of neighbours between two words. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    [before, above] = [above, row];
  }
  return above[b.length]!;
}

/**
 * The candidate a mistyped word most likely means, letter case aside; undefined if none is near. Near: at most
 * one edit per three letters of the longer word, or one is the beginning of the other (three letters or more). Words
 * of one letter are never near: they would all be.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of candidates) {
    const target = name.toLowerCase();
    const beginning =
      Math.min(typed.length, target.length) >= 3 && (target.startsWith(typed) || typed.startsWith(target));
    const distance = editDistance(typed, target);
    const longest = Math.max(typed.length, target.length);
    const near =
      beginning || (distance <= Math.max(1, Math.floor(longest / 3)) && (longest > 1 || distance === 0));
    if (near && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}
