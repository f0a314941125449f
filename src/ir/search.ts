/** What a search for a schedule found out beside the schedule: how good it is, and why it is what it is. */
import type { LayerId, MemoryId, StackId } from '../base/ids.js';
import type { OverlapMode, Stack, TileSize } from './stack.js';

export type Objective = 'energy' | 'latency' | 'edp';
export const OBJECTIVES = ['energy', 'latency', 'edp'] as const satisfies readonly Objective[];

export interface EnergyAndLatency {
  readonly energyPj: number;
  readonly latencyCycles: number;
}

/** The lowest memory that does not hold all that is live in a stack, and what it would have to hold. */
export interface BindingMemory {
  readonly memory: MemoryId;
  readonly holds: 'activations' | 'weights';
  readonly demandBits: number;
  readonly boundBits: number;
}

/** What was not chosen. */
interface NotChosen extends EnergyAndLatency {
  /** The schedule with it would be beyond a limit; absent: within, as far as is known. */
  readonly beyondLimits?: true;
}

/** The same layers with another tile or mode. */
export interface Alternative extends NotChosen {
  readonly tile: TileSize;
  readonly mode: OverlapMode;
}

/** Another cut that was looked at. `exact`: its best candidates cost this; otherwise they cost at least as much. */
export type RejectedCut =
  | (NotChosen & {
      readonly kind: 'costs-more';
      readonly exact: boolean;
      /** Last layers of the stacks there would be. */
      readonly sinks: readonly LayerId[];
    })
  | { readonly kind: 'illegal'; readonly why: string };

/** Why a stack is as it is. */
export interface StackReason {
  readonly stack: StackId;
  /** What the stack itself adds to the totals. */
  readonly cost: EnergyAndLatency;
  /** null: everything fits the lowest memories. */
  readonly binding: BindingMemory | null;
  /** null: there is one candidate. */
  readonly nextBest: Alternative | null;
  /** The best way to cut it; null: one layer. */
  readonly cutUp: RejectedCut | null;
  /** As one with the next stack; null: it is the last. */
  readonly joined: RejectedCut | null;
}

/** A schedule of the front. */
export interface FrontPoint extends EnergyAndLatency {
  readonly stacks: readonly Omit<Stack, 'id'>[];
}

/** Schedules of which none is better than another in both energy and latency. */
export interface Front {
  /**
   * No candidate schedule is below all of them by more than this, relatively, in both energy and latency; 0: none is; null:
   * not known, time was up.
   */
  readonly within: number | null;
  /** By rising energy. */
  readonly points: readonly FrontPoint[];
}

export interface ScheduleSearch {
  readonly objective: Objective;
  readonly limits: { readonly energyPj: number | null; readonly latencyCycles: number | null };
  /** No schedule made of the candidates is better. False: time was up. */
  readonly proven: boolean;
  /** Value of the objective that nothing made of the candidates is below. */
  readonly leastOfCandidates: number;
  /** Energy and latency that no schedule at all is below; null in profiles that have no such bound. */
  readonly bound: EnergyAndLatency | null;
  readonly reasons: readonly StackReason[];
  /** null: not asked for. */
  readonly front: Front | null;
  readonly counts: {
    /** Legal stacks, stacks with a place for what they hand over, and evaluations of one of these with tile and mode. */
    readonly stacks: number;
    readonly placedStacks: number;
    readonly evaluations: number;
  };
}
