/** What `defines inspect` says, against counts known from elsewhere and graphs small enough to see through. */
import { compile } from '../../../src/compile.js';
import { inspectModel, type Inspection } from '../../../src/inspect/inspection.js';
import { inspectionText } from '../../../src/inspect/text.js';
import type { Graph } from '../../../src/ir/tensor.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { readModelFile } from '../../../src/node/files.js';
import { model, type ModelSpec, type NodeSpec } from '../../support/onnx-model.js';

async function inspected(
  bytes: ReturnType<typeof readModelFile>['bytes'],
  dims: Readonly<Record<string, number>> = {},
): Promise<{ readonly found: Inspection; readonly text: string }> {
  let file: Graph | undefined;
  const { ir } = await compile({
    source: { file: 'm.onnx', bytes },
    hw: loadAccelerator('tpu-like').accelerator,
    pipeline: 'import-onnx,normalize-graph,infer-shapes,lower-layers',
    dims,
    instruments: [{ after: (event) => (file ??= event.ir.graph) }],
  });
  const { graph, shapes, layers } = ir;
  if (!file || !graph || !shapes || !layers) throw new Error('the model does not lower');
  const found = inspectModel({ name: ir.name, file, graph, shapes, layers, dims });
  return { found, text: inspectionText(found, graph) };
}

const small = (spec: ModelSpec): Promise<Inspection> => inspected(model(spec)).then(({ found }) => found);
const W = (k: number, c: number, f = 1) => ({ shape: [k, c, f, f] });

test('ResNet-18: parameters as published, and the statistics of its 20 normalisations', async () => {
  const { found } = await inspected(readModelFile('resnet18').bytes);
  // 11,689,512 trained parameters, and a mean and a variance for each of 4,800 normalised channels.
  expect(found.parameters).toBe(11_689_512 + 2 * 4800);
  expect(found.macs).toBe(1_814_073_344);
  expect(found.featureMaps.largest).toEqual({
    map: 'relu1.out',
    width: 112,
    height: 112,
    elementsPerPixel: 64,
    bits: 112 * 112 * 64 * 8,
  });
  expect(found.fusion.map(({ layers, ends }) => [layers.length, ends?.kind, ends?.layer])).toEqual([
    [29, 'barrier', 'avgpool'],
    [2, undefined, undefined],
  ]);
});

test('a map that leaves the network ends its stack, and so does one that is read again later', async () => {
  const { fusion } = await small({
    inputs: { x: [1, 4, 8, 8] },
    outputs: ['b', 'd'],
    initializers: { w: W(4, 4), v: W(4, 4) },
    nodes: [
      { op: 'Conv', name: 'a', in: ['x', 'w'], out: ['a'] },
      { op: 'Conv', name: 'b', in: ['a', 'v'], out: ['b'] },
      { op: 'Conv', name: 'c', in: ['b', 'w'], out: ['c'] },
      { op: 'Conv', name: 'd', in: ['c', 'v'], out: ['d'] },
    ],
  });
  expect(fusion).toEqual([
    {
      layers: ['a', 'b'],
      weightBits: 2 * 16 * 8,
      ends: {
        kind: 'used-outside',
        layer: 'b',
        because: 'the map of b is also needed by the network output',
      },
    },
    { layers: ['c', 'd'], weightBits: 2 * 16 * 8, ends: null },
  ]);
});

test('attention: the side that is needed whole is made in an earlier stack', async () => {
  const { fusion } = await small({
    inputs: { x: [1, 16, 8] },
    outputs: ['s'],
    initializers: { q: { shape: [8, 8] }, k: { shape: [8, 8] } },
    nodes: [
      { op: 'MatMul', name: 'Q', in: ['x', 'q'], out: ['Q'] },
      { op: 'MatMul', name: 'K', in: ['x', 'k'], out: ['K'] },
      { op: 'Transpose', name: 'T', in: ['K'], out: ['T'], attrs: { perm: [0, 2, 1] } },
      { op: 'MatMul', name: 'S', in: ['Q', 'T'], out: ['s'] },
    ],
  });
  // S = Q.K^T: rows of Q stream, K is needed whole; so K ends an earlier stack, and Q and S are one.
  expect(fusion.at(-1)?.layers.at(-1)).toBe('S');
  expect(fusion.at(-2)?.ends).toMatchObject({ kind: 'used-outside', layer: 'K' });
});

test('100 % of the MACs are claimed only where all are known', async () => {
  const two = (node: NodeSpec): Uint8Array =>
    model({
      opset: { '': 17, acme: 1 },
      inputs: { x: [1, 3, 8, 8] },
      outputs: { y: [1, 4, 8, 8] },
      initializers: { w: W(4, 3) },
      nodes: [
        { op: 'Conv', in: ['x', 'w'], out: ['c'] },
        { ...node, in: ['c'], out: ['y'] },
      ],
    });
  const unknown = await inspected(two({ op: 'Mystery', domain: 'acme' }));
  expect(unknown.found.coverage.uncounted).toEqual(['acme:Mystery']);
  expect(unknown.text).toMatch(/^coverage {2}of the MACs that are known 100\.0 % are modelled exactly$/m);
  expect(unknown.text).toMatch(/^ {2}MACs not known: acme:Mystery$/m);
  const known = await inspected(two({ op: 'Softmax' }));
  expect(known.found.coverage.uncounted).toEqual([]);
  expect(known.text).toMatch(/^coverage {2}of the MACs 100\.0 % are modelled exactly$/m);
  expect(known.text).toMatch(
    /^ +of all loop iterations 75\.0 % are modelled exactly, 25\.0 % approximately$/m,
  );
});

test('symbols with their places and sizes; nothing is silently free', async () => {
  const { found, text } = await inspected(
    model({
      inputs: { x: ['batch', 3, null, 8] },
      outputs: ['y'],
      initializers: { w: W(4, 3) },
      nodes: [
        { op: 'Conv', in: ['x', 'w'], out: ['c'] },
        { op: 'Relu', in: ['c'], out: ['r'] },
        { op: 'Softmax', in: ['r'], out: ['y'], attrs: { axis: 1 } },
      ],
    }),
    { batch: 2, 'x.2': 6 },
  );
  expect(found.symbols).toEqual([
    { name: 'batch', axes: ['x.0'], size: 2 },
    { name: 'x.2', axes: ['x.2'], size: 6 },
  ]);
  expect(found.parameters).toBe(12);
  expect(text).toContain('symbol  batch = 2   (x.0)');
  expect(text).toMatch(/modelled exactly: Conv 1$/m);
  expect(text).toMatch(/approximate in order, reads or arithmetic: Softmax 1$/m);
  expect(text).toMatch(/not charged: Relu 1$/m);
});
