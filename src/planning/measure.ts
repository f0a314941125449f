/** What heuristics weigh: sizes of weights and maps, receptive fields, and what is computed more than once. */
import { known } from '../base/assert.js';
import type { LayerId, TensorId } from '../base/ids.js';
import { stackId } from '../base/ids.js';
import { neededIntervals, sinkInterval } from '../analysis/needs.js';
import { stretchWeightBits } from '../analysis/partition.js';
import { stackGraph, type StackGraph } from '../analysis/stack-graph.js';
import { mapsRead, workloadIndex } from '../analysis/workload-index.js';
import type { StackDecision } from '../ir/evaluation.js';
import type { Axis, FeatureMap, Layer } from '../ir/layer.js';
import { hierarchyOf, weightCapacity } from '../schedule/hierarchy.js';
import { tileStack } from '../schedule/tile-stack.js';
import type { Layers, Planner } from './plan.js';

type LayerOrId = Layer | LayerId;
const idOf = (layer: LayerOrId): LayerId => (typeof layer === 'string' ? layer : layer.id);

/** The layer of an id. */
export const layerOf = ({ layers }: Layers, id: LayerId): Layer => workloadIndex(layers).layer(id);

/** The map a layer makes. */
export const outputOf = ({ layers }: Layers, layer: LayerOrId): FeatureMap => {
  const index = workloadIndex(layers);
  return index.map(index.layer(idOf(layer)).output.map);
};

/** Layers that read the map of a layer, and layers whose maps it reads, in the order of the network. */
export const readersOf = (ir: Layers, layer: LayerOrId): readonly Layer[] =>
  workloadIndex(ir.layers).readers(outputOf(ir, layer).id);

export function producersOf({ layers }: Layers, layer: LayerOrId): readonly Layer[] {
  const index = workloadIndex(layers);
  return mapsRead(index.layer(idOf(layer))).flatMap((map) => {
    const { producer } = index.map(map);
    return producer === null ? [] : [index.layer(producer)];
  });
}

/** Weights of layers that stay on chip while a stack of them runs, activations on the weight path included. */
export const weightBitsOf = ({ layers }: Layers, of: readonly LayerOrId[]): number =>
  stretchWeightBits(
    layers,
    of.map((layer) => workloadIndex(layers).layer(idOf(layer))),
  );

/** Room for weights below the top memory: what the rule `auto` fills. */
export const weightRoomBits = ({ hw, profile }: Pick<Planner, 'hw' | 'profile'>): number =>
  weightCapacity(hierarchyOf(hw), profile.weightCapacity).bits;

/** The whole of a feature map. */
export const mapBits = ({ elementsPerPixel, width, height, bits }: FeatureMap): number =>
  elementsPerPixel * width * height * bits;

/** Columns and rows of one map. */
export interface Patch {
  readonly map: TensorId;
  /** null: a network input. */
  readonly producer: LayerId | null;
  readonly x: number;
  readonly y: number;
}

/**
 * Of every map that a stack touches, the columns and rows that a tile in the middle of its output needs; nothing is
 * taken from caches. The inputs of the stack come first: with a tile of 1 x 1 that is its receptive field.
 */
export function receptiveField(
  { layers }: Layers,
  of: readonly LayerOrId[],
  tile: { readonly x: number; readonly y: number } = { x: 1, y: 1 },
): readonly Patch[] {
  const graph = stackGraph(layers, of.map(idOf));
  const needs = { x: needsOfTile(graph, 'x', tile.x), y: needsOfTile(graph, 'y', tile.y) };
  return graph.maps.map(({ map }, m) => ({
    map: map.id,
    producer: map.producer,
    x: known(needs.x[m], 'columns'),
    y: known(needs.y[m], 'rows'),
  }));
}

function needsOfTile(graph: StackGraph, axis: Axis, size: number): readonly number[] {
  const whole = sinkInterval(graph, axis);
  const clamped = Math.min(size, whole.end);
  const start = Math.floor((whole.end - clamped) / 2);
  return neededIntervals(graph, axis, { start, end: start + clamped }).map((need) => need.end - need.start);
}

/** MACs of a stack as executed, and how many of them are done more than once because tiles overlap. */
export interface Recompute {
  readonly macs: number;
  readonly recomputedMacs: number;
}

export function recomputeOf({ layers }: Layers, ctx: Planner, stack: StackDecision): Recompute {
  const { macs, recomputedMacs } = tileStack(layers, { ...stack, id: stackId(0) }, ctx.profile);
  return { macs, recomputedMacs };
}

/** MACs that a cut between two stacks saves: those done again only if both are one, executed as `after` is. */
export function recomputeSavedByCut(
  ir: Layers,
  ctx: Planner,
  before: StackDecision,
  after: StackDecision,
): number {
  const again = (stack: StackDecision): number => recomputeOf(ir, ctx, stack).recomputedMacs;
  return again({ ...after, layers: [...before.layers, ...after.layers] }) - again(before) - again(after);
}
