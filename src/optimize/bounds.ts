/**
 * Lower bounds of stacks, of candidates for them and of the network, put together from those of layers and of the maps
 * that are handed over (docs/lower-bound.md). In profiles that truncate (Q14) only what cannot be truncated counts.
 */
import type { StackGraph } from '../analysis/stack-graph.js';
import { workloadIndex } from '../analysis/workload-index.js';
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { FeatureMap, Layer, Source, Unrolling, Workload } from '../ir/layer.js';
import type { TiledStack } from '../ir/tile.js';
import { hierarchyOf, type Hierarchy } from '../schedule/hierarchy.js';
import { layerTileProblem } from '../schedule/layer-problem.js';
import { boundLayer, boundTile, type BoundLayer } from './bound-layer.js';
import { fetchedBits, fetchPjPerBit, leavePj, type HandOverFacts } from './hand-over-bound.js';
import { layerBound, type LayerWork, type Point } from './layer-bound.js';
import type { Stretch } from './stretches.js';
import { tilesBound, type Places, type TilesBound } from './tile-bounds.js';
import { neededLines, runsInFirstTile } from './work.js';

/** The unrollings a layer may have: the bound is the least over all of them. */
export type UnrollingsOf = (layer: Layer) => readonly (readonly Unrolling[])[];

interface LayerFacts {
  readonly bounds: readonly BoundLayer[];
  readonly columns: number;
  readonly rows: number;
  readonly map: FeatureMap;
  readonly brought: boolean;
  /** Of the layer whatever its stack. */
  readonly least: Point;
  /** By columns and rows: tiles looked at before. */
  readonly tiles: Map<number, BoundTiles>;
}

/** Tiles of one size: what their bounds are worked out from, and the bounds by where data may lie. */
interface BoundTiles {
  readonly bounds: readonly BoundLayer[];
  readonly points: Map<number, Point>;
}

export interface Bounds {
  /** Of a stack whatever its candidates, by where its maps lie; equal places have the same object. */
  readonly stretch: (stretch: Stretch) => (places: Places) => Point;
  /** Of a candidate whose tiles are known. */
  readonly tiles: (graph: StackGraph, tiled: TiledStack) => TilesBound;
  readonly network: () => Point;
}

