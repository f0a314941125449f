/**
 * Arbitrary small networks for property tests: chains of convolutions with random kernels, strides (also beyond the
 * kernel), dilations and asymmetric pads, residuals, branches joined by addition or along
 * channels, upsampling, weights that differ from pixel to pixel. Padded ones have kernels and pads as large as their maps
 * as well, each at either border as it comes; of sparse ones some have weights of which a share exists.
 */
import fc from 'fast-check';
import { outputSize, type AxisSpec, type NetworkSpec, type NodeSpec } from './workloads.js';

interface Window {
  readonly x: AxisSpec;
  readonly y: AxisSpec;
}

type Weights = Pick<Extract<NodeSpec, { op: 'conv' | 'pool' }>, 'perPixel' | 'share'>;

type Step =
  | {
      readonly kind: 'conv';
      readonly window: Window;
      readonly channels: number;
      readonly weights: Weights;
    }
  | {
      readonly kind: 'residual' | 'deep-residual' | 'two-branches' | 'two-branches-joined' | 'downsampling';
      readonly first: Window;
      readonly second: Window;
    }
  | { readonly kind: 'upsample' };

const axisArb = fc
  .record({
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.constantFrom(1, 1, 2, 3),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 2 }),
    // Then some outputs lie in pads alone.
    beyond: fc.constantFrom(0, 0, 0, 1),
  })
  .map(padded);
const largeAxisArb = fc
  .record({
    kernel: fc.integer({ min: 2, max: 8 }),
    stride: fc.constantFrom(1, 1, 1, 2),
    dilation: fc.constantFrom(1, 1, 2, 3),
    before: fc.integer({ min: 0, max: 20 }),
    after: fc.integer({ min: 0, max: 20 }),
    beyond: fc.constantFrom(0, 0, 0, 4),
  })
  .map(padded);

function padded({ beyond, ...axis }: AxisSpec & { readonly beyond: number }): AxisSpec {
  const most = axis.dilation * (axis.kernel - 1) + beyond;
  return { ...axis, before: Math.min(axis.before, most), after: Math.min(axis.after, most) };
}

/** Keeps the size of the map. */
const sameArb = fc
  .integer({ min: 0, max: 2 })
  .map((reach): AxisSpec => ({ kernel: 2 * reach + 1, stride: 1, dilation: 1, before: reach, after: reach }));
/** Makes a map larger by some, so that branches still meet: where the kernel is small, some outputs lie in pads alone. */
const largerArb = (by: number): fc.Arbitrary<AxisSpec> =>
  fc
    .record({
      kernel: fc.integer({ min: 1, max: 8 }),
      dilation: fc.constantFrom(1, 1, 2, 3),
      permille: fc.nat({ max: 1000 }),
    })
    .map(({ kernel, dilation, permille }) => {
      const pads = dilation * (kernel - 1) + by;
      const before = Math.round((pads * permille) / 1000);
      return { kernel, stride: 1, dilation, before, after: pads - before };
    });

const windowArb = (axis: fc.Arbitrary<AxisSpec>): fc.Arbitrary<Window> => fc.record({ x: axis, y: axis });

const weightsArb = fc.nat({ max: 5 }).map((one): Weights => ({ perPixel: one === 0 }));
const sparseArb = fc
  .nat({ max: 5 })
  .map((one): Weights => (one === 0 ? { perPixel: true } : one < 3 ? { share: { exist: 3, of: 8 } } : {}));

const stepsOf = (
  axis: fc.Arbitrary<AxisSpec>,
  same: fc.Arbitrary<AxisSpec>,
  weights: fc.Arbitrary<Weights> = weightsArb,
): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('conv' as const),
        window: windowArb(axis),
        channels: fc.integer({ min: 1, max: 3 }),
        weights,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'residual' as const,
          'deep-residual' as const,
          'two-branches' as const,
          'two-branches-joined' as const,
          'downsampling' as const,
        ),
        first: windowArb(same),
        second: windowArb(same),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'upsample' as const }) },
  );

const POINT: AxisSpec = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };
const strided = ({ x, y }: Window): Window => ({ x: { ...x, stride: 2 }, y: { ...y, stride: 2 } });

