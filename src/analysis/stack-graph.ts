/**
 * The graph of one stack: its layers in topological order, and every map they touch with the operands that
 * stream it. An activation on the weight path is stationary: it is fetched whole, once per stack, and takes
 * no part in tiling.
 */
import { assert, known } from '../base/assert.js';
import { BoundedMap, perObject } from '../base/bounded-map.js';
import type { LayerId, TensorId } from '../base/ids.js';
import { keptWeightBits, wholeElements } from '../ir/kept-weights.js';
import type { FeatureMap, Layer, Source, Workload } from '../ir/layer.js';
import { workloadIndex } from './workload-index.js';

/** One operand source of one layer: `layers[layer].inputs[input].sources[source]`. */
export interface Use {
  readonly layer: number;
  readonly input: number;
  readonly source: number;
}

export interface StackMap {
  readonly map: FeatureMap;
  /** Elements at one (x, y) that the stack deals with: of an outside map only what its operands read. */
  readonly elementsPerPixel: number;
  /** Index of the producing layer in the stack; null: it comes from outside. */
  readonly producer: number | null;
  /** Uses that stream it tile by tile. */
  readonly uses: readonly Use[];
}

export interface StackGraph {
  readonly layers: readonly Layer[];
  readonly layerIndex: ReadonlyMap<LayerId, number>;
  /** Index of the layer whose map is tiled: the last one. */
  readonly sink: number;
  /** Streamed maps: stack inputs in order of first use, then layer outputs in order. */
  readonly maps: readonly StackMap[];
  readonly mapIndex: ReadonlyMap<TensorId, number>;
  /** Indices into `maps` of the outputs, per layer. */
  readonly outputOf: readonly number[];
  /** Bits that stay on the weight path for the whole stack: weights that all tiles use and stationary activations. */
  readonly weightBits: number;
}

export const isStationary = (layer: Layer, input: number): boolean => layer.inputs[input]?.path === 'W';

/** Stacks of a workload that are looked at together, at most; with each of them goes how it was tiled. */
const graphsOf = perObject<BoundedMap<string, StackGraph>>(() => new BoundedMap(1024));

export function stackGraph(workload: Workload, layerIds: readonly LayerId[]): StackGraph {
  assert(layerIds.length > 0, 'a stack has at least one layer');
  return graphsOf(workload).getOr(layerIds.join(' '), () => graphOf(workload, layerIds));
}

function graphOf(workload: Workload, layerIds: readonly LayerId[]): StackGraph {
  const index = workloadIndex(workload);
  const layers = layerIds.map(index.layer);
  const producers = new Map(layers.map((layer, i) => [layer.output.map, i]));
  const uses = usesByMap(layers);
  const inputs = [...uses.keys()].filter((id) => !producers.has(id));
  const ids = [...inputs, ...layers.map((layer) => layer.output.map)];
  const mapIndex = new Map(ids.map((id, i) => [id, i]));
  return {
    layers,
    layerIndex: new Map(layers.map((layer, l) => [layer.id, l])),
    sink: layers.length - 1,
    maps: ids.map((id): StackMap => {
      const [map, producer, mapUses] = [index.map(id), producers.get(id) ?? null, uses.get(id) ?? []];
      const elementsPerPixel =
        producer === null
          ? (elementsAfterCut(workload, map, layerIds) ?? elementsRead(map, layers, mapUses))
          : map.elementsPerPixel;
      return { map, elementsPerPixel, producer, uses: mapUses };
    }),
    mapIndex,
    outputOf: layers.map((layer) => known(mapIndex.get(layer.output.map), `output of ${layer.id}`)),
    weightBits: layers.reduce(
      (sum, layer) => sum + keptWeightBits(layer) + stationaryBits(workload, layer),
      0,
    ),
  };
}

/** Bits of the maps a layer takes on the weight path. */
export const stationaryBits = (workload: Workload, layer: Layer): number =>
  layer.inputs
    .flatMap((operand) => (operand.path === 'W' ? operand.sources : []))
    .reduce((sum, source) => sum + sourceBits(workload, source), 0);

/** Bits of the part of a whole map that an operand reads. */
export function sourceBits(workload: Workload, source: Source): number {
  const map = workloadIndex(workload).map(source.map);
  return wholeElements(source, map) * map.bits;
}

/**
 * Elements of an outside map to fetch per (x, y): all that its operands read together, at most the map.
 * Layer tables may join maps of unlike channel counts; then the least that any operand claims.
 */
function elementsRead(map: FeatureMap, layers: readonly Layer[], uses: readonly Use[]): number {
  const sources = uses.map((use) =>
    known(layers[use.layer]?.inputs[use.input]?.sources[use.source], 'source'),
  );
  const read = sources.map(({ elementsPerPixel }) => elementsPerPixel);
  if (read.every((elements) => elements >= map.elementsPerPixel)) return Math.min(...read);
  return Math.min(map.elementsPerPixel, elementsTogether(sources));
}

/** What slices of a pixel have together: those that overlap once, those whose place is not told side by side. */
function elementsTogether(sources: readonly Source[]): number {
  let [total, end] = [0, 0];
  for (const { first, elementsPerPixel } of sources.toSorted((a, b) => (a.first ?? 0) - (b.first ?? 0))) {
    if (first === undefined) {
      total += elementsPerPixel;
      continue;
    }
    const until = first + elementsPerPixel;
    total += Math.max(0, until - Math.max(first, end));
    end = Math.max(end, until);
  }
  return total;
}

/** Elements of a map that a stack fetches which begins right after the map's producer, where these are other ones. */
function elementsAfterCut(
  { layers }: Workload,
  { producer, elementsAfterCut: elements }: FeatureMap,
  [first]: readonly LayerId[],
): number | undefined {
  if (elements === undefined) return undefined;
  const next = layers.findIndex(({ id }) => id === producer) + 1;
  return layers[next]?.id === first ? elements : undefined;
}

function usesByMap(layers: readonly Layer[]): Map<TensorId, Use[]> {
  const uses = new Map<TensorId, Use[]>();
  layers.forEach((layer, l) => {
    layer.inputs.forEach((operand, input) => {
      if (isStationary(layer, input)) return;
      operand.sources.forEach(({ map }, source) => {
        const others = uses.get(map);
        if (others === undefined) uses.set(map, [{ layer: l, input, source }]);
        else others.push({ layer: l, input, source });
      });
    });
  });
  return uses;
}

export const sourceOf = (graph: StackGraph, use: Use): Source =>
  known(graph.layers[use.layer]?.inputs[use.input]?.sources[use.source], 'operand source');
