/** Geometry of sliding windows, shared by convolutions and pools: sizes and pads along each spatial axis. */
import type { Region } from '../../ir/layer.js';
import { intAttr, intsAttr, stringAttr } from '../attrs.js';
import { SAME } from '../lower-plan.js';
import { illegal, mismatch, type Call } from './operator.js';

export interface WindowAxis {
  readonly in: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** Attribute `name` with one positive number per spatial axis. */
export function perAxis(call: Call, name: string, count: number): readonly number[] {
  const values = intsAttr(call.node, name) ?? Array.from({ length: count }, () => 1);
  if (values.length !== count)
    illegal(call, `${name} has ${values.length} numbers for ${count} spatial axes`);
  if (values.some((value) => value < 1)) illegal(call, `${name} [${values.join(', ')}] must be at least 1`);
  return values;
}

/** Attribute `pads`: all begins, then all ends. */
export function padsOf(call: Call, count: number): readonly number[] {
  const pads = intsAttr(call.node, 'pads') ?? Array.from({ length: 2 * count }, () => 0);
  if (pads.length !== 2 * count) illegal(call, `pads has ${pads.length} numbers, expected ${2 * count}`);
  return pads;
}

const AUTO_PADS = ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'] as const;
export type AutoPad = (typeof AUTO_PADS)[number];

export function autoPadOf(call: Call): AutoPad {
  const text = stringAttr(call.node, 'auto_pad', 'NOTSET') || 'NOTSET';
  return (
    AUTO_PADS.find((known) => known === text) ??
    illegal(call, `auto_pad "${text}" is not one of ${AUTO_PADS.join(', ')}`)
  );
}

/** Windows of a convolution or pool over the axes behind batch and channels (ONNX operator reference, Conv, MaxPool). */
export function windowAxes(
  call: Call,
  shape: readonly number[],
  kernel: readonly number[],
): readonly WindowAxis[] {
  const spatial = shape.slice(2);
  const count = spatial.length;
  if (kernel.length !== count)
    mismatch(call, `kernel of ${kernel.length} axes over an input with ${count} spatial axes`);
  if (kernel.some((size) => size < 1)) mismatch(call, `kernel [${kernel.join(', ')}] must be at least 1`);
  const [strides, dilations, pads] = [
    perAxis(call, 'strides', count),
    perAxis(call, 'dilations', count),
    padsOf(call, count),
  ];
  const auto = autoPadOf(call);
  const ceil = intAttr(call.node, 'ceil_mode', 0) !== 0;
  return spatial.map((size, i) => {
    const window = { in: size, kernel: kernel[i]!, stride: strides[i]!, dilation: dilations[i]! };
    const placed = place(window, auto, pads[i]!, pads[i + count]!, ceil);
    if (placed.out >= 1) return placed;
    const span = window.dilation * (window.kernel - 1) + 1;
    return mismatch(
      call,
      `window of ${span} (kernel ${window.kernel}, dilation ${window.dilation}) is larger than axis ${i + 2} of ${size} with pads ${placed.before} and ${placed.after}`,
    );
  });
}

function place(
  window: Pick<WindowAxis, 'in' | 'kernel' | 'stride' | 'dilation'>,
  auto: AutoPad,
  padBefore: number,
  padAfter: number,
  ceil: boolean,
): WindowAxis {
  const { kernel, stride, dilation } = window;
  const placed = (out: number, before: number, after: number): WindowAxis =>
    // Hot: spelt out, since copies of objects take several times as long.
    ({ in: window.in, kernel, stride, dilation, out, before, after });
  const span = dilation * (kernel - 1) + 1;
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const out = Math.ceil(window.in / stride);
    const total = Math.max(0, (out - 1) * stride + span - window.in);
    const small = Math.floor(total / 2);
    const before = auto === 'SAME_UPPER' ? small : total - small;
    return placed(out, before, total - before);
  }
  const [before, after] = auto === 'VALID' ? [0, 0] : [padBefore, padAfter];
  const steps = (window.in + before + after - span) / stride;
  let out = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  // A window that would start behind the last element (and its front pad) sees padding only: it is left out.
  if (ceil && (out - 1) * stride >= window.in + before) out -= 1;
  return placed(steps < 0 ? 0 : out, before, after);
}

/** What one axis of windows needs of its input. */
export const windowRegion = ({ kernel, stride, dilation, before, after }: WindowAxis): Region =>
  kernel === 1 && stride === 1 && before === 0 && after === 0
    ? SAME
    : { kind: 'window', stride, dilation, kernel, before, after };
