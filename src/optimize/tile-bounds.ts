/**
 * Lower bounds of the tiles of a candidate (docs/lower-bound.md): the layer bounds once more, with the size of every
 * tile known, and what the tile brings from outside.
 */
import { sourceOf, type StackGraph, type Use } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { Source } from '../ir/layer.js';
import type { AxisGeometry, TiledStack, TileType } from '../ir/tile.js';
import type { LayerWork, Point } from './layer-bound.js';

/** Where the stack takes its inputs from and leaves its output (memory indices), and where its weights may stay. */
export interface Surroundings {
  readonly inputs: (map: TensorId) => number;
  readonly output: number;
  readonly weightLevel: number;
}

/** What the tiles of a stack are made of, at least. */
export interface TileParts {
  /** A layer (by position in the stack) in one tile. */
  readonly layer: (l: number, work: LayerWork, origin: boolean) => Point;
  readonly fetchPjPerBit: (map: TensorId, from: number) => number;
}

/** Per tile type, one tile. */
export function tileBounds(
  graph: StackGraph,
  tiled: TiledStack,
  around: Surroundings,
  parts: TileParts,
): readonly Point[] {
  const fetches = graph.maps.flatMap(({ map, producer, uses }) => {
    if (producer !== null) return [];
    const pjPerBit = parts.fetchPjPerBit(map.id, around.inputs(map.id));
    return [
      uses.flatMap((use) => {
        const source = sourceOf(graph, use);
        return isDense(source) ? [{ use, pjPerPixel: source.elementsPerPixel * map.bits * pjPerBit }] : [];
      }),
    ];
  });
  const reads = graph.layers.map((_, l) =>
    graph.maps.some(({ producer, uses }) => producer === null && uses.some(({ layer }) => layer === l)),
  );
  return tiled.types.map((type) => {
    const [column, row] = geometryOf(tiled, type);
    let [energyPj, latencyCycles] = [0, 0];
    for (let l = 0; l < graph.layers.length; l++) {
      const [x, y] = [column.layers[l]!.out, row.layers[l]!.out];
      if (x === 0 || y === 0) continue;
      const isSink = l === graph.sink;
      const work = workOf({ x, y }, around, { input: !reads[l]!, output: !isSink });
      const point = parts.layer(l, work, type.origin);
      energyPj += point.energyPj;
      latencyCycles += point.latencyCycles;
    }
    for (const uses of fetches) {
      const pjOf = ({ use, pjPerPixel }: (typeof uses)[number]): number =>
        freshAlong(column, use) * freshAlong(row, use) * pjPerPixel;
      energyPj += uses.reduce((most, use) => Math.max(most, pjOf(use)), 0);
    }
    return { energyPj, latencyCycles };
  });
}

function geometryOf({ columns, rows }: TiledStack, { column, row }: TileType) {
  return [known(columns[column], 'column').actual, known(rows[row], 'row').actual] as const;
}

/** Columns (rows) of a use that no earlier tile has brought. */
function freshAlong({ layers }: AxisGeometry, { layer, input, source }: Use): number {
  const { needed, overlap } = known(layers[layer]?.inputs[input]?.[source], 'source extent');
  return needed - overlap;
}

/** Whether every element between the first and the last that a use needs is read. */
const isDense = ({ x, y }: Source): boolean =>
  [x, y].every((region) =>
    region.kind === 'window'
      ? region.dilation === 1 && region.kernel >= region.stride
      : region.kind !== 'scale',
  );

const workOf = (
  out: { readonly x: number; readonly y: number },
  { output, weightLevel }: Surroundings,
  stays: LayerWork['stays'],
): LayerWork => ({
  columns: out.x,
  rows: out.y,
  largest: out,
  tiles: 1,
  weightLevel,
  outputLevel: stays.output ? 0 : output,
  inner: { tiles: 1, ...out },
  stays,
});
