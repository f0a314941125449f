/**
 * What a stack decision costs: its three consequences in a row, tiles, allocation and cost. The passes make the same
 * steps one facet at a time; searches and heuristics ask here, for one stack after another.
 */
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { StackEvaluation } from '../ir/evaluation.js';
import type { Workload } from '../ir/layer.js';
import type { LayerTileMapper } from '../ir/layer-tile.js';
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
