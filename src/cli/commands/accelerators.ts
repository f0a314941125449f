/** `defines accelerators`: the built-in accelerators, a line each. */
import { grouped, sizeText } from '../../base/units.js';
import { arrayUnits, instancesOf, type Accelerator } from '../../hw/accelerator.js';
import { builtinAccelerators, loadAccelerator } from '../../node/builtin.js';
import { left, right, table } from '../../report/text-table.js';
import type { Run } from '../command.js';

export const acceleratorsCommand: Run = () => {
  const rows = builtinAccelerators().map((name) => describe(name, loadAccelerator(name).accelerator));
  const columns = [
    left('name'),
    right('MAC units'),
    left('array'),
    right('memories'),
    right('on chip'),
    left('source'),
  ];
  return { text: `${table(columns, rows).join('\n')}\n`, diagnostics: [] };
};

function describe(name: string, hw: Accelerator): readonly string[] {
  const array = hw.array.dims.map(({ size }) => size).join(' x ');
  // The top memory is the one off the chip.
  const onChipBits = hw.memories
    .slice(0, -1)
    .reduce((sum, memory) => sum + memory.sizeBits * instancesOf(hw, memory), 0);
  return [name, grouped(arrayUnits(hw)), array, String(hw.memories.length), sizeText(onChipBits), hw.source];
}
