/**
 * Fields of local functions that appeared after the generated decoder (ONNX 1.10): overloads of functions and
 * calls, and attribute defaults. They are read from the wire beside the decoded messages, by position.
 */
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import { bytesInMemory } from '../base/byte-source.js';
import { wireFields } from './wire.js';

const { onnx } = onnxProto;

export interface FunctionFields {
  readonly overload: string;
  /** `attribute_proto`: attributes with a default. */
  readonly attributes: readonly Onnx.IAttributeProto[];
}

export interface NewerFields {
  /** One per local function, in the order of the file. */
  readonly functions: readonly FunctionFields[];
  readonly overloadOf: (node: Onnx.INodeProto) => string;
}

const MODEL = { graph: 7, function: 25 };
const GRAPH = { node: 1 };
const NODE = { attribute: 5, overload: 8 };
const ATTRIBUTE = { graph: 6 };
const FUNCTION = { node: 7, attributeProto: 11, overload: 13 };

const contents = (bytes: Uint8Array, number: number): Uint8Array[] =>
  [...wireFields(bytesInMemory(bytes))].flatMap((field) =>
    field.number === number && field.content !== undefined ? [bytes.subarray(field.content, field.end)] : [],
  );

/** A message that is stored in several pieces, as protobuf allows and nobody writes, has fewer bytes than parts. */
const NOTHING = new Uint8Array();

const lastText = (bytes: Uint8Array, number: number): string =>
  new TextDecoder().decode(contents(bytes, number).at(-1) ?? NOTHING);

export function readNewerFields(model: Onnx.ModelProto, bytes: Uint8Array): NewerFields {
  const overloads = new Map<Onnx.INodeProto, string>();

  const visitNodes = (nodes: readonly Onnx.INodeProto[], raw: readonly Uint8Array[]): void =>
    nodes.forEach((node, k) => visitNode(node, raw[k] ?? NOTHING));

  const visitNode = (node: Onnx.INodeProto, raw: Uint8Array): void => {
    const overload = lastText(raw, NODE.overload);
    if (overload !== '') overloads.set(node, overload);
    const attributes = contents(raw, NODE.attribute);
    (node.attribute ?? []).forEach((attribute, k) => {
      const body = attribute.g && contents(attributes[k] ?? NOTHING, ATTRIBUTE.graph).at(-1);
      if (attribute.g && body) visitNodes(attribute.g.node ?? [], contents(body, GRAPH.node));
    });
  };

  // A model without local functions (most) has no overloads to resolve.
  const functions = contents(bytes, MODEL.function);
  const graph = contents(bytes, MODEL.graph).at(-1);
  if (functions.length > 0 && graph) visitNodes(model.graph?.node ?? [], contents(graph, GRAPH.node));
  model.functions.forEach((body, k) =>
    visitNodes(body.node ?? [], contents(functions[k] ?? NOTHING, FUNCTION.node)),
  );
  return {
    functions: functions.map((raw) => ({
      overload: lastText(raw, FUNCTION.overload),
      attributes: contents(raw, FUNCTION.attributeProto).map((attribute) =>
        onnx.AttributeProto.decode(attribute),
      ),
    })),
    overloadOf: (node) => overloads.get(node) ?? '',
  };
}
