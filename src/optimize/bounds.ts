/**
 * Lower bounds of stacks, of candidates for them and of the network, put together from those of layers and of the maps
 * that are handed over (docs/lower-bound.md). In profiles that truncate (Q14) only what cannot be truncated counts.
 */
import { isSquare, readsAlike } from '../analysis/square-axes.js';
import type { StackGraph } from '../analysis/stack-graph.js';
import { workloadIndex } from '../analysis/workload-index.js';
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import { layerParts } from '../ir/heads.js';
import { hasWeightsPerPixel } from '../ir/kept-weights.js';
import type { FeatureMap, Layer, Source, Unrolling, Workload } from '../ir/layer.js';
import type { Bounded, LayerTileProblem, NamedMapper } from '../ir/layer-tile.js';
import { isOwnImage } from '../mapping/mirror.js';
import { hierarchyOf, type Hierarchy } from '../schedule/hierarchy.js';
import { layerTileProblem } from '../schedule/layer-problem.js';
import { boundLayer, type BoundLayer } from './bound-layer.js';
import { areTopsPublished, streamedData, type StreamedData } from './least-tops.js';
import { fetchedBits, fetchPjPerBit, leavePj, patchPj, type HandOverFacts } from './hand-over-bound.js';
import {
  layerFigures,
  leastCycles,
  leastPj,
  lowestOf,
  tileFigures,
  type LayerPlaces,
  type Point,
  type TileFigures,
} from './layer-bound.js';
import { wholeWork, type TileWork } from './layer-work.js';
import { outsidePorts } from './outside-ports.js';
import type { Stretch } from './stretches.js';
import { TilesBounds, type Places } from './tile-bounds.js';
import { tileWorkOf } from './tile-work.js';
import { neededLines, runInFirstTile } from './work.js';

/** The unrollings a layer may have: the bound is the least over all of them. */
export type UnrollingsOf = (layer: Layer) => readonly (readonly Unrolling[])[];

/** What layers that are alike have in common: networks repeat them. */
interface LayerForm {
  /** With each unrolling it may have: the layer, and its work in tiles. */
  readonly unrolled: readonly { readonly bound: BoundLayer; readonly workOf: TileWork }[];
  /** By columns and rows: tiles looked at before; the same for whatever stack, mode and neighbours. */
  readonly tiles: Map<number, Map<number, TileFigures>>;
  /** Nothing tells columns from rows. */
  readonly isSquare: boolean;
}

interface LayerFacts extends LayerForm {
  readonly columns: number;
  readonly rows: number;
  readonly map: FeatureMap;
  readonly brought: boolean;
  /** Of the layer whatever its stack, in parts of heads or as a whole. */
  readonly least: Point;
}

export interface Bounds {
  /** Of a stack whatever its candidates, by where its maps lie; equal places have the same object. */
  readonly stretch: (stretch: Stretch) => (places: Places) => Point;
  /** Of candidates whose tiles are known. */
  readonly tiles: (graph: StackGraph) => TilesBounds;
  readonly network: () => Point;
}

