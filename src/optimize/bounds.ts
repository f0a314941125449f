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
import type { MemoryOperand } from '../hw/memory.js';
import type { FeatureMap, Layer, Unrolling, Workload } from '../ir/layer.js';
import { hierarchyOf, type Hierarchy } from '../schedule/hierarchy.js';
import { layerTileProblem } from '../schedule/layer-problem.js';
import { cachesAlong } from '../schedule/tile-stack.js';
import { boundLayer, type BoundLayer } from './bound-layer.js';
import { layerBound, type LayerWork, type Point } from './layer-bound.js';
import type { Candidate } from './lazy-edge.js';
import type { Stretch } from './stretches.js';
import { neededLines, runsInFirstTile, tiledLines, type TiledLines } from './work.js';

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
}

export interface Bounds {
  /** `inputs`: memory index of every input map; `output`: where the stack leaves its own. */
  readonly stretch: (stretch: Stretch, inputs: (map: TensorId) => number, output: number) => Point;
  /** What a candidate adds to the bound of its stretch. */
  readonly candidate: (stretch: Stretch, graph: StackGraph, candidate: Candidate) => Point;
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
        boundLayer(hw, layer, { ...wholeProblem(layer, map, hierarchy, profile), unrolling }),
      ),
      columns: known(columns.get(map.id), 'columns'),
      rows: known(rows.get(map.id), 'rows'),
      map,
      brought: runsInFirstTile(workload, layer),
    };
    return { ...rest, least: leastOf({ ...rest, least: NOTHING }, onceOf(rest), real) };
  });
  const pixels = (map: TensorId): number => known(columns.get(map), 'columns') * known(rows.get(map), 'rows');
  const handOver = { workload, hierarchy, pixels, real };
  const at = (layer: Layer): LayerFacts => known(facts[index.position(layer.id)], 'layer facts');

  const stretch: Bounds['stretch'] = ({ layers }, inputs, output) => {
    const inside = new Set(layers.map((layer) => layer.output.map));
    const read = new Map<TensorId, number>();
    for (const { path, sources } of layers.flatMap((layer) => layer.inputs))
      for (const { map, elementsPerPixel } of path === 'I' ? sources : [])
        if (!inside.has(map)) read.set(map, Math.max(read.get(map) ?? 0, elementsPerPixel));
    const sink = known(layers.at(-1), 'sink').output.map;
    const handed = [
      ...[...read].map(([map, elements]) => fetchPj(handOver, map, elements, inputs(map))),
      leavePj(handOver, sink, output),
    ];
    return {
      energyPj: sum(layers.map((layer) => at(layer).least.energyPj)) + sum(handed),
      latencyCycles: sum(layers.map((layer) => at(layer).least.latencyCycles)),
    };
  };
  return {
    stretch,
    candidate: ({ layers }, graph, candidate) => excessOf(layers.map(at), graph, candidate, hierarchy, real),
    network: () => {
      const { layers, outputs } = workload;
      const made = new Set(layers.map((layer) => layer.output.map));
      const [inputs, left] = [workload.maps.filter(({ id }) => !made.has(id)), new Set(outputs)];
      const readPj = inputs.map(({ id }) => fetchPj(handOver, id, mostRead(workload, id), hierarchy.top));
      const leftPj = [...left].filter((id) => made.has(id)).map((id) => leavePj(handOver, id, hierarchy.top));
      return {
        energyPj: sum(facts.map(({ least }) => least.energyPj)) + sum(readPj) + sum(leftPj),
        latencyCycles: sum(facts.map(({ least }) => least.latencyCycles)),
      };
    },
  };
}

const NOTHING: Point = { energyPj: 0, latencyCycles: 0 };

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

/** Everything needed computed once, in one tile. */
const onceOf = ({ columns, rows, map }: Omit<LayerFacts, 'least'>): LayerWork => ({
  columns,
  rows,
  largest: { x: map.width, y: map.height },
  tiles: 1,
  weightLevel: 0,
  inner: { tiles: 0, x: 0, y: 0 },
  stays: { input: false, output: false },
});

function leastOf({ bounds, brought }: LayerFacts, work: LayerWork, real: boolean): Point {
  const points = bounds.map((bound) => layerBound(bound, work, brought, real));
  return {
    energyPj: Math.min(...points.map(({ energyPj }) => energyPj)),
    latencyCycles: Math.min(...points.map(({ latencyCycles }) => latencyCycles)),
  };
}

