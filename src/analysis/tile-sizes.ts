/** Sizes in bits of everything one tile touches: the product of a column and a row of geometry. */
import { known } from '../base/assert.js';
import { BoundedMap, perObject } from '../base/bounded-map.js';
import type { AxisGeometry } from '../ir/tile.js';
import { sourceOf, type StackGraph, type Use } from './stack-graph.js';

export interface Extent2 {
  readonly x: number;
  readonly y: number;
}

/** One streamed operand source in a tile. */
export interface SourceSize {
  readonly use: Use;
  /** Index into the graph's maps. */
  readonly map: number;
  /** Bits at one (x, y): elements of the operand times their width. */
  readonly pixelBits: number;
  readonly needed: Extent2;
  readonly overlap: Extent2;
}

export interface MapSizes {
  readonly pixelBits: number;
  readonly fresh: Extent2;
  readonly held: Extent2;
  readonly kept: Extent2;
}

export interface LayerSizes {
  readonly out: Extent2;
  /** Whether the layer computes anything in this tile. */
  readonly present: boolean;
  readonly outputBits: number;
  /** All streamed inputs, overlaps included. */
  readonly inputBits: number;
  readonly sources: readonly SourceSize[];
}

export interface TileSizes {
  readonly layers: readonly LayerSizes[];
  readonly maps: readonly MapSizes[];
}

/** Most of what is held, kept or overlaps is nothing. */
const NO_EXTENT: Extent2 = { x: 0, y: 0 };
const extent = (x: number, y: number): Extent2 => (x === 0 && y === 0 ? NO_EXTENT : { x, y });

export const area = (extent: Extent2): number => extent.x * extent.y;

/** What an operand reads that this tile makes (or fetches). */
export const freshPart = ({ needed, overlap }: SourceSize): Extent2 => ({
  x: needed.x - overlap.x,
  y: needed.y - overlap.y,
});

/**
 * Classes are shared between tile sizes and modes, so pairs of them come back, as long as the graph is looked at: what
 * belonged to classes would stay as long as the IR.
 */
const sizesOf = perObject<BoundedMap<AxisGeometry, BoundedMap<AxisGeometry, TileSizes>>, StackGraph>(
  () => new BoundedMap(MOST_CLASSES),
);

/** Columns of a graph, and rows that a column is looked at together with. */
const MOST_CLASSES = 64;

/** `column` and `row` are geometries of this very graph. */
export function tileSizes(graph: StackGraph, column: AxisGeometry, row: AxisGeometry): TileSizes {
  return sizesOf(graph)
    .getOr(column, () => new BoundedMap(MOST_CLASSES))
    .getOr(row, () => sizesOfTile(graph, column, row));
}

function sizesOfTile(graph: StackGraph, column: AxisGeometry, row: AxisGeometry): TileSizes {
  const maps = graph.maps.map(({ map, elementsPerPixel }, m): MapSizes => {
    const x = known(column.maps[m], 'map column');
    const y = known(row.maps[m], 'map row');
    return {
      pixelBits: elementsPerPixel * map.bits,
      fresh: extent(x.fresh, y.fresh),
      held: extent(x.held, y.held),
      kept: extent(x.kept, y.kept),
    };
  });
  const layers = graph.layers.map((_, l): LayerSizes => {
    const out = { x: known(column.layers[l], 'layer column').out, y: known(row.layers[l], 'layer row').out };
    const sources = sourceSizes(graph, l, column, row);
    return {
      out,
      present: area(out) > 0,
      outputBits: known(maps[graph.outputOf[l] ?? -1], 'output map').pixelBits * area(out),
      inputBits: sources.reduce((sum, source) => sum + source.pixelBits * area(source.needed), 0),
      sources,
    };
  });
  return { layers, maps };
}

function sourceSizes(
  graph: StackGraph,
  l: number,
  column: AxisGeometry,
  row: AxisGeometry,
): readonly SourceSize[] {
  const columns = known(column.layers[l], 'layer column').inputs;
  const rows = known(row.layers[l], 'layer row').inputs;
  return columns.flatMap((extents, input) =>
    extents.map((x, index): SourceSize => {
      const y = known(rows[input]?.[index], 'source rows');
      const use = { layer: l, input, source: index };
      const map = known(graph.mapIndex.get(x.map), 'source map');
      return {
        use,
        map,
        pixelBits: sourceOf(graph, use).elementsPerPixel * known(graph.maps[map], 'map').map.bits,
        needed: extent(x.needed, y.needed),
        overlap: extent(x.overlap, y.overlap),
      };
    }),
  );
}
