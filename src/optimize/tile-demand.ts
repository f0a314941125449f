/**
 * Roughly how many bits one tile of a stack needs to have room for, by its size: enough to find the sizes at which a
 * memory level is exceeded, without tiling the stack. Only candidates depend on it, no cost.
 */
import { lastUse } from '../analysis/lifetime.js';
import { mapSize } from '../analysis/axis-links.js';
import { advance, spanExtent } from '../analysis/region.js';
import { isStationary, type StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import type { Axis } from '../ir/layer.js';

/** Per map, along one axis: what an inner tile makes, and what it finds kept from the tile before. */
interface Lines {
  readonly fresh: readonly number[];
  readonly kept: readonly number[];
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
  const pixelBits = graph.maps.map(({ map, elementsPerPixel }) => elementsPerPixel * map.bits);
  const widths = graph.maps.map(({ map }) => map.width);
  const moments = momentsOf(graph);
  return (x, y) => {
    const [columns, rows] = [lines('x', x), lines('y', y)];
    const fresh = pixelBits.map((bits, m) => bits * columns.fresh[m]! * rows.fresh[m]!);
    const whole = pixelBits.map(
      (bits, m) => bits * (columns.fresh[m]! + columns.kept[m]!) * (rows.fresh[m]! + rows.kept[m]!),
    );
    const sum = (bits: readonly number[], maps: readonly number[]): number =>
      maps.reduce((total, m) => total + bits[m]!, 0);
    return {
      aliveBits: Math.max(...moments.map(({ read, there }) => sum(whole, read) + sum(fresh, there))),
      hCacheBits: pixelBits.reduce(
        (total, bits, m) => total + bits * columns.kept[m]! * (rows.fresh[m]! + rows.kept[m]!),
        0,
      ),
      vCacheBits: pixelBits.reduce((total, bits, m) => total + bits * widths[m]! * rows.kept[m]!, 0),
    };
  };
}

/** Per layer: the maps it reads, and the others that are there: its output, and what waits for a later layer. */
function momentsOf(
  graph: StackGraph,
): readonly { readonly read: readonly number[]; readonly there: readonly number[] }[] {
  const maps = graph.maps.map((_, m) => m);
  return graph.layers.map((_, l) => {
    const read = maps.filter((m) => known(graph.maps[m], 'map').uses.some((use) => use.layer === l));
    const there = maps.filter((m) => {
      if (m === graph.outputOf[l]) return true;
      return (known(graph.maps[m], 'map').producer ?? -1) < l && lastUse(graph, m) > l && !read.includes(m);
    });
    return { read, there };
  });
}

function linesOf(graph: StackGraph, axis: Axis, tile: number, cached: boolean): Lines {
  const fresh = graph.maps.map(() => 0);
  const kept = graph.maps.map(() => 0);
  const sink = known(graph.outputOf[graph.sink], 'sink map');
  const sizes = graph.maps.map(({ map }) => mapSize(map, axis));
  fresh[sink] = Math.min(tile, sizes[sink]!);
  const keeps = cached && tile < sizes[sink]!;
  for (let l = graph.layers.length - 1; l >= 0; l--) {
    const layer = known(graph.layers[l], 'layer');
    const own = fresh[graph.outputOf[l]!]!;
    layer.inputs.forEach((operand, input) => {
      if (isStationary(layer, input)) return;
      for (const source of operand.sources) {
        const m = known(graph.mapIndex.get(source.map), 'map');
        const needed = Math.min(spanExtent(source[axis], own, sizes[m]!), sizes[m]!);
        const news = keeps ? Math.min(needed, Math.ceil(own * advance(source[axis]))) : needed;
        fresh[m] = Math.max(fresh[m]!, news);
        kept[m] = Math.max(kept[m]!, needed - news);
      }
    });
  }
  return { fresh, kept };
}
