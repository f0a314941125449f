/** Where energy and latency go: tables for a network, shorter forms for a stack. */
import { grouped, sizeText } from '../base/units.js';
import { LATENCY_PARTS, type AcceleratorReport, type Cost, type LatencyPart } from './report.js';
import { left, right, table } from './text-table.js';
import { cycles, energy, percent, type EnergyUnit } from './text-units.js';

const USES = ['W', 'I', 'O', 'copy'] as const;
type Split = Readonly<Record<(typeof USES)[number], number>>;

const NOTHING: Split = { W: 0, I: 0, O: 0, copy: 0 };
const total = (split: Split): number => USES.reduce((sum, use) => sum + split[use], 0);

/** Memories low to high by what the accesses are for, and the array. */
export const energyTable = (
  cost: Cost,
  accelerator: AcceleratorReport,
  unit: EnergyUnit,
): readonly string[] =>
  energyRows(
    cost,
    unit,
    accelerator.memories.map(({ name, sizeBits, instances }) => [
      name,
      sizeText(sizeBits),
      grouped(instances),
    ]),
  );

/** The same without what the network's table has said already, and without memories that are not used. */
export function briefEnergyTable(
  cost: Cost,
  accelerator: AcceleratorReport,
  unit: EnergyUnit,
): readonly string[] {
  const before = BRIEF.get(cost.energy);
  if (before?.unit === unit) return before.lines;
  const used = accelerator.memories.filter(({ name }) => total(cost.energy.memory[name] ?? NOTHING) > 0);
  const lines = energyRows(
    cost,
    unit,
    used.map(({ name }) => [name, '', '']),
  );
  BRIEF.set(cost.energy, { unit, lines });
  return lines;
}

/** Stacks that are alike share what they cost. */
const BRIEF = new WeakMap<Cost['energy'], { readonly unit: EnergyUnit; readonly lines: readonly string[] }>();

function energyRows(
  cost: Cost,
  unit: EnergyUnit,
  memories: readonly (readonly [name: string, size: string, instances: string])[],
): readonly string[] {
  const of = (name: string): Split => cost.energy.memory[name] ?? NOTHING;
  const sums = (use: keyof Split): number => memories.reduce((sum, [name]) => sum + of(name)[use], 0);
  const end = (energyPj: number): readonly string[] => [
    energy(energyPj, unit),
    percent(energyPj, cost.energyPj),
  ];
  const titles = ['size', 'instances', ...USES, `total ${unit.unit}`, 'share'];
  return table(
    [left('memory'), ...titles.map(right)],
    [
      ['MAC array', '', '', '', '', '', '', ...end(cost.energy.mac)],
      ...memories.map((memory) => {
        const split = of(memory[0]);
        return [...memory, ...USES.map((use) => energy(split[use], unit)), ...end(total(split))];
      }),
      ['total', '', '', ...USES.map((use) => energy(sums(use), unit)), ...end(cost.energyPj)],
    ],
    2,
  );
}

const LATENCY_TEXT: Readonly<Record<LatencyPart, { readonly name: string; readonly meaning: string }>> = {
  compute: { name: 'compute', meaning: 'the array works' },
  stall: { name: 'stall', meaning: 'the array waits for a port' },
  onload: { name: 'on-load', meaning: 'first inputs and weights of a layer come in' },
  offload: { name: 'off-load', meaning: 'last outputs of a layer leave' },
  copy: { name: 'copy', meaning: 'data moves between layers and tiles' },
};

export const partNames = (parts: readonly LatencyPart[]): string =>
  parts.map((part) => LATENCY_TEXT[part].name).join(' + ');

export function latencyTable(cost: Cost, counted: readonly LatencyPart[]): readonly string[] {
  const rows = LATENCY_PARTS.map((part) => {
    const { name, meaning } = LATENCY_TEXT[part];
    const included = counted.includes(part);
    const share = included ? percent(cost.latency[part], cost.latencyCycles) : '';
    return [
      name,
      cycles(cost.latency[part]),
      share,
      included ? meaning : `${meaning}; not counted in this profile`,
    ];
  });
  const columns = [left('part'), right('cycles'), right('share'), left('')];
  return table(columns, [...rows, ['total', cycles(cost.latencyCycles), percent(1, 1), '']], 2);
}

/** `= compute 90 + stall 5 + copy 5; off-load 7 is not counted`, in words. */
export function latencyWords(cost: Cost, counted: readonly LatencyPart[]): readonly string[] {
  const part = (name: LatencyPart): string => `${LATENCY_TEXT[name].name} ${cycles(cost.latency[name])}`;
  const others = LATENCY_PARTS.filter((name) => !counted.includes(name)).map(
    (name) => `${part(name)} is not counted`,
  );
  return [
    ...counted.map((name, i) => `${i === 0 ? '=' : '+'} ${part(name)}`),
    ...others.map((text) => `(${text})`),
  ];
}
