/** Works out the tiles of every stack: grid, tile types, regions and overlaps. */
import {
  acrossItems,
  definePass,
  overAlike,
  tileStack,
  type IR,
  type Layer,
  type PassContext,
  type TiledStack,
  type TilePlan,
} from '../src/kit.js';

export const tileStacks = definePass({
  name: 'tile-stacks',
  summary: 'Back-propagate the output tile of every stack and classify its tiles.',
  needs: ['layers', 'stacks'],
  makes: 'tiles',
  options: {},
  run({ layers, stacks }: IR<'layers' | 'stacks'>, _options: object, ctx: PassContext): TilePlan {
    const tiled = overAlike(layers, stacks.stacks, {
      work: (stack) => tileStack(layers, stack, ctx.profile),
      given: () => [],
    });
    for (const stack of tiled) noteItems(acrossItems(layers, stack), stack, ctx);
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

/** Rows of several batch items in one tile, though each has keys of its own. */
function noteItems([layer]: readonly Layer[], { stack, tile }: TiledStack, ctx: PassContext): void {
  if (layer?.itemRows === undefined) return;
  ctx.diag(
    'DF4003',
    `tiles of ${stack} have ${tile.y} rows, of which ${layer.itemRows} are one batch item: ${layer.id} reads one set of keys for all of a tile`,
    [{ kind: 'ir', facet: 'stacks', id: layer.id }],
    { help: `tiles of ${layer.itemRows} rows, or of a divisor, are exact: --tile fullx${layer.itemRows}` },
  );
}
