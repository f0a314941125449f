/** Sums of costs over tiles, tile types and stacks, in a fixed order, so that they are the same everywhere. */
import { sharing } from '../base/bounded-map.js';
import type { MemoryId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { CostTotals, OperandName, StackCost, TypeCost } from '../ir/cost.js';

type Split = Record<MemoryOperand | 'copy', number>;

interface Sums {
  readonly latency: { compute: number; stall: number; onload: number; offload: number; copy: number };
  readonly memory: Map<MemoryId, Split>;
  energyPj: number;
  macEnergyPj: number;
  macs: number;
  operations: number;
}

const PATH: Readonly<Record<OperandName, MemoryOperand>> = { O: 'O', W: 'W', I: 'I', X: 'I', Y: 'I' };

const emptySums = (hw: Accelerator): Sums => ({
  latency: { compute: 0, stall: 0, onload: 0, offload: 0, copy: 0 },
  memory: new Map(hw.memories.map((memory) => [memory.id, { W: 0, I: 0, O: 0, copy: 0 }])),
  energyPj: 0,
  macEnergyPj: 0,
  macs: 0,
  operations: 0,
});

/** Totals of a stack: each type times its count. `macs`: of all its tiles, each of which has a rounded share of them. */
export function totalsOfTypes(
  types: readonly TypeCost[],
  macs: number,
  hw: Accelerator,
  profile: Profile,
): CostTotals {
  const sums = emptySums(hw);
  for (const type of types) addType(sums, type);
  sums.macs = macs;
  return finished(sums, profile);
}

/** Totals of a network: the stacks' totals added up. */
export function totalsOfStacks(stacks: readonly StackCost[], hw: Accelerator, profile: Profile): CostTotals {
  const sums = emptySums(hw);
  for (const { totals } of stacks) {
    for (const part of ['compute', 'stall', 'onload', 'offload', 'copy'] as const)
      sums.latency[part] += totals.latency[part];
    for (const { memory, energyPj } of totals.memory) {
      for (const part of ['W', 'I', 'O', 'copy'] as const) addEnergy(sums, memory, part, energyPj[part]);
    }
    for (const part of ['energyPj', 'macEnergyPj', 'macs', 'operations'] as const) sums[part] += totals[part];
  }
  return finished(sums, profile);
}

function addType(sums: Sums, { count, layers, copySteps, energyPj }: TypeCost): void {
  sums.energyPj += count * energyPj;
  for (const { latency, accesses, macEnergyPj, operations } of layers) {
    sums.latency.compute += count * latency.compute;
    sums.latency.stall += count * latency.stall;
    sums.latency.onload += count * latency.onload;
    sums.latency.offload += count * latency.offload;
    for (const access of accesses)
      addEnergy(sums, access.memory, PATH[access.operand], count * access.energyPj);
    sums.macEnergyPj += count * macEnergyPj;
    sums.operations += count * operations;
  }
  for (const { latencyCycles, copies } of copySteps) {
    sums.latency.copy += count * latencyCycles;
    for (const { energyByMemory } of copies)
      for (const { memory, energyPj: pj } of energyByMemory) addEnergy(sums, memory, 'copy', count * pj);
  }
}

function addEnergy(sums: Sums, memory: MemoryId, part: keyof Split, energyPj: number): void {
  const split = sums.memory.get(memory);
  if (split) split[part] += energyPj;
}

function finished(sums: Sums, profile: Profile): CostTotals {
  const { compute, stall, onload, offload, copy } = sums.latency;
  return {
    energyPj: sums.energyPj,
    latencyCycles: compute + stall + onload + copy + (profile.offloadCounted ? offload : 0),
    latency: { ...sums.latency },
    macs: sums.macs,
    operations: sums.operations,
    macEnergyPj: sums.macEnergyPj,
    memory: shared([...sums.memory].map(([memory, energyPj]) => ({ memory, energyPj }))),
  };
}

/** Of stacks that are alike. */
const shared = sharing<CostTotals['memory']>(
  (memories) => memories.reduce((sum, { energyPj: { W, I, O, copy } }) => sum + W + I + O + copy, 0),
  (one, other) =>
    one.length === other.length &&
    one.every(({ memory, energyPj: { W, I, O, copy } }, m) => {
      const { memory: id, energyPj } = other[m]!;
      return (
        memory === id && W === energyPj.W && I === energyPj.I && O === energyPj.O && copy === energyPj.copy
      );
    }),
);
