/**
 * Small ONNX models for tests, written briefly and encoded by onnx-proto:
 *
 *     model({ inputs: { x: [1, 3, 8, 8] }, outputs: ['y'], initializers: { w: { shape: [4, 3, 3, 3] } },
 *             nodes: [{ op: 'Conv', in: ['x', 'w'], out: ['y'], attrs: { pads: [1, 1, 1, 1] } }] })
 *
 * Fields newer than the library (overloads, attribute defaults) are appended on the wire.
 */
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import protobuf from 'protobufjs/minimal.js';

const { onnx } = onnxProto;
const { AttributeType } = onnx.AttributeProto;

/** A number is a fixed size, a string a symbol, null unknown. */
export type DimSpec = number | string | null;
/** null: a tensor without a declared shape. */
export type ShapeSpec = readonly DimSpec[] | null;

export interface TensorSpec {
  readonly shape: readonly number[];
  /** ONNX element type number; 1 = float (default), 7 = int64. */
  readonly type?: number;
  readonly fields?: Partial<Onnx.ITensorProto>;
}

/** An integer is INT, a list of integers INTS, a text STRING; the rest says its kind. */
export type AttrSpec =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: TensorSpec }
  | { readonly graph: GraphSpec }
  | { readonly ref: string }
  | { readonly proto: Onnx.IAttributeProto };

export interface NodeSpec {
  readonly op: string;
  readonly in?: readonly string[];
  readonly out?: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly attrs?: Readonly<Record<string, AttrSpec>>;
}

export interface GraphSpec {
  readonly name?: string;
  readonly inputs?: Readonly<Record<string, ShapeSpec>>;
  /** Names alone declare no shape. */
  readonly outputs?: readonly string[] | Readonly<Record<string, ShapeSpec>>;
  readonly nodes: readonly NodeSpec[];
  readonly initializers?: Readonly<Record<string, TensorSpec>>;
  readonly sparseInitializers?: Readonly<Record<string, TensorSpec>>;
  readonly valueInfo?: Readonly<Record<string, ShapeSpec>>;
  /** Element type of inputs, outputs and value infos; 1 = float (default). */
  readonly type?: number;
  /** Element types of single ones of them. */
  readonly types?: Readonly<Record<string, number>>;
  /** Outputs are declared by name alone: their type is left to whoever reads the model. */
  readonly untypedOutputs?: boolean;
}

export interface FunctionSpec {
  readonly name: string;
  readonly domain: string;
  readonly overload?: string;
  readonly opset?: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly string[];
  readonly defaults?: Readonly<Record<string, AttrSpec>>;
  readonly nodes: readonly NodeSpec[];
}

export interface ModelSpec extends GraphSpec {
  /** Default 17. A record gives a version per domain. */
  readonly opset?: number | Readonly<Record<string, number>>;
  readonly irVersion?: number;
  readonly functions?: readonly FunctionSpec[];
}

const entries = <T>(record: Readonly<Record<string, T>> | undefined): [string, T][] =>
  Object.entries(record ?? {});

/** An int64 constant with its numbers. */
export const int64 = (...values: number[]): TensorSpec => ({
  shape: [values.length],
  type: 7,
  fields: { int64Data: values },
});

/** A float constant with its numbers. */
export const floats = (...values: number[]): TensorSpec => ({
  shape: [values.length],
  fields: { floatData: values },
});

export const tensorProto = (
  name: string,
  { shape, type = 1, fields = {} }: TensorSpec,
): Onnx.ITensorProto => ({
  name,
  dims: [...shape],
  dataType: type,
  ...fields,
});

function valueInfo(name: string, shape: ShapeSpec, elemType: number): Onnx.IValueInfoProto {
  const dim = shape?.map((size) =>
    typeof size === 'number' ? { dimValue: size } : size === null ? {} : { dimParam: size },
  );
  return { name, type: { tensorType: dim ? { elemType, shape: { dim } } : { elemType } } };
}

