/**
 * Lower bounds of the tiles of a candidate (docs/lower-bound.md): the layer bounds once more, with the size of every
 * tile known, and what the tiles bring from outside. They are worked out once for a stack, wherever its maps lie: only
 * its sink and what it fetches depend on that.
 */
import { sourceOf, type StackGraph, type Use } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { Source } from '../ir/layer.js';
import type { AxisGeometry, TiledStack, TileType } from '../ir/tile.js';
import type { LayerWork, Point } from './layer-bound.js';

/** Memory index of every input map, and where a stack leaves its own. */
export interface Places {
  readonly inputs: (map: TensorId) => number;
  readonly output: number;
}

/** What the tiles of a stack are made of, at least. */
export interface TileParts {
  /** A layer (by position in the stack) in one tile. */
  readonly layer: (l: number, work: LayerWork, origin: boolean) => Point;
  readonly fetchPjPerBit: (map: TensorId, from: number) => number;
  /** Lowest memory that can hold all weights of the stack (index). */
  readonly weightLevel: number;
}

/** What tiles cost at least, by where the maps of the stack lie. */
export interface TilesBound {
  readonly all: (places: Places) => Point;
  /** All tiles but those of the most frequent type. */
  readonly rest: (places: Places) => Point;
}

/** The type that most tiles are of; of several, the first. */
export function mostFrequent({ types }: TiledStack): number {
  const counts = types.map(({ count }) => count);
  return counts.indexOf(Math.max(...counts));
}

export function tilesBound(graph: StackGraph, tiled: TiledStack, parts: TileParts): TilesBound {
  const reads = graph.layers.map((_, l) =>
    graph.maps.some(({ producer, uses }) => producer === null && uses.some(({ layer }) => layer === l)),
  );
  const most = mostFrequent(tiled);
  const fetches = fetchesOf(graph);
  const maps = fetches.map(({ map }) => map);
  const [all, rest] = [new TileSum(graph.sink, maps), new TileSum(graph.sink, maps)];
  tiled.types.forEach((type, t) => {
    const [column, row] = geometryOf(tiled, type);
    const sums = t === most ? [all] : [all, rest];
    for (let l = 0; l < graph.layers.length; l++) {
      const [x, y] = [column.layers[l]!.out, row.layers[l]!.out];
      if (x === 0 || y === 0) continue;
      const work = workOf({ x, y }, parts.weightLevel, { input: !reads[l]!, output: l !== graph.sink });
      if (l === graph.sink)
        for (const sum of sums) sum.sinks.push({ work, origin: type.origin, count: type.count });
      else for (const sum of sums) sum.inside.add(parts.layer(l, work, type.origin), type.count);
    }
    fetches.forEach(({ uses }, f) => {
      const bitsOf = ({ use, pixelBits }: (typeof uses)[number]): number =>
        freshAlong(column, use) * freshAlong(row, use) * pixelBits;
      const bits = type.count * uses.reduce((largest, use) => Math.max(largest, bitsOf(use)), 0);
      for (const sum of sums) sum.fetchedBits[f]! += bits;
    });
  });
  return boundOf(all, rest, parts);
}

/** Keeps nothing but the sums: there are many. */
const boundOf = (all: TileSum, rest: TileSum, parts: TileParts): TilesBound => ({
  all: (places) => all.at(places, parts),
  rest: (places) => rest.at(places, parts),
});

class PointSum implements Point {
  energyPj = 0;
  latencyCycles = 0;

  add({ energyPj, latencyCycles }: Point, count: number): void {
    this.energyPj += count * energyPj;
    this.latencyCycles += count * latencyCycles;
  }
}

/** Tiles together: what is the same wherever maps lie, what their sink does, what they fetch. */
class TileSum {
  readonly inside = new PointSum();
  readonly sinks: { readonly work: LayerWork; readonly origin: boolean; readonly count: number }[] = [];
  readonly fetchedBits: Float64Array;
  /** By where the output is left. */
  private readonly sinkAt = new Map<number, Point>();

  constructor(
    private readonly sink: number,
    private readonly maps: readonly TensorId[],
  ) {
    this.fetchedBits = new Float64Array(maps.length);
  }

  at({ inputs, output }: Places, { layer, fetchPjPerBit }: TileParts): Point {
    let own = this.sinkAt.get(output);
    if (own === undefined) {
      const sum = new PointSum();
      for (const { work, origin, count } of this.sinks)
        sum.add(layer(this.sink, { ...work, outputLevel: output }, origin), count);
      this.sinkAt.set(output, (own = sum));
    }
    const fetchPj = this.maps.reduce(
      (sum, map, f) => sum + this.fetchedBits[f]! * fetchPjPerBit(map, inputs(map)),
      0,
    );
    return {
      energyPj: this.inside.energyPj + own.energyPj + fetchPj,
      latencyCycles: this.inside.latencyCycles + own.latencyCycles,
    };
  }
}

/** Maps that come from outside, and the uses of which all that lies between two elements is read. */
const fetchesOf = (graph: StackGraph) =>
  graph.maps.flatMap(({ map, producer, uses }) => {
    if (producer !== null) return [];
    const dense = uses.flatMap((use) => {
      const source = sourceOf(graph, use);
      return isDense(source) ? [{ use, pixelBits: source.elementsPerPixel * map.bits }] : [];
    });
    return [{ map: map.id, uses: dense }];
  });

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
  weightLevel: number,
  stays: LayerWork['stays'],
): LayerWork => ({
  columns: out.x,
  rows: out.y,
  largest: out,
  tiles: 1,
  weightLevel,
  outputLevel: 0,
  inner: { tiles: 1, ...out },
  stays,
});
