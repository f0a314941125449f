/** On-loading and off-loading by hand, where the two profiles differ (Q10, Q20). */
import { PROFILES } from '../../../src/base/profile.js';
import { costOfMapping } from '../../../src/cost/layer-tile-cost.js';
import type { Accelerator } from '../../../src/hw/accelerator.js';
import type { LayerLatency } from '../../../src/ir/cost.js';
import { acceleratorByHand, convolutionTile } from '../../support/layer-tile.js';

/** K4 over the array, then C2 and OX3 in time: 8 weights, 6 inputs, 12 outputs of one byte. */
function latency(
  hw: Accelerator,
  profile: 'default' | 'reference-2023',
  split: readonly (readonly number[])[],
): LayerLatency {
  const problem = convolutionTile(hw, { loops: { K: 4, C: 2, OX: 3 }, unrolling: { D1: 'K' } });
  const mapping = { loops: [{ dim: 'C', size: 2 }, { dim: 'OX', size: 3 }] as const, split }; // prettier-ignore
  return costOfMapping(hw, PROFILES[profile], problem, mapping).latency;
}

describe('one buffer with a single port', () => {
  const hw = acceleratorByHand(`
  - name: buffer
    size: 1 KB
    operands: [W, I, O]
    serves: all
    latencyCycles: 3
    read: { bits: 32, energyPj: 1 }
    write: { bits: 32, energyPj: 1 }
    ports: { rw1: [W.toLow, W.fromHigh, I.toLow, I.fromHigh, O.toLow, O.fromLow, O.toHigh, O.fromHigh] }
`);
  const split = [[1, 2, 2], [2, 2], [2, 2]]; // prettier-ignore

  test('off-loading: the port is busy with the first hop, or the hops overlap as published', () => {
    // reg -> buffer: four registers, 4 x 8 bit over 32 = 1 cycle. buffer -> dram: 12 x 8 bit over 8 = 12 cycles.
    expect(latency(hw, 'default', split).offload).toBe(1 + 12);
    expect(latency(hw, 'reference-2023', split).offload).toBe(3 + 12); // the latency of the buffer
  });

  test('on-loading: inputs that share both ports come one after the other', () => {
    expect(latency(hw, 'default', split).onload).toBe(8 + 6); // 64 and 48 bit at 8 bit a cycle
  });
});

describe('weights that share one end of every hop', () => {
  const weightMemory = (name: string): string => `
  - name: ${name}
    size: 1 KB
    operands: [W]
    serves: all
    read: { bits: 32, energyPj: 1 }
    write: { bits: 32, energyPj: 1 }
    ports: { r1: [W.toLow], w1: [W.fromHigh] }
`;
  const hw = acceleratorByHand(`
${weightMemory('small')}
  - name: shared
    size: 1 KB
    operands: [W, I, O]
    serves: all
    read: { bits: 16, energyPj: 1 }
    write: { bits: 16, energyPj: 1 }
    ports: { r1: [W.toLow, I.toLow, O.toLow, O.toHigh], w1: [W.fromHigh, I.fromHigh, O.fromLow, O.fromHigh] }
${weightMemory('large')}`);
  const split = [[1, 2, 2], [2, 2, 2, 2], [2, 2]]; // prettier-ignore

  test('the parts of its hops add up, or the last one stays as published', () => {
    // W 64 bit: shared -> small 4 cycles, large -> shared 4, dram -> large 8. Each hop shares one end with I.
    // I 48 bit: dram -> shared 6 cycles, both ends shared with W.
    expect(latency(hw, 'default', split).onload).toBe(Math.min(6 + 4 + 4 + 8, 0 + Math.max(6, 4 + 4 + 8)));
    expect(latency(hw, 'reference-2023', split).onload).toBe(Math.min(6 + 8, 0 + Math.max(6, 8)));
  });
});
