/**
 * Tiling along one axis as published (reference model, section 3): sizes only, no borders. Positions fall in
 * at most three classes: first, middle, last. Tiles that use a cache produce only their new columns.
 * Shifted receptive fields of branches are followed by a lag per map, which widens what is kept.
 */
import { known } from '../base/assert.js';
import { BoundedMap } from '../base/bounded-map.js';
import type { AxisGeometry, LayerExtent, MapExtent, SourceExtent } from '../ir/tile.js';
import { mergeTiles, type AxisQuestion, type AxisTile, type AxisTiling } from './axis.js';
import { mapSize } from './needs.js';
import { recordedLags, streamedUses } from './published-lags.js';
import { advance, freeExtent, spanExtent } from './region.js';
import { sourceOf, type StackGraph, type Use } from './stack-graph.js';

export const publishedAxis: AxisTiling = (question) => {
  const { grid, cached, rules } = question;
  const viewed = cached || rules.cacheView === 'always-cached';
  // Tiles in the middle and at the end differ only in what is seen of the same sizes.
  const propagated = new BoundedMap<string, AxisGeometry>(8);
  const sizesOf = (size: number, used: boolean): AxisGeometry =>
    propagated.getOr(`${size} ${used}`, () => backPropagate(question, size, used));
  const tile = (size: number, neighbour: boolean, last: boolean): AxisTile => ({
    tile: size,
    actual: seen(sizesOf(size, neighbour && cached), neighbour && cached, !last && cached),
    cacheView: seen(sizesOf(size, neighbour && viewed), viewed, viewed),
  });
  const tiles = [{ tile: tile(grid.first, false, grid.count === 1), count: 1 }];
  if (grid.count > 2) tiles.push({ tile: tile(grid.tile, true, false), count: grid.count - 2 });
  if (grid.count > 1) tiles.push({ tile: tile(grid.tile, true, true), count: 1 });
  return mergeTiles(tiles, true);
};

/** Nothing is read where no tile before kept anything, nothing kept where no tile follows. */
const seen = ({ layers, maps }: AxisGeometry, reads: boolean, keeps: boolean): AxisGeometry => ({
  layers: reads
    ? layers
    : layers.map((layer) => ({
        ...layer,
        inputs: layer.inputs.map((sources) => sources.map((source) => ({ ...source, overlap: 0 }))),
      })),
  maps: maps.map((map) => ({ ...map, held: reads ? map.held : 0, kept: keeps ? map.kept : 0 })),
});

/**
 * Sizes of every map for `tile` columns (rows) of the sink; `used`: caches of the tile before are used.
 * Overlaps and widths to keep are those that a neighbour on either side would see.
 */
function backPropagate(question: AxisQuestion, tile: number, used: boolean): AxisGeometry {
  const { graph } = question;
  const sizes = graph.maps.map(() => 0);
  sizes[known(graph.outputOf[graph.sink], 'sink map')] = tile;
  const steps = graph.layers.map((): Step[] => []);
  for (let l = graph.layers.length - 1; l >= 0; l--) {
    const own = known(sizes[known(graph.outputOf[l], 'output')], 'output size');
    for (const use of streamedUses(graph, l)) {
      const step = stepBack(question, use, own);
      known(steps[l], 'layer').push(step);
      sizes[step.map] = Math.max(
        known(sizes[step.map], 'size'),
        used ? step.needed - step.overlap : step.needed,
      );
    }
  }
  const widths = columnsToKeep(graph, steps);
  const layers = graph.layers.map((layer, l): LayerExtent => ({
    layer: layer.id,
    out: known(sizes[known(graph.outputOf[l], 'output')], 'output size'),
    inputs: layer.inputs.map((_, input) =>
      known(steps[l], 'layer').flatMap(({ use, map, needed, overlap }): SourceExtent[] =>
        use.input === input ? [{ map: known(graph.maps[map], 'map').map.id, needed, overlap }] : [],
      ),
    ),
  }));
  const maps = graph.maps.map(({ map }, m): MapExtent => {
    const width = known(widths[m], 'width');
    return { map: map.id, fresh: known(sizes[m], 'size'), held: width, kept: width };
  });
  return { layers, maps };
}

/** One step of the published back-propagation (3.2): what a consumer asks of a producer. */
interface Step {
  readonly use: Use;
  readonly map: number;
  readonly needed: number;
  readonly overlap: number;
  readonly stride: number;
  /** Lag of the producer at lag 0 of the consumer: `overlap - (needed - own*stride + stride - 1) // 2`. */
  readonly shift: number;
}

function stepBack({ graph, axis, rules }: AxisQuestion, use: Use, own: number): Step {
  const source = sourceOf(graph, use);
  const map = known(graph.mapIndex.get(source.map), 'source map');
  const region = source[axis];
  const size = mapSize(known(graph.maps[map], 'map').map, axis);
  const needed =
    rules.strideExtent === 'span' ? spanExtent(region, own, size) : freeExtent(region, own, size);
  const stride = advance(region);
  const overlap = Math.max(0, needed - own * stride);
  const shift = overlap - Math.floor((needed - own * stride + stride - 1) / 2);
  return { use, map, needed, overlap, stride, shift };
}

/** Columns of every map to keep: from the column that its slowest consumer still needs to its last one. */
function columnsToKeep(graph: StackGraph, steps: readonly (readonly Step[])[]): readonly number[] {
  const lags = recordedLags(graph, steps);
  const least = graph.maps.map(() => Infinity);
  const most = graph.maps.map(() => -Infinity);
  steps.forEach((own, l) => {
    own.forEach(({ map, overlap }, u) => {
      const lag = lags[l]?.[u];
      if (lag === undefined) return;
      least[map] = Math.min(least[map]!, lag - overlap);
      most[map] = Math.max(most[map]!, lag);
    });
  });
  return most.map((lag, m) => (lag === -Infinity ? 0 : lag - least[m]!));
}
