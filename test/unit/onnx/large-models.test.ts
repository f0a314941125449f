/**
 * Models larger than memory: weights are sought over and never read, whatever their size; graphs of 20,000 nodes need
 * neither a deep stack nor the square of their length.
 */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import onnxProto from 'onnx-proto';
import { bytesInMemory, type ByteSource } from '../../../src/base/byte-source.js';
import { compile } from '../../../src/compile.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { fileBytes } from '../../../src/node/file-bytes.js';
import { stripPayloads } from '../../../src/onnx/strip-payloads.js';
import { concatenated, wireFields } from '../../../src/onnx/wire.js';
import { temporaryFolder } from '../../support/cli.js';
import { model, type NodeSpec } from '../../support/onnx-model.js';

const { onnx } = onnxProto;
const at = temporaryFolder();
const { accelerator: hw } = loadAccelerator('tpu-like');
const { accelerator: depthFirst } = loadAccelerator('meta-proto-df');
const LAYERS = 'import-onnx,normalize-graph,infer-shapes,lower-layers';

/** Tag and length of a field, the length up to 2^53. */
function header(number: number, length: number): Uint8Array {
  const bytes = [(number << 3) | 2];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | (rest >= 128 ? 128 : 0));
    if (rest < 128) return Uint8Array.from(bytes);
  }
}

interface Piece {
  readonly bytes: Uint8Array;
  /** Zeros behind it. */
  readonly zeros: number;
}

/** `count` convolutions, each with its weights of `weightBytes` in the file: pieces of text, and zeros between. */
function largeModel(count: number, weightBytes: number): readonly Piece[] {
  const nodes = Array.from({ length: count }, (_, k) => ({
    opType: 'Conv',
    input: [k === 0 ? 'x' : `t${k - 1}`, `w${k}`],
    output: [`t${k}`],
    attribute: [{ name: 'pads', type: 7, ints: [1, 1, 1, 1] }],
  }));
  const tensor = (k: number) =>
    onnx.TensorProto.encode({ name: `w${k}`, dims: [8, 8, 3, 3], dataType: 1 }).finish();
  const rest = onnx.GraphProto.encode({
    name: 'large',
    node: nodes,
    input: [
      {
        name: 'x',
        type: {
          tensorType: { elemType: 1, shape: { dim: [1, 8, 16, 16].map((dimValue) => ({ dimValue })) } },
        },
      },
    ],
    output: [{ name: `t${count - 1}` }],
  }).finish();
  const weights = Array.from({ length: count }, (_, k): Piece => {
    const raw = header(9, weightBytes);
    const inner = concatenated([tensor(k), raw]);
    return { bytes: concatenated([header(5, inner.length + weightBytes), inner]), zeros: weightBytes };
  });
  const graphBytes = weights.reduce((sum, { bytes, zeros }) => sum + bytes.length + zeros, rest.length);
  const start = onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ version: 17 }] }).finish();
  return [
    { bytes: concatenated([start, header(7, graphBytes)]), zeros: 0 },
    ...weights,
    { bytes: rest, zeros: 0 },
  ];
}

/** The pieces as a source that counts what is read; zeros exist only where they are read. */
function virtual(pieces: readonly Piece[]): ByteSource & { readonly bytesRead: () => number } {
  const ends: number[] = [];
  let size = 0;
  for (const { bytes, zeros } of pieces) ends.push((size += bytes.length + zeros));
  let bytesRead = 0;
  const read = (start: number, length: number): Uint8Array => {
    const result = new Uint8Array(Math.max(0, Math.min(length, size - start)));
    bytesRead += result.length;
    pieces.forEach(({ bytes }, k) => {
      const offset = (ends[k - 1] ?? 0) - start;
      if (offset >= result.length || offset + bytes.length <= 0) return;
      const from = Math.max(0, -offset);
      result.set(bytes.subarray(from, from + result.length - Math.max(0, offset)), Math.max(0, offset));
    });
    return result;
  };
  return { size, read, bytesRead: () => bytesRead };
}

test('5 GiB of weights in 20 tensors: less than 20 kB are read', async () => {
  const source = virtual(largeModel(20, 2 ** 28));
  expect(source.size).toBeGreaterThan(5 * 2 ** 30);
  const { ok, ir } = await compile({ source: { file: 'large.onnx', bytes: source }, hw, pipeline: LAYERS });
  expect(ok).toBe(true);
  expect(ir.layers?.layers).toHaveLength(20);
  expect(source.bytesRead()).toBeLessThan(20_000);
});

