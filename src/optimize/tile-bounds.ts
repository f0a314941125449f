/**
 * Lower bounds of the tiles of a candidate (docs/lower-bound.md): the layer bounds once more, with the size of every
 * tile known, and what the tiles bring from outside. They are worked out once for a stack, wherever its maps lie: only
 * its sink and what it fetches depend on that.
 */
import type { TileRun } from '../analysis/axis.js';
import { sourceOf, type StackGraph, type Use } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { OperandName } from '../ir/cost.js';
import { hasWeightsPerPixel } from '../ir/kept-weights.js';
import type { Source } from '../ir/layer.js';
import type { AxisClass, TiledStack } from '../ir/tile.js';
import type { TileRuns } from '../schedule/tile-stack.js';
import type { OperandPath } from './bound-layer.js';
import { caseAt, leastPj, type LayerPlaces, type Point, type TileFigures } from './layer-bound.js';
import { OutsideLayerCycles, type OutsidePorts } from './outside-ports.js';

/** Memory index of every input map, and where a stack leaves its own. */
export interface Places {
  readonly inputs: (map: TensorId) => number;
  readonly output: number;
}

/** What the tiles of a stack are made of, at least. */
export interface TileParts {
  /** Nothing tells columns from rows. */
  readonly isSquare: boolean;
  /** A layer (by position in the stack) in one tile of so many columns and rows: one of these, by its unrolling. */
  readonly figures: (l: number, x: number, y: number) => TileFigures;
  readonly fetchPjPerBit: (map: TensorId, from: number) => number;
  /** Of so many bits that a tile needs of a map from outside; absent: where they are copied to is not known. */
  readonly patchPj?: (bits: number) => number;
  /** Lowest memory that can hold all weights of the stack (index). */
  readonly weightLevel: number;
  /** Memories that its output may be left in, ascending. */
  readonly outputs: readonly number[];
  /** Absent: transfers to and from outside are not counted. */
  readonly ports?: OutsidePorts;
  /** Operands of a layer, by position in the stack, with all memories there are for them. */
  readonly paths: (l: number) => readonly OperandPath[];
}

/** The type that most tiles are of; of several, the first. */
export function mostFrequent({ types }: TiledStack): number {
  const counts = types.map(({ count }) => count);
  return counts.indexOf(Math.max(...counts));
}

/** Bounds of tilings of one stack. */
export class TilesBounds {
  /** Whether tiles as high as others are wide come to the same, where rows are kept as columns are. */
  readonly isSquare: boolean;
  /** Uses of maps from outside that its tiles have to know of. */
  readonly uses: readonly Use[];
  private readonly facts: StackFacts;
  private readonly outside: Outside;
  /** By use, bits that the tile at hand reads anew. */
  private readonly brought: number[];

  constructor(
    private readonly graph: StackGraph,
    private readonly parts: TileParts,
  ) {
    this.isSquare = parts.isSquare;
    const fetches = parts.patchPj ? [] : fetchesOf(graph);
    this.uses = fetches.flatMap(({ uses }) => uses);
    this.brought = this.uses.map(() => 0);
    const layers = graph.layers.map((_, l): LayerPlaces => ({
      weightLevel: parts.weightLevel,
      outputLevel: 0,
      staysInput: !graph.maps.some(
        ({ producer, uses }) => producer === null && uses.some(({ layer }) => layer === l),
      ),
      staysOutput: l !== graph.sink,
    }));
    const { outputs, fetchPjPerBit, ports } = parts;
    const flows = ports ? flowsOf(graph, fetches, ports, parts.paths) : [];
    this.outside = {
      outputs,
      fetchPjPerBit,
      fetched: fetches.map(({ map }) => map),
      flows: flows.map(({ first, cycles }) => ({ first, cycles })),
    };
    const sink = known(graph.maps[known(graph.outputOf[graph.sink], 'sink map')], 'sink map');
    this.facts = {
      fetches,
      patches: parts.patchPj ? patchesOf(graph) : [],
      layers,
      alwaysBrings: graph.layers.map(hasWeightsPerPixel),
      flowOf: layers.map((_, l) => flows.find(({ layer }) => layer === l)),
      sinkPixelBits: sink.elementsPerPixel * sink.map.bits,
      sinks: parts.outputs.map((outputLevel) => ({ ...known(layers[graph.sink], 'sink'), outputLevel })),
    };
  }

  /** Of all tiles, `parts` times. */
  all({ columns, rows }: TileRuns, parts: number): TilesBound {
    const bound = new TilesBound(this.outside);
    rows.forEach((row, r) => {
      columns.forEach((column, c) => {
        const isFirst = r === 0 && c === 0;
        if (isFirst) this.add(bound, parts, true, column, row);
        this.add(bound, parts * (column.count * row.count - (isFirst ? 1 : 0)), false, column, row);
      });
    });
    return bound;
  }

