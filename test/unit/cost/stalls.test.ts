/** Double buffering and stalls by hand (cost-model.md 6.7). */
import { PROFILES } from '../../../src/base/profile.js';
import { doubleBuffering } from '../../../src/cost/double-buffer.js';
import { layerTileModel } from '../../../src/cost/model.js';
import { nestOf } from '../../../src/cost/nest.js';
import { searchTables } from '../../../src/cost/tables.js';
import { costOfMapping, type TemporalMapping } from '../../../src/cost/layer-tile-cost.js';
import type { Accelerator } from '../../../src/hw/accelerator.js';
import type { LoopDim, LoopSize } from '../../../src/ir/layer.js';
import type { LayerTileProblem } from '../../../src/ir/layer-tile.js';
import { acceleratorByHand, convolutionTile } from '../../support/layer-tile.js';

const PROFILE = PROFILES['reference-2023'];
const loop = (dim: LoopDim, size: number): LoopSize => ({ dim, size });

describe('double buffering', () => {
  const withBuffer = (bits: number): Accelerator =>
    acceleratorByHand(`
  - name: weights
    size: 1 KB
    operands: [W]
    serves: all
    read: { bits: 32, energyPj: 1 }
    write: { bits: 32, energyPj: 1 }
    ports: { r1: [W.toLow], w1: [W.fromHigh] }
  - name: buffer
    size: ${bits} bit
    operands: [I, O]
    serves: all
    read: { bits: 32, energyPj: 1 }
    write: { bits: 32, energyPj: 1 }
    ports: { r1: [I.toLow, O.toLow, O.toHigh], w1: [I.fromHigh, O.fromLow, O.fromHigh] }
`);

  /** Whether O and I have a second buffer. */
  function inBuffer(
    bits: number,
    problem: LayerTileProblem,
    { loops, split }: TemporalMapping,
  ): readonly boolean[] {
    const hw = withBuffer(bits);
    const model = layerTileModel(hw, PROFILE, problem, nestOf(hw, PROFILE, problem), loops);
    const tables = searchTables(model, loops.length);
    tables.placement.order.set(loops.map((_, i) => i));
    tables.followOrder();
    tables.placement.below.forEach((below, op) => below.set(split[op]!, 1));
    tables.energyPj();
    const [O, , I] = doubleBuffering(model, tables.placement);
    return [O![2] === 1, I![1] === 1];
  }
  const tile = (loops: Partial<Record<LoopDim, number>>) =>
    convolutionTile(withBuffer(1000), { loops, unrolling: { D1: 'K' } });

  test('an operand may take as much again as it occupies; the output asks first', () => {
    // Outputs 8 x 3 bytes = 192 bit, re-used over C; inputs 3 bytes = 24 bit, re-used over K.
    const problem = tile({ K: 8, C: 2, OX: 3 });
    const mapping = {
      loops: [loop('OX', 3), loop('K', 2), loop('C', 2)],
      split: [
        [0, 3, 3],
        [3, 3],
        [2, 3],
      ],
    };
    expect(inBuffer(432, problem, mapping)).toEqual([true, true]); // 2 x (192 + 24)
    expect(inBuffer(431, problem, mapping)).toEqual([true, false]); // 2 x 192 + 24 leaves 23 for the inputs
    expect(inBuffer(407, problem, mapping)).toEqual([false, true]); // 192 + 24 leaves 191: too little for the outputs
    expect(inBuffer(239, problem, mapping)).toEqual([false, false]);
  });

  test('of data used up in steps of the outermost loops only one step counts', () => {
    // Outputs 12 bytes in three steps: 32 bit. Inputs 6 bytes in six steps: 8 bit. Twice that is 80 bit.
    const problem = tile({ K: 4, C: 2, OX: 3 });
    const mapping = {
      loops: [loop('C', 2), loop('OX', 3)],
      split: [
        [1, 2, 2],
        [2, 2],
        [2, 2],
      ],
    };
    expect(inBuffer(144, problem, mapping)).toEqual([true, true]);
    expect(inBuffer(80, problem, mapping)).toEqual([true, true]);
    expect(inBuffer(79, problem, mapping)).toEqual([true, false]);
  });
});

describe('stalls', () => {
  /** Weights alone come from DRAM. */
  const withWeights = (bits: number): Accelerator =>
    acceleratorByHand(`
  - name: weights
    size: ${bits} bit
    operands: [W]
    serves: all
    read: { bits: 32, energyPj: 1 }
    write: { bits: 32, energyPj: 1 }
    ports: { r1: [W.toLow], w1: [W.fromHigh] }
  - name: buffer
    size: 1 KB
    operands: [I, O]
    serves: all
    read: { bits: 64, energyPj: 1 }
    write: { bits: 64, energyPj: 1 }
    ports: { r1: [I.toLow, O.toLow, O.toHigh], w1: [I.fromHigh, O.fromLow, O.fromHigh] }
`);
  const mapping = { loops: [loop('C', 2), loop('OX', 5), loop('K', 3)], split: [[1, 3], [2, 3], [3]] };
  const stall = (hw: Accelerator, passes = 1): number => {
    const loops = { K: 12, C: 2, OX: 5 };
    const tops = { I: 'buffer', O: 'buffer' };
    const problem = convolutionTile(hw, { loops, unrolling: { D1: 'K' }, tops });
    return costOfMapping(hw, PROFILE, { ...problem, passes }, mapping).latency.stall;
  };

  test('without a second buffer, data may come only in the last use of the old', () => {
    // 4 x 2 weights, 64 bit, take 8 cycles from DRAM, every 10 cycles, three times; each is used for 5 columns.
    expect(stall(withWeights(128))).toBe(0); // 8 <= 10
    expect(stall(withWeights(127))).toBe((8 - 10 / 5) * (3 - 1));
  });

  test('every pass over the inputs stalls', () => {
    expect(stall(withWeights(127), 3)).toBe(3 * 12);
  });
});

test('an output that stalls does so in the last pass only', () => {
  const hw = acceleratorByHand(`
  - name: buffer
    size: 1 KB
    operands: [W, I]
    serves: all
    read: { bits: 64, energyPj: 1 }
    write: { bits: 64, energyPj: 1 }
    ports: { r1: [W.toLow], r2: [I.toLow], w1: [W.fromHigh, I.fromHigh] }
`);
  const tops = { W: 'buffer', I: 'buffer' };
  const problem = convolutionTile(hw, { loops: { K: 4, C: 2, OX: 5 }, unrolling: { D1: 'K' }, tops });
  const mapping = { loops: [loop('C', 2), loop('OX', 5)], split: [[1, 2], [2], [2]] };
  const stalls = [1, 3].map(
    (passes) => costOfMapping(hw, PROFILE, { ...problem, passes }, mapping).latency.stall,
  );
  // Four bytes take 4 cycles to DRAM, every 2 cycles, five times; inputs have a port each and never wait.
  expect(stalls).toEqual([(4 - 2) * (5 - 1), (4 - 2) * (5 - 1)]);
});
