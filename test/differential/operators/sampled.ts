/** Images read where the data says, spectra, losses, caches. */
import type { Random } from '../../support/random.js';
import {
  attributes,
  constants,
  FLOAT,
  INT32,
  INT64,
  list,
  scalar,
  shape,
  signed,
  since,
  UINT8,
  type Generator,
  type Generators,
  type Operand,
} from '../case.js';

const centerCropPad: Generator = (random) => {
  const sizes = shape(random, 1, 4);
  const axes = random.shuffled(sizes.map((_, axis) => axis)).slice(0, random.int(1, sizes.length));
  const all = random.chance(0.4);
  return {
    op: 'CenterCropPad',
    inputs: [{ shape: sizes }, list(...(all ? sizes : axes).map(() => random.int(1, 7)))],
    attrs: attributes({ axes: !all && axes.map((axis) => signed(random, axis, sizes.length)) }),
  };
};

const col2Im: Generator = (random) => {
  const count = random.int(1, 3);
  const block = random.ints(count, 1, 3);
  const [strides, dilations, pads] = [
    random.chance(0.5) ? random.ints(count, 1, 2) : undefined,
    random.chance(0.4) ? random.ints(count, 1, 2) : undefined,
    random.chance(0.4) ? random.ints(2 * count, 0, 1) : undefined,
  ];
  const image = block.map((size, i) => (size - 1) * (dilations?.[i] ?? 1) + 1 + random.int(0, 4));
  const columns = image.map((size, i) => {
    const span = (block[i]! - 1) * (dilations?.[i] ?? 1) + 1;
    const padded = size + (pads?.[i] ?? 0) + (pads?.[i + count] ?? 0);
    return Math.floor((padded - span) / (strides?.[i] ?? 1)) + 1;
  });
  const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
  return {
    op: 'Col2Im',
    inputs: [
      { shape: [random.int(1, 2), random.int(1, 3) * product(block), product(columns)] },
      list(...image),
      list(...block),
    ],
    attrs: attributes({ strides, dilations, pads }),
  };
};

const maxUnpool: Generator = (random) => {
  const count = random.int(1, 3);
  const kernel = random.ints(count, 1, 3);
  const sizes = [1, random.int(1, 3), ...random.ints(count, 2, 4)];
  const strides = kernel.map((size) => size + random.int(0, 1));
  const pads = random.chance(0.3) ? kernel.flatMap(() => [0, 0]) : undefined;
  const wanted = sizes.slice(2).map((size, i) => (size - 1) * strides[i]! + kernel[i]!);
  const given = random.chance(0.4);
  return {
    op: 'MaxUnpool',
    inputs: [
      { shape: sizes },
      { shape: sizes, type: INT64 },
      ...(given ? [list(...sizes.slice(0, 2), ...wanted.map((size) => size + 1))] : []),
    ],
    attrs: attributes({ kernel_shape: kernel, strides, pads }),
  };
};

const deformConv: Generator = (random) => {
  const [kernel, sizes] = [random.ints(2, 1, 3), random.ints(2, 5, 8)];
  const [group, offsets] = [random.int(1, 2), random.int(1, 2)];
  const [channels, filters] = [2 * group * offsets, group * random.int(1, 2)];
  const [strides, dilations, pads] = [random.ints(2, 1, 2), random.ints(2, 1, 2), random.ints(4, 0, 1)];
  const out = sizes.map((size, i) => {
    const span = dilations[i]! * (kernel[i]! - 1) + 1;
    return Math.floor((size + pads[i]! + pads[i + 2]! - span) / strides[i]!) + 1;
  });
  const places = kernel[0]! * kernel[1]! * offsets;
  const masked = random.chance(0.5);
  return {
    op: 'DeformConv',
    inputs: [
      { shape: [1, channels, ...sizes] },
      { shape: [filters, channels / group, ...kernel] },
      { shape: [1, 2 * places, ...out] },
      ...(masked ? [{ shape: [filters] }, { shape: [1, places, ...out] }] : []),
    ],
    attrs: { group, offset_group: offsets, strides, dilations, pads },
  };
};

