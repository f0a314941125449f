/**
 * One node of the model language: `Conv x k=3 s=2 pad=1 out=16` to what ONNX has for it, weights included.
 * model-text.ts says what may stand there.
 */
import { known } from '../../../src/base/assert.js';
import type { AttrSpec, FunctionSpec, GraphSpec, NodeSpec, ShapeSpec, TensorSpec } from '../onnx-model.js';

/** A graph as it is read, line by line. */
export interface Draft {
  readonly inputs: Record<string, ShapeSpec>;
  readonly outputs: Record<string, ShapeSpec>;
  readonly valueInfo: Record<string, ShapeSpec>;
  readonly initializers: Record<string, TensorSpec>;
  readonly types: Record<string, number>;
  readonly nodes: NodeSpec[];
  readonly functions: FunctionSpec[];
  /** Subgraphs by name, for attributes such as `then_branch=@name`. */
  readonly graphs: Record<string, GraphSpec>;
  /** Of every tensor whose channels follow from its definition; for the weights of its consumer. */
  readonly channels: Map<string, number>;
}

/** `k s d g pad out` in ONNX terms; everything else is an attribute of that name. */
export function readNode(
  draft: Draft,
  out: readonly string[],
  word: string,
  rest: readonly string[],
): NodeSpec {
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
      .map(([key, value]) => [key, attributeOf(draft, value)] as const),
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

function attributeOf({ graphs }: Draft, text: string): AttrSpec {
  if (text.startsWith('@')) return { graph: known(graphs[text.slice(1)], text) };
  if (text.startsWith('"')) return text.slice(1, -1);
  if (text.startsWith('$')) return { ref: text.slice(1) };
  if (/^-?\d+\.\d+$/.test(text)) return { float: Number(text) };
  if (/^-?\d+$/.test(text)) return Number(text);
  const parts = text.split(',').filter((part) => part !== '');
  return parts.some((part) => part.includes('.')) ? { floats: parts.map(Number) } : parts.map(Number);
}

/** Separated by blanks; quoted texts stay whole. */
export const words = (text: string): readonly string[] => text.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
