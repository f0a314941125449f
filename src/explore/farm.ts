/**
 * Problems farmed out to workers, in batches: large enough that the journey does not matter, in the order in which
 * the points need them. Batches are sized by what the last ones took.
 */
import type { LayerTileProblem } from '../ir/layer-tile.js';
import type { Answer, MapperSetting } from './mapper.js';
import type { KeyedProblem, Solver } from './solver.js';

/** Whoever solves problems elsewhere; an answer per problem, in order. */
export interface Farm {
  readonly solve: (
    setting: MapperSetting,
    problems: readonly LayerTileProblem[],
  ) => Promise<readonly Answer[]>;
}

/** Work of a batch, ms. */
const BATCH_MS = 15;
const FIRST_BATCH = 8;
const LARGEST_BATCH = 512;

interface Batch {
  readonly problems: KeyedProblem[];
  /** Ends when the solver knows the answers; absent: not yet sent. */
  journey?: Promise<void>;
}

export interface Batches {
  /** Sends problems away, some at once and the rest with those that follow. Returns when to go on: see `wait`. */
  readonly add: (problems: readonly KeyedProblem[]) => Ticket;
  /** Until everything added under the ticket is known. */
  readonly wait: (ticket: Ticket) => Promise<void>;
}

export type Ticket = ReadonlySet<Batch>;

export function createBatches(farm: Farm, setting: MapperSetting, solver: Solver): Batches {
  let open: Batch = { problems: [] };
  let size = FIRST_BATCH;

  const travel = async ({ problems }: Batch): Promise<void> => {
    const answers = await farm.solve(
      setting,
      problems.map(({ problem }) => problem),
    );
    answers.forEach((answer, i) => solver.learn(problems[i]!.key, answer));
    size = nextSize(size, answers);
  };
  const send = (batch: Batch): void => {
    batch.journey = travel(batch);
    // Whoever waits hears of a failure; if nobody does any more, nobody minds.
    batch.journey.catch(() => undefined);
    if (batch === open) open = { problems: [] };
  };

  return {
    add: (problems) => {
      const batches = new Set<Batch>();
      for (const problem of problems) {
        const batch = open;
        batches.add(batch);
        batch.problems.push(problem);
        if (batch.problems.length >= size) send(batch);
      }
      return batches;
    },
    wait: async (ticket) => {
      for (const batch of ticket) if (batch.journey === undefined) send(batch);
      await Promise.all([...ticket].flatMap(({ journey }) => journey ?? []));
    },
  };
}

/** As many as would have taken BATCH_MS, but no jumps: problems differ. */
function nextSize(size: number, answers: readonly Answer[]): number {
  const took = answers.reduce((sum, answer) => sum + (answer.kind === 'found' ? answer.milliseconds : 0), 0);
  const wanted = (answers.length * BATCH_MS) / Math.max(took, 0.01);
  return Math.round(Math.min(LARGEST_BATCH, Math.max(1, size / 2, Math.min(2 * size, wanted))));
}
