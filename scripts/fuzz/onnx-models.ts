/** Small ONNX models that are mostly right: chains of operators with known shapes, so that mutations reach every pass. */
import type { onnx as Onnx } from 'onnx-proto';
import { add, constant, int, ints, numbers, text, type Draft } from './onnx-draft.js';
import type { Random } from './random.js';

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

const recurrent: Step = (d) => {
  const width = d.shape.at(-1) ?? 1;
  const rows = d.shape.reduce((a, b) => a * b, 1) / width;
  const [op, gates] = d.random.pick([
    ['LSTM', 4],
    ['GRU', 3],
    ['RNN', 1],
  ] as const);
  const directions = d.random.pick([1, 2]);
  const weights = [width, 2].map((size) => constant(d, [directions, gates * 2, size]));
  add(d, 'Reshape', [numbers(d, [rows, 1, width])], [rows, 1, width]);
  const attributes = [
    int('hidden_size', 2),
    text('direction', directions === 2 ? 'bidirectional' : 'reverse'),
  ];
  add(d, op, weights, [rows, directions, 1, 2], attributes);
};
const sequence: Step = (d) => {
  if (d.shape.length < 2) return;
  add(d, 'SplitToSequence', [], d.shape, [int('axis', 1)]);
  if (d.random.chance(0.5)) add(d, 'SequenceInsert', [d.name], d.shape);
  add(d, 'ConcatFromSequence', [], d.shape, [int('axis', 1)]);
};
const found: Step = (d) => {
  const all = d.shape.reduce((a, b) => a * b, 1);
  add(d, 'NonZero', [], [d.shape.length, all]);
  add(d, 'Cast', [], d.shape, [int('to', 1)]);
};
const centre: Step = (d) => {
  const to = d.shape.map((size) => Math.max(1, size + d.random.pick([-1, 0, 1])));
  add(d, 'CenterCropPad', [numbers(d, to)], to);
};
/** The image as a volume of one or more slices, and back. */
const volume: Step = (d) => {
  const [n = 1, c = 1, h = 1, w = 1] = d.shape;
  const kernel = d.random.pick([
    [1, 1, 1],
    [1, 3, 3],
    [3, 1, 1],
    [3, 3, 1],
  ]);
  const pads = kernel.map((size) => (size - 1) / 2);
  add(d, 'Reshape', [numbers(d, [n, 1, c, h, w])], [n, 1, c, h, w]);
  add(d, 'Conv', [constant(d, [2, 1, ...kernel])], [n, 2, c, h, w], [ints('pads', [...pads, ...pads])]);
  add(d, 'Reshape', [numbers(d, [n, 2 * c, h, w])], [n, 2 * c, h, w]);
};
const groupNorm: Step = (d) => {
  const { shape } = d;
  add(d, 'Reshape', [numbers(d, [0, 1, -1])], [shape[0]!, 1, shape.slice(1).reduce((a, b) => a * b, 1)]);
  add(d, 'InstanceNormalization', [constant(d, [1]), constant(d, [1])], d.shape);
  add(d, 'Reshape', [numbers(d, shape)], shape);
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
  volume,
  groupNorm,
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
  recurrent,
  sequence,
  found,
  centre,
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
