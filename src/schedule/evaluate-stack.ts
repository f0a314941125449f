/**
 * What a stack decision costs: its three consequences in a row, tiles, allocation and cost. The passes make the same
 * steps one facet at a time; searches and heuristics ask here, for one stack after another.
 */
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { StackAllocation } from '../ir/alloc.js';
import type { StackCost } from '../ir/cost.js';
import type { Workload } from '../ir/layer.js';
import type { LayerTileMapper } from '../ir/layer-tile.js';
import type { Stack } from '../ir/stack.js';
import type { TiledStack } from '../ir/tile.js';
import { allocateStack, type InfeasibleAllocation } from './allocate-stack.js';
import { costStack } from './cost-stack.js';
import type { HandOver } from './hand-over.js';
import { tileStack } from './tile-stack.js';

export type StackEvaluation =
  | {
      readonly kind: 'costed';
      readonly tiled: TiledStack;
      readonly allocation: StackAllocation;
      readonly cost: StackCost;
    }
  | (InfeasibleAllocation & { readonly tiled: TiledStack });

/** Throws a DiagnosticError for a given mapping that contradicts its layer tile. */
export function evaluateStack(
  workload: Workload,
  stack: Stack,
  hw: Accelerator,
  profile: Profile,
  mapper: LayerTileMapper,
  handOver?: HandOver,
): StackEvaluation {
  const tiled = tileStack(workload, stack, profile);
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
