/**
 * Keeps residual blocks whole: every block is a stack, whether its weights fit on chip or not, and so is every stretch
 * of layers between two of them.
 * @type {import('defines').Plugin}
 */
export default {
  apiVersion: 1,
  name: 'blocks',
  setup({ kit, registerPass }) {
    registerPass(
      kit.definePass({
        name: 'blocks/keep-whole',
        summary: 'Make a stack of every residual block, and of every stretch between two of them.',
        needs: ['layers'],
        makes: 'stacks',
        options: {
          together: {
            type: 'integer',
            minimum: 1,
            default: 1,
            description: 'how many blocks that follow each other share a stack',
          },
        },
        run(ir, { together }, ctx) {
          // A unit of several layers is a stretch that more than one map crosses: a block with its shortcut.
          const blocks = kit.units(ir).filter((unit) => unit.length > 1);
          const first = new Set(blocks.filter((_, i) => i % together === 0).map((block) => block[0]));
          const last = new Set(
            blocks.filter((_, i) => i % together === together - 1).map((block) => block.at(-1)),
          );
          const room = kit.weightRoomBits(ctx);
          for (const block of blocks)
            if (kit.weightBitsOf(ir, block) > room)
              ctx.diag('DF8332', `the weights of ${block[0]?.id} .. ${block.at(-1)?.id} do not fit on chip`);
          ctx.stat('blocks', blocks.length);
          return kit.cutWhere(ir, ctx, ({ before, after }) => last.has(before) || first.has(after));
        },
      }),
    );
  },
};
