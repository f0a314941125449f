/**
 * Evaluates points in order, alone or with helpers. Helpers solve the problems of the points ahead; points are
 * evaluated here, one after the other, so that lines are the same whoever helps.
 */
import { known } from '../base/assert.js';
import { evaluatePoint } from './evaluate.js';
import { createBatches, type Batches, type Farm, type Ticket } from './farm.js';
import type { SchedulePoint } from './grid.js';
import type { PointLine } from './line.js';
import { createSolver, type ResultStore, type Solver, type SolverCounts } from './solver.js';
import type { Study } from './study.js';

export interface Job {
  readonly study: Study;
  readonly point: SchedulePoint;
}

/** How the work goes, for whoever decides about helpers. */
export interface Load {
  readonly done: number;
  readonly total: number;
  /** Spent on searches here so far. */
  readonly searchMs: number;
}

export interface Environment {
  /** A monotonic clock, ms. */
  readonly now: () => number;
  /** Helpers, once they are worth their start; asked before every point until there are some. */
  readonly farm: (load: Load) => Promise<Farm> | undefined;
  readonly store: (study: Study) => ResultStore | undefined;
  /** Lets others have a turn: signals, answers of helpers. */
  readonly pause: () => Promise<void>;
  /** True: no further point. */
  readonly stopped: () => boolean;
  /** Settled when it becomes true while helpers are waited for. */
  readonly stop: Promise<void>;
}

/** Points whose problems may be with helpers at a time. */
const LOOK_AHEAD = 64;
/** Time between pauses, ms. */
const PAUSE_MS = 20;

export interface Run {
  /** A line per job, in order. */
  readonly lines: AsyncGenerator<PointLine, void>;
  readonly counts: () => SolverCounts;
}

export function runJobs(jobs: readonly Job[], environment: Environment): Run {
  const solvers = new Map<Study, Solver>();
  const solverOf = (study: Study): Solver => {
    const solver = solvers.get(study) ?? createSolver(study, environment.now, environment.store(study));
    solvers.set(study, solver);
    return solver;
  };
  return {
    lines: evaluateAll(jobs, environment, solverOf, () =>
      sum([...solvers.values()], (s) => s.milliseconds()),
    ),
    counts: () => {
      const counts = [...solvers.values()].map((solver) => solver.counts());
      return {
        searched: sum(counts, (count) => count.searched),
        stored: sum(counts, (count) => count.stored),
        shared: sum(counts, (count) => count.shared),
      };
    },
  };
}

async function* evaluateAll(
  jobs: readonly Job[],
  environment: Environment,
  solverOf: (study: Study) => Solver,
  searchMs: () => number,
): AsyncGenerator<PointLine, void> {
  let ahead: Ahead | undefined;
  let rested = environment.now();
  for (const [index, { study, point }] of jobs.entries()) {
    if (environment.now() - rested > PAUSE_MS) {
      await environment.pause();
      rested = environment.now();
    }
    if (environment.stopped()) return;
    if (ahead === undefined) {
      const farm = environment.farm({ done: index, total: jobs.length, searchMs: searchMs() });
      if (farm !== undefined) ahead = lookAhead(jobs, index, await farm, solverOf);
    }
    if (ahead !== undefined && !(await reached(ahead.reach(index), environment))) return;
    yield evaluatePoint(study, point, solverOf(study).mapper);
  }
}

/** Whether a point is reached before the wish to stop. What helpers have sent by then is taken in first. */
const reached = (reach: Promise<void>, { stop, pause }: Environment): Promise<boolean> =>
  Promise.race([reach.then(() => true), stop.then(pause).then(() => false)]);

interface Ahead {
  /** Until every problem of the job is known; those behind it are on their way. */
  readonly reach: (index: number) => Promise<void>;
}

function lookAhead(
  jobs: readonly Job[],
  start: number,
  farm: Farm,
  solverOf: (study: Study) => Solver,
): Ahead {
  const batches = new Map<Study, Batches>();
  const tickets = new Map<number, { readonly batches: Batches; readonly ticket: Ticket }>();
  let next = start;
  const sendNext = (): void => {
    const { study, point } = known(jobs[next], 'job');
    const solver = solverOf(study);
    const own = batches.get(study) ?? createBatches(farm, study.setting, solver);
    batches.set(study, own);
    tickets.set(next, { batches: own, ticket: own.add(solver.open(point)) });
    next++;
  };
  return {
    reach: async (index) => {
      while (next < jobs.length && next < index + LOOK_AHEAD) sendNext();
      const sent = tickets.get(index);
      tickets.delete(index);
      await sent?.batches.wait(sent.ticket);
    },
  };
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
