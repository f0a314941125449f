/** Sets the cuts: which layers are scheduled depth-first together. Tiles, modes and levels come later. */
import {
  bareName,
  closest,
  cutAtNames,
  cutUnits,
  definePass,
  fail,
  faultText,
  fuseUnits,
  layerId,
  loseFirstCut,
  planOf,
  singleLayers,
  stackOf,
  weightRoomBits,
  type IR,
  type Layer,
  type LayerId,
  type PassContext,
  type StackPlan,
} from '../src/kit.js';

interface Options {
  readonly by: 'auto' | 'single-layer' | 'one';
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
      enum: ['auto', 'single-layer', 'one'],
      default: 'auto',
      description: 'auto: fuse while the weights fit on chip; single-layer; one: fuse wherever it is legal',
    },
    cuts: {
      type: 'array',
      default: [],
      description: 'names of the layers after which to cut, instead of a rule',
    },
  },
  run(ir: IR<'layers'>, options: Options, ctx: PassContext): StackPlan {
    const stretches = options.cuts.length > 0 ? namedCuts(ir, options.cuts, ctx) : ruled(ir, options.by, ctx);
    ctx.stat('stacks', stretches.length);
    return planOf(
      options.cuts.length > 0 ? `cuts ${options.cuts.join(',')}` : options.by,
      stretches.map((layers) => stackOf(ctx, layers)),
    );
  },
});

function ruled({ layers }: IR<'layers'>, by: Options['by'], ctx: PassContext): readonly (readonly Layer[])[] {
  const { profile } = ctx;
  if (by === 'single-layer') return singleLayers(layers.layers);
  if (by === 'one') return fuseUnits(layers, cutUnits(layers), Infinity, profile.barriers);
  const stacks = fuseUnits(layers, cutUnits(layers), weightRoomBits(ctx), profile.barriers);
  return profile.firstCut === 'lost' ? loseFirstCut(layers, stacks, profile.barriers) : stacks;
}

function namedCuts(
  { layers }: IR<'layers'>,
  names: readonly string[],
  ctx: PassContext,
): readonly (readonly Layer[])[] {
  const ids = new Set(names.map((name) => knownLayer(layers.layers, name)));
  const result = cutAtNames(layers, ids, ctx.profile.barriers);
  if (result.kind === 'illegal') {
    return fail(
      'DF3002',
      `the layers up to the cut after ${result.after} are no stack: ${faultText(result.fault)}`,
      [{ kind: 'ir', id: result.after }],
      {
        help: `cut after one of ${result.legal.join(', ')}`,
      },
    );
  }
  if (result.added.length > 0) {
    ctx.diag('DF3003', `also cut after ${result.added.join(', ')}: the next layer needs a whole map`);
  }
  return result.stacks;
}

function knownLayer(layers: readonly Layer[], name: string): LayerId {
  const id = layerId(name.replace(/^@/, ''));
  if (layers.some((layer) => layer.id === id)) return id;
  const near = closest(
    name,
    layers.map((layer) => bareName(layer.id)),
  );
  return fail('DF3001', `no layer is called ${name}`, [], {
    help: near ? `did you mean ${near}?` : 'list the layers with: defines inspect <model>',
  });
}
