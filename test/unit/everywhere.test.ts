/** Every model on every built-in accelerator, layer by layer and tiled: a schedule that all verifiers accept. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compile } from '../../src/compile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { PartialIR } from '../../src/ir/facets.js';
import { builtinAccelerators, loadAccelerator } from '../../src/node/builtin.js';
import { describeWithReference, projectFolder } from '../support/reference.js';

const TILES = ['full', '14x14'];
const SCHEDULE = TILES.map(
  (tile) => `partition-stacks,choose-tiles{tile=${tile}},tile-stacks,allocate-memory,annotate-cost`,
);
const accelerators = builtinAccelerators().map((name) => loadAccelerator(name).accelerator);
const modelsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.onnx'))
    .map((file) => join(folder, file));

/** The layers of a model; of an accelerator they depend on its precision alone. */
async function layersOf(path: string, hw: Accelerator): Promise<PartialIR> {
  const source = { file: basename(path), bytes: readFileSync(path) };
  const { ir, diagnostics } = await compile({
    source,
    hw,
    pipeline: 'import-onnx,normalize-graph,infer-shapes,lower-layers',
  });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return { name: ir.name, layers: ir.layers! };
}

/** What is wrong with the result, if anything, on any accelerator. */
async function failures(path: string): Promise<readonly string[]> {
  const lowered = new Map<string, Promise<PartialIR>>();
  const wrong: string[] = [];
  for (const hw of accelerators) {
    const precision = JSON.stringify(hw.precision);
    if (!lowered.has(precision)) lowered.set(precision, layersOf(path, hw));
    const from = (await lowered.get(precision))!;
    for (const [number, pipeline] of SCHEDULE.entries()) {
      // The limit keeps 440 schedules fast: what is tested here are the facets, not the mappings.
      const { ok, ir, diagnostics } = await compile({ from, hw, pipeline, lpfLimit: 4 });
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      const macs = ir.costs?.totals.macs ?? NaN;
      // Nothing is computed twice where everything is kept; behind strides a little is not needed at all.
      const sane = ok && macs <= from.layers!.macs && macs > 0.9 * from.layers!.macs;
      if (!sane)
        wrong.push(
          `${hw.name} ${TILES[number]}: ${macs} MACs ${errors.map(({ message }) => message).join('; ')}`,
        );
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
