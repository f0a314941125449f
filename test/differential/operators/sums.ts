/** Products, normalizations and reductions. */
import {
  attributes,
  broadcasting,
  constants,
  FLOAT,
  list,
  scalar,
  shape,
  signed,
  since,
  UINT8,
  type Generator,
  type Generators,
} from '../case.js';

const gemm: Generator = (random) => {
  const [m, k, n] = [random.int(1, 5), random.int(1, 5), random.int(1, 5)];
  const [transA, transB] = [random.chance(0.4), random.chance(0.4)];
  const bias = random.pick([[], [n], [1, n], [m, 1], [m, n]]);
  return {
    op: 'Gemm',
    inputs: [{ shape: transA ? [k, m] : [m, k] }, { shape: transB ? [n, k] : [k, n] }, { shape: bias }],
    attrs: attributes({ transA: transA && 1, transB: transB && 1 }),
  };
};

/** Vectors, matrices, and stacks of matrices that broadcast. */
const matMulShapes: Generator = (random) => {
  const [m, k, n] = [random.int(1, 4), random.int(1, 4), random.int(1, 4)];
  const [a, b] = broadcasting(random, 2, 2);
  const left = random.pick([[k], [...a!, m, k], [...a!, m, k]]);
  const right = random.pick([[k], [...b!, k, n], [...b!, k, n]]);
  return { op: 'MatMul', inputs: [{ shape: left }, { shape: right }] };
};

const matMulInteger: Generator = (random, opset) => {
  const { inputs } = matMulShapes(random, opset)!;
  return { op: 'MatMulInteger', inputs: inputs.map((input) => ({ ...input!, type: UINT8 })) };
};

const qLinearMatMul: Generator = (random) => {
  const [m, k, n] = [random.int(1, 4), random.int(1, 4), random.int(1, 4)];
  const parameters = [scalar(1, FLOAT), scalar(0, UINT8)];
  return {
    op: 'QLinearMatMul',
    inputs: [
      ...[{ shape: [m, k], type: UINT8 }, ...parameters],
      ...[{ shape: [k, n], type: UINT8 }, ...parameters],
      ...parameters,
    ],
  };
};

const einsum: Generator = (random) => {
  const size: Record<string, number> = { b: 2, i: 3, j: 4, k: 5, h: 2 };
  const equation = random.pick([
    ...['ij,jk->ik', 'bij,bjk->bik', 'bhij,bhkj->bhik', 'ij->ji', 'ii->i', 'bij->bj', 'i,j->ij'],
    ...['ij,jk', '...ij,...jk->...ik', 'bij,jk->bik', 'bhij,bhjk->bihk', 'ij,ij->', 'ji'],
  ]);
  const terms = equation.split('->')[0]!.split(',');
  const inputs = terms.map((term) => ({
    shape: Array.from(term.replace('...', 'b')).map((label) => size[label]!),
  }));
  return { op: 'Einsum', inputs, attrs: { equation } };
};

const alongAxis =
  (op: string): Generator =>
  (random) => {
    const sizes = shape(random, 1, 4);
    const axis = random.int(0, sizes.length - 1);
    return {
      op,
      inputs: [{ shape: sizes }],
      attrs: attributes({ axis: (op === 'LpNormalization' || random.chance(0.7)) && axis }),
    };
  };

const layerNormalization =
  (op: string, bias: boolean): Generator =>
  (random) => {
    const sizes = shape(random, 1, 4);
    const axis = random.int(0, sizes.length - 1);
    const parameter = constants(sizes.slice(axis), 1);
    return {
      op,
      inputs: [{ shape: sizes }, parameter, ...(bias && random.chance(0.7) ? [parameter] : [])],
      attrs: { axis: signed(random, axis, sizes.length) },
      outputs: bias ? random.int(1, 3) : 1,
    };
  };

const onChannels =
  (op: string): Generator =>
  (random) => {
    const sizes = [random.int(1, 2), random.int(1, 4), ...random.ints(random.int(1, 3), 1, 4)];
    const parameter = constants([sizes[1]!], 1);
    return { op, inputs: [{ shape: sizes }, parameter, parameter] };
  };

const groupNormalization: Generator = (random) => {
  const groups = random.int(1, 3);
  const channels = groups * random.int(1, 3);
  const parameter = constants([channels], 1);
  return {
    op: 'GroupNormalization',
    inputs: [{ shape: [2, channels, ...random.ints(random.int(1, 2), 1, 4)] }, parameter, parameter],
    attrs: { num_groups: groups },
  };
};

/** First operator set in which the axes are an input. */
const axesAsInput = (op: string): number => (op === 'ReduceSum' ? 13 : 18);

const reduction =
  (op: string): Generator =>
  (random, opset) => {
    const sizes = shape(random, 1, 4);
    const axes = random
      .shuffled(sizes.map((_, axis) => axis))
      .slice(0, random.int(1, sizes.length))
      .map((axis) => (opset >= 11 ? signed(random, axis, sizes.length) : axis));
    const named = random.chance(0.75);
    const keepdims = random.pick([undefined, 0, 1]);
    if (opset < axesAsInput(op))
      return { op, inputs: [{ shape: sizes }], attrs: attributes({ axes: named && axes, keepdims }) };
    const noop = random.chance(0.2) && 1;
    return {
      op,
      inputs: [{ shape: sizes }, ...(named ? [list(...axes)] : [])],
      attrs: attributes({ keepdims, noop_with_empty_axes: noop }),
    };
  };

const position =
  (op: string): Generator =>
  (random) => {
    const sizes = shape(random, 1, 4);
    const attrs = attributes({
      axis: random.chance(0.7) && random.int(0, sizes.length - 1),
      keepdims: random.pick([undefined, 0, 1]),
    });
    return { op, inputs: [{ shape: sizes }], attrs };
  };

const REDUCTIONS = [
  ...['ReduceSum', 'ReduceProd', 'ReduceMax', 'ReduceMin', 'ReduceMean', 'ReduceL1', 'ReduceL2'],
  ...['ReduceLogSum', 'ReduceLogSumExp', 'ReduceSumSquare'],
];

export const SUMS: Generators = {
  Gemm: since(7, gemm),
  MatMul: matMulShapes,
  MatMulInteger: since(10, matMulInteger),
  QLinearMatMul: since(10, qLinearMatMul),
  Einsum: since(12, einsum),
  Softmax: alongAxis('Softmax'),
  LogSoftmax: alongAxis('LogSoftmax'),
  Hardmax: alongAxis('Hardmax'),
  LpNormalization: alongAxis('LpNormalization'),
  LayerNormalization: since(17, layerNormalization('LayerNormalization', true)),
  RMSNormalization: since(23, layerNormalization('RMSNormalization', false)),
  InstanceNormalization: onChannels('InstanceNormalization'),
  GroupNormalization: since(21, groupNormalization),
  MeanVarianceNormalization: since(9, (random) => ({
    op: 'MeanVarianceNormalization',
    inputs: [{ shape: random.ints(4, 1, 4) }],
  })),
  LRN: (random) => ({ op: 'LRN', inputs: [{ shape: [1, 4, 3, 3] }], attrs: { size: random.pick([1, 3]) } }),
  CumSum: since(11, (random) => {
    const sizes = shape(random, 1, 4);
    const axis = signed(random, random.int(0, sizes.length - 1), sizes.length);
    return { op: 'CumSum', inputs: [{ shape: sizes }, scalar(axis)] };
  }),
  ...Object.fromEntries(REDUCTIONS.map((op) => [op, reduction(op)])),
  ArgMax: position('ArgMax'),
  ArgMin: position('ArgMin'),
};
