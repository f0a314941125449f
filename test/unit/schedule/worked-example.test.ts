/** The worked FSRCNN example of the published model (HPCA 2023) on Meta-proto-like DF: sizes, levels, copies. */
import { aliveBits } from '../../../src/analysis/lifetime.js';
import { stackGraph } from '../../../src/analysis/stack-graph.js';
import { tileSizes } from '../../../src/analysis/tile-sizes.js';
import { memoryId, stackId } from '../../../src/base/ids.js';
import { PROFILES } from '../../../src/base/profile.js';
import { copyStepCost } from '../../../src/cost/copies.js';
import type { LayerTileMapper } from '../../../src/ir/layer-tile.js';
import { parseTile, type OverlapMode } from '../../../src/ir/stack.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { allocateStack } from '../../../src/schedule/allocate-stack.js';
import { tileStack } from '../../../src/schedule/tile-stack.js';
import { fsrcnn } from '../../support/fsrcnn.js';
import { ANY_MAPPING } from '../../support/fake-mapper.js';

const workload = fsrcnn();
const hw = loadAccelerator('meta-proto-df').accelerator;
const profile = PROFILES['reference-2023'];
/** Levels and copies do not depend on the mapping found, as long as there is one. */
const anything: LayerTileMapper = () => ANY_MAPPING;

function tiled(tile: string, mode: OverlapMode) {
  const layers = workload.layers.map((layer) => layer.id);
  return tileStack(
    workload,
    { id: stackId(0), layers, tile: parseTile(tile), mode, handOver: memoryId('dram') },
    profile,
  );
}

function allocated(tile: string, mode: OverlapMode) {
  const result = allocateStack(workload, tiled(tile, mode), hw, profile, anything);
  if (result.kind !== 'allocated') throw new Error('infeasible');
  return result.allocation;
}

test('the shape: 8.363 GMAC', () => {
  expect(Math.round(workload.macs / 1e6)).toBe(8363);
});

test('grid and tile types of 60x72, fully cached: 16 x 8 tiles, the first row 36 high (540 mod 72)', () => {
  const stack = tiled('60x72', 'fully-cached');
  expect(stack.grid).toEqual({ x: 16, y: 8 });
  expect(stack.types.map((type) => type.count)).toEqual([1, 14, 1, 6, 84, 6, 1, 14, 1]);
  expect(stack.rows.map((row) => row.tile)).toEqual([36, 72, 72]);
});

test('back-propagated columns: growing in the first column, 60 everywhere after it', () => {
  const [first, inner] = tiled('60x72', 'fully-cached').columns;
  const outs = (column: typeof first): (number | undefined)[] =>
    column!.actual.layers.map((layer) => layer.out);
  // From the last layer up: 3x3 layers ask for 2 more columns each, 1x1 layers for none.
  expect(outs(first).toReversed()).toEqual([60, 62, 62, 64, 66, 68, 70, 70]);
  expect(outs(inner)).toEqual([60, 60, 60, 60, 60, 60, 60, 60]);
});

const CACHE_LEVELS: readonly [
  tile: string,
  mode: OverlapMode,
  levels: readonly (readonly [string | null, string | null])[],
][] = [
  // Per tile type the level written by columns and rows, in the order first/inner/last of the first row, then inner row.
  [
    '60x72',
    'fully-cached',
    [
      ['1MB', '1MB'],
      ['1MB', '1MB'],
    ],
  ],
  [
    '16x18',
    'fully-cached',
    [
      ['64KB', '1MB'],
      ['64KB', '1MB'],
    ],
  ],
  [
    '60x4',
    'fully-cached',
    [
      ['64KB', '1MB'],
      ['64KB', '1MB'],
    ],
  ],
  [
    '240x4',
    'fully-cached',
    [
      ['1MB', '1MB'],
      ['1MB', '1MB'],
    ],
  ],
  [
    '16x18',
    'h-cached-v-recompute',
    [
      ['64KB', null],
      ['64KB', null],
    ],
  ],
];

test.each(CACHE_LEVELS)('cache levels of %s %s', (tile, mode, levels) => {
  const name = (id: string | null): string | null => id && id.replace('mem:sram_', '').replace('_A', '');
  const { types, weightLevel } = allocated(tile, mode);
  const writing = types.filter((type) =>
    ['origin', 'inner.first', 'first.inner', 'inner.inner'].includes(type.type),
  );
  expect(writing).toHaveLength(4);
  for (const type of writing)
    expect(levels).toContainEqual([name(type.hCache.write), name(type.vCache.write)]);
  expect(weightLevel).toBe('mem:sram_32KB');
});

test('top levels of the interior tile: 64 KB for inputs, 1 MB for outputs, but layer 1 the other way round', () => {
  const type = allocated('60x72', 'fully-cached').types.find(
    (candidate) => candidate.type === 'inner.inner',
  )!;
  const tops = type.layers.map(({ top }) =>
    `${top.I} ${top.O} ${top.W}`.replaceAll('mem:', '').replaceAll('sram_', ''),
  );
  const [small, large] = ['64KB', '1MB_A'];
  expect(tops).toEqual([
    `${small} ${large} 32KB`,
    `${large} ${small} 32KB`,
    ...Array<string>(5).fill(`${small} ${large} 32KB`),
    `${large} dram 32KB`,
  ]);
});

test('copies of the interior tile: bits, cycles and energy of every step', () => {
  const type = allocated('60x72', 'fully-cached').types.find(
    (candidate) => candidate.type === 'inner.inner',
  )!;
  const steps = type.copySteps.map((step) => copyStepCost(hw, step));
  const rows = steps.map((step) => [
    step.copies.map((copy) => copy.bits),
    step.latencyCycles,
    Number(step.energyPj.toFixed(1)),
  ]);
  expect(rows).toEqual([
    [[60 * 72 * 8], 608, 393_487.2], // the new part of the input patch
    [[4 * 76 * 8, 4 * 60 * 8], 9, 1_146.1], // kept columns and rows of a 5x5 layer: 4 each
    [[], 0, 0],
    [[2 * 60 * 12 * 8, 2 * (72 - 2) * 12 * 8, 2 * 74 * 12 * 8, 2 * 60 * 12 * 8], 51, 12_682.3],
    ...Array<unknown>(3).fill([[414_720, 14_208, 11_520], 861, 115_996.1]),
    [[414_720], 810, 109_220.4],
    [[], 0, 0],
  ]);
});

test('largest alive size of the first tile: layer 1 holds 56 x 46 x 70 in and 12 x 46 x 70 out, 8 bit each', () => {
  const stack = tiled('60x72', 'fully-cached');
  const graph = stackGraph(workload, stack.layers);
  const sizes = tileSizes(graph, stack.columns[0]!.actual, stack.rows[0]!.actual);
  const [columns, rows] = [sizes.layers[1]!.out.x, sizes.layers[1]!.out.y];
  expect([columns, rows]).toEqual([70, 46]);
  expect(aliveBits(graph, sizes)).toBe((56 + 12) * 46 * 70 * 8); // 1 751 680 bit
});
