/** The programmatic API: the composition root without a command line around it. */
import { compile, Pipeline, type CompileRequest } from '../../src/index.js';
import { loadAccelerator } from '../../src/node/builtin.js';
import { chooseTiles } from '../../passes/choose-tiles.js';
import { importOnnx } from '../../passes/import-onnx.js';
import { inferShapes } from '../../passes/infer-shapes.js';
import { lowerLayers } from '../../passes/lower-layers.js';
import { normalizeGraph } from '../../passes/normalize-graph.js';
import { partitionStacks } from '../../passes/partition-stacks.js';
import { model } from '../support/onnx-model.js';
import { TINY_2CONV } from './ir/tiny-2conv.js';

const { accelerator: hw } = loadAccelerator('meta-proto-df');
const request: CompileRequest = { source: { file: 'nets/tiny-2conv.onnx', bytes: TINY_2CONV }, hw };

test('without a pipeline the default one runs to its end', async () => {
  const { ok, finished, ir, report, diagnostics } = await compile(request);
  expect([ok, finished, diagnostics]).toEqual([true, true, []]);
  expect(ir.name).toBe('tiny-2conv');
  expect(report?.model.macs).toBe(8_580_096); // 16 x 56 x 56 x 27 + 16 x 56 x 56 x 144
  expect(report?.profile).toBe('default');
});

test('a typed pipeline is a text that runs', async () => {
  const pipeline = Pipeline.start()
    .step(importOnnx)
    .step(normalizeGraph)
    .step(inferShapes)
    .step(lowerLayers)
    .step(partitionStacks, { cuts: ['conv1'] })
    .step(chooseTiles, { tile: '7x7' });
  expect(pipeline.toString()).toBe(
    'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{cuts=conv1},choose-tiles{tile=7x7}',
  );
  const typed = await compile({ ...request, pipeline: pipeline.toString() });
  expect(typed.ir.stacks?.stacks.map(({ layers, tile }) => [layers, tile])).toEqual([
    [['@conv1'], { x: 7, y: 7 }],
    [['@conv2'], { x: 7, y: 7 }],
  ]);
  expect(typed.report).toBeUndefined();
});

test('a pipeline may go by its name', async () => {
  const { ok, pipeline, ir } = await compile({ ...request, pipeline: 'layers' });
  expect([ok, pipeline]).toEqual([true, 'import-onnx,normalize-graph,infer-shapes,lower-layers']);
  expect(ir.layers).toBeDefined();
});

test.each([
  ['oops,', 'DF8002'],
  ['oops', 'DF8004'],
  ['lower-layers', 'DF8003'],
])('a pipeline "%s" is an answer with diagnostics, not an exception', async (pipeline, code) => {
  const { ok, finished, diagnostics } = await compile({ ...request, pipeline });
  expect([ok, finished, diagnostics[0]?.code]).toEqual([false, false, code]);
});

test('so is a broken model, with the name of its file', async () => {
  const { ok, ir, diagnostics } = await compile({
    ...request,
    source: { file: 'x.onnx', bytes: new Uint8Array([1, 2]) },
  });
  expect(ok).toBe(false);
  expect(ir).toMatchObject({ name: 'x', made: { passes: [] } });
  expect(diagnostics[0]).toMatchObject({ severity: 'error', pass: 'import-onnx', at: [{ file: 'x.onnx' }] });
});

test('infeasible stacks leave a report that says so, and are errors', async () => {
  // The register next to the array holds 8 bit: no weight of 100 000 bit gets there.
  const { ok, finished, report, diagnostics } = await compile({
    ...request,
    precision: { W: 100_000, I: 8, O: 8, psum: 16 },
  });
  expect([ok, finished]).toEqual([false, true]);
  expect(diagnostics.map(({ code }) => code)).toContain('DF5001');
  expect(report?.totals.complete).toBe(false);
  expect(report?.stacks.map(({ feasible }) => feasible)).toEqual([false, false]);
});

test('what a pass made is frozen, unless nobody verifies', async () => {
  const frozen = await compile(request);
  expect(Object.isFrozen(frozen.ir.layers?.layers[0]?.loops)).toBe(true);
  const loose = await compile({ ...request, verify: 'off' });
  expect(Object.isFrozen(loose.ir.layers?.layers[0]?.loops)).toBe(false);
  expect(loose.report).toEqual(frozen.report);
});

test('the mapper is asked once per distinct problem, and for one of the stacks that are alike', async () => {
  // Convolutions alike, each its own stack with the same tiles.
  const asked = async (count: number): Promise<Readonly<Record<string, number>>> => {
    const maps = Array.from({ length: count + 1 }, (_, i) => `map${i}`);
    const chain = model({
      type: 3,
      inputs: { map0: [1, 8, 16, 16] },
      outputs: [`map${count}`],
      initializers: { w: { shape: [8, 8, 1, 1], type: 3 } },
      nodes: maps.slice(1).map((to, i) => ({ op: 'Conv', in: [`map${i}`, 'w'], out: [to] })),
    });
    const { statistics } = await compile({
      ...request,
      source: { file: 'chain.onnx', bytes: chain },
      pipeline:
        'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{by=single-layer},choose-tiles,tile-stacks,allocate-memory,annotate-cost',
    });
    const ofMapper = statistics.filter(({ pass }) => pass === 'mapper');
    return Object.fromEntries(ofMapper.map(({ name, count: of }) => [name, of]));
  };
  const { solved = NaN, shared = NaN } = await asked(1);
  // Allocation and costs ask for the same.
  expect(solved).toBeLessThanOrEqual(shared);
  expect(await asked(3)).toMatchObject({ solved, shared });
});
