/** Lists for every layer other ways to lay it over the array than the accelerator's own: the mapper takes the best. */
import {
  definePass,
  known,
  unrollingsOf,
  unrollingsWorthSearching,
  type IR,
  type PassContext,
  type Workload,
} from '../src/kit.js';

interface Options {
  readonly most: number;
}

export const listUnrollings = definePass({
  name: 'list-unrollings',
  summary: 'List other legal unrollings of every layer, for the mapper to choose from.',
  needs: ['layers'],
  makes: 'layers',
  options: {
    most: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      default: 6,
      description: 'at most so many per layer, those of fewest steps; each costs a search per layer tile',
    },
  },
  run({ layers: workload }: IR<'layers'>, { most }: Options, ctx: PassContext): Workload {
    const layers = workload.layers.map(({ otherUnrollings: _, ...layer }) => {
      const others = unrollingsWorthSearching(
        ctx.hw,
        layer,
        known(unrollingsOf(layer, ctx.hw)[0], 'own'),
        most,
      );
      ctx.stat('unrollings', others.length);
      return others.length === 0 ? layer : { ...layer, otherUnrollings: others };
    });
    return { ...workload, layers };
  },
});
