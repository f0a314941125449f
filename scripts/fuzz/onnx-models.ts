/** Small ONNX models that are mostly right: chains of operators with known shapes, so that mutations reach every pass. */
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import type { Random } from './random.js';

const { AttributeType } = onnxProto.onnx.AttributeProto;

export interface Draft {
  readonly random: Random;
  readonly nodes: Onnx.INodeProto[];
  readonly initializers: Onnx.ITensorProto[];
  /** The tensor under construction. */
  name: string;
  shape: number[];
  count: number;
}

export const ints = (name: string, values: readonly number[]): Onnx.IAttributeProto => ({
  name,
  type: AttributeType.INTS,
  ints: [...values],
});
export const int = (name: string, value: number): Onnx.IAttributeProto => ({
  name,
  type: AttributeType.INT,
  i: value,
});
const text = (name: string, value: string): Onnx.IAttributeProto => ({
  name,
  type: AttributeType.STRING,
  s: new TextEncoder().encode(value),
});

const fresh = (draft: Draft, stem: string): string => `${stem}${draft.count++}`;

function constant(draft: Draft, dims: readonly number[], fields: Partial<Onnx.ITensorProto> = {}): string {
  const name = fresh(draft, 'w');
  draft.initializers.push({ name, dims: [...dims], dataType: 1, ...fields });
  return name;
}
const numbers = (draft: Draft, values: readonly number[]): string =>
  constant(draft, [values.length], { dataType: 7, int64Data: [...values] });

function add(
  draft: Draft,
  opType: string,
  inputs: readonly string[],
  shape: readonly number[],
  attribute: readonly Onnx.IAttributeProto[] = [],
): void {
  const output = fresh(draft, 't');
  const name = draft.random.chance(0.7) ? `${opType}_${draft.count}` : '';
  draft.nodes.push({
    opType,
    name,
    input: [draft.name, ...inputs],
    output: [output],
    attribute: [...attribute],
  });
  draft.name = output;
  draft.shape = [...shape];
}

type Step = (draft: Draft) => void;

const conv: Step = (d) => {
  const [n = 1, c = 1, h = 1, w = 1] = d.shape;
  const k = d.random.pick([1, 2, 4]);
  const kernel = d.random.pick([1, 3].filter((size) => size <= Math.min(h, w)).concat(1));
  const pad = (kernel - 1) / 2;
  const depthwise = d.random.chance(0.2);
  const weights = depthwise ? [c, 1, kernel, kernel] : [k, c, kernel, kernel];
  add(
    d,
    'Conv',
    [constant(d, weights)],
    [n, weights[0]!, h, w],
    [ints('pads', [pad, pad, pad, pad]), ...(depthwise ? [int('group', c)] : [])],
  );
};
const pointwise =
  (op: string): Step =>
  (d) =>
    add(d, op, [], d.shape);
const binary =
  (op: string): Step =>
  (d) =>
    add(d, op, [d.random.chance(0.5) ? d.name : constant(d, [d.shape[1] ?? 1, 1, 1])], d.shape);
const pool: Step = (d) => {
  const [n = 1, c = 1, h = 1, w = 1] = d.shape;
  if (h < 2 || w < 2) return;
  const shape = [n, c, Math.floor(h / 2), Math.floor(w / 2)];
  add(d, d.random.pick(['MaxPool', 'AveragePool', 'LpPool']), [], shape, [
    ints('kernel_shape', [2, 2]),
    ints('strides', [2, 2]),
  ]);
};
const reshape: Step = (d) => {
  const all = d.shape.reduce((a, b) => a * b, 1);
  const to = d.random.pick([
    [1, -1],
    [1, all, 1, 1],
    [1, 1, -1, 1],
    [0, -1],
  ]);
  const shape =
    to.includes(-1) && to[0] === 0 ? [d.shape[0]!, all / d.shape[0]!] : to.map((s) => (s === -1 ? all : s));
  add(d, 'Reshape', [numbers(d, to)], shape);
};
const matmul: Step = (d) => {
  const inner = d.shape.at(-1) ?? 1;
  const k = d.random.pick([1, 3, 8]);
  add(d, 'MatMul', [constant(d, [inner, k])], [...d.shape.slice(0, -1), k]);
};
const attention: Step = (d) => {
  const [b = 1, c = 1, h = 1, w = 1] = d.shape;
  const left = d.name;
  add(d, 'Transpose', [], [b, c, w, h], [ints('perm', [0, 1, 3, 2])]);
  const right = d.name;
  d.name = left;
  add(d, 'MatMul', [right], [b, c, h, h]);
  add(d, 'Softmax', [], d.shape, [int('axis', -1)]);
};
const transpose: Step = (d) =>
  d.shape.length === 4
    ? add(
        d,
        'Transpose',
        [],
        [0, 2, 3, 1].map((a) => d.shape[a]!),
        [ints('perm', [0, 2, 3, 1])],
      )
    : undefined;
