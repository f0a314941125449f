/**
 * Spectra: windows and weights made from numbers alone, and Fourier transforms. How an accelerator would transform is
 * not known (a product with a matrix, or a fast form), and so neither are the MACs.
 */
import type { DType } from '../../ir/tensor.js';
import { intAttr } from '../attrs.js';
import { dtypeName } from '../dtype.js';
import { lowerUnknown } from './generic.js';
import {
  axisOf,
  has,
  illegal,
  mismatch,
  need,
  needRank,
  oneNumber,
  withSize,
  type Call,
  type Family,
  type Operator,
  type ShapeRule,
} from './operator.js';

const transform = (infer: ShapeRule): Operator => ({ infer, lower: lowerUnknown });

const typeOf = (call: Call): DType => dtypeName(intAttr(call.node, 'output_datatype', 1));

/** An input with one positive whole number. */
function sizeOf(call: Call, input: number, name: string): number {
  const size = oneNumber(call, input, name);
  return Number.isInteger(size) && size >= 1 ? size : illegal(call, `${name} is ${size}`);
}

const window = transform((call) => [{ dtype: typeOf(call), shape: [sizeOf(call, 0, 'size')] }]);

/** Frequencies of a real signal, the others being their mirror. */
const oneSided = (length: number): number => Math.floor(length / 2) + 1;

const melWeights: ShapeRule = (call) => [
  {
    dtype: typeOf(call),
    shape: [oneSided(sizeOf(call, 1, 'dft_length')), sizeOf(call, 0, 'num_mel_bins')],
  },
];

/** Real and imaginary parts lie side by side on the last axis. */
const dft: ShapeRule = (call) => {
  const input = need(call, 0, 'input');
  const { dtype, shape } = input;
  needRank(call, input, 2);
  const last = shape.length - 1;
  const axis = axisOf(call, has(call, 2) ? oneNumber(call, 2, 'axis') : -2, shape.length);
  if (axis === last) illegal(call, `axis ${axis} is that of real and imaginary part`);
  const inverse = intAttr(call.node, 'inverse', 0) !== 0;
  const half = intAttr(call.node, 'onesided', 0) !== 0;
  const given = half && inverse ? 2 * (shape[axis]! - 1) : shape[axis]!;
  const length = has(call, 1) ? sizeOf(call, 1, 'dft_length') : given;
  const result = half && !inverse ? oneSided(length) : length;
  return [{ dtype, shape: withSize(withSize(shape, axis, result), last, half && inverse ? 1 : 2) }];
};

/** Frames of a signal [batch, length, 1 or 2], each transformed: [batch, frames, frequencies, 2]. */
const stft: ShapeRule = (call) => {
  const signal = need(call, 0, 'signal');
  needRank(call, signal, 2, 3);
  const [batch, length] = signal.shape as [number, number];
  const step = sizeOf(call, 1, 'frame_step');
  const frame = has(call, 3)
    ? sizeOf(call, 3, 'frame_length')
    : (call.inputs[2]?.shape[0] ?? illegal(call, 'neither window nor frame_length is there'));
  if (frame > length) mismatch(call, `a frame of ${frame} in a signal of ${length}`);
  const frequencies = intAttr(call.node, 'onesided', 1) !== 0 ? oneSided(frame) : frame;
  return [{ dtype: signal.dtype, shape: [batch, Math.floor((length - frame) / step) + 1, frequencies, 2] }];
};

/** The last axis to half its frequencies, real and imaginary part behind it; and back. */
const rfft: ShapeRule = (call) => {
  const { dtype, shape } = need(call, 0, 'X');
  return [{ dtype, shape: [...shape.slice(0, -1), oneSided(shape.at(-1) ?? 1), 2] }];
};
const irfft: ShapeRule = (call) => {
  const input = need(call, 0, 'X');
  needRank(call, input, 2);
  return [{ dtype: input.dtype, shape: [...input.shape.slice(0, -2), 2 * (input.shape.at(-2)! - 1)] }];
};

export const SIGNALS: Family = {
  BlackmanWindow: window,
  HammingWindow: window,
  HannWindow: window,
  MelWeightMatrix: transform(melWeights),
  DFT: transform(dft),
  STFT: transform(stft),
  'com.microsoft:Rfft': transform(rfft),
  'com.microsoft:Irfft': transform(irfft),
};
