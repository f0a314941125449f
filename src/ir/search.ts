/** What a search for a schedule found out beside the schedule: how good it is, and why it is what it is. */

export type Objective = 'energy' | 'latency' | 'edp';
export const OBJECTIVES = ['energy', 'latency', 'edp'] as const satisfies readonly Objective[];

export interface EnergyAndLatency {
  readonly energyPj: number;
  readonly latencyCycles: number;
}

export interface ScheduleSearch {
  readonly objective: Objective;
  /** No schedule made of the candidates is better. False: time was up. */
  readonly proven: boolean;
  /** Value of the objective that nothing made of the candidates is below. */
  readonly leastOfCandidates: number;
  /** Energy and latency that no schedule at all is below; null in profiles that have no such bound. */
  readonly bound: EnergyAndLatency | null;
  readonly counts: {
    /** Legal stacks, stacks with a place for what they hand over, and evaluations of one of these with tile and mode. */
    readonly stacks: number;
    readonly placedStacks: number;
    readonly evaluations: number;
  };
}