/** Two axes of a transform in one: the signal's, and real and imaginary part. */
const dft: Generator = (random, opset) => {
  const sizes = [random.int(1, 2), random.int(2, 6), random.int(2, 6), random.chance(0.5) ? 1 : 2];
  const axis = signed(random, random.int(1, 2), 4);
  const real = sizes[3] === 1;
  const onesided = real && random.chance(0.5) && 1;
  const longer = random.chance(0.4) ? scalar(random.int(2, 9)) : null;
  const attrs = attributes({ onesided, inverse: !onesided && random.chance(0.3) && 1 });
  return opset < 20
    ? { op: 'DFT', inputs: [{ shape: sizes }, ...(longer ? [longer] : [])], attrs: { ...attrs, axis } }
    : { op: 'DFT', inputs: [{ shape: sizes }, longer, scalar(axis)], attrs };
};

const stft: Generator = (random) => {
  const [length, frame] = [random.int(8, 20), random.int(2, 8)];
  const windowed = random.chance(0.5);
  return {
    op: 'STFT',
    inputs: [
      { shape: [random.int(1, 2), length, 1] },
      scalar(random.int(1, 4)),
      windowed ? constants([frame], 1) : null,
      ...(windowed ? [] : [scalar(frame)]),
    ],
    attrs: attributes({ onesided: random.pick([undefined, 0, 1]) }),
  };
};

const window =
  (op: string): Generator =>
  (random) => ({
    op,
    inputs: [scalar(random.int(1, 9), random.pick([INT32, INT64]))],
    attrs: attributes({ periodic: random.chance(0.5) && 0 }),
  });

const scores = (random: Random): { readonly scores: Operand; readonly labels: Operand } => {
  const [items, classes, rest] = [random.int(1, 3), random.int(1, 4), random.ints(random.int(0, 2), 1, 3)];
  return { scores: { shape: [items, classes, ...rest] }, labels: { shape: [items, ...rest], type: INT64 } };
};

const loss =
  (op: string, outputs: number): Generator =>
  (random) => {
    const drawn = scores(random);
    return {
      op,
      inputs: [drawn.scores, drawn.labels],
      attrs: attributes({ reduction: random.pick([undefined, 'none', 'sum', 'mean']) }),
      outputs: random.int(1, outputs),
    };
  };

const tensorScatter: Generator = (random) => {
  const [batch, heads, rows, depth] = [2, random.int(1, 3), random.int(2, 6), random.int(1, 4)];
  const update = random.int(1, rows);
  return {
    op: 'TensorScatter',
    inputs: [
      { shape: [batch, heads, rows, depth] },
      { shape: [batch, heads, update, depth] },
      ...(random.chance(0.5) ? [{ shape: [batch], type: INT64 }] : []),
    ],
  };
};

/** The runtime knows the operator, but not its form of the operator sets from `last` on. */
const before =
  (last: number, generator: Generator): Generator =>
  (random, opset) =>
    opset < last ? generator(random, opset) : undefined;

