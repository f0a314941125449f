/**
 * What a search says beside its schedule, held against what the schedule costs: a plan that was changed after the
 * search, or claims one that was never made, is found here. Invariant DF6095 of costs.ts.
 */
import type { CostSheet, CostTotals } from '../cost.js';
import type { EnergyAndLatency, Objective, ScheduleSearch } from '../search.js';
import type { StackPlan } from '../stack.js';
import { near, sameIds } from './find.js';

export function searchFaults({ stacks, search }: StackPlan, costs: CostSheet): readonly string[] {
  if (search === undefined) return [];
  const spoken = search.reasons.map(({ stack }) => stack);
  const ids = stacks.map(({ id }) => id);
  if (!sameIds(spoken, ids)) return ['the search gives reasons for others than the stacks of the plan'];
  return [...unlike(search, costs), ...(costs.stacks.length === stacks.length ? below(search, costs) : [])];
}

/** Stacks that cost something else than the search found. */
function unlike({ reasons }: ScheduleSearch, costs: CostSheet): readonly string[] {
  const totals = new Map<string, CostTotals>(costs.stacks.map((stack) => [stack.stack, stack.totals]));
  return reasons.flatMap(({ stack, cost }) => {
    const found = totals.get(stack);
    const same =
      found === undefined ||
      (near(found.energyPj, cost.energyPj) && near(found.latencyCycles, cost.latencyCycles));
    if (same) return [];
    return [
      `${stack} costs ${found.energyPj} pJ and ${found.latencyCycles} cycles, the search found ${cost.energyPj} pJ and ${cost.latencyCycles} cycles`,
    ];
  });
}

/** What nothing is said to be below, and the schedule is. */
function below(
  { objective, bound, leastOfCandidates }: ScheduleSearch,
  { totals }: CostSheet,
): readonly string[] {
  const undercut = (most: number, least: number): boolean => most < least && !near(most, least);
  const value = valueOf(objective, totals);
  return [
    ...(undercut(value, leastOfCandidates)
      ? [`the schedule has ${value}, candidates are said to have ${leastOfCandidates} at least`]
      : []),
    ...(bound !== null &&
    (undercut(totals.energyPj, bound.energyPj) || undercut(totals.latencyCycles, bound.latencyCycles))
      ? [
          `the schedule has ${totals.energyPj} pJ and ${totals.latencyCycles} cycles, the bound is ${bound.energyPj} pJ and ${bound.latencyCycles} cycles`,
        ]
      : []),
  ];
}

const valueOf = (objective: Objective, { energyPj, latencyCycles }: EnergyAndLatency): number =>
  objective === 'energy' ? energyPj : objective === 'latency' ? latencyCycles : energyPj * latencyCycles;
