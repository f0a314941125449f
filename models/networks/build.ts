/**
 * Writes the built-in networks as ONNX files without weights: constants are made by ConstantOfShape nodes, so that
 * every file is a valid model of a few kilobytes. The same topology gives the same bytes; a test compares them with
 * the files. `npm run build:networks` regenerates them.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import { CONVOLUTIONAL, type Attributes, type NetworkBuilder, type Topology } from './topologies.js';
import { TRANSFORMERS } from './transformers.js';

const { onnx } = onnxProto;
const { DataType } = onnx.TensorProto;
const { AttributeType } = onnx.AttributeProto;

/** ONNX 1.12. */
const IR_VERSION = 8;
const OPSET = 17;

interface Parts {
  readonly node: Onnx.INodeProto[];
  readonly initializer: Onnx.ITensorProto[];
  readonly input: Onnx.IValueInfoProto[];
  readonly output: Onnx.IValueInfoProto[];
}

const valueInfo = (name: string, shape: readonly number[]): Onnx.IValueInfoProto => ({
  name,
  type: { tensorType: { elemType: DataType.FLOAT, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
});

const encodeAttributes = (attributes: Attributes): Onnx.IAttributeProto[] =>
  Object.entries(attributes).map(([name, value]) =>
    typeof value === 'number'
      ? { name, type: AttributeType.INT, i: value }
      : { name, type: AttributeType.INTS, ints: [...value] },
  );

/** Adds to `parts`; a node's output is named after the node. */
const builder = (parts: Parts): NetworkBuilder => ({
  input(shape, name = 'input') {
    parts.input.push(valueInfo(name, shape));
    return name;
  },
  number(name, value) {
    parts.initializer.push({ name, dataType: DataType.FLOAT, dims: [], floatData: [value] });
    return name;
  },
  integers(name, values) {
    parts.initializer.push({ name, dataType: DataType.INT64, dims: [values.length], int64Data: [...values] });
    return name;
  },
  constant(name, shape, fill) {
    const size: Onnx.ITensorProto = { name: `${name}.shape`, dataType: DataType.INT64, dims: [shape.length] };
    parts.initializer.push({ ...size, int64Data: [...shape] });
    const value: Onnx.ITensorProto = { dataType: DataType.FLOAT, dims: [1], floatData: [fill] };
    const attribute = [{ name: 'value', type: AttributeType.TENSOR, t: value }];
    parts.node.push({ opType: 'ConstantOfShape', name, input: [`${name}.shape`], output: [name], attribute });
    return name;
  },
  node(opType, name, inputs, attributes = {}) {
    const output = `${name}.out`;
    parts.node.push({
      opType,
      name,
      input: [...inputs],
      output: [output],
      attribute: encodeAttributes(attributes),
    });
    return output;
  },
  output(tensor, shape, name = 'output') {
    for (const node of parts.node)
      node.output = (node.output ?? []).map((made) => (made === tensor ? name : made));
    parts.output.push(valueInfo(name, shape));
    return name;
  },
});

function encode(name: string, { description, build }: Topology): Uint8Array {
  const parts: Parts = { node: [], initializer: [], input: [], output: [] };
  build(builder(parts));
  return onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'defines',
    docString: description,
    graph: { name, ...parts },
  }).finish();
}

/** File name to content. */
export const buildNetworks = (): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries({ ...CONVOLUTIONAL, ...TRANSFORMERS }).map(([name, topology]) => [
      `${name}.onnx`,
      encode(name, topology),
    ]),
  );

/** The compiled script lies in `dist`, the files beside the source. */
function networksFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'models', 'networks');
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  for (const [file, bytes] of Object.entries(buildNetworks()))
    writeFileSync(join(networksFolder(), file), bytes);
