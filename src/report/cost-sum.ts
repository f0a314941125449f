/**
 * Costs of any part of a schedule, split by memory and operand and by cause of latency. Invariant: the parts of
 * `energy` add up to `energyPj` and the counted parts of `latency` to `latencyCycles`, but for rounding.
 */
import { known } from '../base/assert.js';
import { sharing } from '../base/bounded-map.js';
import { memoryName, type MemoryId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { CopyStepCost, CostTotals, LayerTileCost, OperandName } from '../ir/cost.js';
import { LATENCY_PARTS, type Cost, type LatencyPart, type MemoryEnergy } from './report.js';

/** Memory path of an operand in a layer's equation. */
const PATH: Readonly<Record<OperandName, MemoryOperand>> = { O: 'O', W: 'W', I: 'I', X: 'I', Y: 'I' };

/** The parts of latency that the profile adds up. */
export const countedParts = (profile: Profile): readonly LatencyPart[] =>
  LATENCY_PARTS.filter((part) => part !== 'offload' || profile.offloadCounted);

/** Some layer tiles and copies that run `times` times. */
export interface Share {
  readonly layers: readonly LayerTileCost[];
  readonly copySteps: readonly CopyStepCost[];
  readonly times: number;
}

export function sumCosts(hw: Accelerator, profile: Profile, shares: readonly Share[]): Cost {
  const latency = { compute: 0, stall: 0, onload: 0, offload: 0, copy: 0 };
  const memory: Record<string, Record<MemoryOperand | 'copy', number>> = {};
  for (const { name } of hw.memories) memory[name] = { W: 0, I: 0, O: 0, copy: 0 };
  const at = (id: MemoryId): Record<MemoryOperand | 'copy', number> => known(memory[memoryName(id)], id);
  let energyPj = 0;
  let mac = 0;
  // Hot: asked about every layer with a copy, every tile type and every stack.
  shares.forEach(({ layers, copySteps, times }) => {
    layers.forEach((layer) => {
      energyPj += times * layer.energyPj;
      mac += times * layer.macEnergyPj;
      latency.compute += times * layer.latency.compute;
      latency.stall += times * layer.latency.stall;
      latency.onload += times * layer.latency.onload;
      latency.offload += times * layer.latency.offload;
      layer.accesses.forEach((access) => {
        at(access.memory)[PATH[access.operand]] += times * access.energyPj;
      });
    });
    copySteps.forEach((step) => {
      energyPj += times * step.energyPj;
      latency.copy += times * step.latencyCycles;
      step.copies.forEach((copy) => {
        copy.energyByMemory.forEach((part) => {
          at(part.memory).copy += times * part.energyPj;
        });
      });
    });
  });
  const latencyCycles = countedParts(profile).reduce((sum, part) => sum + latency[part], 0);
  return shared({ energyPj, latencyCycles, latency, energy: { mac, memory } });
}

/** The sums that the cost facet made. */
export function costOfTotals(totals: CostTotals): Cost {
  const byMemory: Record<string, MemoryEnergy[string]> = {};
  for (const { memory, energyPj } of totals.memory) {
    const { W, I, O, copy } = energyPj;
    byMemory[memoryName(memory)] = { W, I, O, copy };
  }
  return shared({
    energyPj: totals.energyPj,
    latencyCycles: totals.latencyCycles,
    latency: {
      compute: totals.latency.compute,
      stall: totals.latency.stall,
      onload: totals.latency.onload,
      offload: totals.latency.offload,
      copy: totals.latency.copy,
    },
    energy: { mac: totals.macEnergyPj, memory: byMemory },
  });
}

/** Of parts that are alike. */
const shared = sharing<Cost>(
  ({ energyPj }) => energyPj,
  (one, other) =>
    one.energyPj === other.energyPj &&
    one.latencyCycles === other.latencyCycles &&
    one.energy.mac === other.energy.mac &&
    LATENCY_PARTS.every((part) => one.latency[part] === other.latency[part]) &&
    sameMemories(one.energy.memory, other.energy.memory),
);

function sameMemories(one: MemoryEnergy, other: MemoryEnergy): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => {
      const [a, b] = [one[name]!, other[name]];
      return a.W === b?.W && a.I === b.I && a.O === b.O && a.copy === b.copy;
    })
  );
}
