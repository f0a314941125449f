/**
 * The accelerator of a filetest: a built-in name, a description written into the file, or `two-level`: 16 units in
 * an array, a buffer for weights and one for activations below a memory that holds everything. Numbers are small and
 * round, so that an expectation can be checked by hand.
 */
import type { Accelerator } from '../../../src/hw/accelerator.js';
import { parseAccelerator } from '../../../src/hw/load.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import type { Entry } from './read.js';

const DEFAULTS = { lb_w: '32KB', lb_io: '64KB', dram: '1024MB' };

export function hardwareOf(entry: Entry | undefined): Accelerator {
  const { value, block } = entry ?? { value: 'two-level', block: [] };
  if (block.length > 0) return parseAccelerator(block.join('\n'), 'test.yaml').accelerator;
  const [name = '', ...sizes] = value.split(' ');
  if (name !== 'two-level') return loadAccelerator(name).accelerator;
  const given = Object.fromEntries(sizes.map((size) => size.split('=') as [string, string]));
  return parseAccelerator(twoLevel({ ...DEFAULTS, ...given }), 'two-level.yaml').accelerator;
}

const twoLevel = ({ lb_w, lb_io, dram }: typeof DEFAULTS): string => `
schema: defines-accelerator/1
name: two-level
source: filetests
array: { dims: { D1: 4, D2: 4 }, macEnergyPj: 1 }
precision: { W: 8, I: 8, O: 8, psum: 16 }
spatial: { D1: [K, G], D2: [C, OX] }
memories:
  - { name: lb_w, size: ${lb_w}, operands: [W], serves: all, read: { bits: 64, energyPj: 10 }, write: { bits: 64, energyPj: 10 }, ports: { r1: [W.toLow], w1: [W.fromHigh] } }
  - { name: lb_io, size: ${lb_io}, operands: [I, O], serves: all, read: { bits: 64, energyPj: 20 }, write: { bits: 64, energyPj: 20 }, ports: { r1: [I.toLow, O.toLow, O.toHigh], w1: [I.fromHigh, O.fromHigh, O.fromLow] } }
  - { name: dram, size: ${dram}, operands: [W, I, O], serves: all, read: { bits: 64, energyPj: 100 }, write: { bits: 64, energyPj: 100 }, ports: { rw1: [W.toLow, I.toLow, O.toLow, O.fromLow] } }
`;
