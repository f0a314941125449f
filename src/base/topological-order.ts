/**
 * Topological order of anything with keys and predecessors. Iterative, so that a chain of any length is fine, and
 * deterministic: among the keys that are ready the one given first comes first, so that a list already in order
 * stays as it is.
 */
import { known } from './assert.js';

export interface TopologicalOrder<K> {
  /** Every key that no cycle holds back, predecessors first. */
  readonly order: readonly K[];
  /** One cycle, each key a predecessor of the next and the last of the first; empty: there is none. */
  readonly cycle: readonly K[];
}

/** Kahn's algorithm, O(E + V log V). Predecessors that are not among the keys are ignored. */
export function topologicalOrder<K>(
  keys: readonly K[],
  predecessors: (key: K) => readonly K[],
): TopologicalOrder<K> {
  const position = new Map(keys.map((key, k) => [key, k]));
  const before = keys.map((key) => {
    const others = predecessors(key);
    const only = others[0] === undefined ? undefined : position.get(others[0]);
    // Most have one predecessor, and need no set to tell it from others.
    if (others.length <= 1) return only === undefined ? [] : [only];
    return [...new Set(others.flatMap((other) => position.get(other) ?? []))];
  });
  const after: number[][] = keys.map(() => []);
  before.forEach((others, k) => others.forEach((other) => after[other]?.push(k)));
  const waiting = before.map((others) => others.length);
  const ready: number[] = [];
  waiting.forEach((count, k) => count === 0 && pushSmallest(ready, k));
  const order: number[] = [];
  while (ready.length > 0) {
    const next = popSmallest(ready);
    order.push(next);
    for (const k of known(after[next], 'successors')) {
      waiting[k] = known(waiting[k], 'count') - 1;
      if (waiting[k] === 0) pushSmallest(ready, k);
    }
  }
  const keyOf = (k: number): K => keys[k] as K;
  return {
    order: order.map(keyOf),
    cycle: order.length === keys.length ? [] : cycleIn(before, waiting).map(keyOf),
  };
}

/** A key still waiting has a predecessor still waiting: going back from one to the next must meet a key again. */
function cycleIn(before: readonly (readonly number[])[], waiting: readonly number[]): number[] {
  const isWaiting = (k: number): boolean => known(waiting[k], 'count') > 0;
  const path: number[] = [];
  const seenAt = new Map<number, number>();
  let at = waiting.findIndex((count) => count > 0);
  while (!seenAt.has(at)) {
    seenAt.set(at, path.length);
    path.push(at);
    at = known(known(before[at], 'predecessors').find(isWaiting), 'waiting predecessor');
  }
  const cycle = path.slice(seenAt.get(at)).reverse();
  // Begins at its earliest key, so that it does not matter where the walk met it.
  const first = cycle.indexOf(cycle.reduce((a, b) => Math.min(a, b)));
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}

/** A binary heap with the smallest number at index 0. */
function pushSmallest(heap: number[], value: number): void {
  let at = heap.length;
  heap.push(value);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = known(heap[parent], 'heap entry');
    if (above <= value) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = value;
}

function popSmallest(heap: number[]): number {
  const top = known(heap[0], 'heap entry');
  const last = known(heap.pop(), 'heap entry');
  if (heap.length === 0) return top;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const child = right < heap.length && (heap[right] as number) < (heap[left] as number) ? right : left;
    const below = heap[child] as number;
    if (below >= last) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
  return top;
}