const concat: Step = (d) =>
  add(
    d,
    'Concat',
    [d.name],
    d.shape.map((s, a) => (a === 1 ? 2 * s : s)),
    [int('axis', 1)],
  );
const slice: Step = (d) => {
  const size = d.shape[1] ?? 1;
  if (size < 2) return;
  add(
    d,
    'Slice',
    [numbers(d, [0]), numbers(d, [size - 1]), numbers(d, [1])],
    d.shape.map((s, a) => (a === 1 ? s - 1 : s)),
  );
};
const resize: Step = (d) =>
  d.shape.length === 4 && d.shape[2]! <= 8
    ? add(
        d,
        'Resize',
        ['', constant(d, [4], { floatData: [1, 1, 2, 2] })],
        d.shape.map((s, a) => (a > 1 ? 2 * s : s)),
        [text('mode', d.random.pick(['nearest', 'linear']))],
      )
    : undefined;
const reduce: Step = (d) =>
  add(
    d,
    d.random.pick(['ReduceMean', 'ReduceMax']),
    [],
    d.shape.map(() => 1),
  );
const pad: Step = (d) =>
  add(
    d,
    'Pad',
    [numbers(d, d.shape.flatMap(() => 1).concat(d.shape.map(() => 0)))],
    d.shape.map((s) => s + 1),
  );
const gather: Step = (d) => {
  const [size = 1] = d.shape;
  add(d, 'Gather', [numbers(d, [0, size - 1])], [2, ...d.shape.slice(1)], [int('axis', 0)]);
};
const norm: Step = (d) => add(d, 'LayerNormalization', [constant(d, d.shape.slice(-1))], d.shape);
const quantize: Step = (d) => {
  const scale = constant(d, [], { floatData: [0.1] });
  const zero = constant(d, [], { dataType: 3, int32Data: [0] });
  add(d, 'QuantizeLinear', [scale, zero], d.shape);
  add(d, 'DequantizeLinear', [scale, zero], d.shape);
};
const depthToSpace: Step = (d) => {
  const [n = 1, c = 1, h = 1, w = 1] = d.shape;
  if (d.shape.length === 4 && c % 4 === 0)
    add(d, 'DepthToSpace', [], [n, c / 4, 2 * h, 2 * w], [int('blocksize', 2)]);
};

/** For images of rank 4, and for any rank. */
const IMAGES: readonly Step[] = [
  conv,
  conv,
  conv,
  pool,
  resize,
  depthToSpace,
  attention,
  pointwise('GlobalAveragePool'),
  transpose,
];
const ANY: readonly Step[] = [
  pointwise('Relu'),
  pointwise('Sigmoid'),
  pointwise('Identity'),
  pointwise('Softmax'),
  pointwise('Dropout'),
  binary('Add'),
  binary('Mul'),
  binary('Sub'),
  reshape,
  matmul,
  concat,
  slice,
  reduce,
  pad,
  gather,
  norm,
  quantize,
];

/** A model of one to eight steps from one input. */
export function draftModel(random: Random): Onnx.IModelProto {
  const shape = [1, random.pick([1, 2, 4]), random.pick([1, 4, 7]), random.pick([1, 4, 8])];
  const draft: Draft = { random, nodes: [], initializers: [], name: 'x', shape, count: 0 };
  for (let steps = 1 + random.below(6); steps > 0; steps--) {
    const image = draft.shape.length === 4 && draft.shape.every((size) => size < 64);
    random.pick(image && random.chance(0.6) ? IMAGES : ANY)(draft);
  }
  const tensor = (name: string, dims: readonly number[]): Onnx.IValueInfoProto => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  });
  return {
    irVersion: 8,
    opsetImport: [{ domain: '', version: random.pick([9, 11, 13, 17, 19, 21]) }],
    graph: {
      name: 'fuzz',
      node: draft.nodes,
      initializer: draft.initializers,
      input: [tensor('x', shape)],
      output: [random.chance(0.5) ? { name: draft.name } : tensor(draft.name, draft.shape)],
      valueInfo: [],
    },
  };
}
