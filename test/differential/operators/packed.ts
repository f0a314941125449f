/** Operators of com.microsoft with channels last, packed tables and experts. */
import {
  attributes,
  constants,
  FLOAT,
  INT32,
  INT64,
  scalar,
  UINT8,
  type Generator,
  type Generators,
  type Operand,
} from '../case.js';
import type { Random } from '../../support/random.js';

const domain = 'com.microsoft';
const quantization: readonly Operand[] = [scalar(1, FLOAT), scalar(0, UINT8)];

const images = (random: Random, last: boolean) => {
  const [batch, inputs, filters] = random.ints(3, 1, 3) as [number, number, number];
  const [width, height] = [random.int(3, 7), random.int(3, 7)];
  const shape = last ? [batch, height, width, inputs] : [batch, inputs, height, width];
  const kernel = [filters, inputs, random.int(1, 3), random.int(1, 3)];
  const attrs = { pads: random.ints(4, 0, 1), strides: random.ints(2, 1, 2) };
  return { shape, kernel, attrs, filters };
};

const quantizedConv: Generator = (random) => {
  const last = random.chance(0.6);
  const { shape, kernel, attrs, filters } = images(random, last);
  return {
    op: 'QLinearConv',
    domain,
    inputs: [
      { shape, type: UINT8 },
      ...quantization,
      constants(kernel, 1, UINT8),
      ...quantization,
      ...quantization,
      ...(random.chance(0.5) ? [constants([filters], 1, INT32)] : []),
    ],
    attrs: attributes({ ...attrs, channels_last: last && 1 }),
  };
};

const blocks: Generator = (random) => {
  const [rows, width] = [random.int(2, 5), 16 * random.int(1, 3)];
  return {
    op: 'GatherBlockQuantized',
    domain,
    inputs: [
      constants([rows, width / 2], 0, UINT8),
      { shape: random.ints(random.int(1, 2), 1, 4), type: random.chance(0.5) ? INT64 : INT32 },
      constants([rows, width / 16], 1),
    ],
    attrs: { gather_axis: 0, quantize_axis: 1, block_size: 16, bits: 4 },
  };
};

const experts: Generator = (random) => {
  const [rows, hidden, inner, count] = [
    random.int(1, 4),
    4 * random.int(1, 2),
    4 * random.int(1, 3),
    random.int(2, 4),
  ];
  return {
    op: 'MoE',
    domain,
    inputs: [
      { shape: [rows, hidden] },
      { shape: [rows, count] },
      constants([count, inner, hidden], 1),
      null,
      constants([count, hidden, inner], 1),
    ],
    attrs: { k: random.int(1, 2), activation_type: 'relu' },
  };
};

const quantizedExperts: Generator = (random) => {
  const [rows, hidden, inner, count] = [
    random.int(1, 4),
    16 * random.int(1, 2),
    16 * random.int(1, 2),
    random.int(2, 4),
  ];
  return {
    op: 'QMoE',
    domain,
    inputs: [
      { shape: [rows, hidden] },
      { shape: [rows, count] },
      constants([count, inner, hidden / 2], 0, UINT8),
      constants([count, inner], 1),
      null,
      constants([count, hidden, inner / 2], 0, UINT8),
      constants([count, hidden], 1),
    ],
    attrs: { k: random.int(1, 2), activation_type: 'relu', expert_weight_bits: 4 },
  };
};

export const PACKED: Generators = {
  QLinearConv: quantizedConv,
  GatherBlockQuantized: blocks,
  MoE: experts,
  QMoE: quantizedExperts,
};
