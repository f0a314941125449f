/**
 * Orders of a multiset of loops in the sequence in which the published code enumerates them ("cool-lex": A. Williams,
 * SODA 2009), without enumerating the others: a search knows which orders are best as paths of a graph, and asks for
 * the first of them.
 *
 * In that sequence the non-increasing order comes first. The others are grouped by their shortest ending that is no
 * ending of the non-increasing order: one loop out of place and, outside of it, the smallest loops in decreasing
 * order. Groups come by the loop out of place, ascending, then longer endings first; within a group the inner loops
 * run through their own orders the same way, but the non-increasing one comes last. A test compares with the
 * enumeration itself.
 */
export interface LoopGraph<Node> {
  /** Where orders begin: no loop is placed. */
  readonly isStart: (node: Node) => boolean;
  /** Nodes from which a loop of `letter` leads to one of `nodes`. */
  readonly before: (nodes: readonly Node[], letter: number) => readonly Node[];
}

/** Orders, innermost loop first, that lead from a start to one of `ends`, in which every letter is placed `times`. */
export function* inEnumerationOrder<Node>(
  graph: LoopGraph<Node>,
  ends: readonly Node[],
  times: ArrayLike<number>,
): Generator<readonly number[]> {
  yield* ordersTo(graph, ends, Array.from(times), true);
}

function* ordersTo<Node>(
  graph: LoopGraph<Node>,
  ends: readonly Node[],
  left: readonly number[],
  whole: boolean,
): Generator<readonly number[]> {
  if (ends.length === 0) return;
  const tail = ascending(left);
  // chain[k]: with the k smallest loops taken off, outermost first.
  const chain = [ends];
  const without = (count: number): readonly Node[] => {
    while (chain.length <= count) {
      const nodes = chain.at(-1)!;
      chain.push(nodes.length === 0 ? nodes : graph.before(nodes, tail[chain.length - 1]!));
    }
    return chain[count]!;
  };
  const sorted = (): readonly (readonly number[])[] =>
    without(tail.length).some(graph.isStart) ? [tail.toReversed()] : [];
  if (whole) yield* sorted();
  for (let letter = 0; letter < left.length; letter++) {
    if (left[letter] === 0) continue;
    for (let outside = tail.indexOf(letter) - 1; outside >= 0; outside--) {
      const nodes = without(outside).length === 0 ? [] : graph.before(without(outside), letter);
      if (nodes.length === 0) continue;
      const inner = [...left];
      for (let i = 0; i < outside; i++) inner[tail[i]!]!--;
      inner[letter]!--;
      const ending = [letter, ...tail.slice(0, outside).reverse()];
      for (const order of ordersTo(graph, nodes, inner, false)) yield [...order, ...ending];
    }
  }
  if (!whole) yield* sorted();
}

function ascending(times: readonly number[]): number[] {
  const loops: number[] = [];
  for (let letter = 0; letter < times.length; letter++)
    for (let i = 0; i < times[letter]!; i++) loops.push(letter);
  return loops;
}

/** Whether one order of a multiset comes before another in the sequence of enumeration. */
export function comesBefore(a: readonly number[], b: readonly number[]): boolean {
  const tail = a.toSorted((x, y) => x - y);
  let end = a.length;
  for (let whole = true; ; whole = false) {
    const x = outOfPlace(a, tail, end);
    const y = outOfPlace(b, tail, end);
    // The sorted order is first of all, but last of those with a common ending.
    if (x < 0 || y < 0) return x < 0 && y < 0 ? false : whole === x < 0;
    if (x !== y || a[x] !== b[y]) return a[x] === b[y] ? x < y : a[x]! < b[y]!;
    for (let i = x; i < end; i++) tail.splice(tail.indexOf(a[i]!), 1);
    end = x;
  }
}

/** Position of the outermost loop that differs from the sorted order of the first `end` loops; -1: there is none. */
function outOfPlace(order: readonly number[], tail: readonly number[], end: number): number {
  let position = end - 1;
  while (position >= 0 && order[position] === tail[end - 1 - position]) position--;
  return position;
}
