/** Which maps are alive while a tile runs through its stack, and how much they add up to. */
import { known } from '../base/assert.js';
import type { StackGraph } from './stack-graph.js';
import type { TileSizes } from './tile-sizes.js';

/** Index of the last layer in the tile that streams a map; -1 if none does. */
export const lastUse = (graph: StackGraph, map: number): number =>
  known(graph.maps[map], 'map').uses.reduce((last, use) => Math.max(last, use.layer), -1);

/**
 * Largest sum of live activation data over the tile, bits: while a layer runs, its inputs in full, its output,
 * and every other map that a later layer still streams (reference model, 4.1). Stack inputs are alive from
 * the start of the tile.
 */
export function aliveBits(graph: StackGraph, sizes: TileSizes): number {
  const bitsOf = (m: number): number => {
    const { pixelBits, fresh } = known(sizes.maps[m], 'map sizes');
    return pixelBits * fresh.x * fresh.y;
  };
  const born = graph.maps.map((map) => map.producer ?? -1);
  const dies = graph.maps.map((_, m) => lastUse(graph, m));
  let largest = 0;
  graph.layers.forEach((_, l) => {
    const layer = known(sizes.layers[l], 'layer sizes');
    const inputs = new Set(layer.sources.map((source) => source.map));
    const others = graph.maps.reduce((sum, __, m) => {
      const alive = known(born[m], 'birth') < l && known(dies[m], 'death') >= l && !inputs.has(m);
      return alive ? sum + bitsOf(m) : sum;
    }, 0);
    largest = Math.max(largest, others + layer.inputBits + layer.outputBits);
  });
  return largest;
}