  /** Of all tiles but those of the most frequent type. */
  rest(tiled: TiledStack): TilesBound {
    const bound = new TilesBound(this.outside);
    const columns = tiled.columns.map((one) => this.runOf(one));
    const rows = tiled.rows.map((one) => this.runOf(one));
    const most = mostFrequent(tiled);
    tiled.types.forEach(({ count, origin, column, row }, t) => {
      if (t !== most)
        this.add(bound, count, origin, known(columns[column], 'column'), known(rows[row], 'row'));
    });
    return bound;
  }

  private runOf({ count, actual: { layers, maps } }: AxisClass): TileRun {
    const brought = Float64Array.from(this.uses, ({ layer, input, source }) => {
      const { needed, overlap } = known(layers[layer]?.inputs[input]?.[source], 'source extent');
      return needed - overlap;
    });
    return { count, fresh: Float64Array.from(maps, ({ fresh }) => fresh), brought };
  }

  /** So many tiles more. */
  private add(bound: TilesBound, count: number, origin: boolean, column: TileRun, row: TileRun): void {
    if (count === 0) return;
    const { parts } = this;
    const { outputOf, sink } = this.graph;
    const { layers, alwaysBrings, sinks, patches, flowOf, sinkPixelBits } = this.facts;
    this.addFetches(bound, count, column, row);
    for (const { map, pixelBits } of patches)
      bound.insidePj += count * parts.patchPj!(pixelBits * column.fresh[map]! * row.fresh[map]!);
    for (let l = 0; l < layers.length; l++) {
      const map = outputOf[l]!;
      const [x, y] = [column.fresh[map]!, row.fresh[map]!];
      if (x === 0 || y === 0) continue;
      const figures = parts.figures(l, x, y);
      const flow = flowOf[l];
      const { staysInput } = layers[l]!;
      const brings = origin || alwaysBrings[l]!;
      if (flow === undefined)
        bound.cycles += count * figures.cycles[caseAt(figures, staysInput, brings, STAYS)]!;
      else {
        const { uses, tops, bits, own } = flow;
        for (let i = 0; i < uses.length; i++) bits[i] = this.brought[uses[i]!]!;
        for (let i = 0; i < tops.length; i++)
          own[i] = figures.cycles[caseAt(figures, staysInput, brings, tops[i]!)]!;
        flow.cycles.add(bound.outsideCycles, flow.first, count, own, bits, x * y * sinkPixelBits);
      }
      if (l !== sink) {
        bound.insidePj += count * leastPjOf(figures, layers[l]!, brings);
        continue;
      }
      for (let i = 0; i < sinks.length; i++)
        bound.sinkPj[i]! += count * leastPjOf(figures, sinks[i]!, brings);
    }
  }

  private addFetches(bound: TilesBound, count: number, column: TileRun, row: TileRun): void {
    const { fetches } = this.facts;
    let u = 0;
    for (let f = 0; f < fetches.length; f++) {
      const { uses, pixelBits } = fetches[f]!;
      let most = 0;
      for (let i = 0; i < uses.length; i++, u++) {
        this.brought[u] = column.brought[u]! * row.brought[u]! * pixelBits[i]!;
        most = Math.max(most, this.brought[u]!);
      }
      bound.fetchedBits[f]! += count * most;
    }
  }
}

/** In place of a top: the output of a layer stays in the stack. */
const STAYS = -1;

interface StackFacts {
  readonly fetches: ReturnType<typeof fetchesOf>;
  readonly patches: ReturnType<typeof patchesOf>;
  /** Where data lies, by layer; of the sink by where it leaves its output. */
  readonly layers: readonly LayerPlaces[];
  readonly sinks: readonly LayerPlaces[];
  /** By layer, whether every tile brings its weights, not the first alone. */
  readonly alwaysBrings: readonly boolean[];
  /** By layer. */
  readonly flowOf: readonly (OutsideFlow | undefined)[];
  readonly sinkPixelBits: number;
}

/** A layer that reads from outside, or the sink. */
interface OutsideFlow {
  readonly layer: number;
  /** Positions of the uses by which it reads from outside. */
  readonly uses: readonly number[];
  readonly cycles: OutsideLayerCycles;
  /** Of the sink, by where it may leave its output: position in its memories. Of others `STAYS`. */
  readonly tops: readonly number[];
  /** Where its numbers begin. */
  readonly first: number;
  /** Of the tile at hand: bits by use, cycles by top. */
  readonly bits: Float64Array;
  readonly own: Float64Array;
}

