/** A layer table -> the layers facet: loop nests with equations, as earlier tools write them. */
import {
  allBytes,
  assert,
  channelClashes,
  definePass,
  parseLayerTable,
  sizesFromSinks,
  uncountable,
  verifyWorkload,
  type PassContext,
  type Workload,
} from '../src/kit.js';

export const importLayers = definePass({
  name: 'import-layers',
  summary: 'Read a layer table (YAML or JSON) into loop nests.',
  needs: [],
  makes: 'layers',
  options: {},
  run(_ir: object, _options: object, ctx: PassContext): Workload {
    assert(ctx.source, 'import-layers runs without a file');
    const text = new TextDecoder().decode(allBytes(ctx.source.bytes));
    // A table has no pads: whatever it declares, its maps are as large as its consumers need.
    const workload = sizesFromSinks(parseLayerTable(text, ctx.source.file, ctx.profile.cutChannels).workload);
    for (const clash of channelClashes(workload))
      ctx.diag('DF1033', clash.message, [{ kind: 'ir', id: clash.layer }]);
    if (Object.keys(ctx.precision).length > 0)
      ctx.diag('DF1034', 'a layer table states its own precisions: those given are not used');
    if (Object.keys(ctx.dims).length > 0)
      ctx.diag('DF1034', 'a layer table has no symbolic dimensions: those given are not used');
    for (const { code, message, at, ...details } of uncountable(workload))
      ctx.diag(code, message, at, details);
    refuseContradictions(workload, ctx);
    ctx.stat('layers', workload.layers.length);
    return workload;
  },
});

/** Findings that are shown. */
const SHOWN = 8;

/** What would be a bug in a facet that a pass has made is the user's matter in a table. */
function refuseContradictions(workload: Workload, ctx: PassContext): void {
  const faults = verifyWorkload(workload);
  if (faults.length === 0) return;
  ctx.diag('DF1032', `the loops and sizes of the table contradict each other (${faults.length})`, [], {
    terms: faults.slice(0, SHOWN).map(({ message }) => message),
    help: 'check loop_dim_size and equation of these layers',
  });
}
