/** Transposed convolutions, by what ONNX defines: output o takes input i if o = i*stride - before + dilation*f. */
import fc from 'fast-check';
import { compile } from '../../../src/compile.js';
import type { CostTotals } from '../../../src/ir/cost.js';
import { hardwareOf } from '../../support/filetest/hardware.js';
import { lowered } from '../../support/lowered.js';
import { model, type AttrSpec, type ModelSpec } from '../../support/onnx-model.js';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const network = (op: string, w: readonly number[], attrs: Record<string, AttrSpec>): ModelSpec => ({
  inputs: { x: [1, 6, 16, 20] },
  outputs: ['y'],
  initializers: { w: { shape: w } },
  nodes: [{ op, name: 'y', in: ['x', 'w'], out: ['y'], attrs }],
});

/** Too small for the input, which is read in parts. */
const hw = hardwareOf({ value: 'two-level lb_io=1KB', block: [] });

async function cost(spec: ModelSpec, tile: string): Promise<CostTotals> {
  const { ir } = await compile({
    source: { file: 'model.onnx', bytes: model(spec) },
    hw,
    pipeline:
      'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{by=one},' +
      `choose-tiles{tile=${tile} mode=fully-cached},tile-stacks,allocate-memory,annotate-cost`,
  });
  return ir.costs!.totals;
}

test('tiles of which each has a rounded share of the MACs have all of them together', async () => {
  const { macs } = await cost(network('ConvTranspose', [6, 2, 3, 3], { strides: [2, 2] }), '7x5');
  expect(macs).toBe(16 * 20 * 6 * 2 * 9);
});

describe('windows of the input', () => {
  test('an output takes inputs as far apart as the window says', async () => {
    const axis = fc.record({
      kernel: fc.integer({ min: 1, max: 7 }),
      stride: fc.integer({ min: 1, max: 6 }),
      dilation: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(axis, async ({ kernel, stride, dilation }) => {
        const attrs = { strides: [1, stride], dilations: [1, dilation] };
        const { only } = await lowered(network('ConvTranspose', [6, 2, 1, kernel], attrs));
        const distances = range(stride).flatMap((o) => {
          const inputs = range(kernel).map((f) => (o - dilation * f) / stride);
          const taken = inputs.filter(Number.isInteger);
          return taken.slice(1).map((i, n) => taken[n]! - i);
        });
        const window = only.inputs.flatMap(({ windows }) => windows).find(({ out }) => out === 'OX')!;
        expect(window.stride).toBe(1);
        for (const distance of distances) expect(window.dilation).toBe(distance);
      }),
      { numRuns: 200, seed: 20230223 },
    );
  });

  /** Without a stride it is a convolution with the kernel turned round, and as many pads as reach what the others cut. */
  test.each([
    [1, '20x16'],
    [2, '20x16'],
    [3, '5x4'],
  ])('without a stride it costs what a convolution does, dilated by %d in tiles of %s', async (d, tile) => {
    const pads = (n: number): number[] => [n, n, n, n];
    const transposed = network('ConvTranspose', [6, 4, 3, 3], { dilations: [d, d], pads: pads(d) });
    const plain = network('Conv', [4, 6, 3, 3], { dilations: [d, d], pads: pads(d) });
    expect(await cost(transposed, tile)).toEqual(await cost(plain, tile));
  });
});
