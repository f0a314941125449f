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
 *     output y                                  type and shape are optional
 */
import { dtypeNumber } from '../../../src/onnx/dtype.js';
import {
  model,
  type AttrSpec,
  type DimSpec,
  type FunctionSpec,
  type ModelSpec,
  type NodeSpec,
  type ShapeSpec,
  type TensorSpec,
} from '../onnx-model.js';

interface Draft {
  readonly inputs: Record<string, ShapeSpec>;
  readonly outputs: Record<string, ShapeSpec>;
  readonly valueInfo: Record<string, ShapeSpec>;
  readonly initializers: Record<string, TensorSpec>;
  readonly types: Record<string, number>;
  readonly nodes: NodeSpec[];
  readonly functions: FunctionSpec[];
  /** Of every tensor whose channels follow from its definition; for the weights of its consumer. */
  readonly channels: Map<string, number>;
}

/** `options`: behind `model` in the file, such as `opset=13`; `none` leaves the field out. */
export function modelBytes(options: string, lines: readonly string[]): Uint8Array {
  const draft: Draft = {
    inputs: {},
    outputs: {},
    valueInfo: {},
    initializers: {},
    types: {},
    nodes: [],
    functions: [],
    channels: new Map(),
  };
  for (let i = 0; i < lines.length; i++) {
    const line = withoutComment(lines[i] ?? '');
    if (line.trim() === '') continue;
    if (!line.startsWith('function ')) readLine(draft, line);
    else {
      const body: string[] = [];
      while (/^\s/.test(lines[i + 1] ?? '')) body.push((lines[++i] ?? '').trim());
      draft.functions.push(functionOf(line, body));
    }
  }
  const { channels: _, ...spec } = draft;
  return model({ ...spec, ...headerOf(options) });
}

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

const shapeOf = (text: string | undefined): ShapeSpec =>
  text === undefined
    ? null
    : text
        .split('x')
        .map((size): DimSpec => (size === '?' ? null : /^\d+$/.test(size) ? Number(size) : size));

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

/** `k s d g pad out` in ONNX terms; everything else is an attribute of that name. */
function readNode(draft: Draft, out: readonly string[], word: string, rest: readonly string[]): NodeSpec {
  const [domain, op] = word.includes(':') ? (word.split(':') as [string, string]) : ['', word];
  const inputs = rest.filter((one) => !one.includes('=')).map((one) => (one === '-' ? '' : one));
  const given = rest
    .filter((one) => one.includes('='))
    .map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)] as const);
  const sugar = new Map(given.filter(([key]) => SUGAR.includes(key)));
  const attrs = Object.fromEntries([
    ...sugared(sugar),
    ...given
      .filter(([key]) => !SUGAR.includes(key))
      .map(([key, value]) => [key, attributeOf(value)] as const),
  ]);
  const name = out[0] ?? '';
  const type = draft.types[inputs[0] ?? ''];
  for (const tensor of out) {
    if (type !== undefined) draft.types[tensor] ??= type;
    const channels = draft.channels.get(inputs[0] ?? '');
    if (channels !== undefined) draft.channels.set(tensor, channels);
  }
  const weights = sugar.has('out') ? [weightsOf(draft, op, name, inputs[0] ?? '', sugar)] : [];
  return { op, domain, name, in: [...inputs, ...weights], out, attrs };
}

const SUGAR: readonly string[] = ['k', 's', 'd', 'g', 'pad', 'out'];

/** Columns x rows in the file, rows before columns in ONNX. */
const pair = (text: string): readonly [number, number] => {
  const [x = 0, y = x] = text.split('x').map(Number);
  return [y, x];
};

function sugared(sugar: ReadonlyMap<string, string>): readonly (readonly [string, AttrSpec])[] {
  const [k, s, d, g, pad] = ['k', 's', 'd', 'g', 'pad'].map((key) => sugar.get(key));
  return [
    ...(k === undefined ? [] : [['kernel_shape', pair(k)] as const]),
    ...(s === undefined ? [] : [['strides', pair(s)] as const]),
    ...(d === undefined ? [] : [['dilations', pair(d)] as const]),
    ...(g === undefined ? [] : [['group', Number(g)] as const]),
    ...(pad === undefined
      ? []
      : [
          [
            'pads',
            pad.includes(',') ? pad.split(',').map(Number) : Array<number>(4).fill(Number(pad)),
          ] as const,
        ]),
  ];
}

/** An initializer of the shape the operator wants, as wide as its input; its name. */
function weightsOf(
  draft: Draft,
  op: string,
  node: string,
  input: string,
  sugar: ReadonlyMap<string, string>,
): string {
  const channels = draft.channels.get(input);
  if (channels === undefined) throw new Error(`${node}: how many channels ${input} has is not known`);
  const out = Number(sugar.get('out'));
  const group = Number(sugar.get('g') ?? 1);
  const kernel = pair(sugar.get('k') ?? '1');
  const shape =
    op === 'Conv'
      ? [out, channels / group, ...kernel]
      : op === 'ConvTranspose'
        ? [channels, out / group, ...kernel]
        : [channels, out];
  const name = `${node}.w`;
  draft.initializers[name] = { shape, type: draft.types[input] ?? 1 };
  draft.channels.set(node, out);
  return name;
}

function attributeOf(text: string): AttrSpec {
  if (text.startsWith('"')) return text.slice(1, -1);
  if (text.startsWith('$')) return { ref: text.slice(1) };
  if (/^-?\d+\.\d+$/.test(text)) return { float: Number(text) };
  if (/^-?\d+$/.test(text)) return Number(text);
  const parts = text.split(',').filter((part) => part !== '');
  return parts.some((part) => part.includes('.')) ? { floats: parts.map(Number) } : parts.map(Number);
}

function functionOf(line: string, body: readonly string[]): FunctionSpec {
  const [, domain = '', name = '', inputs = '', outputs = ''] =
    /^function (\S+):(\w+)\((.*?)\) -> (.*)$/.exec(line) ?? [];
  const list = (text: string): readonly string[] => text.split(/,\s*/).filter((word) => word !== '');
  const draft = { initializers: {}, types: {}, channels: new Map() } as Draft;
  const nodes = body.map((text) => {
    const [left = '', right = ''] = text.split(/\s*= /, 2);
    const [word = '', ...rest] = words(right);
    return readNode(draft, left.split(/,\s*/), word, rest);
  });
  return { domain, name, opset: 17, inputs: list(inputs), outputs: list(outputs), nodes };
}

/** Separated by blanks; quoted texts stay whole. */
const words = (text: string): readonly string[] => text.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
