/**
 * Regions by brute force: which columns every output column really reads, enumerated from the definition of the
 * operator, against the interval the region gives. `exact`: their hull; otherwise a superset of it.
 */
import * as fc from 'fast-check';
import { inputInterval } from '../../../src/analysis/region.js';
import { known } from '../../../src/base/assert.js';
import type { FeatureMap, Region } from '../../../src/ir/layer.js';
import { lowered } from '../../support/lowered.js';
import { floats, int64, type AttrSpec, type ModelSpec } from '../../support/onnx-model.js';

/** Columns of the input that one output column reads. */
type Reads = (o: number) => readonly number[];

interface Case {
  readonly spec: ModelSpec;
  readonly reads: Reads;
}

async function regionOf(
  spec: ModelSpec,
): Promise<{ region: Region; input: FeatureMap; output: FeatureMap } | undefined> {
  const { workload } = await lowered(spec);
  const layer = workload.layers.find(({ id }) => id === '@node');
  if (layer === undefined) return undefined;
  const source = known(
    known(
      layer.inputs.find(({ name }) => name === 'I'),
      'I',
    ).sources[0],
    'source',
  );
  const map = (id: string): FeatureMap =>
    known(
      workload.maps.find((one) => one.id === id),
      id,
    );
  return { region: source.x, input: map(source.map), output: map(layer.output.map) };
}

/**
 * Every interval of output columns. `slack`: columns that the region may name beyond the hull of what
 * is read, at either end.
 */
async function check({ spec, reads }: Case, slack: number): Promise<void> {
  const found = await regionOf(spec);
  if (found === undefined) return; // a view: every column is its own
  const { region, input, output } = found;
  for (let start = 0; start < output.width; start++)
    for (let end = start + 1; end <= output.width; end++) {
      const wanted: number[] = [];
      for (let o = start; o < end; o++) wanted.push(...reads(o));
      const needed = wanted.filter((i) => i >= 0 && i < input.width);
      // Where a window hangs over the border its strides and taps may miss the outermost columns.
      const allowed = needed.length === wanted.length ? slack : Math.max(slack, WIDEST_STEP);
      const interval = inputInterval(region, { start, end }, input.width);
      if (needed.length === 0) continue;
      const [low, high] = [Math.min(...needed), Math.max(...needed) + 1];
      const text = `${start}..${end} of ${JSON.stringify(region)} on ${input.width} columns`;
      expect([text, interval.start <= low, interval.end >= high]).toEqual([text, true, true]);
      expect([text, low - interval.start <= allowed, interval.end - high <= allowed]).toEqual([
        text,
        true,
        true,
      ]);
    }
}

/** Largest stride or dilation below. */
const WIDEST_STEP = 3;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const image = (
  op: string,
  width: number,
  attrs: Record<string, AttrSpec>,
  rest: Partial<ModelSpec> = {},
  inputs: string[] = [],
): ModelSpec => ({
  opset: 19,
  inputs: { x: [1, 4, 2, width] },
  outputs: ['y'],
  nodes: [
    { op: 'Relu', name: 'before', in: ['x'], out: ['a'] },
    { op, name: 'node', in: ['a', ...inputs], out: ['y'], attrs },
  ],
  ...rest,
});

const property = async <T>(
  arbitrary: fc.Arbitrary<T>,
  toCase: (value: T) => Case,
  slack = 0,
): Promise<void> => {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (value) => check(toCase(value), slack)),
    { seed: 20230225, numRuns: 40 },
  );
};

const WINDOW = fc
  .record({
    width: fc.integer({ min: 1, max: 9 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 2 }),
  })
  .filter(
    ({ width, kernel, dilation, before, after }) => width + before + after >= dilation * (kernel - 1) + 1,
  );

test('convolution and pool: o*stride - before + dilation*f', async () => {
  const attrs = (w: {
    kernel: number;
    stride: number;
    dilation: number;
    before: number;
    after: number;
  }): Record<string, AttrSpec> => ({
    kernel_shape: [1, w.kernel],
    strides: [1, w.stride],
    dilations: [1, w.dilation],
    pads: [0, w.before, 0, w.after],
  });
  const readsOf =
    (w: { kernel: number; stride: number; dilation: number; before: number }): Reads =>
    (o) =>
      range(w.kernel).map((f) => o * w.stride - w.before + w.dilation * f);
  await property(WINDOW, (w) => ({
    spec: image('Conv', w.width, attrs(w), { initializers: { k: { shape: [3, 4, 1, w.kernel] } } }, ['k']),
    reads: readsOf(w),
  }));
  const pools = WINDOW.filter(
    ({ before, after, kernel, dilation }) => Math.max(before, after) <= dilation * (kernel - 1),
  );
  await property(pools, (w) => ({ spec: image('MaxPool', w.width, attrs(w)), reads: readsOf(w) }));
});

