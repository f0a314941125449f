/** Which maps are alive while a tile runs through its stack, and how much they add up to. */
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { StackGraph } from './stack-graph.js';
import { area, freshPart, type TileSizes } from './tile-sizes.js';

const LAST_USES = new WeakMap<StackGraph, readonly number[]>();

/** Index of the last layer in the tile that streams a map; -1 if none does. */
export function lastUse(graph: StackGraph, map: number): number {
  let lasts = LAST_USES.get(graph);
  if (lasts === undefined) {
    lasts = graph.maps.map(({ uses }) => uses.reduce((last, use) => Math.max(last, use.layer), -1));
    LAST_USES.set(graph, lasts);
  }
  return known(lasts[map], 'map');
}

interface Waiting {
  readonly layer: number;
  readonly maps: readonly number[];
}

const WAITING = new WeakMap<StackGraph, Waiting>();

/**
 * Maps that are there before layer l and that a later one still streams, ascending. The last answer is kept, so that
 * a walk through the layers in order looks at what is alive, not at all maps each time.
 */
export function waitingMaps(graph: StackGraph, l: number): readonly number[] {
  const before = WAITING.get(graph);
  const since = before !== undefined && before.layer <= l ? before : atStart(graph);
  const born = graph.outputOf.slice(since.layer, l);
  const maps = [...since.maps, ...born].filter((m) => lastUse(graph, m) > l);
  WAITING.set(graph, { layer: l, maps });
  return maps;
}

/** Stack inputs are alive from the start of the tile. */
const atStart = ({ maps }: StackGraph): Waiting => ({
  layer: 0,
  maps: maps.flatMap(({ producer }, m) => (producer === null ? [m] : [])),
});

/** Bits of a map that this tile makes or fetches. */
export const freshBits = (sizes: TileSizes, map: number): number => {
  const { pixelBits, fresh } = known(sizes.maps[map], 'map sizes');
  return pixelBits * area(fresh);
};

/** What layer l does not read of the part of a map that this tile makes: a later layer may still need it. */
export function unreadBits(sizes: TileSizes, l: number, map: number): number {
  const { pixelBits } = known(sizes.maps[map], 'map sizes');
  const read = known(sizes.layers[l], 'layer sizes').sources.reduce(
    (most, source) => (source.map === map ? Math.max(most, area(freshPart(source))) : most),
    0,
  );
  return freshBits(sizes, map) - pixelBits * read;
}

/**
 * Largest sum of live activation data over the tile, bits: while a layer runs, its inputs in full, its output,
 * and every other map that a later layer still streams (reference model, 4.1). Stack inputs are alive from
 * the start of the tile. `reserved`: so is what the layer leaves unread of its inputs for a later one.
 */
export function aliveBits(
  graph: StackGraph,
  sizes: TileSizes,
  residents: Profile['residents'] = 'ignored',
): number {
  let largest = atStart(graph).maps.reduce((sum, m) => sum + freshBits(sizes, m), 0);
  graph.layers.forEach((_, l) => {
    const layer = known(sizes.layers[l], 'layer sizes');
    const inputs = new Set(layer.sources.map((source) => source.map));
    const others = waitingMaps(graph, l).reduce((sum, m) => {
      if (!inputs.has(m)) return sum + freshBits(sizes, m);
      return residents === 'reserved' ? sum + unreadBits(sizes, l, m) : sum;
    }, 0);
    largest = Math.max(largest, others + layer.inputBits + layer.outputBits);
  });
  return largest;
}
