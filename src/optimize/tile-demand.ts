/**
 * Roughly how many bits one tile of a stack needs to have room for, by its size: enough to find the sizes at which a
 * memory level is exceeded, without tiling the stack. Only candidates depend on it, no cost.
 */
import { lastUse } from '../analysis/lifetime.js';
import { axisLinks, mapSize } from '../analysis/axis-links.js';
import { advance, spanExtent } from '../analysis/region.js';
import type { StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import type { Axis } from '../ir/layer.js';

/** Per map, along one axis: what an inner tile makes, and what it finds kept from the tile before. */
interface Lines {
  readonly fresh: Float64Array;
  readonly kept: Float64Array;
}

export interface TileDemand {
  readonly aliveBits: number;
  readonly hCacheBits: number;
  readonly vCacheBits: number;
}

export type DemandOf = (x: number, y: number) => TileDemand;

export function tileDemand(graph: StackGraph, cached: Readonly<Record<Axis, boolean>>): DemandOf {
  const memo = { x: new Map<number, Lines>(), y: new Map<number, Lines>() };
  const lines = (axis: Axis, size: number): Lines => {
    const found = memo[axis].get(size) ?? linesOf(graph, axis, size, cached[axis]);
    memo[axis].set(size, found);
    return found;
  };
  const pixelBits = Float64Array.from(graph.maps, ({ map, elementsPerPixel }) => elementsPerPixel * map.bits);
  const widths = graph.maps.map(({ map }) => map.width);
  const moments = momentsOf(graph);
  const fresh = new Float64Array(pixelBits.length);
  const whole = new Float64Array(pixelBits.length);
  return (x, y) => {
    const [columns, rows] = [lines('x', x), lines('y', y)];
    let [aliveBits, hCacheBits, vCacheBits] = [0, 0, 0];
    for (let m = 0; m < pixelBits.length; m++) {
      const bits = pixelBits[m]!;
      const height = rows.fresh[m]! + rows.kept[m]!;
      fresh[m] = bits * columns.fresh[m]! * rows.fresh[m]!;
      whole[m] = bits * (columns.fresh[m]! + columns.kept[m]!) * height;
      hCacheBits += bits * columns.kept[m]! * height;
      vCacheBits += bits * widths[m]! * rows.kept[m]!;
    }
    for (const { read, there } of moments)
      aliveBits = Math.max(aliveBits, sum(whole, read) + sum(fresh, there));
    return { aliveBits, hCacheBits, vCacheBits };
  };
}

function sum(bits: Float64Array, maps: readonly number[]): number {
  let total = 0;
  for (let i = 0; i < maps.length; i++) total += bits[maps[i]!]!;
  return total;
}

/** Per layer: the maps it reads, and the others that are there: its output, and what waits for a later layer. */
function momentsOf(
  graph: StackGraph,
): readonly { readonly read: readonly number[]; readonly there: readonly number[] }[] {
  return axisLinks(graph).x.ofLayer.map((links, l) => {
    const read = [...new Set(links.map(({ map }) => map))].sort((a, b) => a - b);
    const there: number[] = [];
    graph.maps.forEach(({ producer }, m) => {
      const waits = (producer ?? -1) < l && lastUse(graph, m) > l && !read.includes(m);
      if (m === graph.outputOf[l] || waits) there.push(m);
    });
    return { read, there };
  });
}

function linesOf(graph: StackGraph, axis: Axis, tile: number, cached: boolean): Lines {
  const { ofLayer } = axisLinks(graph)[axis];
  const fresh = new Float64Array(graph.maps.length);
  const kept = new Float64Array(graph.maps.length);
  const sink = known(graph.outputOf[graph.sink], 'sink map');
  const size = mapSize(known(graph.maps[sink], 'sink map').map, axis);
  fresh[sink] = Math.min(tile, size);
  const keeps = cached && tile < size;
  for (let l = ofLayer.length - 1; l >= 0; l--) {
    for (const { map, output, region, size: most } of ofLayer[l]!) {
      const own = fresh[output]!;
      const needed = Math.min(spanExtent(region, own, most), most);
      const news = keeps ? Math.min(needed, Math.ceil(own * advance(region))) : needed;
      fresh[map] = Math.max(fresh[map]!, news);
      kept[map] = Math.max(kept[map]!, needed - news);
    }
  }
  return { fresh, kept };
}
