/** Sets the cuts: which layers are scheduled depth-first together. Tiles, modes and levels come later. */
import {
  definePass,
  planStacks,
  STACK_RULES,
  type IR,
  type PassContext,
  type StackPlan,
  type StackRule,
} from '../src/kit.js';

interface Options {
  readonly by: StackRule;
  readonly cuts: readonly string[];
}

export const partitionStacks = definePass({
  name: 'partition-stacks',
  summary: 'Cut the network into stacks of layers that are scheduled depth-first together.',
  needs: ['layers'],
  makes: 'stacks',
  options: {
    by: {
      type: 'string',
      enum: STACK_RULES,
      default: 'auto',
      description: 'auto: fuse while the weights fit on chip; single-layer; one: fuse wherever it is legal',
    },
    cuts: {
      type: 'array',
      default: [],
      description: 'names of the layers after which to cut, instead of a rule',
    },
  },
  run({ layers }: IR<'layers'>, { by, cuts }: Options, ctx: PassContext): StackPlan {
    const { plan, added } = planStacks(layers, ctx, cuts.length > 0 ? cuts : by);
    if (added.length > 0)
      ctx.diag('DF3003', `also cut after ${added.join(', ')}: the next layer needs a whole map`);
    ctx.stat('stacks', plan.stacks.length);
    return plan;
  },
});