/** What a bound depends on that differs from neighbours to neighbours. */
interface Outside extends Pick<TileParts, 'outputs' | 'fetchPjPerBit'> {
  /** Maps from outside. */
  readonly fetched: readonly TensorId[];
  readonly flows: readonly Pick<OutsideFlow, 'cycles' | 'first'>[];
}

/**
 * What tiles cost together, at least, by where the maps of the stack lie: what is the same wherever, what their sink
 * does, what they fetch. Sums alone, and nothing that holds on to the stack: there are many.
 */
export class TilesBound {
  insidePj = 0;
  /** Of layers that have nothing to do with the outside. */
  cycles = 0;
  /** By where the output is left. */
  readonly sinkPj: number[];
  /** By map from outside. */
  readonly fetchedBits: number[];
  /** Tables of the others. */
  readonly outsideCycles: number[] = [];

  constructor(private readonly outside: Outside) {
    this.sinkPj = outside.outputs.map(() => 0);
    this.fetchedBits = outside.fetched.map(() => 0);
    for (const { cycles } of outside.flows) for (let i = 0; i < cycles.size; i++) this.outsideCycles.push(0);
  }

  at(places: Places): Point {
    const { inputs, output } = places;
    const { outputs, fetched, fetchPjPerBit, flows } = this.outside;
    let latencyCycles = this.cycles;
    for (const { cycles, first } of flows) latencyCycles += cycles.at(this.outsideCycles, first, places);
    let fetchPj = 0;
    for (let f = 0; f < fetched.length; f++)
      fetchPj += this.fetchedBits[f]! * fetchPjPerBit(fetched[f]!, inputs(fetched[f]!));
    return {
      energyPj: this.insidePj + known(this.sinkPj[outputs.indexOf(output)], 'output memory') + fetchPj,
      latencyCycles,
    };
  }
}

/** Of the unrollings there are, the best in each respect. */
function leastPjOf({ each }: TileFigures, places: LayerPlaces, brought: boolean): number {
  let least = Infinity;
  for (let i = 0; i < each.length; i++) least = Math.min(least, leastPj(each[i]!, places, brought));
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
    const dense = uses.filter((use) => isDense(sourceOf(graph, use)));
    const pixelBits = dense.map((use) => sourceOf(graph, use).elementsPerPixel * map.bits);
    return [{ map: map.id, uses: dense, pixelBits }];
  });

/**
 * The layers that read maps from outside, each map by its first reader of those that read it densely, and the sink. If
 * the map is not copied beforehand, which takes as long, that reader has it come from where it lies.
 */
function flowsOf(
  graph: StackGraph,
  fetches: ReturnType<typeof fetchesOf>,
  ports: OutsidePorts,
  pathsOf: TileParts['paths'],
): readonly OutsideFlow[] {
  const readers = new Map<
    number,
    { readonly use: number; readonly map: TensorId; readonly operand: OperandName }[]
  >();
  let u = 0;
  for (const { map, uses } of fetches) {
    const [use] = uses;
    if (use) {
      const { name } = known(graph.layers[use.layer]?.inputs[use.input], 'input');
      readers.set(use.layer, [...(readers.get(use.layer) ?? []), { use: u, map, operand: name }]);
    }
    u += uses.length;
  }
  const layers = [...new Set([...readers.keys(), graph.sink])].sort((a, b) => a - b);
  let next = 0;
  return layers.map((layer): OutsideFlow => {
    const paths = pathsOf(layer);
    const levelsOf = (name: OperandName): readonly number[] =>
      known(
        paths.find((path) => path.name === name),
        'operand',
      ).levels;
    const reads = (readers.get(layer) ?? []).slice(0, MOST_INPUTS);
    const inputs = reads.map(({ map, operand }) => ({ map, operand, levels: levelsOf(operand) }));
    const output = layer === graph.sink ? levelsOf('O') : undefined;
    const cycles = new OutsideLayerCycles(ports, { inputs, output });
    const tops = output
      ? ports.memories.map((memory) => output.findLastIndex((level) => level <= memory))
      : [STAYS];
    const first = next;
    next += cycles.size;
    const uses = reads.map(({ use }) => use);
    const [bits, own] = [new Float64Array(uses.length), new Float64Array(tops.length)];
    return { layer, uses, cycles, tops, first, bits, own };
  });
}

/** Of a layer that reads many maps, such as a concatenation, two are counted. */
const MOST_INPUTS = 2;

/** Whether every element between the first and the last that a use needs is read. */
const isDense = ({ x, y }: Source): boolean =>
  [x, y].every((region) =>
    region.kind === 'window'
      ? region.dilation === 1 && region.kernel >= region.stride
      : region.kind !== 'scale',
  );
