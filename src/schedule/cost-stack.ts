/** Third consequence of a stack decision: mapping, accesses, energy and latency of every tile type. */
import { stackGraph, type StackGraph } from '../analysis/stack-graph.js';
import { tileSizes, type TileSizes } from '../analysis/tile-sizes.js';
import { InternalError, known } from '../base/assert.js';
import type { LayerId, MemoryId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { copyStepCost } from '../cost/copies.js';
import { countedCycles } from '../cost/latency.js';
import { fail } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { CopyCost, LayerTileCost, StackCost, TypeCost } from '../ir/cost.js';
import type { LayerAllocation, StackAllocation, TypeAllocation } from '../ir/alloc.js';
import { workloadOfPart } from '../ir/heads.js';
import type { Layer, Workload } from '../ir/layer.js';
import type { LayerTileMapper, LayerTileProblem, MapResult, Refusal } from '../ir/layer-tile.js';
import type { TiledStack, TileType } from '../ir/tile.js';
import { hierarchyOf, type Hierarchy } from './hierarchy.js';
import { layerTileProblem } from './layer-problem.js';
import { mapBeside } from './map-beside.js';
import { totalsOfTypes } from './totals.js';

/** Throws a DiagnosticError for a given mapping that the levels allocated rule out. */
export function costStack(
  workload: Workload,
  tiled: TiledStack,
  allocation: StackAllocation,
  hw: Accelerator,
  profile: Profile,
  mapper: LayerTileMapper,
): StackCost {
  const graph = stackGraph(workloadOfPart(workload, tiled), tiled.layers);
  const hierarchy = hierarchyOf(hw);
  const types = tiled.types.map((type, t): TypeCost => {
    const column = known(tiled.columns[type.column], 'column');
    const row = known(tiled.rows[type.row], 'row');
    const sizes = tileSizes(graph, column.actual, row.actual);
    const map: TypeMapper = (problem, layer, taken) =>
      mapBeside(mapper, problem, taken, { stack: tiled.stack, layer, type: type.name });
    return costType(graph, sizes, type, known(allocation.types[t], 'allocation'), hierarchy, profile, map);
  });
  return { stack: tiled.stack, types, totals: totalsOfTypes(types, tiled.macs, hw, profile) };
}

/** Before most layers: one list for all. */
const NO_COPIES: readonly CopyCost[] = [];

/** The mapper within one tile type. */
type TypeMapper = (
  problem: LayerTileProblem,
  layer: LayerId,
  takenBits: readonly number[] | undefined,
) => MapResult;

function costType(
  graph: StackGraph,
  sizes: TileSizes,
  type: TileType,
  allocation: TypeAllocation,
  hierarchy: Hierarchy,
  profile: Profile,
  map: TypeMapper,
): TypeCost {
  const layers = allocation.layers.map((layer) => costLayer(graph, sizes, layer, hierarchy, profile, map));
  const copySteps = allocation.copySteps.map((step) =>
    step.copies.length > 0
      ? copyStepCost(hierarchy.hw, step)
      : { before: step.before, copies: NO_COPIES, energyPj: 0, latencyCycles: 0 },
  );
  return {
    type: type.name,
    count: type.count,
    layers,
    copySteps,
    energyPj: sum(layers, (layer) => layer.energyPj) + sum(copySteps, (step) => step.energyPj),
    latencyCycles:
      sum(layers, (layer) => countedCycles(layer.latency, profile)) +
      sum(copySteps, (step) => step.latencyCycles),
  };
}

function costLayer(
  graph: StackGraph,
  sizes: TileSizes,
  allocation: LayerAllocation,
  hierarchy: Hierarchy,
  profile: Profile,
  map: TypeMapper,
): LayerTileCost {
  const l = known(graph.layerIndex.get(allocation.layer), 'layer position');
  const layer = known(graph.layers[l], 'layer');
  const tile = known(sizes.layers[l], 'layer sizes');
  const index = (id: MemoryId | null): number | null =>
    id === null ? null : hierarchy.hw.memories.findIndex((memory) => memory.id === id);
  const tops = { W: index(allocation.top.W), I: index(allocation.top.I), O: index(allocation.top.O) };
  const open = { top: tops, bypass: allocation.bypass };
  const problem = layerTileProblem(layer, tile, open, hierarchy, profile);
  const result = map(problem, layer.id, takenBits(hierarchy, allocation));
  if (result.kind === 'refused') return givenTooLate(result, layer.id);
  if (result.kind === 'unmappable') throw new InternalError(`${layer.id} was allocated but cannot be mapped`);
  const { mapped } = result;
  const iterations = problem.loops.reduce((product, loop) => product * loop.size, 1);
  return {
    layer: layer.id,
    loops: problem.loops,
    spatial: mapped.spatial,
    temporal: mapped.temporal,
    mapping: result.origin ?? 'found',
    gap: result.gap,
    accesses: mapped.accesses,
    macEnergyPj: mapped.macEnergyPj,
    energyPj: mapped.energyPj,
    latency: mapped.latency,
    macs: tileMacs(graph, l, layer, tile.out),
    operations: layer.kind === 'vector' ? iterations * layer.passes : 0,
    ...(result.own ? { own: result.own } : {}),
  };
}

function takenBits({ hw }: Hierarchy, { beside }: LayerAllocation): readonly number[] | undefined {
  if (beside === undefined) return undefined;
  const taken = hw.memories.map(() => 0);
  for (const { memory, bits } of beside) taken[hw.memories.findIndex(({ id }) => id === memory)] = bits;
  return taken;
}

/** Levels are allocated for the mappings given then: those of a dump may not be open to one that is given now. */
function givenTooLate({ diagnostics }: Refusal, id: LayerId): never {
  const places = diagnostics.flatMap(({ at }) => at);
  return fail(
    'DF6061',
    'a mapping is given that the memory levels allocated before rule out',
    [...places, { kind: 'ir', id }],
    {
      terms: diagnostics.map(({ message }) => message),
      help: 'start from an earlier facet, so that allocate-memory runs again',
    },
  );
}

/** MACs of the tile: the layer's share by output pixels. */
function tileMacs(graph: StackGraph, l: number, layer: Layer, out: { x: number; y: number }): number {
  const { map } = known(graph.maps[known(graph.outputOf[l], 'output')], 'output map');
  return Math.round((layer.macs * out.x * out.y) / (map.width * map.height));
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
