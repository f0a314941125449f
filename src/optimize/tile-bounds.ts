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
import { leastCycles, leastPj, type LayerFigures, type LayerPlaces, type Point } from './layer-bound.js';

/** Memory index of every input map, and where a stack leaves its own. */
export interface Places {
  readonly inputs: (map: TensorId) => number;
  readonly output: number;
}

/** What the tiles of a stack are made of, at least. */
export interface TileParts {
  /** A layer (by position in the stack) in one tile of so many columns and rows: one of these, by its unrolling. */
  readonly figures: (l: number, x: number, y: number) => readonly LayerFigures[];
  readonly fetchPjPerBit: (map: TensorId, from: number) => number;
  /** Of so many bits that a tile needs of a map from outside; absent: where they are copied to is not known. */
  readonly patchPj?: (bits: number) => number;
  /** Lowest memory that can hold all weights of the stack (index). */
  readonly weightLevel: number;
  /** Memories that its output may be left in, ascending. */
  readonly outputs: readonly number[];
}

/** The type that most tiles are of; of several, the first. */
export function mostFrequent({ types }: TiledStack): number {
  const counts = types.map(({ count }) => count);
  return counts.indexOf(Math.max(...counts));
}

/** Bounds of all tilings of a stack. */
export function tilesBounds(graph: StackGraph, parts: TileParts): (tiled: TiledStack) => TilesBound {
  const facts: StackFacts = {
    parts,
    fetches: parts.patchPj ? [] : fetchesOf(graph),
    patches: parts.patchPj ? patchesOf(graph) : [],
    layers: graph.layers.map((_, l): LayerPlaces => ({
      weightLevel: parts.weightLevel,
      outputLevel: 0,
      staysInput: !graph.maps.some(
        ({ producer, uses }) => producer === null && uses.some(({ layer }) => layer === l),
      ),
      staysOutput: l !== graph.sink,
    })),
    sink: graph.sink,
  };
  return (tiled) => {
    const most = mostFrequent(tiled);
    const [all, rest] = [new TileSum(facts), new TileSum(facts)];
    tiled.types.forEach((type, t) => {
      const [column, row] = geometryOf(tiled, type);
      all.add(type, column, row, facts);
      if (t !== most) rest.add(type, column, row, facts);
    });
    return new TilesBound(facts, all, rest);
  };
}

interface StackFacts {
  readonly parts: TileParts;
  readonly fetches: ReturnType<typeof fetchesOf>;
  readonly patches: ReturnType<typeof patchesOf>;
  /** Where data lies, by layer; of the sink but for its output. */
  readonly layers: readonly LayerPlaces[];
  readonly sink: number;
}

/** What tiles cost at least, by where the maps of the stack lie. */
export class TilesBound {
  constructor(
    private readonly facts: StackFacts,
    private readonly allTiles: TileSum,
    private readonly restOfThem: TileSum,
  ) {}

  all(places: Places): Point {
    return this.allTiles.at(places, this.facts);
  }

  /** All tiles but those of the most frequent type. */
  rest(places: Places): Point {
    return this.restOfThem.at(places, this.facts);
  }
}

/** Tiles together: what is the same wherever maps lie, what their sink does, what they fetch. Sums alone: there are many. */
class TileSum {
  private insidePj = 0;
  private insideCycles = 0;
  /** By where the output is left. */
  private readonly sinkPj: number[];
  private sinkCycles = 0;
  /** By map from outside. */
  private readonly fetchedBits: number[];

  constructor({ parts, fetches }: StackFacts) {
    this.sinkPj = parts.outputs.map(() => 0);
    this.fetchedBits = fetches.map(() => 0);
  }

  add({ count, origin }: TileType, column: AxisGeometry, row: AxisGeometry, facts: StackFacts): void {
    const { parts, layers, sink, fetches, patches } = facts;
    for (const { map, pixelBits } of patches) {
      const pixels = column.maps[map]!.fresh * row.maps[map]!.fresh;
      this.insidePj += count * parts.patchPj!(pixelBits * pixels);
    }
    for (let l = 0; l < layers.length; l++) {
      const [x, y] = [column.layers[l]!.out, row.layers[l]!.out];
      if (x === 0 || y === 0) continue;
      const figures = parts.figures(l, x, y);
      const places = layers[l]!;
      if (l === sink) {
        parts.outputs.forEach((outputLevel, i) => {
          this.sinkPj[i]! += count * leastPjOf(figures, { ...places, outputLevel }, origin);
        });
        this.sinkCycles += count * leastCyclesOf(figures, origin);
      } else {
        this.insidePj += count * leastPjOf(figures, places, origin);
        this.insideCycles += count * leastCyclesOf(figures, origin);
      }
    }
    for (let f = 0; f < fetches.length; f++) {
      let most = 0;
      for (const { use, pixelBits } of fetches[f]!.uses)
        most = Math.max(most, freshAlong(column, use) * freshAlong(row, use) * pixelBits);
      this.fetchedBits[f]! += count * most;
    }
  }

  at({ inputs, output }: Places, { parts, fetches }: StackFacts): Point {
    const fetchPj = fetches.reduce(
      (sum, { map }, f) => sum + this.fetchedBits[f]! * parts.fetchPjPerBit(map, inputs(map)),
      0,
    );
    return {
      energyPj: this.insidePj + known(this.sinkPj[parts.outputs.indexOf(output)], 'output memory') + fetchPj,
      latencyCycles: this.insideCycles + this.sinkCycles,
    };
  }
}

/** Of the unrollings there are, the best in each respect. */
function leastPjOf(figures: readonly LayerFigures[], places: LayerPlaces, brought: boolean): number {
  let least = Infinity;
  for (const one of figures) least = Math.min(least, leastPj(one, places, brought));
  return least;
}

function leastCyclesOf(figures: readonly LayerFigures[], brought: boolean): number {
  let least = Infinity;
  for (const one of figures) least = Math.min(least, leastCycles(one, brought));
  return least;
}

/** Maps that come from outside (positions), all that a tile needs of them. */
const patchesOf = (graph: StackGraph) =>
  graph.maps.flatMap(({ map, producer, elementsPerPixel }, m) =>
    producer === null ? [{ map: m, pixelBits: elementsPerPixel * map.bits }] : [],
  );

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
