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
const SMALL = 'two-level lb_io=1KB';

async function cost(spec: ModelSpec, tile: string, value = SMALL): Promise<CostTotals> {
  const { ir } = await compile({
    source: { file: 'model.onnx', bytes: model(spec) },
    hw: hardwareOf({ value, block: [] }),
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

describe('taps that some phases lack', () => {
  /** How many taps the outputs of one stride have, by definition. */
  const tapsOf = (kernel: number, stride: number, dilation: number): readonly number[] =>
    range(stride).map((o) => range(kernel).filter((f) => (o - dilation * f) % stride === 0).length);

  test('are no weights; where there are any, the model is approximate, with no fewer iterations', async () => {
    const axis = fc.record({
      kernel: fc.integer({ min: 1, max: 7 }),
      stride: fc.integer({ min: 1, max: 5 }),
      dilation: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(axis, axis, async (x, y) => {
        const attrs = { strides: [y.stride, x.stride], dilations: [y.dilation, x.dilation] };
        const { only } = await lowered(network('ConvTranspose', [6, 2, y.kernel, x.kernel], attrs));
        const [columns, rows] = [x, y].map((one) => tapsOf(one.kernel, one.stride, one.dilation));
        const { dims, share } = only.inputs.find(({ path }) => path === 'W')!;
        const sizeOf = new Map(only.loops.map(({ dim, size }) => [dim, size]));
        const indexed = dims.reduce((product, dim) => product * sizeOf.get(dim)!, 1);
        const all = (taps: readonly number[]): number => taps.reduce((sum, one) => sum + one, 0);
        expect((indexed * (share?.exist ?? 1)) / (share?.of ?? 1)).toBe(6 * 2 * all(columns!) * all(rows!));
        const isEven = [columns!, rows!].every((taps) => new Set(taps).size === 1);
        expect(only.coverage).toBe(isEven ? 'exact' : 'approximate');
        expect(sizeOf.get('K')! * sizeOf.get('FX')! * sizeOf.get('FY')!).toBeGreaterThanOrEqual(
          2 * x.kernel * y.kernel,
        );
      }),
      { numRuns: 200, seed: 20230223 },
    );
  });

  /** Weights of 6*8*3*3 = 432 bytes are 54 words of 64 bit, at 100 pJ each. */
  test.each([
    ['432B', 5400],
    ['431B', 'more'],
  ])('a buffer of %s is large enough for 432 bytes of weights or is not', async (size, expected) => {
    const spec = network('ConvTranspose', [6, 8, 3, 3], { strides: [2, 2] });
    const { memory } = await cost(spec, '20x17', `two-level lb_w=${size}`);
    const { W } = memory.find((one) => one.memory === 'mem:dram')!.energyPj;
    if (expected === 'more') expect(W).toBeGreaterThan(5400);
    else expect(W).toBe(expected);
  });
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