test('one tensor of 3 GiB: lengths beyond 32 bits of sign are read as they are', () => {
  const source = virtual(largeModel(1, 3 * 2 ** 30));
  const graph = onnx.ModelProto.decode(stripPayloads(source)).graph;
  expect(graph?.initializer?.[0]?.name).toBe('w0');
  expect(graph?.node).toHaveLength(1);
});

test('a file is read through its window as if it were in memory', () => {
  const pieces = largeModel(30, 60_000); // beyond what is read whole
  const file = at('window.onnx');
  const descriptor = openSync(file, 'w');
  let end = 0;
  for (const { bytes, zeros } of pieces) {
    writeSync(descriptor, bytes, 0, bytes.length, end);
    end += bytes.length + zeros;
  }
  ftruncateSync(descriptor, end);
  closeSync(descriptor);
  const [windowed, memory] = [fileBytes(file), bytesInMemory(virtual(pieces).read(0, end))];
  expect(windowed.size).toBe(end);
  expect([...wireFields(windowed)]).toEqual([...wireFields(memory)]);
  expect(stripPayloads(windowed)).toEqual(stripPayloads(memory));
  for (const [start, length] of [
    [0, 10],
    [16_380, 10],
    [end - 3, 10],
    [5, 40_000],
    [end, 5],
  ] as const)
    expect(Uint8Array.from(windowed.read(start, length))).toEqual(
      Uint8Array.from(memory.read(start, length)),
    );
});

test('a file that ends within its weights is truncated, however it is read', async () => {
  const pieces = largeModel(3, 2 ** 20);
  const whole = virtual(pieces);
  const { diagnostics } = await compile({
    source: { file: 'cut.onnx', bytes: { ...whole, size: whole.size - 2 ** 20 } },
    hw,
    pipeline: LAYERS,
  });
  expect(diagnostics.map(({ code }) => code)).toEqual(['DF1004']);
});

test('300 MiB that are no weights are refused without being read', async () => {
  const start = onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ version: 17 }] }).finish();
  const zeros = 300 * 2 ** 20;
  // A field that no version of ONNX has: it might be anything, so it would be kept.
  const source = virtual([{ bytes: concatenated([start, header(15, zeros)]), zeros }]);
  const { diagnostics } = await compile({
    source: { file: 'vast.onnx', bytes: source },
    hw,
    pipeline: LAYERS,
  });
  expect(diagnostics.map(({ code }) => code)).toEqual(['DF1040']);
  expect(source.bytesRead()).toBeLessThan(1000);
});

describe('20,000 nodes', () => {
  const chain = (node: (k: number, input: string) => NodeSpec): Uint8Array =>
    model({
      inputs: { x: [1, 8, 16, 16], y: [1, 8, 16, 16] },
      outputs: ['t19999'],
      initializers: { w: { shape: [8, 8, 1, 1] } },
      nodes: Array.from({ length: 20_000 }, (_, k) => ({
        ...node(k, k === 0 ? 'x' : `t${k - 1}`),
        out: [`t${k}`],
      })),
    });

  test('convolutions, from the model to the report', async () => {
    const bytes = chain((_, input) => ({ op: 'Conv', in: [input, 'w'] }));
    const source = { file: 'chain.onnx', bytes };
    const { ok, report } = await compile({ source, hw: depthFirst, verify: 'off' });
    expect(ok).toBe(true);
    // As many layers as the weight memory has room for: stacks of thousands.
    expect(report?.stacks.map(({ layers }) => layers.length)).toEqual([16_384, 3_616]);
  });

  test.each([
    [
      'post-operations of one layer',
      chain((k, input) => (k === 0 ? { op: 'Conv', in: [input, 'w'] } : { op: 'Relu', in: [input] })),
      1,
    ],
    ['one function of the input', chain((_, input) => ({ op: 'Add', in: [input, 'x'] })), 1],
    [
      'identities',
      chain((k, input) => (k === 0 ? { op: 'Conv', in: [input, 'w'] } : { op: 'Identity', in: [input] })),
      1,
    ],
  ] as const)('%s', async (_what, bytes, layers) => {
    const result = await compile({
      source: { file: 'chain.onnx', bytes },
      hw,
      pipeline: LAYERS,
    });
    expect(result.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(result.ir.layers?.layers).toHaveLength(layers);
  });
});
