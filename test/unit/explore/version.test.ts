/**
 * Results on disk carry COST_MODEL_VERSION. If the digest below no longer holds, numbers have changed: raise the
 * version, and enter the new digest under it (the message shows it). The old entry goes.
 */
import { createHash } from 'node:crypto';
import { PROFILES } from '../../../src/base/profile.js';
import { compile } from '../../../src/compile.js';
import { COST_MODEL_VERSION } from '../../../src/cost/version.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { readModelFile } from '../../../src/node/files.js';

const ON_RECORD: Readonly<Record<number, string>> = {
  9: '338761cc883f5787',
};

const RUNS = [
  ['fsrcnn', 'meta-proto-df', '60x72', 'fully-cached'],
  ['fsrcnn', 'tpu-like', '60x72', 'fully-recompute'],
  ['mobilenetv1', 'edge-tpu-like-df', '14x14', 'h-cached-v-recompute'],
  // Caches leave its mappings little room.
  ['resnet18', 'tpu-like-df', '14x14', 'fully-cached'],
] as const;

test('the numbers are those of this version', async () => {
  const hash = createHash('sha256');
  for (const profile of Object.values(PROFILES))
    for (const [model, accelerator, tile, mode] of RUNS) {
      const { ir } = await compile({
        source: readModelFile(model),
        hw: loadAccelerator(accelerator).accelerator,
        profile,
        lpfLimit: 5,
        pipeline: `import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks,choose-tiles{tile=${tile} mode=${mode}},tile-stacks,allocate-memory,annotate-cost`,
        verify: 'off',
      });
      const { energyPj, latencyCycles } = ir.costs!.totals;
      // Sums in another order are the same numbers.
      hash.update(`${energyPj.toPrecision(9)} ${latencyCycles.toPrecision(9)}\n`);
    }
  expect(hash.digest('hex').slice(0, 16)).toBe(ON_RECORD[COST_MODEL_VERSION]);
});