test('transposed convolution: i with o = i*stride - before + dilation*f', async () => {
  const arbitrary = WINDOW.filter(
    (w) => w.stride * (w.width - 1) + w.dilation * (w.kernel - 1) + 1 - w.before - w.after >= 1,
  );
  const toCase = (w: {
    width: number;
    kernel: number;
    stride: number;
    dilation: number;
    before: number;
    after: number;
  }): Case => ({
    spec: image(
      'ConvTranspose',
      w.width,
      { strides: [1, w.stride], dilations: [1, w.dilation], pads: [0, w.before, 0, w.after] },
      { initializers: { k: { shape: [4, 3, 1, w.kernel] } } },
      ['k'],
    ),
    reads: (o) =>
      range(w.width).filter((i) =>
        range(w.kernel).some((f) => o === i * w.stride - w.before + w.dilation * f),
      ),
  });
  await property(
    arbitrary.filter((w) => w.dilation === 1),
    toCase,
    0,
  );
  await property(arbitrary, toCase, 2); // a dilated kernel skips inputs inside the region
});

/** Neighbours that an interpolation weighs, from the formulas of the operator reference (Resize). */
function resizeReads(
  inSize: number,
  outSize: number,
  scale: number,
  mode: string,
  coordinates: string,
  nearest: string,
): Reads {
  const at = (o: number): number => {
    switch (coordinates) {
      case 'asymmetric':
        return o / scale;
      case 'align_corners':
        return outSize === 1 ? 0 : (o * (inSize - 1)) / (outSize - 1);
      case 'pytorch_half_pixel':
        return outSize > 1 ? (o + 0.5) / scale - 0.5 : 0;
      case 'half_pixel_symmetric': {
        const adjustment = outSize / (inSize * scale);
        return (inSize / 2) * (1 - adjustment) + (o + 0.5) / scale - 0.5;
      }
      default:
        return (o + 0.5) / scale - 0.5;
    }
  };
  const clamp = (i: number): number => Math.min(Math.max(i, 0), inSize - 1);
  const near: Record<string, (x: number) => number> = {
    floor: Math.floor,
    ceil: Math.ceil,
    round_prefer_floor: (x) => Math.ceil(x - 0.5),
    round_prefer_ceil: (x) => Math.floor(x + 0.5),
  };
  return (o) => {
    const x = at(o);
    // Thirds are not exact in binary: a position on a whole column may come out just beside it.
    const exact =
      Math.abs(x - Math.round(x)) < 1e-9
        ? Math.round(x)
        : Math.abs(2 * x - Math.round(2 * x)) < 1e-9
          ? Math.round(2 * x) / 2
          : x;
    if (mode === 'nearest') return [clamp(near[nearest]!(exact))];
    const low = Math.floor(exact);
    if (mode === 'linear') return exact === low ? [clamp(low)] : [clamp(low), clamp(low + 1)];
    return [-1, 0, 1, 2].map((k) => clamp(low + k));
  };
}

const SCALES = [1 / 3, 0.5, 0.75, 1, 1.5, 2, 3, 2.3];

test('Resize by scales and by sizes', async () => {
  const arbitrary = fc
    .record({
      width: fc.integer({ min: 1, max: 9 }),
      scale: fc.constantFrom(...SCALES),
      mode: fc.constantFrom('nearest', 'linear', 'cubic'),
      coordinates: fc.constantFrom(
        'asymmetric',
        'half_pixel',
        'pytorch_half_pixel',
        'align_corners',
        'half_pixel_symmetric',
      ),
      nearest: fc.constantFrom('floor', 'ceil', 'round_prefer_floor', 'round_prefer_ceil'),
      sizes: fc.boolean(),
    })
    .filter(({ width, scale }) => Math.floor(width * scale + 1e-6) >= 1);
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ width, scale, mode, coordinates, nearest, sizes }) => {
      const outSize = Math.floor(width * scale + 1e-6);
      const attrs = { mode, coordinate_transformation_mode: coordinates, nearest_mode: nearest };
      const spec = sizes
        ? image('Resize', width, attrs, { initializers: { s: int64(1, 4, 2, outSize) } }, ['', '', 's'])
        : image('Resize', width, attrs, { initializers: { s: floats(1, 1, 1, scale) } }, ['', 's']);
      const reads = resizeReads(width, outSize, sizes ? outSize / width : scale, mode, coordinates, nearest);
      await check({ spec, reads }, width); // conservative near the borders: only too little would be wrong
    }),
    { seed: 7, numRuns: 150 },
  );
});

