/**
 * All distinct permutations of a multiset, one prefix shift after another ("cool-lex" order: A. Williams, "Loopless
 * generation of multiset permutations using a constant number of variables by prefix shifts", SODA 2009). The
 * published code enumerates loop orders this way and keeps the first of the best, so the order of visits matters.
 */

/**
 * Writes every permutation of `word` (not increasing) into `target` in turn and calls `visit`. The empty word has
 * one permutation.
 */
export function forEachPermutation(word: readonly number[], target: Uint8Array, visit: () => void): void {
  const n = word.length;
  const list = {
    value: Int32Array.from(word),
    next: Int32Array.from({ length: n }, (_, i) => (i + 1 < n ? i + 1 : -1)),
  };
  const { value, next } = list;
  let head = 0;
  let i = Math.max(0, n - 2);
  let j = n - 1;
  write(list, head, target);
  visit();
  if (n < 2) return;
  while (next[j]! >= 0 || value[j]! < value[head]!) {
    const before = next[j]! >= 0 && value[i]! >= value[next[j]!]! ? j : i;
    const moved = next[before]!;
    next[before] = next[moved]!;
    next[moved] = head;
    if (value[moved]! < value[head]!) i = moved;
    j = next[i]!;
    head = moved;
    write(list, head, target);
    visit();
  }
}

interface LinkedList {
  readonly value: Int32Array;
  readonly next: Int32Array;
}

function write({ value, next }: LinkedList, head: number, target: Uint8Array): void {
  for (let node = head, position = 0; position < target.length; node = next[node]!)
    target[position++] = value[node]!;
}
