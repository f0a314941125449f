/** Sliding windows: convolutions, transposed convolutions, pools, with every way to pad. */
import type { Random } from '../../support/random.js';
import {
  attributes,
  constants,
  INT8,
  scalar,
  since,
  FLOAT,
  UINT8,
  type Case,
  type Generator,
  type Generators,
} from '../case.js';

interface Window {
  readonly sizes: readonly number[];
  readonly kernel: readonly number[];
  readonly attrs: NonNullable<Case['attrs']>;
}

/** Pads below the kernel, as runtimes ask of pools. */
function windowOf(random: Random, traits: { readonly dilations: boolean; readonly least?: number }): Window {
  const count = random.pick([1, 2, 2, 2, 3]);
  const kernel = random.ints(count, 1, 3);
  const dilations = traits.dilations && random.chance(0.3) ? random.ints(count, 1, 2) : undefined;
  const reach = kernel.map((size, i) => (dilations?.[i] ?? 1) * (size - 1) + 1);
  const sizes = reach.map((span) => span + random.int(traits.least ?? 0, 6));
  const auto = random.pick([undefined, undefined, 'SAME_UPPER', 'SAME_LOWER', 'VALID', 'NOTSET']);
  const padded = (auto === undefined || auto === 'NOTSET') && random.chance(0.6);
  const pads = padded ? [0, 1].flatMap(() => kernel.map((size) => random.int(0, size - 1))) : undefined;
  const strides = random.chance(0.6) ? random.ints(count, 1, 3) : undefined;
  return { sizes, kernel, attrs: attributes({ dilations, strides, pads, auto_pad: auto }) };
}

const conv: Generator = (random) => {
  const { sizes, kernel, attrs } = windowOf(random, { dilations: true });
  const groups = random.pick([1, 1, 2, 3]);
  const [inputs, filters] = [random.int(1, 3), random.int(1, 3) * groups];
  return {
    op: 'Conv',
    inputs: [
      { shape: [random.int(1, 2), inputs * groups, ...sizes] },
      { shape: [filters, inputs, ...kernel] },
      ...(random.chance(0.5) ? [{ shape: [filters] }] : []),
    ],
    attrs: attributes({ ...attrs, group: groups > 1 && groups, kernel_shape: random.chance(0.5) && kernel }),
  };
};

const convInteger: Generator = (random) => {
  const { sizes, kernel, attrs } = windowOf(random, { dilations: false });
  return {
    op: 'ConvInteger',
    inputs: [
      { shape: [1, 2, ...sizes], type: UINT8 },
      { shape: [3, 2, ...kernel], type: UINT8 },
    ],
    attrs,
  };
};

const qLinearConv: Generator = (random) => {
  const { sizes, kernel, attrs } = windowOf(random, { dilations: false });
  const scale = scalar(1, FLOAT);
  return {
    op: 'QLinearConv',
    inputs: [
      ...[{ shape: [1, 2, ...sizes], type: UINT8 }, scale, scalar(0, UINT8)],
      ...[constants([3, 2, ...kernel], 1, INT8), scale, scalar(0, INT8), scale, scalar(0, UINT8)],
    ],
    attrs,
  };
};

const convTranspose: Generator = (random) => {
  const { sizes, kernel, attrs } = windowOf(random, { dilations: true, least: 1 });
  const strides = kernel.map(() => random.int(1, 3));
  const groups = random.pick([1, 1, 2]);
  const extra = strides.map((stride) => random.int(0, stride - 1));
  const dilations = (attrs['dilations'] as readonly number[] | undefined) ?? kernel.map(() => 1);
  const unpadded = sizes.map(
    (size, i) => strides[i]! * (size - 1) + extra[i]! + (kernel[i]! - 1) * dilations[i]! + 1,
  );
  const shaped = random.chance(0.2);
  return {
    op: 'ConvTranspose',
    inputs: [
      { shape: [random.int(1, 2), 2 * groups, ...sizes] },
      { shape: [2 * groups, random.int(1, 3), ...kernel] },
    ],
    attrs: attributes({
      ...(shaped ? { dilations: attrs['dilations'] } : attrs),
      strides,
      group: groups > 1 && groups,
      output_padding: random.chance(0.6) && extra,
      output_shape: shaped && unpadded.map((size) => Math.max(1, size - random.int(0, 1))),
    }),
  };
};

const pool =
  (op: 'MaxPool' | 'AveragePool' | 'LpPool'): Generator =>
  (random, opset) => {
    const dilations =
      (op === 'MaxPool' && opset >= 10) || (op !== 'MaxPool' && opset >= (op === 'LpPool' ? 18 : 19));
    const { sizes, kernel, attrs } = windowOf(random, { dilations });
    // The runtime leaves dilations out of SAME pads, the standard does not: no call with both.
    const auto = attrs['auto_pad'];
    if (attrs['dilations'] && (auto === 'SAME_UPPER' || auto === 'SAME_LOWER')) return undefined;
    const ceil = opset >= (op === 'LpPool' ? 18 : 10) && random.chance(0.5);
    return {
      op,
      inputs: [{ shape: [random.int(1, 2), random.int(1, 3), ...sizes] }],
      attrs: attributes({
        ...attrs,
        kernel_shape: kernel,
        ceil_mode: ceil && 1,
        count_include_pad: op === 'AveragePool' && random.chance(0.3) && 1,
      }),
      outputs: op === 'MaxPool' && opset >= 8 ? random.int(1, 2) : 1,
    };
  };

const globalPool =
  (op: string): Generator =>
  (random) => ({ op, inputs: [{ shape: [1, 3, ...random.ints(random.int(1, 3), 1, 5)] }] });

export const WINDOWS: Generators = {
  Conv: conv,
  ConvInteger: since(10, convInteger),
  QLinearConv: since(10, qLinearConv),
  ConvTranspose: convTranspose,
  MaxPool: pool('MaxPool'),
  AveragePool: pool('AveragePool'),
  LpPool: pool('LpPool'),
  GlobalMaxPool: globalPool('GlobalMaxPool'),
  GlobalAveragePool: globalPool('GlobalAveragePool'),
  GlobalLpPool: globalPool('GlobalLpPool'),
};