/** By how much a tile and a mode raise the bounds of the layers: what is computed and brought again. */
function excessOf(
  facts: readonly LayerFacts[],
  graph: StackGraph,
  { tile, mode }: Candidate,
  hierarchy: Hierarchy,
  real: boolean,
): Point {
  const x = tiledLines(graph, 'x', tile.x, cachesAlong(mode, 'x'));
  const y = tiledLines(graph, 'y', tile.y, cachesAlong(mode, 'y'));
  const { levels, memory, top } = hierarchy;
  const weightLevel = levels.W.find((index) => memory(index).sizeBits >= graph.weightBits) ?? top;
  const points = facts.map((layer, l) => {
    const own = leastOf(layer, workIn(layer, l, { x, y, weightLevel, graph }), real);
    return {
      energyPj: Math.max(0, own.energyPj - layer.least.energyPj),
      latencyCycles: Math.max(0, own.latencyCycles - layer.least.latencyCycles),
    };
  });
  return {
    energyPj: sum(points.map(({ energyPj }) => energyPj)),
    latencyCycles: sum(points.map(({ latencyCycles }) => latencyCycles)),
  };
}

interface Tiling {
  readonly graph: StackGraph;
  readonly x: TiledLines;
  readonly y: TiledLines;
  readonly weightLevel: number;
}

function workIn(layer: LayerFacts, l: number, { graph, x, y, weightLevel }: Tiling): LayerWork {
  const outside = graph.maps.some(
    ({ producer, uses }) => producer === null && uses.some((use) => use.layer === l),
  );
  return {
    columns: Math.max(layer.columns, x.total[l]!),
    rows: Math.max(layer.rows, y.total[l]!),
    largest: { x: x.largest[l]!, y: y.largest[l]! },
    tiles: x.tiles[l]! * y.tiles[l]!,
    weightLevel,
    inner: {
      tiles: x.inner.tiles * y.inner.tiles,
      x: Math.min(x.inner.lines[l]!, layer.columns),
      y: Math.min(y.inner.lines[l]!, layer.rows),
    },
    stays: { input: !outside, output: l !== graph.sink },
  };
}

interface HandOverFacts {
  readonly workload: Workload;
  readonly hierarchy: Hierarchy;
  /** Pixels of a map that are needed. */
  readonly pixels: (map: TensorId) => number;
  readonly real: boolean;
}

/** Levels of a path from the lowest that may hold a whole tile up to a memory: what crosses between them. */
function levelsUpTo(
  { hierarchy }: HandOverFacts,
  path: MemoryOperand,
  memory: number,
  skip: number,
): readonly number[] {
  const levels = hierarchy.levels[path];
  const lowest = levels.findIndex((index) => index === hierarchy.top || hierarchy.single(index));
  return levels.slice(Math.max(lowest, skip)).filter((index) => index <= memory);
}

/** A map comes down from where it lies, every needed element at least once (formula 7). */
function fetchPj(facts: HandOverFacts, id: TensorId, elementsPerPixel: number, from: number): number {
  const { workload, hierarchy } = facts;
  const index = workloadIndex(workload);
  // The second input of an elementwise layer may pass by the lowest level.
  const passes = index
    .readers(id)
    .some((reader) =>
      reader.inputs.some(({ name, sources }) => name === 'Y' && sources.some(({ map }) => map === id)),
    );
  const levels = levelsUpTo(facts, 'I', from, passes ? 1 : 0);
  const bits = facts.pixels(id) * elementsPerPixel * index.map(id).bits;
  return crossed(facts, levels, (below, above) => {
    const [low, high] = [hierarchy.memory(below), hierarchy.memory(above)];
    return bits * (high.read.energyPj / high.read.bits + low.write.energyPj / low.write.bits);
  });
}

/** The output goes up to where the stack leaves it, every element once (formula 7). */
function leavePj(facts: HandOverFacts, id: TensorId, to: number): number {
  const { workload, hierarchy } = facts;
  const map = workloadIndex(workload).map(id);
  const bits = map.width * map.height * map.elementsPerPixel * map.bits;
  return crossed(facts, levelsUpTo(facts, 'O', to, 0), (below, above) => {
    const [low, high] = [hierarchy.memory(below), hierarchy.memory(above)];
    return bits * (low.read.energyPj / low.read.bits + high.write.energyPj / high.write.bits);
  });
}

/** Where numbers are truncated, a transfer to or from the top may count for half of what it is, and others for nothing. */
function crossed(
  { hierarchy, real }: HandOverFacts,
  levels: readonly number[],
  pjBetween: (below: number, above: number) => number,
): number {
  return sum(
    levels.slice(1).map((above, i) => {
      const pj = pjBetween(known(levels[i], 'level'), above);
      return real ? pj : above === hierarchy.top ? pj / 4 : 0;
    }),
  );
}

const mostRead = (workload: Workload, id: TensorId): number =>
  Math.max(
    0,
    ...workload.layers
      .flatMap(({ inputs }) => inputs)
      .flatMap(({ path, sources }) => (path === 'I' ? sources : []))
      .map(({ map, elementsPerPixel }) => (map === id ? elementsPerPixel : 0)),
  );
