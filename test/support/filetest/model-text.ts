/**
 * The little model language of filetests, to the bytes of an ONNX file:
 *
 *     x        = input int8 1x3x56x56           sizes may be names or ?; no shape: none declared
 *     c        = const int64 2 {4 -1}           numbers are optional
 *     conv1    = Conv x k=3 s=2 pad=1 out=16    out=16 makes the weights; also s d g; columns x rows
 *     a, b     = Split x axis=1                 other attributes as in ONNX: 1, 1.5, 1,2, "text"
 *     y        = acme:Silu conv1                a domain; - is an input left out
 *     conv1    : int8 1x16x28x28                a declared shape
 *     function acme:Silu(a) -> b                its nodes below, indented
 *     graph step(h float 2x4) -> g              a subgraph, before the node with body=@step; likewise
 *     output y                                  type and shape are optional
 */
import { dtypeNumber } from '../../../src/onnx/dtype.js';
import {
  model,
  type DimSpec,
  type FunctionSpec,
  type GraphSpec,
  type ModelSpec,
  type ShapeSpec,
} from '../onnx-model.js';
import { readNode, words, type Draft } from './node-text.js';

/** `options`: behind `model` in the file, such as `opset=13`; `none` leaves the field out. */
export function modelBytes(options: string, lines: readonly string[]): Uint8Array {
  const draft = emptyDraft();
  for (let i = 0; i < lines.length; i++) {
    const line = withoutComment(lines[i] ?? '');
    if (line.trim() === '') continue;
    const body: string[] = [];
    while (/^\s/.test(lines[i + 1] ?? '')) body.push(withoutComment((lines[++i] ?? '').trim()));
    if (line.startsWith('function ')) draft.functions.push(functionOf(line, body));
    else if (line.startsWith('graph ')) readGraph(draft, line, body);
    else readLine(draft, line);
  }
  const { channels: _, graphs: __, ...spec } = draft;
  return model({ ...spec, ...headerOf(options) });
}

const emptyDraft = (): Draft => ({
  inputs: {},
  outputs: {},
  valueInfo: {},
  initializers: {},
  types: {},
  nodes: [],
  functions: [],
  graphs: {},
  channels: new Map(),
});

const withoutComment = (line: string): string => line.replace(/\s+#.*$/, '').trimEnd();

function headerOf(options: string): Partial<ModelSpec> {
  const pairs = words(options).map((word) => word.split('=', 2) as [string, string]);
  return Object.assign(
    {},
    ...pairs.map(([key, value]): Partial<ModelSpec> => {
      const number = value === 'none' ? 0 : Number(value);
      if (key === 'opset') return { opset: value === 'none' ? {} : number };
      if (key === 'ir') return { irVersion: number };
      throw new Error(`unknown option of the model: ${key}`);
    }),
  ) as Partial<ModelSpec>;
}

function readLine(draft: Draft, line: string): void {
  const output = /^output (\S+)\s*(.*)$/.exec(line);
  if (output) {
    const [name = '', type, shape] = [output[1], ...words(output[2] ?? '')];
    draft.outputs[name] = shapeOf(shape);
    setType(draft, name, type);
    return;
  }
  const declared = /^(\S+)\s*: (\S+) (\S+)$/.exec(line);
  if (declared) {
    const [, name = '', type, shape] = declared;
    draft.valueInfo[name] = shapeOf(shape);
    setType(draft, name, type);
    return;
  }
  const [, left = '', right = ''] = /^([^=]+?)\s*= (.+)$/.exec(line) ?? [];
  const [word = '', ...rest] = words(right);
  if (left === '') throw new Error(`not understood: ${line}`);
  if (word === 'input') readInput(draft, left, rest);
  else if (word === 'const') readConstant(draft, left, right);
  else draft.nodes.push(readNode(draft, left.split(/,\s*/), word, rest));
}

function setType(draft: Draft, name: string, type: string | undefined): void {
  if (type !== undefined) draft.types[name] = dtypeOf(type);
}

function dtypeOf(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const number = dtypeNumber(name);
  if (number < 0) throw new Error(`unknown element type ${name}`);
  return number;
}

const sizeOf = (size: string): DimSpec => (size === '?' ? null : /^\d+$/.test(size) ? Number(size) : size);

function shapeOf(text: string | undefined): ShapeSpec {
  if (text === undefined) return null;
  return text === 'scalar' ? [] : text.split('x').map(sizeOf);
}

function readInput(draft: Draft, name: string, [type = 'float', shape]: readonly string[]): void {
  draft.inputs[name] = shapeOf(shape);
  setType(draft, name, type);
  const size = shapeOf(shape)?.[1];
  if (typeof size === 'number') draft.channels.set(name, size);
}

function readConstant(draft: Draft, name: string, text: string): void {
  const [, type = '', shape = '', numbers] = /^const (\S+) (\S+)(?: \{(.*)\})?$/.exec(text) ?? [];
  const values = numbers?.split(' ').map(Number);
  const number = dtypeOf(type);
  const field = type === 'int64' ? 'int64Data' : type === 'float' ? 'floatData' : 'int32Data';
  draft.initializers[name] = {
    shape: shape === 'scalar' ? [] : shape.split('x').map(Number),
    type: number,
    ...(values === undefined ? {} : { fields: { [field]: values } }),
  };
  draft.types[name] = number;
}

const listOf = (text: string): readonly string[] => text.split(/,\s*/).filter((word) => word !== '');

function functionOf(line: string, body: readonly string[]): FunctionSpec {
  const [, domain = '', name = '', inputs = '', outputs = ''] =
    /^function (\S+):(\w+)\((.*?)\) -> (.*)$/.exec(line) ?? [];
  const draft = emptyDraft();
  body.forEach((text) => readLine(draft, text));
  return { domain, name, opset: 17, inputs: listOf(inputs), outputs: listOf(outputs), nodes: draft.nodes };
}

/** It reads tensors of the graph around it by name; the weights that its nodes need are its own. */
function readGraph(outer: Draft, line: string, body: readonly string[]): void {
  const [, name = '', inputs = '', outputs = ''] = /^graph (\w+)\((.*?)\) -> (.*)$/.exec(line) ?? [];
  const draft: Draft = { ...emptyDraft(), graphs: outer.graphs, channels: new Map(outer.channels) };
  for (const input of listOf(inputs)) {
    const [tensor = '', ...rest] = words(input);
    readInput(draft, tensor, rest);
  }
  body.forEach((text) => readLine(draft, text));
  const { inputs: own, types, initializers, nodes } = draft;
  outer.graphs[name] = {
    ...{ inputs: own, types, initializers, nodes },
    outputs: listOf(outputs),
    untypedOutputs: true,
  } satisfies GraphSpec;
}
