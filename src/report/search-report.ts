/** What a search says about its schedule, by name, with the gap to the bound worked out. */
import { bareName } from '../base/ids.js';
import { ratio } from '../base/ratio.js';
import type { EnergyAndLatency, Objective, RejectedCut, ScheduleSearch, StackReason } from '../ir/search.js';
import { tileText } from '../ir/stack.js';
import type { RejectedCutReport, SearchReport, StackReasonReport } from './report.js';

export function searchReport(search: ScheduleSearch, totals: EnergyAndLatency): SearchReport {
  const { objective, bound, front } = search;
  const value = valueOf(objective, totals);
  return {
    objective,
    value,
    limits: search.limits,
    proven: search.proven,
    leastOfCandidates: search.leastOfCandidates,
    bound: bound && {
      energyPj: bound.energyPj,
      latencyCycles: bound.latencyCycles,
      value: valueOf(objective, bound),
      gapPct: Math.min(100 * (ratio(value, valueOf(objective, bound)) - 1), Number.MAX_VALUE),
    },
    stacks: search.reasons.map(reasonReport),
    front: front && {
      complete: front.within === 0,
      within: front.within,
      points: front.points.map(({ energyPj, latencyCycles, stacks }) => ({
        energyPj,
        latencyCycles,
        chosen: energyPj === totals.energyPj && latencyCycles === totals.latencyCycles,
        stacks: stacks.map(({ layers, tile, mode, handOver }) => ({
          layers: layers.map(bareName),
          tile: tileText(tile),
          mode,
          handOver: bareName(handOver),
        })),
      })),
    },
    counts: search.counts,
  };
}

const valueOf = (objective: Objective, { energyPj, latencyCycles }: EnergyAndLatency): number =>
  objective === 'energy' ? energyPj : objective === 'latency' ? latencyCycles : energyPj * latencyCycles;

const reasonReport = ({ stack, binding, nextBest, cutUp, joined }: StackReason): StackReasonReport => ({
  stack,
  binding: binding && {
    memory: bareName(binding.memory),
    holds: binding.holds,
    demandBits: binding.demandBits,
    boundBits: binding.boundBits,
    shortBits: binding.demandBits - binding.boundBits,
  },
  nextBest: nextBest && { ...nextBest, tile: tileText(nextBest.tile) },
  cutUp: cutUp && rejectedReport(cutUp),
  joined: joined && rejectedReport(joined),
});

const rejectedReport = (cut: RejectedCut): RejectedCutReport =>
  cut.kind === 'illegal'
    ? { kind: 'illegal', why: cut.why }
    : {
        kind: 'costs-more',
        exact: cut.exact,
        sinks: cut.sinks.map(bareName),
        energyPj: cut.energyPj,
        latencyCycles: cut.latencyCycles,
        ...(cut.beyondLimits && { beyondLimits: true }),
      };
