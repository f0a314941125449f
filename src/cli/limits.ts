/** Limits from text: energies, cycles, sizes of memories, each with its units; and the time a search is given. */
import { closest } from '../base/closest.js';
import { parseSizeBits } from '../base/units.js';
import { fail } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { MemoryLimit } from '../hw/limit.js';
import { valuePlace } from './options.js';

const ENERGY_UNITS: Readonly<Record<string, number>> = { pJ: 1, nJ: 1e3, uJ: 1e6, mJ: 1e9, J: 1e12 };
const CYCLE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

/** `1.9mJ` in pJ. */
export const energyOf = (value: string): number =>
  quantity(
    '--max-energy',
    value,
    ENERGY_UNITS,
    'give an energy with its unit: pJ, nJ, uJ, mJ or J, such as 1.9mJ',
  );

/** `20M` in cycles. */
export const cyclesOf = (value: string): number =>
  quantity('--max-latency', value, CYCLE_UNITS, 'give a number of cycles, with k, M or G if you like: 20M');

function quantity(
  flag: string,
  value: string,
  units: Readonly<Record<string, number>>,
  help: string,
): number {
  const match = /^(\d+(?:\.\d+)?(?:e\d+)?) *([a-zA-Z]*)$/.exec(value);
  const amount = Number(match?.[1]) * (units[match?.[2] ?? ''] ?? NaN);
  return amount > 0 && Number.isFinite(amount)
    ? amount
    : fail('DF8008', `${flag} cannot be "${value}"`, [valuePlace(flag, value)], { help });
}

/** `level=size`, each memory once. */
export function memoryLimitsOf(
  values: readonly string[] | undefined,
  hw: Accelerator,
): readonly MemoryLimit[] {
  const below = hw.memories.slice(0, -1).map(({ name }) => name);
  const limits = (values ?? []).map((value): MemoryLimit => {
    const at = [valuePlace('--max-memory', value)];
    const [name = '', size = ''] = value.split('=');
    if (!below.includes(name)) {
      const near = closest(name, below);
      const help =
        near === undefined ? `memories below the top: ${below.join(', ')}` : `did you mean "${near}"?`;
      return fail('DF8008', `${hw.name} has no memory "${name}" below the top`, at, { help });
    }
    const sizeBits = parseSizeBits(size);
    if (sizeBits === undefined)
      return fail('DF8008', `--max-memory ${name} cannot be "${size}"`, at, {
        help: 'give a size with its unit: bit, B, KB or MB, such as sram_1MB_A=256KB',
      });
    return { name, sizeBits };
  });
  const twice = limits.find(({ name }, i) => limits.findIndex((other) => other.name === name) < i);
  if (twice) fail('DF8008', `--max-memory ${twice.name} is given twice`);
  return limits;
}

/** Whether the budget is spent: counted from the start of the program, as the user waits. */
export const deadline =
  (budgetMs: number): (() => boolean) =>
  () =>
    performance.now() > budgetMs;
