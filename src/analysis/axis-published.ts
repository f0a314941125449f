/**
 * Tiling along one axis as published (reference model, section 3): sizes only, no borders. Positions fall in
 * at most three classes: first, middle, last. Tiles that use a cache produce only their new columns.
 * Shifted receptive fields of branches are followed by a lag per map, which widens what is kept.
 */
import { known } from '../base/assert.js';
import { BoundedMap } from '../base/bounded-map.js';
import type { AxisGeometry, LayerExtent, MapExtent, SourceExtent } from '../ir/tile.js';
import {
  mergeRuns,
  mergeTiles,
  type AxisQuestion,
  type AxisTile,
  type AxisTiling,
  type TileRun,
} from './axis.js';
import { axisLinks, linkOfUse, type Link } from './axis-links.js';
import { recordedLags } from './published-lags.js';
import { advance, freeExtent, spanExtent } from './region.js';
import type { StackGraph, Use } from './stack-graph.js';

export const publishedAxis: AxisTiling = {
  classes(question) {
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
  },
  runs(question, uses) {
    const { grid, cached } = question;
    const first = runOf(question, uses, { tile: grid.first, used: false, count: 1 });
    if (grid.count === 1) return [first];
    const rest = runOf(question, uses, { tile: grid.tile, used: cached, count: grid.count - 1 });
    return mergeRuns([first, rest]);
  },
};

function runOf(
  question: AxisQuestion,
  uses: readonly Use[],
  { tile, used, count }: { readonly tile: number; readonly used: boolean; readonly count: number },
): TileRun {
  const fresh = freshSizes(question, tile, used);
  const brought = Float64Array.from(uses, (use) => {
    const link = linkOfUse(question.graph, question.axis, use);
    const { needed, overlap } = stepBack(question, link, fresh[link.output]!);
    return used ? needed - overlap : needed;
  });
  return { count, fresh, brought };
}

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
  const { graph, axis } = question;
  const sizes = freshSizes(question, tile, used);
  const steps = axisLinks(graph)[axis].ofLayer.map((links) =>
    links.map((link) => stepBack(question, link, sizes[link.output]!)),
  );
  const widths = columnsToKeep(graph, steps);
  const layers = graph.layers.map((layer, l): LayerExtent => {
    const inputs = layer.inputs.map((): SourceExtent[] => []);
    for (const { link, needed, overlap } of steps[l]!)
      inputs[link.use.input]!.push({ map: known(graph.maps[link.map], 'map').map.id, needed, overlap });
    return { layer: layer.id, out: sizes[known(graph.outputOf[l], 'output')]!, inputs };
  });
  const maps = graph.maps.map(({ map }, m): MapExtent => {
    const width = known(widths[m], 'width');
    return { map: map.id, fresh: sizes[m]!, held: width, kept: width };
  });
  return { layers, maps };
}

/** What a tile makes of every map. */
function freshSizes(question: AxisQuestion, tile: number, used: boolean): Float64Array {
  const { graph, axis } = question;
  const { ofLayer } = axisLinks(graph)[axis];
  const sizes = new Float64Array(graph.maps.length);
  sizes[known(graph.outputOf[graph.sink], 'sink map')] = tile;
  for (let l = ofLayer.length - 1; l >= 0; l--) {
    for (const link of ofLayer[l]!) {
      const own = sizes[link.output]!;
      const needed = neededOf(question, link, own);
      const fresh = used ? needed - Math.max(0, needed - own * advance(link.region)) : needed;
      sizes[link.map] = Math.max(sizes[link.map]!, fresh);
    }
  }
  return sizes;
}

const neededOf = ({ rules }: AxisQuestion, { region, size }: Link, own: number): number =>
  rules.strideExtent === 'span' ? spanExtent(region, own, size) : freeExtent(region, own, size);

/** One step of the published back-propagation (3.2): what a consumer asks of a producer. */
interface Step {
  readonly link: Link;
  readonly map: number;
  readonly needed: number;
  readonly overlap: number;
  readonly stride: number;
  /** Lag of the producer at lag 0 of the consumer: `overlap - (needed - own*stride + stride - 1) // 2`. */
  readonly shift: number;
}

function stepBack(question: AxisQuestion, link: Link, own: number): Step {
  const needed = neededOf(question, link, own);
  const stride = advance(link.region);
  const overlap = Math.max(0, needed - own * stride);
  const shift = overlap - Math.floor((needed - own * stride + stride - 1) / 2);
  return { link, map: link.map, needed, overlap, stride, shift };
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