export const SAMPLED: Generators = {
  CenterCropPad: since(18, centerCropPad),
  Col2Im: since(18, col2Im),
  MaxUnpool: since(9, maxUnpool),
  DeformConv: since(19, deformConv),
  MaxRoiPool: before(22, (random) => ({
    op: 'MaxRoiPool',
    inputs: [{ shape: [1, 2, 5, 5] }, { shape: [random.int(1, 3), 5] }],
    attrs: { pooled_shape: random.ints(2, 1, 3) },
  })),
  AffineGrid: since(20, (random) => {
    const spatial = random.ints(random.int(2, 3), 1, 4);
    return {
      op: 'AffineGrid',
      inputs: [{ shape: [2, spatial.length, spatial.length + 1] }, list(2, 3, ...spatial)],
    };
  }),
  Det: since(11, (random) => {
    const size = random.int(1, 4);
    return { op: 'Det', inputs: [{ shape: [...shape(random, 0, 2), size, size] }] };
  }),
  DFT: since(17, dft),
  STFT: since(17, stft),
  HannWindow: since(17, window('HannWindow')),
  HammingWindow: since(17, window('HammingWindow')),
  BlackmanWindow: since(17, window('BlackmanWindow')),
  MelWeightMatrix: since(17, (random) => ({
    op: 'MelWeightMatrix',
    inputs: [
      ...[scalar(random.int(1, 5)), scalar(random.int(8, 33)), scalar(8000)],
      ...[scalar(0, FLOAT), scalar(4000, FLOAT)],
    ],
  })),
  Multinomial: before(22, (random) => ({
    op: 'Multinomial',
    inputs: [{ shape: random.ints(2, 1, 4) }],
    attrs: attributes({
      sample_size: random.chance(0.7) && random.int(1, 4),
      dtype: random.pick([undefined, INT32, INT64]),
    }),
  })),
  NegativeLogLikelihoodLoss: since(12, loss('NegativeLogLikelihoodLoss', 1)),
  SoftmaxCrossEntropyLoss: since(12, loss('SoftmaxCrossEntropyLoss', 2)),
  TfIdfVectorizer: since(9, (random) => ({
    op: 'TfIdfVectorizer',
    inputs: [{ shape: [...random.ints(random.int(0, 1), 1, 3), random.int(2, 5)], type: INT64 }],
    attrs: {
      mode: 'TF',
      ...{ min_gram_length: 1, max_gram_length: 2, max_skip_count: 0 },
      ...{ ngram_counts: [0, 2], ngram_indexes: [0, 3, 1], pool_int64s: [1, 2, 3, 4] },
    },
  })),
  TensorScatter: since(24, tensorScatter),
  GridSampleContrib: (random) => ({
    op: 'GridSample',
    domain: 'com.microsoft',
    inputs: [{ shape: [1, 2, 4, 4] }, { shape: [1, ...random.ints(2, 1, 4), 2] }],
  }),
  CropAndResize: (random) => {
    const count = random.int(1, 3);
    return {
      op: 'CropAndResize',
      domain: 'com.microsoft',
      inputs: [
        { shape: [1, 2, 5, 5] },
        { shape: [count, 4] },
        { shape: [count], type: INT32 },
        { shape: [2], type: INT32, values: random.ints(2, 1, 4) },
      ],
    };
  },
  NhwcMaxPool: (random) => ({
    op: 'NhwcMaxPool',
    domain: 'com.microsoft',
    inputs: [{ shape: [1, ...random.ints(2, 3, 6), random.int(1, 4)], type: UINT8 }],
    attrs: attributes({ kernel_shape: [3, 2], strides: random.chance(0.5) && [2, 1] }),
  }),
  DynamicQuantizeLSTM: (random) => {
    const [steps, batch, width, hidden] = random.ints(4, 1, 4) as [number, number, number, number];
    const both = random.chance(0.5);
    const directions = both ? 2 : 1;
    const weights = (size: number): Operand => constants([directions, size, 4 * hidden], 0, UINT8);
    const perDirection = [constants([directions], 1), constants([directions], 0, UINT8)];
    return {
      op: 'DynamicQuantizeLSTM',
      domain: 'com.microsoft',
      inputs: [
        ...[{ shape: [steps, batch, width] }, weights(width), weights(hidden)],
        ...[null, null, null, null, null, ...perDirection, ...perDirection],
      ],
      attrs: attributes({ hidden_size: hidden, direction: both && 'bidirectional' }),
      outputs: random.int(1, 3),
    };
  },
  Inverse: (random) => {
    const size = random.int(1, 3);
    return { op: 'Inverse', domain: 'com.microsoft', inputs: [{ shape: [2, size, size] }] };
  },
};
