/** FSRCNN as in the paper, unpadded: kernels 5 1 3 3 3 3 1 3, output 960x540; layers are called 0 to 7. */
import type { Workload } from '../../src/ir/layer.js';
import { networkOf, square, type NodeSpec } from './workloads.js';

const LAYERS: readonly (readonly [kernel: number, channels: number])[] = [
  [5, 56],
  [1, 12],
  [3, 12],
  [3, 12],
  [3, 12],
  [3, 12],
  [1, 56],
  [3, 16],
];

export const fsrcnn = (): Workload =>
  networkOf({
    input: { width: 974, height: 554, channels: 1 },
    nodes: LAYERS.map(([kernel, channels], i): readonly [string, NodeSpec] => [
      String(i),
      { op: 'conv', from: i === 0 ? 'in' : String(i - 1), ...square(kernel), channels },
    ]),
  });
