/**
 * An ONNX model file -> the graph facet as plain data, nodes in file order. Nothing of the protobuf library
 * survives: int64 is a number, an absent field has its default, weights have shapes only.
 * Names are left as they are, empty and repeated ones included; the domain `ai.onnx` is ''.
 */
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import { match, P } from 'ts-pattern';
import { diagnostic, fail, type Diagnostic } from '../diag/diagnostic.js';
import type { Attribute, Dim, Graph, GraphNode, LocalFunction, ValueInfo } from '../ir/tensor.js';
import { startDecoding, type Decoding } from './decoding.js';
import { decodeSparse, decodeTensor } from './decode-tensor.js';
import { saturatedInteger } from './int64.js';
import { refuseRank } from './limits.js';
import type { NewerFields } from './newer-fields.js';
import type { ModelFile } from './model-file.js';
import { readModel } from './read-model.js';

const { onnx } = onnxProto;
const { AttributeType } = onnx.AttributeProto;

export const OLDEST_OPSET = 7;
export const NEWEST_OPSET = 26;

export interface Decoded {
  readonly graph: Graph;
  /** Warnings; what cannot be decoded throws. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What stays the same in subgraphs. */
interface Scope {
  readonly decoding: Decoding;
  /** How many graphs are around this one. */
  readonly depth: number;
  readonly newer: NewerFields;
  readonly irVersion: number;
  readonly opsets: Readonly<Record<string, number>>;
}

/** Throws a DiagnosticError on what is no ONNX model (DF1002 to DF1007) or is damaged (DF1010). */
export function decodeModel(source: ModelFile): Decoded {
  const { proto, newer } = readModel(source);
  const decoding = startDecoding(source.file);
  const scope: Scope = {
    decoding,
    newer,
    depth: 0,
    irVersion: decoding.size(proto.irVersion, 'ir_version', {}),
    opsets: decodeOpsets(proto.opsetImport, decoding),
  };
  checkOpset(scope);
  const functions = proto.functions.map((body, k) => decodeFunction(body, k, scope));
  return {
    graph: { ...decodeGraph(proto.graph ?? {}, scope), functions },
    diagnostics: decoding.diagnostics,
  };
}

const domainName = (domain: string | null | undefined): string =>
  domain === 'ai.onnx' ? '' : (domain ?? '');

const decodeOpsets = (
  imports: readonly Onnx.IOperatorSetIdProto[],
  decoding: Decoding,
): Record<string, number> =>
  Object.fromEntries(
    imports.map(({ domain, version }) => [
      domainName(domain),
      decoding.size(version, `the operator-set version of ${domain || 'ai.onnx'}`, {}),
    ]),
  );

function checkOpset({ opsets, decoding }: Scope): void {
  const opset = opsets[''];
  if (opset === undefined) return;
  const range = `supported are ${OLDEST_OPSET} to ${NEWEST_OPSET}`;
  const warn = (code: 'DF1008' | 'DF1009'): void =>
    decoding.report(
      diagnostic(code, `the model uses operator set ${opset}; ${range}; it is tried`, decoding.at({})),
    );
  if (opset < OLDEST_OPSET) warn('DF1008');
  if (opset > NEWEST_OPSET) warn('DF1009');
}

function decodeGraph(graph: Onnx.IGraphProto, scope: Scope): Graph {
  const { decoding, irVersion, opsets } = scope;
  const initializers = [
    ...(graph.initializer ?? []).map((tensor) => decodeTensor(tensor, decoding)),
    ...(graph.sparseInitializer ?? []).map((sparse) => decodeSparse(sparse, decoding)),
  ];
  // Before IR version 4 every initializer had to be listed as a graph input too.
  const stored = new Set(initializers.map(({ name }) => name));
  const infos = (values: readonly Onnx.IValueInfoProto[] | null | undefined): ValueInfo[] =>
    (values ?? []).map((value) => decodeValueInfo(value, decoding));
  return {
    name: graph.name ?? '',
    irVersion,
    opsets,
    nodes: (graph.node ?? []).map((node, index) => decodeNode(node, index, scope)),
    inputs: infos(graph.input).filter(({ name }) => !stored.has(name)),
    outputs: infos(graph.output),
    initializers,
    valueInfo: infos(graph.valueInfo),
    functions: [],
  };
}

function decodeNode(node: Onnx.INodeProto, index: number, scope: Scope): GraphNode {
  const name = node.name ?? '';
  const opType = node.opType ?? '';
  const overload = scope.newer.overloadOf(node);
  const place = { node: index, name, op: opType };
  return {
    index,
    name,
    opType,
    domain: domainName(node.domain),
    ...(overload === '' ? {} : { overload }),
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    attributes: decodeAttributes(node.attribute ?? [], place, scope),
  };
}

function decodeFunction(body: Onnx.IFunctionProto, k: number, scope: Scope): LocalFunction {
  const fields = scope.newer.functions[k];
  const name = body.name ?? '';
  const opsets = { ...scope.opsets, ...decodeOpsets(body.opsetImport ?? [], scope.decoding) };
  const inner: Scope = { ...scope, opsets };
  return {
    domain: domainName(body.domain),
    name,
    overload: fields?.overload ?? '',
    opsets,
    inputs: body.input ?? [],
    outputs: body.output ?? [],
    attributeDefaults: decodeAttributes(fields?.attributes ?? [], { name, op: name }, inner),
    nodes: (body.node ?? []).map((node, index) => decodeNode(node, index, inner)),
  };
}

type NodePlace = Parameters<Decoding['at']>[0];

const decodeAttributes = (
  attributes: readonly Onnx.IAttributeProto[],
  place: NodePlace,
  scope: Scope,
): Record<string, Attribute> =>
  Object.fromEntries(
    attributes.map((attribute) => [attribute.name ?? '', decodeAttribute(attribute, place, scope)]),
  );

/** Old writers leave the type out; then the field that is filled tells it. */
function attributeType(a: Onnx.IAttributeProto): Onnx.AttributeProto.AttributeType {
  if (a.type) return a.type;
  return match(a)
    .with({ g: P.nonNullable }, () => AttributeType.GRAPH)
    .with({ t: P.nonNullable }, () => AttributeType.TENSOR)
    .with({ ints: [P.any, ...P.array()] }, () => AttributeType.INTS)
    .with({ floats: [P.any, ...P.array()] }, () => AttributeType.FLOATS)
    .with({ strings: [P.any, ...P.array()] }, () => AttributeType.STRINGS)
    .with({ s: P.when((s) => s !== undefined && s !== null && s.length > 0) }, () => AttributeType.STRING)
    .with({ f: P.when((f) => f !== undefined && f !== null && f !== 0) }, () => AttributeType.FLOAT)
    .otherwise(() => AttributeType.INT);
}

function decodeAttribute(a: Onnx.IAttributeProto, place: NodePlace, scope: Scope): Attribute {
  if (a.refAttrName) return { kind: 'reference', value: a.refAttrName };
  const { decoding } = scope;
  const type = attributeType(a);
  return match(type)
    .returnType<Attribute>()
    .with(AttributeType.INT, () =>
      integers([a.i ?? 0], a, place, decoding, ([value = 0]) => ({ kind: 'int', value })),
    )
    .with(AttributeType.INTS, () =>
      integers(a.ints ?? [], a, place, decoding, (value) => ({ kind: 'ints', value })),
    )
    .with(AttributeType.FLOAT, () => floats([a.f ?? 0], ([value = 0]) => ({ kind: 'float', value })))
    .with(AttributeType.FLOATS, () => floats(a.floats ?? [], (value) => ({ kind: 'floats', value })))
    .with(AttributeType.STRING, () => ({ kind: 'string', value: text(a.s) }))
    .with(AttributeType.STRINGS, () => ({ kind: 'strings', value: (a.strings ?? []).map(text) }))
    .with(AttributeType.TENSOR, () => ({ kind: 'tensor', value: decodeTensor(a.t ?? {}, decoding) }))
    .with(AttributeType.SPARSE_TENSOR, () => ({
      kind: 'tensor',
      value: decodeSparse(a.sparseTensor ?? {}, decoding),
    }))
    .with(AttributeType.GRAPH, () => ({ kind: 'graph', value: decodeSubgraph(a.g ?? {}, place, scope) }))
    .otherwise(() => ({
      kind: 'other',
      value:
        (AttributeType as Record<number, string | undefined>)[type]?.toLowerCase() ?? `type<${String(type)}>`,
    }));
}

/** Deeper than any writer nests; every walk over subgraphs recurses. */
const MAX_DEPTH = 32;

function decodeSubgraph(graph: Onnx.IGraphProto, place: NodePlace, scope: Scope): Graph {
  if (scope.depth >= MAX_DEPTH)
    fail('DF1043', `subgraphs are nested more than ${MAX_DEPTH} deep`, scope.decoding.at(place), {
      help: 'export the model again; this one is damaged',
    });
  return decodeGraph(graph, { ...scope, depth: scope.depth + 1 });
}

const text = (bytes: Uint8Array | null | undefined): string =>
  new TextDecoder().decode(bytes ?? new Uint8Array());

function integers(
  stored: readonly (number | Long)[],
  { name }: Onnx.IAttributeProto,
  place: NodePlace,
  decoding: Decoding,
  wrap: (values: readonly number[]) => Attribute,
): Attribute {
  const values = stored.map(saturatedInteger);
  if (values.every((value) => value !== undefined)) return wrap(values);
  const message = `attribute ${name ?? ''} is ignored: one of its integers is above 2^53 - 1`;
  decoding.report(diagnostic('DF1011', message, decoding.at(place)));
  return { kind: 'other', value: 'inexact integer' };
}

/** Facets are JSON, which knows no infinities. */
const floats = (values: readonly number[], wrap: (values: readonly number[]) => Attribute): Attribute =>
  values.every(Number.isFinite)
    ? wrap(values.map((value) => value + 0))
    : { kind: 'other', value: values.map(String).join(',') };

/** Sequences, maps and untyped values keep their name only; nothing tensor-shaped is known of them. */
function decodeValueInfo(info: Onnx.IValueInfoProto, decoding: Decoding): ValueInfo {
  const name = info.name ?? '';
  const type = info.type?.optionalType?.elemType ?? info.type;
  const tensor = type?.tensorType ?? type?.sparseTensorType;
  if (!tensor) return { name, dtype: type?.sequenceType ? 'sequence' : type?.mapType ? 'map' : 'undefined' };
  const dtype = decoding.dtype(tensor.elemType ?? 0, name);
  const dims = tensor.shape && (tensor.shape.dim ?? []);
  refuseRank(dims?.length ?? 0, `tensor ${name}`, decoding.at({ tensor: name }));
  return dims ? { name, dtype, shape: dims.map((dim) => decodeDim(dim, name, decoding)) } : { name, dtype };
}

/** 0 and negative sizes stand for "unknown" in real models. */
function decodeDim(dim: Onnx.TensorShapeProto.IDimension, tensor: string, decoding: Decoding): Dim {
  const { value, dimParam, dimValue } = onnx.TensorShapeProto.Dimension.create(dim);
  if (value === 'dimParam' && dimParam) return { kind: 'symbol', name: dimParam };
  if (value !== 'dimValue') return { kind: 'unknown' };
  const stated = saturatedInteger(dimValue ?? 0);
  if (stated !== undefined && stated <= 0) return { kind: 'unknown', stated };
  return { kind: 'fixed', size: decoding.size(dimValue, `a dimension of tensor ${tensor}`, { tensor }) };
}
