/**
 * Ends a stack after every pooling layer, wherever a stack can end.
 * @type {import('defines').Plugin}
 */
export default {
  apiVersion: 1,
  name: 'acme',
  setup({ kit, registerPass }) {
    registerPass(
      kit.definePass({
        name: 'acme/cut-at-pools',
        summary: 'End a stack after every pooling layer.',
        needs: ['layers'],
        makes: 'stacks',
        options: {},
        run(ir, _options, ctx) {
          const plan = kit.cutAfter(ir, ctx, (layer) => layer.op.endsWith('Pool'));
          ctx.stat('stacks', plan.stacks.length);
          return plan;
        },
      }),
    );
  },
};
