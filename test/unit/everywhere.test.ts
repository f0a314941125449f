/** Every model on every built-in accelerator, layer by layer and tiled: a schedule that all verifiers accept. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compile } from '../../src/compile.js';
import { builtinAccelerators, loadAccelerator } from '../../src/node/builtin.js';
import { describeWithReference, projectFolder } from '../support/reference.js';

const TILES = ['full', '14x14'];
const accelerators = builtinAccelerators().map((name) => loadAccelerator(name).accelerator);
const modelsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.onnx'))
    .map((file) => join(folder, file));

/** What is wrong with the result, if anything, on any accelerator. */
async function failures(path: string): Promise<readonly string[]> {
  const source = { file: basename(path), bytes: readFileSync(path) };
  const wrong: string[] = [];
  for (const hw of accelerators) {
    for (const tile of TILES) {
      const pipeline = `import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks,choose-tiles{tile=${tile}},tile-stacks,allocate-memory,annotate-cost`;
      // The limit keeps 440 schedules fast: what is tested here are the facets, not the mappings.
      const { ok, ir, diagnostics } = await compile({ source, hw, pipeline, lpfLimit: 4 });
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      const macs = ir.costs?.totals.macs ?? NaN;
      // Nothing is computed twice where everything is kept; behind strides a little is not needed at all.
      const sane = ok && macs <= ir.layers!.macs && macs > 0.9 * ir.layers!.macs;
      if (!sane)
        wrong.push(`${hw.name} ${tile}: ${macs} MACs ${errors.map(({ message }) => message).join('; ')}`);
    }
  }
  return wrong;
}

describe('networks that ship with the project', () => {
  const paths = modelsIn(join(projectFolder(), 'models/networks'));
  test.each(paths.map((path) => [basename(path), path]))('%s', async (_, path) => {
    expect(await failures(path)).toEqual([]);
  });
});

describeWithReference('public models', (reference) => {
  const paths = modelsIn(join(reference, 'models'));
  test.each(paths.map((path) => [basename(path), path]))('%s', async (_, path) => {
    expect(await failures(path)).toEqual([]);
  });
});