export function boundsOf(
  workload: Workload,
  hw: Accelerator,
  profile: Profile,
  unrollingsOf: UnrollingsOf,
): Bounds {
  const hierarchy = hierarchyOf(hw);
  const columns = neededLines(workload, 'x');
  const rows = neededLines(workload, 'y');
  const index = workloadIndex(workload);
  const real = profile.fractions === 'real';
  const facts = workload.layers.map((layer): LayerFacts => {
    const map = index.map(layer.output.map);
    const rest = {
      bounds: unrollingsOf(layer).map((unrolling) =>
        boundLayer(hw, profile, layer, { ...wholeProblem(layer, map, hierarchy, profile), unrolling }),
      ),
      columns: known(columns.ofMap.get(map.id), 'columns'),
      rows: known(rows.ofMap.get(map.id), 'rows'),
      map,
      brought: runsInFirstTile(workload, layer),
      tiles: new Map(),
    };
    return { ...rest, least: leastOf(rest.bounds, onceOf(rest), rest.brought, real) };
  });
  const pixels = (source: Source): number =>
    known(columns.bySource.get(source), 'columns') * known(rows.bySource.get(source), 'rows');
  const handOver = { workload, hierarchy, pixels, real };
  const perBit = perBitOf(handOver);
  const fetchPj = (bits: ReadonlyMap<TensorId, number>, from: (map: TensorId) => number): number =>
    [...bits].reduce((energyPj, [map, read]) => energyPj + read * perBit(map, from(map)), 0);
  const at = (layer: Layer): LayerFacts => known(facts[index.position(layer.id)], 'layer facts');

  const stretch: Bounds['stretch'] = ({ layers }) => {
    const inside = new Set(layers.map((layer) => layer.output.map));
    const sink = known(layers.at(-1), 'sink').output.map;
    const fetched = fetchedBits(handOver, layers, (map) => !inside.has(map));
    const layersPj = sum(layers.map((layer) => at(layer).least.energyPj));
    const latencyCycles = sum(layers.map((layer) => at(layer).least.latencyCycles));
    const points = new Map<string, Point>();
    return ({ inputs, output }) => {
      const key = [output, ...[...fetched.keys()].map(inputs)].join();
      const found = points.get(key) ?? {
        energyPj: layersPj + sum([fetchPj(fetched, inputs), leavePj(handOver, sink, output)]),
        latencyCycles,
      };
      points.set(key, found);
      return found;
    };
  };
  return {
    stretch,
    tiles: (graph, tiled) => {
      const facts = graph.layers.map(at);
      return tilesBound(graph, tiled, {
        layer: (l, work, origin) =>
          tilePoint(known(facts[l], 'layer facts'), work, origin, { hw, profile, real }),
        fetchPjPerBit: perBit,
        weightLevel: weightLevelOf(graph, hierarchy),
      });
    },
    network: () => {
      const { layers, outputs } = workload;
      const made = new Set(layers.map((layer) => layer.output.map));
      const read = fetchedBits(handOver, layers, (map) => !made.has(map));
      const readPj = fetchPj(read, () => hierarchy.top);
      const left = [...new Set(outputs)].filter((id) => made.has(id));
      const leftPj = left.map((id) => leavePj(handOver, id, hierarchy.top));
      return {
        energyPj: sum(facts.map(({ least }) => least.energyPj)) + readPj + sum(leftPj),
        latencyCycles: sum(facts.map(({ least }) => least.latencyCycles)),
      };
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The layer as one tile with all levels open. */
const wholeProblem = (layer: Layer, map: FeatureMap, hierarchy: Hierarchy, profile: Profile) =>
  layerTileProblem(
    layer,
    { out: { x: map.width, y: map.height }, present: true, outputBits: 0, inputBits: 0, sources: [] },
    { top: { W: hierarchy.top, I: hierarchy.top, O: hierarchy.top }, bypass: false },
    hierarchy,
    profile,
  );

/** What a bit of a map costs on its way down, by where it lies: once for each. */
function perBitOf(facts: HandOverFacts): (map: TensorId, from: number) => number {
  const ofMap = new Map<TensorId, number[]>();
  return (map, from) => {
    const byPlace = ofMap.get(map) ?? [];
    ofMap.set(map, byPlace);
    return (byPlace[from] ??= fetchPjPerBit(facts, map, from));
  };
}

/** Everything needed computed once, in one tile. */
const onceOf = ({ columns, rows, map }: Pick<LayerFacts, 'columns' | 'rows' | 'map'>): LayerWork => ({
  columns,
  rows,
  largest: { x: map.width, y: map.height },
  tiles: 1,
  weightLevel: 0,
  outputLevel: 0,
  inner: { tiles: 0, x: 0, y: 0 },
  stays: { input: false, output: false },
});

/** Above any number of rows of a map, and of memories. */
const [MOST_ROWS, MOST_MEMORIES] = [2 ** 26, 2 ** 8];

/** One tile of a layer; the same again for whatever stack, mode and neighbours. */
function tilePoint(
  { bounds, tiles }: LayerFacts,
  work: LayerWork,
  origin: boolean,
  { hw, profile, real }: { readonly hw: Accelerator; readonly profile: Profile; readonly real: boolean },
): Point {
  const { columns: x, rows: y, weightLevel, outputLevel, stays } = work;
  const size = x * MOST_ROWS + y;
  let own = tiles.get(size);
  if (own === undefined) {
    own = { bounds: bounds.map((bound) => boundTile(hw, profile, bound, { x, y })), points: new Map() };
    tiles.set(size, own);
  }
  const levels = weightLevel * MOST_MEMORIES + outputLevel;
  const key = 8 * levels + (stays.input ? 4 : 0) + (stays.output ? 2 : 0) + (origin ? 1 : 0);
  const found = own.points.get(key);
  if (found !== undefined) return found;
  const point = leastOf(own.bounds, work, origin, real);
  own.points.set(key, point);
  return point;
}

function leastOf(bounds: readonly BoundLayer[], work: LayerWork, brought: boolean, real: boolean): Point {
  const points = bounds.map((bound) => layerBound(bound, work, brought, real));
  return {
    energyPj: Math.min(...points.map(({ energyPj }) => energyPj)),
    latencyCycles: Math.min(...points.map(({ latencyCycles }) => latencyCycles)),
  };
}

/** Lowest memory that can hold all weights of a stack. */
const weightLevelOf = ({ weightBits }: StackGraph, { levels, memory, top }: Hierarchy): number =>
  levels.W.find((index) => memory(index).sizeBits >= weightBits) ?? top;
