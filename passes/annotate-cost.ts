/** Adds mapping, accesses, energy and latency of every layer tile and copy, and their sums. */
import {
  costStack,
  definePass,
  finder,
  known,
  totalsOfStacks,
  type CostSheet,
  type IR,
  type PassContext,
  type TiledStack,
} from '../src/kit.js';

const tiledOf = finder((tiled: TiledStack) => tiled.stack);

export const annotateCost = definePass({
  name: 'annotate-cost',
  summary: 'Cost every tile type: best temporal mapping, accesses, energy and latency.',
  needs: ['layers', 'stacks', 'tiles', 'allocs'],
  makes: 'costs',
  options: {},
  run(ir: IR<'layers' | 'stacks' | 'tiles' | 'allocs'>, _options: object, ctx: PassContext): CostSheet {
    const { layers, tiles, allocs } = ir;
    const stacks = allocs.stacks.map((allocation, done) => {
      ctx.progress(done, allocs.stacks.length, `cost ${allocation.stack}`);
      const tiled = known(tiledOf(tiles.stacks, allocation.stack), 'tiled stack');
      return costStack(layers, tiled, allocation, ctx.hw, ctx.profile, ctx.mapper);
    });
    return { stacks, totals: totalsOfStacks(stacks, ctx.hw, ctx.profile) };
  },
});
