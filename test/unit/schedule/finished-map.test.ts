/**
 * Two padded 3x3 convolutions on a 56x56 map, row by row. Row 54 of the output (the last but one) already needs row 55
 * of the first layer's map, its last: in the last row of tiles the first layer computes nothing, and the second one
 * finds all its input in the row cache.
 */
import { memoryId, stackId } from '../../../src/base/ids.js';
import { known } from '../../../src/base/assert.js';
import { PROFILES } from '../../../src/base/profile.js';
import { createMapper } from '../../../src/mapping/mapper.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { allocateStack } from '../../../src/schedule/allocate-stack.js';
import { tileStack } from '../../../src/schedule/tile-stack.js';
import { networkOf, square } from '../../support/workloads.js';

test('a layer reads a map that earlier tiles have finished', () => {
  const workload = networkOf({
    input: { width: 56, height: 56, channels: 3 },
    nodes: [
      ['conv1', { op: 'conv', from: 'in', ...square(3, 1, 1), channels: 16 }],
      ['conv2', { op: 'conv', from: 'conv1', ...square(3, 1, 1), channels: 16 }],
    ],
  });
  const hw = loadAccelerator('meta-proto-df').accelerator;
  const tiled = tileStack(
    workload,
    {
      id: stackId(0),
      layers: workload.layers.map((layer) => layer.id),
      tile: { x: 'full', y: 1 },
      mode: 'fully-cached',
      handOver: memoryId('dram'),
    },
    PROFILES.default,
  );
  const result = allocateStack(
    workload,
    tiled,
    hw,
    PROFILES.default,
    createMapper(hw, PROFILES.default, { lpfLimit: 6 }),
  );
  if (result.kind === 'infeasible') throw new Error('it fits');
  const last = known(result.allocation.types.at(-1), 'last row');
  expect(last.layers.map(({ layer }) => layer)).toEqual(['@conv2']);
  const copied = last.copySteps.flatMap(({ copies }) => copies.map(({ why }) => why));
  expect(copied.filter((why) => why === 'operand' || why === 'stack-input')).toEqual([]);
});
