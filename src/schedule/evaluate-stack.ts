/**
 * What a stack decision costs: its three consequences in a row, tiles, allocation and cost. The passes make the same
 * steps one facet at a time; searches and heuristics ask here, for one stack after another.
 */
import { known } from '../base/assert.js';
import type { LayerId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { copyStepCost } from '../cost/copies.js';
import { countedCycles } from '../cost/latency.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { StackEvaluation } from '../ir/evaluation.js';
import type { Workload } from '../ir/layer.js';
import type { LayerTileMapper, MappedLayerTile } from '../ir/layer-tile.js';
import type { EnergyAndLatency } from '../ir/search.js';
import type { Stack } from '../ir/stack.js';
import type { TiledStack } from '../ir/tile.js';
import { allocateStack } from './allocate-stack.js';
import { costStack } from './cost-stack.js';
import type { HandOver } from './hand-over.js';
import { tileStack } from './tile-stack.js';

/** Throws a DiagnosticError for a given mapping that contradicts its layer tile. */
export function evaluateStack(
  workload: Workload,
  stack: Stack,
  hw: Accelerator,
  profile: Profile,
  mapper: LayerTileMapper,
  handOver?: HandOver,
): StackEvaluation {
  return evaluateTiled(workload, tileStack(workload, stack, profile), hw, profile, mapper, handOver);
}

/** What the tile types of a tiled stack cost: all of them, or those that are left of them. */
export function evaluateTiled(
  workload: Workload,
  tiled: TiledStack,
  hw: Accelerator,
  profile: Profile,
  mapper: LayerTileMapper,
  handOver?: HandOver,
): StackEvaluation {
  const result = allocateStack(workload, tiled, hw, profile, mapper, handOver);
  if (result.kind === 'infeasible') return { ...result, tiled };
  const { allocation } = result;
  return {
    kind: 'costed',
    tiled,
    allocation,
    cost: costStack(workload, tiled, allocation, hw, profile, mapper),
  };
}

/** What they cost together, without a cost sheet; undefined: they do not fit. The mapper may answer with bounds. */
export function sumTiled(
  workload: Workload,
  tiled: TiledStack,
  hw: Accelerator,
  profile: Profile,
  mapper: LayerTileMapper,
  handOver: HandOver,
): EnergyAndLatency | undefined {
  // The last answer for a layer is the one by which its levels are settled.
  const answers = new Map<string, Map<LayerId, MappedLayerTile>>(
    tiled.types.map(({ name }) => [name, new Map()]),
  );
  const listening: LayerTileMapper = (problem, tile) => {
    const result = mapper(problem, tile);
    if (result.kind === 'mapped' && tile) answers.get(tile.type)?.set(tile.layer, result.mapped);
    return result;
  };
  const result = allocateStack(workload, tiled, hw, profile, listening, handOver);
  if (result.kind === 'infeasible') return undefined;
  let [energyPj, latencyCycles] = [0, 0];
  result.allocation.types.forEach(({ type, layers, copySteps }, t) => {
    const { count } = known(tiled.types[t], 'tile type');
    const ofLayers = known(answers.get(type), 'answers');
    for (const { layer } of layers) {
      const mapped = known(ofLayers.get(layer), 'answer');
      energyPj += count * mapped.energyPj;
      latencyCycles += count * countedCycles(mapped.latency, profile);
    }
    for (const step of copySteps) {
      if (step.copies.length === 0) continue;
      const cost = copyStepCost(hw, step);
      energyPj += count * cost.energyPj;
      latencyCycles += count * cost.latencyCycles;
    }
  });
  return { energyPj, latencyCycles };
}
