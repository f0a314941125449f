/**
 * Begins with the smallest stacks there are and joins neighbours, the pair that gains most first, as long as the cost
 * model says that it pays.
 * @type {import('defines').Plugin}
 */
export default {
  apiVersion: 1,
  name: 'greedy',
  setup({ kit, registerPass }) {
    registerPass(
      kit.definePass({
        name: 'greedy/merge-stacks',
        summary: 'Join neighbouring stacks while the cost model says that it pays.',
        needs: ['layers'],
        makes: 'stacks',
        options: {
          tile: { type: 'string', pattern: kit.TILE_PATTERN, default: 'full', description: 'such as 60x72' },
          mode: {
            type: 'string',
            enum: kit.OVERLAP_MODES,
            default: 'fully-cached',
            description: 'what happens to data that neighbouring tiles share',
          },
          goal: {
            type: 'string',
            enum: ['energy', 'latency'],
            default: 'energy',
            description: 'what to lower',
          },
        },
        run(ir, { tile, mode, goal }, ctx) {
          /** @typedef {readonly import('defines/kit').Layer[]} Layers */
          const stackOf = (/** @type {Layers} */ layers) =>
            kit.stackOf(ctx, layers, { tile: kit.parseTile(tile), mode });
          const costOf = (/** @type {Layers} */ layers) => {
            const found = ctx.costOf(stackOf(layers));
            if (found.kind === 'infeasible') return Infinity;
            return goal === 'energy' ? found.cost.totals.energyPj : found.cost.totals.latencyCycles;
          };
          const gainOf = (/** @type {readonly Layers[]} */ pair) => {
            const joined = pair.flat();
            const cost = kit.isStack(ir, ctx, joined) ? costOf(joined) : Infinity;
            return cost === Infinity ? 0 : pair.reduce((sum, layers) => sum + costOf(layers), 0) - cost;
          };
          const start = kit.smallestStacks(ir, ctx);
          for (let stacks = start; ; ctx.stat('merges', 1)) {
            const gains = stacks.slice(1).map((_, i) => gainOf(stacks.slice(i, i + 2)));
            const best = gains.indexOf(Math.max(...gains));
            if ((gains[best] ?? 0) <= 0) return kit.planOf(`greedy ${goal}`, stacks.map(stackOf));
            stacks = stacks.toSpliced(best, 2, stacks.slice(best, best + 2).flat());
            ctx.progress(start.length - stacks.length, start.length, 'merge stacks');
          }
        },
      }),
    );
  },
};
