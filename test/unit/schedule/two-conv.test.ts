/**
 * Two padded 3x3 convolutions on a 56x56 map, tile 14x14: every region by hand.
 * Along an axis where data is kept, the second layer is ahead of nothing: after tile c it has 14(c+1) columns, the
 * first layer one more (its right neighbour's tap), the input two more, all cut off at 56.
 */
import { memoryId, stackId } from '../../../src/base/ids.js';
import { PROFILES } from '../../../src/base/profile.js';
import type { OverlapMode } from '../../../src/ir/stack.js';
import type { AxisClass, TiledStack } from '../../../src/ir/tile.js';
import { tileStack } from '../../../src/schedule/tile-stack.js';
import { networkOf, square } from '../../support/workloads.js';

const workload = networkOf({
  input: { width: 56, height: 56, channels: 3 },
  nodes: [
    ['conv1', { op: 'conv', from: 'in', ...square(3, 1, 1), channels: 16 }],
    ['conv2', { op: 'conv', from: 'conv1', ...square(3, 1, 1), channels: 16 }],
  ],
});

const tiled = (mode: OverlapMode, x: number | 'full' = 14, y: number | 'full' = 14): TiledStack =>
  tileStack(
    workload,
    {
      id: stackId(0),
      layers: workload.layers.map((layer) => layer.id),
      tile: { x, y },
      mode,
      handOver: memoryId('dram'),
    },
    PROFILES.default,
  );

/** Per class: name, count, and of both layers [needed, of it fresh, out]. */
const rows = (classes: readonly AxisClass[]) =>
  classes.map((one) => {
    const numbers = one.actual.layers.map((layer) => {
      const extent = layer.inputs[1]![0]!;
      return [extent.needed, extent.needed - extent.overlap, layer.out];
    });
    return [one.name, one.count, ...numbers];
  });

test('columns kept, rows computed again: 7 tile types', () => {
  const stack = tiled('h-cached-v-recompute');
  expect(rows(stack.columns)).toEqual([
    ['first', 1, [16, 16, 15], [15, 15, 14]],
    ['inner', 2, [16, 14, 14], [16, 14, 14]],
    ['last', 1, [14, 12, 13], [15, 13, 14]],
  ]);
  expect(rows(stack.rows)).toEqual([
    ['edge', 2, [16, 16, 15], [15, 15, 14]],
    ['inner', 2, [18, 18, 16], [16, 16, 14]],
  ]);
  expect(stack.types.map((type) => [type.name, type.count])).toEqual([
    ['origin', 1],
    ['first.edge', 1],
    ['inner.edge', 4],
    ['last.edge', 2],
    ['first.inner', 2],
    ['inner.inner', 4],
    ['last.inner', 2],
  ]);
});

test('recomputed MACs: rows of conv1 are 15 + 16 + 16 + 15 = 62 of 56 where they are not kept', () => {
  const macs1 = 3 * 16 * 9 * 56 * 56; // 1 354 752
  const recomputed = (factor: number): number => Math.round(macs1 * factor) - macs1;
  expect(tiled('fully-cached').recomputedMacs).toBe(0);
  expect(tiled('h-cached-v-recompute').recomputedMacs).toBe(recomputed(62 / 56)); // +10.7 %
  expect(tiled('fully-recompute').recomputedMacs).toBe(recomputed((62 / 56) ** 2)); // +22.6 %
});

test('kept: two columns of either map for the next tile, none after the last', () => {
  const kept = tiled('fully-cached').columns.map((one) => one.actual.maps.map((map) => map.kept));
  expect(kept).toEqual([
    [2, 2, 0],
    [2, 2, 0],
    [0, 0, 0],
  ]);
});

test('the whole map as one tile is the same in every mode', () => {
  const [first, ...others] = (['fully-recompute', 'h-cached-v-recompute', 'fully-cached'] as const).map(
    (mode) => {
      const { mode: _, ...stack } = tiled(mode, 'full', 'full');
      return stack;
    },
  );
  expect(first!.types).toHaveLength(1);
  for (const other of others) expect(other).toEqual(first);
});

test('a tile larger than the map is the whole map', () => {
  expect(tiled('fully-cached', 1000, 60)).toEqual(tiled('fully-cached', 'full', 'full'));
});
