/** Which tiles and modes are candidates of their own, and which are another one under a second name. */
import { stackGraph } from '../../../src/analysis/stack-graph.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { candidatesOf } from '../../../src/optimize/tile-candidates.js';
import { hierarchyOf } from '../../../src/schedule/hierarchy.js';
import { networkOf, square } from '../../support/workloads.js';

const HIERARCHY = hierarchyOf(loadAccelerator('meta-proto-df').accelerator);

/** Of a map of 5 x 3 pixels, convolved twice. */
function candidates(kernel: number): readonly string[] {
  const pad = (kernel - 1) / 2;
  const workload = networkOf({
    input: { width: 5, height: 3, channels: 2 },
    nodes: [
      ['one', { op: 'conv', from: 'in', ...square(kernel, 1, pad) }],
      ['two', { op: 'conv', from: 'one', ...square(kernel, 1, pad) }],
    ],
  });
  const graph = stackGraph(
    workload,
    workload.layers.map(({ id }) => id),
  );
  const settings = { tiles: { sizes: [{ x: 'full', y: 1 } as const], only: true } };
  return candidatesOf(graph, HIERARCHY, { x: 4, y: 4 }, settings, []).map(({ mode }) => mode);
}

test('what is kept along an axis that a tile spans makes no difference', () => {
  expect(candidates(3)).toEqual(['fully-cached', 'h-cached-v-recompute']);
});

test('but where a kernel is larger than the map', () => {
  expect(candidates(5)).toEqual(['fully-cached', 'h-cached-v-recompute', 'fully-recompute']);
});
