/**
 * Lower bounds of the tiles of a candidate (docs/lower-bound.md): the layer bounds once more, with the size of every
 * tile known, and what the tile brings from outside.
 */
import type { StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { TiledStack, TileType } from '../ir/tile.js';
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
  const inputs = graph.maps.flatMap(({ map, elementsPerPixel, producer }, m) =>
    producer === null
      ? [{ m, pjPerPixel: elementsPerPixel * map.bits * parts.fetchPjPerBit(map.id, around.inputs(map.id)) }]
      : [],
  );
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
    for (const { m, pjPerPixel } of inputs)
      energyPj += column.maps[m]!.fresh * row.maps[m]!.fresh * pjPerPixel;
    return { energyPj, latencyCycles };
  });
}

function geometryOf({ columns, rows }: TiledStack, { column, row }: TileType) {
  return [known(columns[column], 'column').actual, known(rows[row], 'row').actual] as const;
}

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