function attributeProto(
  name: string,
  spec: Exclude<AttrSpec, { readonly graph: GraphSpec }>,
): Onnx.IAttributeProto {
  if (typeof spec === 'number') return { name, type: AttributeType.INT, i: spec };
  if (typeof spec === 'string')
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(spec) };
  if (Array.isArray(spec)) return { name, type: AttributeType.INTS, ints: [...(spec as number[])] };
  if ('float' in spec) return { name, type: AttributeType.FLOAT, f: spec.float };
  if ('floats' in spec) return { name, type: AttributeType.FLOATS, floats: [...spec.floats] };
  if ('tensor' in spec) return { name, type: AttributeType.TENSOR, t: tensorProto('', spec.tensor) };
  if ('ref' in spec) return { name, refAttrName: spec.ref };
  return { name, ...(spec as { proto: Onnx.IAttributeProto }).proto };
}

type Field = readonly [number: number, content: Uint8Array];

/** A message followed by length-delimited fields, as protobuf allows. */
function withFields(message: Uint8Array, fields: readonly Field[]): Uint8Array {
  const writer = protobuf.Writer.create().raw(message);
  for (const [number, content] of fields) writer.uint32((number << 3) | 2).bytes(content);
  return writer.finish();
}

const text = (number: number, value: string | undefined): Field[] =>
  value === undefined ? [] : [[number, new TextEncoder().encode(value)]];

const attributeBytes = (name: string, spec: AttrSpec): Uint8Array =>
  typeof spec === 'object' && 'graph' in spec
    ? withFields(onnx.AttributeProto.encode({ name, type: AttributeType.GRAPH }).finish(), [
        [6, graphBytes(spec.graph)],
      ])
    : onnx.AttributeProto.encode(attributeProto(name, spec)).finish();

const nodeBytes = (node: NodeSpec): Uint8Array =>
  withFields(
    onnx.NodeProto.encode({
      opType: node.op,
      input: [...(node.in ?? [])],
      output: [...(node.out ?? [])],
      name: node.name ?? '',
      domain: node.domain ?? '',
    }).finish(),
    [
      ...entries(node.attrs).map(([name, spec]) => [5, attributeBytes(name, spec)] as const),
      ...text(8, node.overload),
    ],
  );

function graphBytes(spec: GraphSpec): Uint8Array {
  const { outputs = [], type = 1, types = {} } = spec;
  const declaration = ([name, shape]: [string, ShapeSpec]): Onnx.IValueInfoProto =>
    valueInfo(name, shape, types[name] ?? type);
  const declared: [string, ShapeSpec][] = Array.isArray(outputs)
    ? outputs.map((name: string) => [name, null])
    : entries(outputs as Readonly<Record<string, ShapeSpec>>);
  const message = onnx.GraphProto.encode({
    name: spec.name ?? 'test',
    initializer: entries(spec.initializers).map(([name, tensor]) => tensorProto(name, tensor)),
    sparseInitializer: entries(spec.sparseInitializers).map(([name, tensor]) => ({
      values: tensorProto(name, { ...tensor, shape: [1] }),
      dims: [...tensor.shape],
    })),
    input: entries(spec.inputs).map(declaration),
    output: declared.map(([name, shape]) =>
      spec.untypedOutputs === true ? { name } : declaration([name, shape]),
    ),
    valueInfo: entries(spec.valueInfo).map(declaration),
  }).finish();
  return withFields(
    message,
    spec.nodes.map((node) => [1, nodeBytes(node)] as const),
  );
}

const functionBytes = (spec: FunctionSpec): Uint8Array =>
  withFields(
    onnx.FunctionProto.encode({
      name: spec.name,
      domain: spec.domain,
      input: [...spec.inputs],
      output: [...spec.outputs],
      attribute: [...(spec.attributes ?? [])],
      opsetImport: spec.opset === undefined ? [] : [{ domain: '', version: spec.opset }],
    }).finish(),
    [
      ...spec.nodes.map((node) => [7, nodeBytes(node)] as const),
      ...entries(spec.defaults).map(([name, value]) => [11, attributeBytes(name, value)] as const),
      ...text(13, spec.overload),
    ],
  );

/** The bytes of the model file. */
export function model(spec: ModelSpec): Uint8Array {
  const opsets = typeof spec.opset === 'object' ? spec.opset : { '': spec.opset ?? 17 };
  const header = onnx.ModelProto.encode({
    irVersion: spec.irVersion ?? 8,
    opsetImport: entries(opsets).map(([domain, version]) => ({ domain, version })),
  }).finish();
  return withFields(header, [
    [7, graphBytes(spec)],
    ...(spec.functions ?? []).map((body) => [25, functionBytes(body)] as const),
  ]);
}
