/** Adds mapping, accesses, energy and latency of every layer tile and copy, and their sums. */
import {
  costStack,
  definePass,
  finder,
  known,
  mapperFor,
  overAlike,
  totalsOfStacks,
  type CostSheet,
  type IR,
  type PassContext,
  type Stack,
  type StackCost,
  type TiledStack,
} from '../src/kit.js';

const tiledOf = finder((tiled: TiledStack) => tiled.stack);
const stackOf = finder((stack: Stack) => stack.id);

export const annotateCost = definePass({
  name: 'annotate-cost',
  summary: 'Cost every tile type: best temporal mapping, accesses, energy and latency.',
  needs: ['layers', 'stacks', 'tiles', 'allocs'],
  makes: 'costs',
  options: {},
  run(ir: IR<'layers' | 'stacks' | 'tiles' | 'allocs'>, _options: object, ctx: PassContext): CostSheet {
    const { layers, stacks: plan, tiles, allocs } = ir;
    const tiledIn = ({ id }: Stack): TiledStack => known(tiledOf(tiles.stacks, id), 'tiled stack');
    const feasible = allocs.stacks.map(({ stack }) => known(stackOf(plan.stacks, stack), 'stack'));
    const stacks = overAlike(layers, feasible, {
      work: (stack, s) => {
        ctx.progress(s, feasible.length, `cost ${stack.id}`);
        const allocation = known(allocs.stacks[s], 'allocation');
        const mapper = mapperFor(ctx.mappers, stack);
        return costStack(layers, tiledIn(stack), allocation, ctx.hw, ctx.profile, mapper);
      },
      given: (s) => (ctx.mappingsGiven ? [s] : [tiledIn(feasible[s]!), allocs.stacks[s]]),
    });
    reportGaps(stacks, ctx);
    return { stacks, totals: totalsOfStacks(stacks, ctx.hw, ctx.profile) };
  },
});

/** Says how many mappings are the best found, not proven the best there are. */
function reportGaps(stacks: readonly StackCost[], ctx: PassContext): void {
  const gaps = stacks
    .flatMap(({ types }) => types.flatMap(({ layers }) => layers.map(({ gap }) => gap)))
    .filter((gap) => gap > 0);
  if (gaps.length === 0) return;
  const most = (100 * Math.max(...gaps)).toPrecision(2);
  ctx.diag(
    'DF6002',
    `the mappings of ${gaps.length} layer tiles are at most ${most} % above the best`,
    [{ kind: 'ir', pass: 'annotate-cost', id: 'costs' }],
    {
      help: `the report says which; ${ctx.budgeted ? 'without --budget more are looked at, ' : ''}a smaller --lpf-limit makes the search finish, over fewer mappings`,
    },
  );
}
