/** What a search minimises, and when one mapping is better than another. */
import { ratio } from '../base/ratio.js';

/** Energy, then latency; latency, then energy; or their product. */
export type Objective = 'energy' | 'latency' | 'edp';
export const OBJECTIVES = ['energy', 'latency', 'edp'] as const satisfies readonly Objective[];

/** Energies this close, relatively, are equal: sums of the same terms in another order. */
export const TOLERANCE = 1e-12;

/** Whether a mapping of this energy (pJ) and latency (cycles) may still beat the best one found. */
export type Beats = (energyPj: number, cycles: number, bestPj: number, bestCycles: number) => boolean;

export const BEATS: Readonly<Record<Objective, Beats>> = {
  energy: (energyPj, cycles, bestPj, bestCycles) =>
    energyPj < bestPj * (1 - TOLERANCE) || (energyPj <= bestPj * (1 + TOLERANCE) && cycles < bestCycles),
  latency: (energyPj, cycles, bestPj, bestCycles) =>
    cycles < bestCycles || (cycles === bestCycles && energyPj < bestPj * (1 - TOLERANCE)),
  edp: (energyPj, cycles, bestPj, bestCycles) => energyPj * cycles < bestPj * bestCycles * (1 - TOLERANCE),
};

/** By how much, relatively, the objective of a mapping exceeds a bound on energy and latency. */
export function gapOver(
  objective: Objective,
  mapping: { readonly energyPj: number; readonly cycles: number },
  bound: { readonly energyPj: number; readonly cycles: number },
): number {
  const value = ({ energyPj, cycles }: typeof mapping): number =>
    objective === 'energy' ? energyPj : objective === 'latency' ? cycles : energyPj * cycles;
  return Math.max(0, ratio(value(mapping), value(bound)) - 1);
}