/** `of`: what is wanted of candidates; stacks and the network have both. */
export function boundsOf(
  workload: Workload,
  hw: Accelerator,
  profile: Profile,
  unrollingsOf: UnrollingsOf,
  of: Bounded,
): Bounds {
  const hierarchy = hierarchyOf(hw);
  const columns = neededLines(workload, 'x', profile.strideExtent);
  const rows = neededLines(workload, 'y', profile.strideExtent);
  const index = workloadIndex(workload);
  const real = profile.fractions === 'real';
  const forms = new Map<string, LayerForm>();
  const brought = runInFirstTile(workload);
  const factsOf = (layer: Layer): LayerFacts => {
    const map = index.map(layer.output.map);
    const problem = wholeProblem(layer, map, hierarchy, profile);
    const unrollings = unrollingsOf(layer);
    const data = streamedData(workload, layer);
    const key = formOf(layer, data, problem, unrollings);
    const form = forms.get(key) ?? {
      unrolled: unrollings.map((unrolling) => {
        const bound = boundLayer(hw, profile, layer, data, { ...problem, unrolling });
        return { bound, workOf: tileWorkOf(hw, profile, bound) };
      }),
      tiles: new Map(),
      isSquare:
        real &&
        unrollings.every((unrolling) => isOwnImage(hw, { ...problem, unrolling })) &&
        layer.upsample.x === layer.upsample.y &&
        readsAlike(layer),
    };
    forms.set(key, form);
    const rest = {
      ...form,
      columns: known(columns.ofMap.get(map.id), 'columns'),
      rows: known(rows.ofMap.get(map.id), 'rows'),
      map,
      brought: brought.has(layer.id) || hasWeightsPerPixel(layer),
    };
    return { ...rest, least: leastOf(rest) };
  };
  // The same layer with the heads of a part comes back in many stacks.
  const ofPart = new Map<string, LayerFacts>();
  const partFacts = (layer: Layer): LayerFacts => {
    const key = `${layer.id} ${layer.loops.map(({ dim, size }) => `${dim}${size}`).join(' ')}`;
    const found = ofPart.get(key) ?? factsOf(layer);
    ofPart.set(key, found);
    return found;
  };
  const partsOf = layerParts(workload);
  const facts = workload.layers.map((layer): LayerFacts => {
    const whole = factsOf(layer);
    const inParts = partsOf(layer).map(({ layer: part, parts }) => times(partFacts(part).least, parts));
    return { ...whole, least: lowestOf([whole.least, ...inParts]) };
  });
  const pixels = (source: Source): number =>
    known(columns.bySource.get(source), 'columns') * known(rows.bySource.get(source), 'rows');
  const handOver = { workload, hierarchy, pixels, real };
  const perBit = perBitOf(handOver);
  const ports = outsidePorts(hierarchy);
  const fetchPj = (bits: ReadonlyMap<TensorId, number>, from: (map: TensorId) => number): number =>
    [...bits].reduce((energyPj, [map, read]) => energyPj + read * perBit(map, from(map)), 0);
  const at = (layer: Layer): LayerFacts =>
    index.layer(layer.id) === layer
      ? known(facts[index.position(layer.id)], 'layer facts')
      : partFacts(layer);

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
    tiles: (graph) => {
      const facts = graph.layers.map(at);
      return new TilesBounds(graph, {
        isSquare: facts.every((layer) => layer.isSquare) && isSquare(graph),
        figures: (l, x, y) => figuresOf(facts[l]!, x, y, of),
        fetchPjPerBit: perBit,
        ...(areTopsPublished(profile) && { patchPj: (bits: number) => patchPj(hierarchy, bits) }),
        weightLevel: weightLevelOf(graph, hierarchy),
        outputs: hierarchy.levels.O,
        ...(of !== 'energy' && edgesCount(profile) && { ports }),
        paths: (l) => known(known(facts[l], 'layer').unrolled[0], 'unrolling').bound.paths,
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

/** What mappers between them minimise. */
export function boundedBy([one, ...others]: readonly NamedMapper[]): Bounded {
  if (others.length > 0) return 'both';
  return one?.name === 'latency' ? 'latency' : 'energy';
}

/** Whether all of on-loading and off-loading counts, and whole elements do. */
const edgesCount = ({ fractions, onloadHalf, offloadCounted }: Profile): boolean =>
  fractions === 'real' && onloadHalf === 'added' && offloadCounted;

const times = ({ energyPj, latencyCycles }: Point, count: number): Point => ({
  energyPj: count * energyPj,
  latencyCycles: count * latencyCycles,
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** All that bounds of a layer depend on, as a text. */
const formOf = (
  { upsample, weightBits, inputs }: Layer,
  data: StreamedData,
  problem: LayerTileProblem,
  unrollings: readonly (readonly Unrolling[])[],
): string =>
  JSON.stringify([
    problem,
    data,
    unrollings,
    upsample,
    weightBits,
    inputs.map(({ name, sources }) => [name, sources.map(({ x, y }) => [x, y])]),
  ]);

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

/** Everything needed computed once, in one tile or in many. */
function leastOf({ unrolled, columns, rows, map, brought }: Omit<LayerFacts, 'least'>): Point {
  const outputs = { columns, rows, largest: { x: map.width, y: map.height } };
  const figures = unrolled.map(({ bound }) => layerFigures(bound, wholeWork(bound, outputs)));
  return {
    energyPj: Math.min(...figures.map((one) => leastPj(one, ANYWHERE, brought))),
    latencyCycles: Math.min(...figures.map((one) => leastCycles(one, brought))),
  };
}

const ANYWHERE: LayerPlaces = { weightLevel: 0, outputLevel: 0, staysInput: false, staysOutput: false };

function figuresOf(
  { unrolled, tiles, isSquare }: LayerFacts,
  columns: number,
  rows: number,
  of: Bounded,
): TileFigures {
  const [x, y] = isSquare && columns < rows ? [rows, columns] : [columns, rows];
  let column = tiles.get(x);
  if (column === undefined) tiles.set(x, (column = new Map<number, TileFigures>()));
  const found = column.get(y);
  if (found !== undefined) return found;
  const figures = tileFigures(unrolled.map(({ bound, workOf }) => layerFigures(bound, workOf({ x, y }), of)));
  column.set(y, figures);
  return figures;
}

/** Lowest memory that can hold all weights of a stack. */
const weightLevelOf = ({ weightBits }: StackGraph, { levels, memory, top }: Hierarchy): number =>
  levels.W.find((index) => memory(index).sizeBits >= weightBits) ?? top;
