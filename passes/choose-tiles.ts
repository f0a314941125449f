/** Gives every stack the same output tile and overlap storing mode. */
import {
  definePass,
  OVERLAP_MODES,
  parseTile,
  TILE_PATTERN,
  type IR,
  type OverlapMode,
  type StackPlan,
} from '../src/kit.js';

interface Options {
  readonly tile: string;
  readonly mode: OverlapMode;
}

export const chooseTiles = definePass({
  name: 'choose-tiles',
  summary: 'Set one output tile and one overlap storing mode for all stacks.',
  needs: ['stacks'],
  makes: 'stacks',
  options: {
    tile: {
      type: 'string',
      pattern: TILE_PATTERN,
      default: 'full',
      description:
        'columns x rows of the stack output, e.g. 60x72; full: the whole map (clamped to each map); with xh2 behind: 2 attention heads at a time',
    },
    mode: {
      type: 'string',
      enum: OVERLAP_MODES,
      default: 'fully-cached',
      description: 'what happens to data that neighbouring tiles share',
    },
  },
  run({ stacks }: IR<'stacks'>, options: Options): StackPlan {
    const tile = parseTile(options.tile);
    // What a search said of the plan does not hold for another one.
    return {
      by: stacks.by,
      stacks: stacks.stacks.map((stack) => ({ ...stack, tile, mode: options.mode })),
    };
  },
});
