/** Resizing, fills, recurrent layers, sampling, attention. */
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
  type Generator,
  type Generators,
  type Operand,
} from '../case.js';

const floatList = (values: readonly number[]): Operand => ({ shape: [values.length], type: FLOAT, values });

const SCALES = [0.5, 1, 1.5, 2, 3, 0.3, 1 / 3, 0.7, 2.2, 1.25] as const;

const resize: Generator = (random, opset) => {
  const sizes = [1, random.int(1, 3), random.int(2, 9), random.int(2, 9)];
  const image = { shape: sizes };
  const scale = (): number => random.pick(SCALES.filter((one) => one * 2 >= 1));
  const scales = [1, 1, scale(), scale()];
  const target = [...sizes.slice(0, 2), random.int(1, 12), random.int(1, 12)];
  if (opset === 10)
    return {
      op: 'Resize',
      inputs: [image, floatList(scales)],
      attrs: { mode: random.pick(['nearest', 'linear']) },
    };
  const mode = random.pick(['nearest', 'linear', 'cubic']);
  const transformation = random.pick(['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel']);
  const attrs = { mode, coordinate_transformation_mode: transformation };
  const roi = opset < 13 ? constants([0]) : null;
  if (opset >= 18 && random.chance(0.5)) {
    const policy = random.pick([undefined, 'stretch', 'not_larger', 'not_smaller']);
    const bySize = random.chance(0.6);
    return {
      op: 'Resize',
      inputs: bySize
        ? [image, null, null, list(...target.slice(2))]
        : [image, null, floatList(scales.slice(2))],
      attrs: attributes({ ...attrs, axes: [2, 3], keep_aspect_ratio_policy: bySize && policy }),
    };
  }
  return random.chance(0.5)
    ? { op: 'Resize', inputs: [image, roi, floatList(scales)], attrs }
    : { op: 'Resize', inputs: [image, roi, opset < 13 ? constants([0]) : null, list(...target)], attrs };
};

const upsample: Generator = (random, opset) => {
  if (opset > 9) return undefined;
  const image = { shape: [1, 2, random.int(1, 5), random.int(1, 5)] };
  const scales = [1, 1, random.pick([1, 1.5, 2, 3]), random.pick([1, 2, 2.5])];
  return opset < 9
    ? { op: 'Upsample', inputs: [image], attrs: { scales: { floats: scales } } }
    : { op: 'Upsample', inputs: [image, floatList(scales)] };
};

const shapeOperator: Generator = (random, opset) => {
  const sizes = shape(random, 0, 4);
  const cut = opset >= 15 && random.chance(0.7);
  return {
    op: 'Shape',
    inputs: [{ shape: sizes }],
    attrs: attributes({
      start: cut && random.int(-5, 5),
      end: cut && random.chance(0.5) && random.int(-5, 5),
    }),
  };
};

const recurrent =
  (op: 'RNN' | 'GRU' | 'LSTM', gates: number): Generator =>
  (random) => {
    const [steps, batch, width, hidden] = [
      random.int(1, 4),
      random.int(1, 3),
      random.int(1, 4),
      random.int(1, 4),
    ];
    const both = random.chance(0.4);
    const directions = both ? 2 : 1;
    return {
      op,
      inputs: [
        { shape: [steps, batch, width] },
        { shape: [directions, gates * hidden, width] },
        { shape: [directions, gates * hidden, hidden] },
      ],
      attrs: attributes({ hidden_size: hidden, direction: both && 'bidirectional' }),
      outputs: random.int(1, op === 'LSTM' ? 3 : 2),
    };
  };

const topK: Generator = (random, opset) => {
  const sizes = shape(random, 1, 4);
  const axis = random.int(0, sizes.length - 1);
  const k = random.int(1, sizes[axis]!);
  const attrs = attributes({ axis: opset < 11 ? axis : signed(random, axis, sizes.length) });
  if (opset < 10) return { op: 'TopK', inputs: [{ shape: sizes }], attrs: { ...attrs, k }, outputs: 2 };
  return { op: 'TopK', inputs: [{ shape: sizes }, list(k)], attrs, outputs: 2 };
};

