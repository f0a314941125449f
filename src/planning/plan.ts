/** Decisions in their right form: stacks that are complete from the start, and plans of them. */
import type { LayerId } from '../base/ids.js';
import { stackId } from '../base/ids.js';
import type { StackDecision } from '../ir/evaluation.js';
import type { IR } from '../ir/facets.js';
import type { Layer } from '../ir/layer.js';
import type { OverlapMode, StackPlan, TileSize } from '../ir/stack.js';
import type { PassContext } from '../pass/pass.js';
import { hierarchyOf } from '../schedule/hierarchy.js';

/** What helpers read: the layers of the network, and the accelerator and profile of the run. */
export type Layers = Pick<IR<'layers'>, 'layers'>;
export type Planner = Pick<PassContext, 'hw' | 'profile' | 'diag'>;

/** How a stack is executed. Left out: one tile, fully cached, its output left in the top memory. */
export type Execution = Partial<Pick<StackDecision, 'handOver' | 'mode'>> & { readonly tile?: TileSize };

const WHOLE: TileSize = { x: 'full', y: 'full' };
const MODE: OverlapMode = 'fully-cached';

/** Layers, or their ids, as one stack. */
export function stackOf(
  ctx: Pick<Planner, 'hw'>,
  layers: readonly (Layer | LayerId)[],
  { tile = WHOLE, mode = MODE, handOver = topMemory(ctx) }: Execution = {},
): StackDecision {
  return {
    layers: layers.map((layer) => (typeof layer === 'string' ? layer : layer.id)),
    tile,
    mode,
    handOver,
  };
}

/** Stacks in the order of the network as a plan; `by` says for people which rule made it. */
export const planOf = (by: string, stacks: readonly StackDecision[]): StackPlan => ({
  by,
  stacks: stacks.map(({ layers, tile, mode, handOver }, index) => ({
    id: stackId(index),
    layers,
    tile,
    mode,
    handOver,
  })),
});

const topMemory = ({ hw }: Pick<Planner, 'hw'>): StackDecision['handOver'] => {
  const hierarchy = hierarchyOf(hw);
  return hierarchy.memory(hierarchy.top).id;
};
