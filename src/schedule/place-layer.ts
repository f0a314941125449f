/**
 * The memory levels of one layer within a tile. They are final: where no loop order fits between the levels chosen
 * first, they are raised until one does (reference model, 4.4).
 */
import { stationaryBits, type StackGraph } from '../analysis/stack-graph.js';
import { known } from '../base/assert.js';
import { perValue, sharing } from '../base/bounded-map.js';
import type { MemoryId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { DiagnosticError, type Diagnostic } from '../diag/diagnostic.js';
import type { BitsIn, LayerAllocation } from '../ir/alloc.js';
import { hasWeightsPerPixel, kernelBits } from '../ir/kept-weights.js';
import type { Layer, Workload } from '../ir/layer.js';
import type { LayerTileMapper, LayerTileName, Refusal, Unmappable } from '../ir/layer-tile.js';
import type { TiledStack, TileType } from '../ir/tile.js';
import type { CachePlan } from './cache-levels.js';
import type { HandOver } from './hand-over.js';
import type { Hierarchy } from './hierarchy.js';
import { inTile } from './infeasible.js';
import { layerTileProblem, type OpenLevels } from './layer-problem.js';
import { mapBeside } from './map-beside.js';
import { bitsInPlace, inputLevels, outputLevels, takenBeside, topOf, type TopsContext } from './tops.js';

/** What does not depend on the tile type. */
export interface StackContext {
  readonly workload: Workload;
  readonly handOver: HandOver;
  readonly graph: StackGraph;
  readonly tiled: TiledStack;
  readonly hierarchy: Hierarchy;
  readonly profile: Profile;
  readonly mapper: LayerTileMapper;
  readonly caches: CachePlan;
}

export interface Unfit {
  readonly layer: number;
  readonly reason: Unmappable;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Placed {
  readonly inputs: number;
  readonly output: number;
  readonly allocation: LayerAllocation;
}

/**
 * Chooses the tops of one layer, raising them until some loop order fits. Where the lowest level cannot hold both
 * inputs of an elementwise layer, the second one passes it by.
 */
export function placeLayer(
  context: StackContext,
  tops: TopsContext,
  type: TileType,
  l: number,
): Placed | Unfit {
  const { layers } = context.graph;
  const placed = raiseUntilFits(context, tops, type, l, false);
  const bottom = context.hierarchy.levels.I[0];
  const second = known(layers[l], 'layer').inputs.some((operand) => operand.name === 'Y');
  if (!('reason' in placed) || !second || placed.reason.memory !== bottom) return placed;
  if (placed.diagnostics.length > 0) return placed;
  return raiseUntilFits(context, tops, type, l, true);
}

function raiseUntilFits(
  context: StackContext,
  tops: TopsContext,
  type: TileType,
  l: number,
  bypass: boolean,
): Placed | Unfit {
  const { graph, hierarchy, profile, mapper, caches } = context;
  const layer = known(graph.layers[l], 'layer');
  const sizes = known(tops.sizes.layers[l], 'layer');
  const weight = layer.inputs.find((input) => input.path === 'W');
  const brings = hasWeightsPerPixel(layer) || (type.origin && weight?.sources.length === 0);
  const W = weight ? (brings ? hierarchy.top : caches.weights) : null;
  const weights = { level: caches.weights, bits: weight ? ownWeightBits(context.workload, layer) : 0 };
  const inputs = inputLevels(tops, l);
  const name = { stack: context.tiled.stack, layer: layer.id, type: type.name };
  let failure: Unmappable | undefined;
  for (let attempt = 0; ; attempt++) {
    const raised = raisedBy(attempt);
    const input = topOf(inputs, raised.I);
    const beside = profile.residents === 'reserved' ? input.top : topOf(inputs, 0).top;
    const output = topOf(outputLevels(tops, l, beside), raised.O);
    const open: OpenLevels = { top: { W, I: input.top, O: output.top }, bypass };
    const problem = layerTileProblem(layer, sizes, open, hierarchy, profile);
    const taken = takenBeside(tops, l, { I: input.top, O: output.top }, weights);
    const result = mapBeside(mapper, problem, taken, name);
    if (result.kind === 'mapped') {
      const allocation = allocationOf(context, tops, l, { open, raised, taken });
      return { inputs: input.top, output: output.top, allocation };
    }
    if (result.kind === 'refused') return refused(l, result, name);
    failure = result.reason;
    if (input.above <= 0 && output.above <= 0) break;
  }
  return { layer: l, reason: known(failure, 'reason'), diagnostics: [] };
}

/** Of what stays for the stack, what the layer's mapping moves: not the parameters of what runs on its output. */
const ownWeightBits = (workload: Workload, layer: Layer): number =>
  kernelBits(layer) + stationaryBits(workload, layer);

/** Levels that a mapping has been found for. */
interface Found {
  readonly open: OpenLevels;
  readonly raised: LayerAllocation['raised'];
  /** By memory, what other data takes up. */
  readonly taken: readonly number[] | undefined;
}

function allocationOf(
  { workload, graph, hierarchy }: StackContext,
  tops: TopsContext,
  l: number,
  { open: { top, bypass }, raised, taken }: Found,
): LayerAllocation {
  const layer = known(graph.layers[l], 'layer');
  const { inputBits, outputBits } = known(tops.sizes.layers[l], 'layer');
  const id = (index: number | null): MemoryId | null => (index === null ? null : hierarchy.memory(index).id);
  const inPlace = bitsInPlace(tops, l, known(top.I, 'top of inputs'));
  const weightBits = layer.weightBits + stationaryBits(workload, layer);
  return {
    layer: layer.id,
    top: sharedTop({ W: id(top.W), I: id(top.I), O: id(top.O) }),
    bits: sharedBits({ W: weightBits, I: inputBits, O: outputBits }),
    ...(inPlace.I + inPlace.O > 0 ? { handedOver: inPlace } : {}),
    ...(taken && { beside: besideIn(hierarchy, taken) }),
    raised,
    bypass,
  };
}

const besideIn = ({ memory }: Hierarchy, taken: readonly number[]): readonly BitsIn[] =>
  taken.flatMap((bits, index) => (bits > 0 ? [{ memory: memory(index).id, bits }] : []));

/** Of layers that are alike. */
const sharedBits = sharing<LayerAllocation['bits']>(
  ({ W, I, O }) => W + 3 * I + 5 * O,
  (one, other) => one.W === other.W && one.I === other.I && one.O === other.O,
);
const sharedTop = sharing<LayerAllocation['top']>(
  ({ W, I, O }) => (W?.length ?? 0) + 64 * (I?.length ?? 0) + 4096 * (O?.length ?? 0),
  (one, other) => one.W === other.W && one.I === other.I && one.O === other.O,
);

/** A given mapping may overfill a memory, which is a result, or contradict the tile, which ends the run. */
function refused(layer: number, { diagnostics, shortage }: Refusal, name: LayerTileName): Unfit {
  const located = diagnostics.map((d) => inTile(d, name));
  if (shortage === undefined) throw new DiagnosticError(located);
  return { layer, reason: shortage, diagnostics: located };
}

/** Extra levels to try, in the published order: (O, I) = (0,0) (1,0) (0,1) (1,1) (2,1) (1,2) (2,2) ... */
const raisedBy = perValue(64, (attempt: number): { readonly I: number; readonly O: number } => {
  const both = Math.floor(attempt / 3);
  const one = attempt % 3;
  return { O: both + (one === 1 ? 1 : 0), I: both + (one === 2 ? 1 : 0) };
});
