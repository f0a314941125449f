/** Works out the tiles of every stack: grid, tile types, regions and overlaps. */
import { definePass, tileStack, type IR, type PassContext, type TilePlan } from '../src/kit.js';

export const tileStacks = definePass({
  name: 'tile-stacks',
  summary: 'Back-propagate the output tile of every stack and classify its tiles.',
  needs: ['layers', 'stacks'],
  makes: 'tiles',
  options: {},
  run({ layers, stacks }: IR<'layers' | 'stacks'>, _options: object, ctx: PassContext): TilePlan {
    const tiled = stacks.stacks.map((stack) => tileStack(layers, stack, ctx.profile));
    ctx.stat(
      'tile types',
      tiled.reduce((sum, stack) => sum + stack.types.length, 0),
    );
    ctx.stat(
      'tiles',
      tiled.reduce((sum, { types }) => types.reduce((all, { count }) => all + count, sum), 0),
    );
    return { stacks: tiled };
  },
});