/** The nodes of one step, reading `from`; the last one is the result. */
function nodesOf(step: Step, i: number, from: string): [string, NodeSpec][] {
  const [a, b, s] = [`a${i}`, `b${i}`, `s${i}`];
  const conv = (input: string | readonly string[], window: Window): NodeSpec => ({
    op: 'conv',
    from: input,
    ...window,
  });
  const add = (x: string, y: string): [string, NodeSpec] => [s, { op: 'add', from: [x, y] }];
  switch (step.kind) {
    case 'conv':
      return [[`c${i}`, { op: 'conv', from, ...step.window, channels: step.channels, ...step.weights }]];
    case 'upsample':
      return [[`u${i}`, { op: 'upsample', from, factor: 2 }]];
    case 'residual':
      return [[a, conv(from, step.first)], add(a, from)];
    case 'deep-residual':
      return [[a, conv(from, step.first)], [b, conv(a, step.second)], add(b, from)];
    case 'two-branches':
      return [[a, conv(from, step.first)], [b, conv(from, step.second)], add(a, b)];
    case 'two-branches-joined':
      return [
        [a, conv(from, step.first)],
        [b, conv(from, step.second)],
        [s, { op: 'conv', from: [a, b], x: POINT, y: POINT, channels: 1 }],
      ];
    case 'downsampling':
      return [
        [a, conv(from, strided(step.first))],
        [b, conv(from, strided({ x: POINT, y: POINT }))],
        add(a, b),
      ];
  }
}

/** Size after a step; undefined: it would leave nothing, or too much to walk through. */
function sizeAfter(step: Step, [width, height]: readonly [number, number]): [number, number] | undefined {
  switch (step.kind) {
    case 'conv': {
      const [w, h] = [outputSize(width, step.window.x), outputSize(height, step.window.y)];
      return w < 1 || h < 1 ? undefined : [w, h];
    }
    case 'upsample':
      return width * height > 60 ? undefined : [2 * width, 2 * height];
    case 'downsampling':
      return [Math.ceil(width / 2), Math.ceil(height / 2)];
    default:
      return [outputSize(width, step.first.x), outputSize(height, step.first.y)];
  }
}

function build(width: number, height: number, channels: number, steps: readonly Step[]): NetworkSpec {
  const nodes: [string, NodeSpec][] = [];
  let from = 'in';
  let size: [number, number] = [width, height];
  steps.forEach((step, i) => {
    const after = sizeAfter(step, size);
    if (!after) return;
    nodes.push(...nodesOf(step, i, from));
    [from, size] = [nodes.at(-1)![0], after];
  });
  if (nodes.length === 0) nodes.push(['c', { op: 'conv', from: 'in', x: POINT, y: POINT }]);
  return { input: { width, height, channels }, nodes };
}

const networksOf = (step: fc.Arbitrary<Step>): fc.Arbitrary<NetworkSpec> =>
  fc
    .record({
      width: fc.integer({ min: 3, max: 11 }),
      height: fc.integer({ min: 3, max: 11 }),
      channels: fc.integer({ min: 1, max: 2 }),
      steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    })
    .map(({ width, height, channels, steps }) => build(width, height, channels, steps));

export const networkArb = networksOf(stepsOf(axisArb, sameArb));
export const sparseNetworkArb = networksOf(stepsOf(axisArb, sameArb, sparseArb));

const largerBranchesArb: fc.Arbitrary<Step> = fc.integer({ min: 0, max: 5 }).chain((by) =>
  fc.record({
    kind: fc.constantFrom('two-branches' as const, 'two-branches-joined' as const),
    first: windowArb(largerArb(by)),
    second: windowArb(largerArb(by)),
  }),
);

export const paddedNetworkArb = networksOf(
  fc.oneof(
    { weight: 3, arbitrary: stepsOf(fc.oneof(axisArb, largeAxisArb), fc.oneof(sameArb, largerArb(0))) },
    { weight: 1, arbitrary: largerBranchesArb },
  ),
);

export const tileArb = fc.record({ x: fc.integer({ min: 1, max: 8 }), y: fc.integer({ min: 1, max: 8 }) });
