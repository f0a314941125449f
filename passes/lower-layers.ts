/**
 * The graph as loop nests: constants vanish, pointwise operators join their producers, views become regions.
 * Where the profile knows no padding, the sizes of all maps then follow from the outputs.
 */
import {
  bareName,
  definePass,
  grouped,
  lowerGraph,
  macsOfLayers,
  paddedLayers,
  precisionsByName,
  sizesFromSinks,
  unmatchedPrecisions,
  wholeOperandsFirst,
  uncountable,
  type IR,
  type PassContext,
  type Workload,
} from '../src/kit.js';

export const lowerLayers = definePass({
  name: 'lower-layers',
  summary: 'Turn operators into loop nests with operands, regions and post-operations.',
  needs: ['graph', 'shapes'],
  makes: 'layers',
  options: {},
  run({ graph, shapes }: IR<'graph' | 'shapes'>, _options: object, ctx: PassContext): Workload {
    const options = {
      precision: ctx.hw.precision,
      override: ctx.precision,
      ofLayer: precisionsByName(ctx.precisions),
      countParameters: ctx.profile.postOpParameters === 'counted',
    };
    const lowered = lowerGraph(graph, shapes, options, ({ code, message, at, ...details }) =>
      ctx.diag(code, message, at, details),
    );
    const workload = wholeOperandsFirst(lowered);
    const names = workload.layers.map(({ id }) => bareName(id));
    for (const { code, message, at, ...details } of unmatchedPrecisions(ctx.precisions, names))
      ctx.diag(code, message, at, details);
    ctx.stat('layers', workload.layers.length);
    ctx.stat(
      'post-operations',
      workload.layers.reduce((sum, layer) => sum + layer.postOps.length, 0),
    );
    ctx.stat('views', workload.aliases.length);
    const result = ctx.profile.padding === 'ignored' ? withoutPads(workload, ctx) : workload;
    for (const { code, message, at, ...details } of uncountable(result)) ctx.diag(code, message, at, details);
    return result;
  },
});

function withoutPads(workload: Workload, ctx: PassContext): Workload {
  const padded = paddedLayers(workload);
  const result = sizesFromSinks(workload);
  if (padded.length > 0)
    ctx.diag(
      'DF2103',
      `the pads of ${padded.length} layer(s) are ignored: ${grouped(workload.macs)} MACs with them, ${grouped(macsOfLayers(result))} without`,
      padded.slice(0, 4).map(({ id }) => ({ kind: 'ir', pass: 'lower-layers', facet: 'layers', id })),
      { help: 'use --profile default for the network as it is' },
    );
  return result;
}