const attention: Generator = (random) => {
  const [batch, groups, repeats] = [random.int(1, 2), random.int(1, 2), random.int(1, 2)];
  const [rows, keys, depth, width] = [random.int(1, 4), random.int(1, 5), random.int(1, 4), random.int(1, 4)];
  const past = random.chance(0.3) ? random.int(1, 3) : 0;
  const heads = groups * repeats;
  const flat = random.chance(0.5);
  const tensor = (count: number, length: number, size: number): Operand => ({
    shape: flat ? [batch, length, count * size] : [batch, count, length, size],
  });
  const cached = (size: number): Operand => ({ shape: [batch, groups, past, size] });
  return {
    op: 'Attention',
    inputs: [
      ...[tensor(heads, rows, depth), tensor(groups, keys, depth), tensor(groups, keys, width)],
      ...(past > 0 ? [null, cached(depth), cached(width)] : []),
    ],
    attrs: attributes({ q_num_heads: flat && heads, kv_num_heads: flat && groups }),
    outputs: past > 0 ? 3 : 1,
  };
};

const random =
  (op: string, like: boolean): Generator =>
  (draw) => {
    const sizes = shape(draw, 1, 3);
    return like ? { op, inputs: [{ shape: sizes }] } : { op, inputs: [], attrs: { shape: sizes } };
  };

const gridSample: Generator = (draw, opset) => {
  const volume = opset >= 20 && draw.chance(0.3);
  const spatial = volume ? 3 : 2;
  return {
    op: 'GridSample',
    inputs: [
      { shape: [1, 2, ...draw.ints(spatial, 1, 4)] },
      { shape: [1, ...draw.ints(spatial, 1, 4), spatial] },
    ],
  };
};

export const OTHERS: Generators = {
  Resize: since(10, resize),
  Upsample: since(7, upsample),
  Shape: shapeOperator,
  Size: (draw) => ({ op: 'Size', inputs: [{ shape: shape(draw) }] }),
  ConstantOfShape: since(9, (draw) => ({ op: 'ConstantOfShape', inputs: [list(...shape(draw, 0, 4))] })),
  Range: since(11, (draw) => ({
    op: 'Range',
    inputs: [scalar(draw.int(-3, 3)), scalar(draw.int(-5, 9)), scalar(draw.pick([1, 2, 3, -1, -2]))],
  })),
  EyeLike: since(9, (draw) => ({ op: 'EyeLike', inputs: [{ shape: draw.ints(2, 1, 4) }] })),
  NonZero: since(9, (draw) => {
    const sizes = shape(draw, 1, 3);
    const count = sizes.reduce((a, b) => a * b, 1);
    return { op: 'NonZero', inputs: [{ shape: sizes, type: INT64, values: draw.ints(count, 0, 1) }] };
  }),
  RNN: since(7, recurrent('RNN', 1)),
  GRU: since(7, recurrent('GRU', 3)),
  LSTM: since(7, recurrent('LSTM', 4)),
  TopK: topK,
  Attention: since(23, attention),
  ReverseSequence: since(10, (draw) => {
    const [steps, batch] = [draw.int(1, 4), draw.int(1, 3)];
    return {
      op: 'ReverseSequence',
      inputs: [{ shape: [steps, batch, ...shape(draw, 0, 2)] }, constants([batch], 1, INT64)],
    };
  }),
  GridSample: since(16, gridSample),
  RoiAlign: since(10, (draw) => {
    const count = draw.int(1, 3);
    return {
      op: 'RoiAlign',
      inputs: [{ shape: [1, 2, 4, 4] }, { shape: [count, 4] }, { shape: [count], type: INT64 }],
      attrs: attributes({
        output_height: draw.chance(0.7) && draw.int(1, 3),
        output_width: draw.chance(0.7) && 2,
      }),
    };
  }),
  RandomNormal: random('RandomNormal', false),
  RandomUniform: random('RandomUniform', false),
  RandomNormalLike: random('RandomNormalLike', true),
  RandomUniformLike: random('RandomUniformLike', true),
  Bernoulli: since(15, random('Bernoulli', true)),
  RotaryEmbedding: since(23, (draw) => {
    const [heads, rows, depth] = [draw.int(1, 3), draw.int(1, 4), 2 * draw.int(1, 3)];
    return {
      op: 'RotaryEmbedding',
      inputs: [
        { shape: [1, heads, rows, depth] },
        { shape: [1, rows, depth / 2] },
        { shape: [1, rows, depth / 2] },
      ],
    };
  }),
  PickedInt32: (draw) => ({
    op: 'Gather',
    inputs: [{ shape: [3, 4] }, { shape: [draw.int(1, 3)], type: INT32 }],
  }),
};
