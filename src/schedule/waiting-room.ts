/**
 * What waits in each memory while a tile runs: maps placed so far that a later layer still streams, but none that lies
 * there as a whole for another stack anyway. Sums are kept by when a map is last read (a binary indexed tree per
 * memory): with thousands of maps alive at once, a layer costs what it touches.
 */
import { freshBits, lastUse } from '../analysis/lifetime.js';
import type { StackGraph } from '../analysis/stack-graph.js';
import type { TileSizes } from '../analysis/tile-sizes.js';

export interface WaitingRoom {
  /** Takes note of where a map of the tile is. */
  readonly put: (map: number, memory: number) => void;
  /** Bits in a memory that some layer behind layer l reads; -1 is before the first. */
  readonly bitsAfter: (l: number, memory: number) => number;
}

export function waitingRoom(
  graph: StackGraph,
  sizes: TileSizes,
  handedOver: readonly (number | null)[],
): WaitingRoom {
  const count = graph.layers.length;
  const trees = new Map<number, Float64Array>();
  return {
    put: (map, memory) => {
      const last = lastUse(graph, map);
      if (last < 0 || handedOver[map] === memory) return;
      const tree = trees.get(memory) ?? new Float64Array(count + 1);
      trees.set(memory, tree);
      const bits = freshBits(sizes, map);
      // Later uses have lower places, so that those behind a layer are the first ones.
      for (let at = count - last; at <= count; at += at & -at) tree[at]! += bits;
    },
    bitsAfter: (l, memory) => {
      const tree = trees.get(memory);
      if (tree === undefined) return 0;
      let bits = 0;
      for (let at = count - l - 1; at > 0; at -= at & -at) bits += tree[at]!;
      return bits;
    },
  };
}