test('Resize: exact where nothing is rounded', async () => {
  for (const [scale, coordinates, nearest] of [
    [2, 'asymmetric', 'floor'],
    [3, 'asymmetric', 'floor'],
    [0.5, 'asymmetric', 'floor'],
    [2, 'half_pixel', 'round_prefer_floor'],
    [3, 'half_pixel', 'round_prefer_ceil'],
  ] as const) {
    const attrs = { mode: 'nearest', coordinate_transformation_mode: coordinates, nearest_mode: nearest };
    const spec = image('Resize', 8, attrs, { initializers: { s: floats(1, 1, 1, scale) } }, ['', 's']);
    await check({ spec, reads: resizeReads(8, 8 * scale, scale, 'nearest', coordinates, nearest) }, 0);
  }
});

test('Resize: a scale is the ratio of the sizes where it rounds to it', async () => {
  const attrs = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const spec = image('Resize', 100, attrs, { initializers: { s: floats(1, 1, 1, 0.29) } }, ['', 's']);
  await check({ spec, reads: resizeReads(100, 29, 0.29, 'nearest', 'asymmetric', 'floor') }, 0);
});

/** Which column stands beyond the border (ONNX operator reference, Pad). */
const BEYOND: Readonly<Record<string, (i: number, width: number) => number>> = {
  reflect: (i, width) => (i < 0 ? -i : i >= width ? 2 * (width - 1) - i : i),
  edge: (i, width) => Math.min(Math.max(i, 0), width - 1),
  wrap: (i, width) => (i + width) % width,
};

test.each(Object.entries(BEYOND))('Pad by columns of its own: %s', async (mode, beyond) => {
  const pad = fc.integer({ min: -2, max: 3 });
  const arbitrary = fc.record({ width: fc.integer({ min: 4, max: 8 }), before: pad, after: pad });
  await fc.assert(
    fc.asyncProperty(
      arbitrary.filter(({ width, before, after }) => width + before + after > 0),
      async ({ width, before, after }) => {
        const spec = image(
          'Pad',
          width,
          { mode },
          { initializers: { p: int64(0, 0, 0, before, 0, 0, 0, after) } },
          ['p'],
        );
        const reads: Reads = (o) => [beyond(o - before, width)];
        await check({ spec, reads }, mode === 'wrap' ? width : 0);
      },
    ),
    { seed: 20230225, numRuns: 60 },
  );
});

test('Slice, Pad, blocks and Concat', async () => {
  const width = fc.integer({ min: 2, max: 9 });
  await property(
    fc
      .record({ width, start: fc.integer({ min: 0, max: 8 }), step: fc.integer({ min: 1, max: 3 }) })
      .filter(({ width: w, start }) => start < w),
    ({ width: w, start, step }) => ({
      spec: image(
        'Slice',
        w,
        {},
        { initializers: { lo: int64(start), hi: int64(100), axis: int64(3), step: int64(step) } },
        ['lo', 'hi', 'axis', 'step'],
      ),
      reads: (o) => [start + o * step],
    }),
  );
  const pads = fc.record({
    width: fc.integer({ min: 4, max: 8 }),
    before: fc.integer({ min: 0, max: 3 }),
    after: fc.integer({ min: 0, max: 3 }),
  });
  const padded = (w: number, before: number, after: number, mode: string): ModelSpec =>
    image('Pad', w, { mode }, { initializers: { p: int64(0, 0, 0, before, 0, 0, 0, after) } }, ['p']);
  await property(pads, ({ width: w, before, after }) => ({
    spec: padded(w, before, after, 'constant'),
    reads: (o) => [o - before],
  }));
  await property(fc.record({ width, block: fc.integer({ min: 1, max: 2 }) }), ({ width: w, block }) => ({
    spec: image('DepthToSpace', w, { blocksize: block }),
    reads: (o) => [Math.floor(o / block)],
  }));
  await property(fc.record({ half: fc.integer({ min: 1, max: 5 }) }), ({ half }) => ({
    spec: image('SpaceToDepth', 2 * half, { blocksize: 2 }),
    reads: (o) => [2 * o, 2 * o + 1],
  }));
});
