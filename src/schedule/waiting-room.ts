/**
 * What waits in each memory while a tile runs: maps placed so far that a later layer still streams, but none that lies
 * there as a whole for another stack anyway. Sums are kept, by when a map is last read (a binary indexed tree per
 * memory) and by who reads it: with thousands of maps alive at once, a layer costs what it touches.
 */
import { freshBits, freshReads, lastUse } from '../analysis/lifetime.js';
import type { StackGraph } from '../analysis/stack-graph.js';
import type { TileSizes } from '../analysis/tile-sizes.js';
import { known } from '../base/assert.js';

export interface WaitingRoom {
  /** Takes note of where a map of the tile is. */
  readonly put: (map: number, memory: number) => void;
  /** Bits in a memory that some layer behind layer l reads; -1 is before the first. */
  readonly bitsAfter: (l: number, memory: number) => number;
  /** How much of these layer l reads as well. */
  readonly readBits: (l: number, memory: number) => number;
}

/** Per layer: the first entry of a tree is unused. */
interface Sums {
  readonly tree: Float64Array;
  readonly reads: Float64Array;
}

export function waitingRoom(
  graph: StackGraph,
  sizes: TileSizes,
  handedOver: readonly (number | null)[],
): WaitingRoom {
  const count = graph.layers.length;
  const memories = new Map<number, Sums>();
  const readsOf: (ReadonlyMap<number, number> | undefined)[] = [];
  /** Bits that a layer reads of a map. */
  const readOf = (l: number, map: number): number => {
    const reads = (readsOf[l] ??= new Map(freshReads(sizes, l).map((read) => [read.map, read.bits])));
    return reads.get(map) ?? 0;
  };
  return {
    put: (map, memory) => {
      const last = lastUse(graph, map);
      if (last < 0 || handedOver[map] === memory) return;
      const { tree, reads } = memories.get(memory) ?? {
        tree: new Float64Array(count + 1),
        reads: new Float64Array(count),
      };
      memories.set(memory, { tree, reads });
      const bits = freshBits(sizes, map);
      // Later uses have lower places, so that those behind a layer are the first ones.
      for (let at = count - last; at <= count; at += at & -at) tree[at]! += bits;
      let before = -1;
      for (const { layer } of known(graph.maps[map], 'map').uses) {
        if (layer !== before && layer < last) reads[layer]! += readOf(layer, map);
        before = layer;
      }
    },
    bitsAfter: (l, memory) => {
      const sums = memories.get(memory);
      if (sums === undefined) return 0;
      let bits = 0;
      for (let at = count - l - 1; at > 0; at -= at & -at) bits += sums.tree[at]!;
      return bits;
    },
    readBits: (l, memory) => memories.get(memory)?.reads[l] ?? 0,
  };
}
