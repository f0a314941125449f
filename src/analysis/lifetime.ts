/** Which maps are alive while a tile runs through its stack, and how much they add up to. */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import type { Profile } from '../base/profile.js';
import type { StackGraph } from './stack-graph.js';
import { area, freshPart, type SourceSize, type TileSizes } from './tile-sizes.js';

const lastUses = perObject(({ maps }: StackGraph): readonly number[] =>
  maps.map(({ uses }) => uses.reduce((last, use) => Math.max(last, use.layer), -1)),
);

/** Index of the last layer in the tile that streams a map; -1 if none does. */
export const lastUse = (graph: StackGraph, map: number): number => known(lastUses(graph)[map], 'map');

/** Per layer, the maps that no later one streams. */
const endingWith = perObject((graph: StackGraph): readonly (readonly number[])[] => {
  const ending: number[][] = graph.layers.map(() => []);
  lastUses(graph).forEach((last, m) => ending[last]?.push(m));
  return ending;
});

/** Bits of a map that this tile makes or fetches. */
export const freshBits = (sizes: TileSizes, map: number): number => {
  const { pixelBits, fresh } = known(sizes.maps[map], 'map sizes');
  return pixelBits * area(fresh);
};

/** What a layer reads of the part of a map that this tile makes. */
export interface FreshRead {
  readonly map: number;
  readonly bits: number;
}

/** Every map that layer l streams, once, with the most that an operand reads; what is left a later layer may need. */
export function freshReads(sizes: TileSizes, l: number): readonly FreshRead[] {
  const { sources } = known(sizes.layers[l], 'layer sizes');
  // Of a pixel, some channels only.
  const read = (source: SourceSize): FreshRead => ({
    map: source.map,
    bits: source.pixelBits * Math.max(0, area(freshPart(source))),
  });
  if (sources.length <= 1) return sources.map(read);
  const most = new Map<number, FreshRead>();
  for (const source of sources) {
    const one = read(source);
    if (one.bits > (most.get(one.map)?.bits ?? -1)) most.set(one.map, one);
  }
  return [...most.values()];
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
  const ending = endingWith(graph);
  // Of all maps that are there and that this layer or a later one streams: a running sum, for there may be thousands.
  let there = graph.maps.reduce(
    (sum, { producer, uses }, m) => (producer === null && uses.length > 0 ? sum + freshBits(sizes, m) : sum),
    0,
  );
  let largest = there;
  graph.layers.forEach((_, l) => {
    const layer = known(sizes.layers[l], 'layer sizes');
    for (const m of known(ending[l], 'maps')) there -= freshBits(sizes, m);
    let others = there;
    for (const { map, bits } of freshReads(sizes, l))
      if (lastUse(graph, map) > l) others -= residents === 'reserved' ? bits : freshBits(sizes, map);
    largest = Math.max(largest, others + layer.inputBits + layer.outputBits);
    const output = known(graph.outputOf[l], 'output');
    if (lastUse(graph, output) > l) there += freshBits(sizes, output);
  });
  return largest;
}
