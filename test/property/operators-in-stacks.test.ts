/**
 * Operators in the middle of a stack, from the model to the report: every tile that `compile` makes against the
 * pixel simulator, which is told the definition of each operator (ONNX operator reference) and nothing else.
 */
import { bareName } from '../../src/base/ids.js';
import { compile } from '../../src/compile.js';
import { loadAccelerator } from '../../src/node/builtin.js';
import { floats, int64, model, type AttrSpec, type ModelSpec, type NodeSpec } from '../support/onnx-model.js';
import { simulate, type SimulatedNodes, type Taps } from '../support/tile-simulator.js';
import { expectTilesOf } from '../support/tiles-compared.js';

const { accelerator: hw } = loadAccelerator('meta-proto-df');

interface Case {
  readonly spec: ModelSpec;
  /** The layers expected, stack by stack, by the names of their nodes. */
  readonly stacks: readonly SimulatedNodes[];
  readonly macs: number;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const same: Taps = (o) => [o];

/** o*stride - before + dilation*f */
const conv =
  (kernel: number, { stride = 1, before = 0, dilation = 1 } = {}): Taps =>
  (o) =>
    range(kernel).map((f) => o * stride - before + dilation * f);

/** All i with o = i*stride - before + f. */
const transposed =
  (kernel: number, stride: number, before: number): Taps =>
  (o) =>
    range(kernel)
      .map((f) => (o + before - f) / stride)
      .filter(Number.isInteger);

/** The neighbours that weigh in at (o + 1/2)/scale - 1/2; beyond the border the outermost stand for them. */
const linear =
  (scale: number, size: number): Taps =>
  (o) => {
    const at = (o + 0.5) / scale - 0.5;
    return [Math.floor(at), Math.ceil(at)].map((i) => Math.min(Math.max(i, 0), size - 1));
  };

/** Before the first and behind the last, those within stand in reverse. */
const mirrored =
  (before: number, size: number): Taps =>
  (o) => [Math.min(Math.abs(o - before), 2 * (size - 1) - (o - before))];

const taps = (
  name: string,
  from: string | readonly string[],
  x: Taps,
  y: Taps = x,
): SimulatedNodes[number] => [name, { op: 'taps', from, x, y }];

/** A node named like its only output. */
const node = (
  op: string,
  name: string,
  inputs: readonly string[],
  attrs: Record<string, AttrSpec> = {},
): NodeSpec => ({ op, name, in: inputs, out: [name], attrs });

const weights = (...shape: number[]): { shape: number[] } => ({ shape });

const CASES: Record<string, Case> = {
  '1-D convolutions, strided and dilated, of a batch': {
    spec: {
      inputs: { x: [2, 3, 29] },
      outputs: ['c'],
      initializers: { wa: weights(4, 3, 3), wb: weights(6, 4, 5), wc: weights(2, 6, 3) },
      nodes: [
        node('Conv', 'a', ['x', 'wa'], { pads: [1, 1] }),
        node('Conv', 'b', ['a', 'wb'], { pads: [2, 1], strides: [2] }),
        node('Conv', 'c', ['b', 'wc'], { dilations: [2] }),
      ],
    },
    stacks: [
      [
        taps('a', 'x', conv(3, { before: 1 }), same),
        taps('b', 'a', conv(5, { before: 2, stride: 2 }), same),
        taps('c', 'b', conv(3, { dilation: 2 }), same),
      ],
    ],
    macs: 2 * (29 * 4 * 3 * 3 + 14 * 6 * 4 * 5 + 10 * 2 * 6 * 3),
  },
  '3-D convolutions along the width are tiled; one over the depth needs all rows before it': {
    spec: {
      inputs: { x: [1, 2, 3, 4, 11] },
      outputs: ['c'],
      initializers: { wa: weights(4, 2, 1, 1, 3), wb: weights(4, 4, 1, 1, 5), wc: weights(2, 4, 3, 3, 3) },
      nodes: [
        node('Conv', 'a', ['x', 'wa'], { pads: [0, 0, 1, 0, 0, 1] }),
        node('Conv', 'b', ['a', 'wb'], { pads: [0, 0, 2, 0, 0, 2] }),
        node('Conv', 'c', ['b', 'wc'], { pads: [1, 1, 1, 1, 1, 1] }),
      ],
    },
    stacks: [
      [taps('a', 'x', conv(3, { before: 1 }), same), taps('b', 'a', conv(5, { before: 2 }), same)],
      [taps('c', 'b', conv(3, { before: 1 }), () => range(12))],
    ],
    macs: 3 * 4 * 11 * (4 * 2 * 3 + 4 * 4 * 5 + 2 * 4 * 27),
  },
  'Resize to the nearest': {
    spec: {
      inputs: { x: [1, 2, 7, 9] },
      outputs: ['c'],
      initializers: { wa: weights(3, 2, 3, 3), wc: weights(2, 3, 3, 3), s: floats(1, 1, 2, 3) },
      nodes: [
        node('Conv', 'a', ['x', 'wa'], { pads: [1, 1, 1, 1] }),
        node('Resize', 'b', ['a', '', 's'], {
          coordinate_transformation_mode: 'asymmetric',
          nearest_mode: 'floor',
        }),
        node('Conv', 'c', ['b', 'wc'], { pads: [1, 1, 1, 1] }),
      ],
    },
    stacks: [
      [
        taps('a', 'x', conv(3, { before: 1 })),
        taps(
          'b',
          'a',
          (o) => [Math.floor(o / 3)],
          (o) => [Math.floor(o / 2)],
        ),
        taps('c', 'b', conv(3, { before: 1 })),
      ],
    ],
    macs: 7 * 9 * 3 * 2 * 9 + 14 * 27 * 2 * 3 * 9,
  },
  'Resize, linear': {
    spec: {
      inputs: { x: [1, 2, 6, 8] },
      outputs: ['c'],
      initializers: { wa: weights(3, 2, 3, 3), wc: weights(2, 3, 3, 3), s: floats(1, 1, 2, 2) },
      nodes: [
        node('Conv', 'a', ['x', 'wa'], { pads: [1, 1, 1, 1] }),
        node('Resize', 'b', ['a', '', 's'], { mode: 'linear' }),
        node('Conv', 'c', ['b', 'wc']),
      ],
    },
    stacks: [
      [
        taps('a', 'x', conv(3, { before: 1 })),
        taps('b', 'a', linear(2, 8), linear(2, 6)),
        taps('c', 'b', conv(3)),
      ],
    ],
    macs: 6 * 8 * 3 * 2 * 9 + 10 * 14 * 2 * 3 * 9,
  },
  'Pad by reflection and by the edge': {
    spec: {
      inputs: { x: [1, 2, 14, 19] },
      outputs: ['d'],
      initializers: {
        ...{ wb: weights(3, 2, 3, 5), wd: weights(2, 3, 3, 3) },
        ...{ pa: int64(0, 0, 1, 2, 0, 0, 1, 2), pc: int64(0, 0, 2, 1, 0, 0, 0, 1) },
      },
      nodes: [
        node('Pad', 'a', ['x', 'pa'], { mode: 'reflect' }),
        node('Conv', 'b', ['a', 'wb']),
        node('Pad', 'c', ['b', 'pc'], { mode: 'edge' }),
        node('Conv', 'd', ['c', 'wd']),
      ],
    },
    stacks: [
      [
        taps('a', 'x', mirrored(2, 19), mirrored(1, 14)),
        taps('b', 'a', conv(5), conv(3)),
        taps(
          'c',
          'b',
          (o) => [Math.min(Math.max(o - 1, 0), 18)],
          (o) => [Math.max(o - 2, 0)],
        ),
        taps('d', 'c', conv(3)),
      ],
    ],
    macs: 14 * 19 * 3 * 2 * 15 + 14 * 19 * 2 * 3 * 9,
  },
  'Pad by reflection, further than tiles are wide': {
    spec: {
      inputs: { x: [1, 2, 8, 12] },
      outputs: ['c'],
      initializers: {
        ...{ wa: weights(3, 2, 3, 3), wc: weights(2, 3, 3, 3) },
        pads: int64(0, 0, 7, 9, 0, 0, 6, 11),
      },
      nodes: [
        node('Conv', 'a', ['x', 'wa'], { pads: [1, 1, 1, 1] }),
        node('Pad', 'b', ['a', 'pads'], { mode: 'reflect' }),
        node('Conv', 'c', ['b', 'wc']),
      ],
    },
    stacks: [
      [
        taps('a', 'x', conv(3, { before: 1 })),
        taps('b', 'a', mirrored(9, 12), mirrored(7, 8)),
        taps('c', 'b', conv(3)),
      ],
    ],
    macs: 8 * 12 * 3 * 2 * 9 + 19 * 30 * 2 * 3 * 9,
  },
  'ConvTranspose between convolutions': {
    spec: {
      inputs: { x: [1, 2, 6, 7] },
      outputs: ['d'],
      initializers: {
        ...{ wa: weights(3, 2, 3, 3), wb: weights(3, 2, 4, 4) },
        ...{ wc: weights(2, 2, 3, 3), wd: weights(2, 1, 2, 3) },
      },
      nodes: [
        node('Conv', 'a', ['x', 'wa'], { pads: [1, 1, 1, 1] }),
        node('ConvTranspose', 'b', ['a', 'wb'], { strides: [2, 2], pads: [1, 1, 1, 1] }),
        node('Conv', 'c', ['b', 'wc'], { pads: [1, 1, 1, 1] }),
        node('ConvTranspose', 'd', ['c', 'wd'], { strides: [2, 3] }),
      ],
    },
    stacks: [
      [
        taps('a', 'x', conv(3, { before: 1 })),
        taps('b', 'a', transposed(4, 2, 1)),
        taps('c', 'b', conv(3, { before: 1 })),
        taps('d', 'c', transposed(3, 3, 0), transposed(2, 2, 0)),
      ],
    ],
    macs: 6 * 7 * (3 * 2 * 9 + 3 * 2 * 16) + 12 * 14 * (2 * 2 * 9 + 2 * 6),
  },
  'Pad of whole lines, of tokens that are an image': {
    spec: {
      inputs: { x: [1, 24, 3] },
      outputs: ['c'],
      initializers: {
        ...{ wa: weights(3, 4), wc: weights(4, 2), lines: int64(1, 6, 4, 4), tokens: int64(1, 36, 4) },
        ...{ pads: int64(0, 1, 0, 0, 0, 2, 0, 0) },
      },
      nodes: [
        node('MatMul', 'a', ['x', 'wa']),
        node('Reshape', 'image', ['a', 'lines']),
        node('Pad', 'b', ['image', 'pads']),
        node('Reshape', 'flat', ['b', 'tokens']),
        node('MatMul', 'c', ['flat', 'wc']),
      ],
    },
    // One line of four tokens in front, two behind.
    stacks: [[taps('a', 'x', same), taps('b', 'a', same, (o) => [o - 4]), taps('c', 'b', same)]],
    macs: 24 * 3 * 4 + 36 * 4 * 2,
  },
  'Concat of branches that lag, and of the input': {
    spec: {
      inputs: { x: [1, 2, 8, 9] },
      outputs: ['d'],
      initializers: { wa: weights(3, 2, 1, 1), wb: weights(1, 2, 5, 3), wd: weights(2, 6, 3, 3) },
      nodes: [
        node('Conv', 'a', ['x', 'wa']),
        node('Conv', 'b', ['x', 'wb'], { pads: [2, 1, 2, 1] }),
        node('Concat', 'c', ['a', 'b', 'x'], { axis: 1 }),
        node('Conv', 'd', ['c', 'wd'], { pads: [1, 1, 1, 1] }),
      ],
    },
    stacks: [
      [
        taps('a', 'x', same),
        taps('b', 'x', conv(3, { before: 1 }), conv(5, { before: 2 })),
        taps('d', ['a', 'b', 'x'], conv(3, { before: 1 })),
      ],
    ],
    macs: 8 * 9 * (3 * 2 + 2 * 15 + 2 * 6 * 9),
  },
  'Split across branches': {
    spec: {
      inputs: { x: [1, 2, 8, 9] },
      outputs: ['d'],
      initializers: {
        ...{ wa: weights(5, 2, 3, 3), wb: weights(4, 3, 3, 3), wc: weights(4, 2, 1, 1) },
        parts: int64(3, 2),
      },
      nodes: [
        node('Conv', 'a', ['x', 'wa'], { pads: [1, 1, 1, 1] }),
        { op: 'Split', name: 'split', in: ['a', 'parts'], out: ['left', 'right'], attrs: { axis: 1 } },
        node('Conv', 'b', ['left', 'wb'], { pads: [1, 1, 1, 1] }),
        node('Conv', 'c', ['right', 'wc']),
        node('Add', 'd', ['b', 'c']),
      ],
    },
    stacks: [
      [
        taps('a', 'x', conv(3, { before: 1 })),
        taps('b', 'a', conv(3, { before: 1 })),
        taps('c', 'a', same),
        taps('d', ['b', 'c'], same),
      ],
    ],
    macs: 8 * 9 * (5 * 2 * 9 + 4 * 3 * 9 + 4 * 2),
  },
  'two inputs, and two outputs of which one lies inside': {
    spec: {
      inputs: { x: [1, 2, 8, 9], y: [1, 3, 16, 18] },
      outputs: ['c', 'e'],
      initializers: {
        ...{ wa: weights(4, 2, 3, 3), wb: weights(4, 3, 3, 3) },
        ...{ wd: weights(4, 4, 3, 3), we: weights(2, 4, 3, 3) },
      },
      nodes: [
        node('Conv', 'a', ['x', 'wa'], { pads: [1, 1, 1, 1] }),
        node('Conv', 'b', ['y', 'wb'], { pads: [1, 1, 1, 1], strides: [2, 2] }),
        node('Add', 'c', ['a', 'b']),
        node('Conv', 'd', ['c', 'wd'], { pads: [1, 1, 1, 1] }),
        node('Conv', 'e', ['d', 'we'], { pads: [1, 1, 1, 1] }),
      ],
    },
    stacks: [
      [
        taps('a', 'x', conv(3, { before: 1 })),
        taps('b', 'y', conv(3, { before: 1, stride: 2 })),
        taps('c', ['a', 'b'], same),
      ],
      [taps('d', 'c', conv(3, { before: 1 })), taps('e', 'd', conv(3, { before: 1 }))],
    ],
    macs: 8 * 9 * (4 * 2 * 9 + 4 * 3 * 9 + 4 * 4 * 9 + 2 * 4 * 9),
  },
};

const SCHEDULES = (['fully-recompute', 'h-cached-v-recompute', 'fully-cached'] as const).flatMap((mode) =>
  [
    { x: 4, y: 3 },
    { x: 5, y: 16 },
  ].map((tile) => ({ mode, tile })),
);

test.each(Object.entries(CASES))('%s', async (_name, { spec, stacks, macs }) => {
  const source = { file: 'model.onnx', bytes: model(spec) };
  for (const { mode, tile } of SCHEDULES) {
    const { ok, ir, diagnostics } = await compile({
      source,
      hw,
      pipeline:
        'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{by=one},' +
        `choose-tiles{tile=${tile.x}x${tile.y} mode=${mode}},tile-stacks,allocate-memory,annotate-cost`,
    });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(ok).toBe(true);
    const workload = ir.layers!;
    expect(ir.tiles!.stacks.map(({ layers }) => layers.map(bareName))).toEqual(
      stacks.map((nodes) => nodes.map(([name]) => name)),
    );
    const sizes = new Map(workload.maps.map((map) => [bareName(map.id), map]));
    ir.tiles!.stacks.forEach((tiled, i) =>
      expectTilesOf(tiled, workload, simulate(stacks[i]!, sizes, tiled.tile, mode), mode),
    );
    expect(workload.macs).toBe(macs);
  }
});
