/**
 * The mapper of one study as its points see it. Answers come from memory, from answers worked out ahead, from a
 * store that outlives the run, or from a search here and now; which of them never changes an answer.
 */
import { DiagnosticError } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LayerTileMapper, LayerTileProblem, SearchResult } from '../ir/layer-tile.js';
import { poseOn } from '../mapping/mirror.js';
import { problemKey } from '../mapping/problem-key.js';
import { allocateStack } from '../schedule/allocate-stack.js';
import { memoised } from '../schedule/memo.js';
import { tileStack } from '../schedule/tile-stack.js';
import type { SchedulePoint } from './grid.js';
import { answerOf, mapperOf, type Answer } from './mapper.js';
import { stacksOf, type Study } from './study.js';

/** Results of earlier runs, by problem key. */
export interface ResultStore {
  readonly get: (key: string) => SearchResult | undefined;
  /** `milliseconds`: what it took to find; what is found faster than it is read is not worth keeping. */
  readonly put: (key: string, result: SearchResult, milliseconds: number) => void;
}

export interface KeyedProblem {
  readonly key: string;
  readonly problem: LayerTileProblem;
}

export interface SolverCounts {
  /** Distinct problems searched for, here or elsewhere. */
  readonly searched: number;
  /** Distinct problems found in the store. */
  readonly stored: number;
  /** Questions answered from memory. */
  readonly shared: number;
}

export interface Solver {
  readonly mapper: LayerTileMapper;
  /** Problems of a point that nobody has asked about yet; they count as asked from now on. */
  readonly open: (point: SchedulePoint) => readonly KeyedProblem[];
  /** An answer worked out elsewhere. */
  readonly learn: (key: string, answer: Answer) => void;
  readonly counts: () => SolverCounts;
  /** Time spent on searches here. */
  readonly milliseconds: () => number;
}

export function createSolver(study: Study, now: () => number, store?: ResultStore): Solver {
  const search = mapperOf(study.setting);
  const ahead = new Map<string, Answer>();
  const asked = new Set<string>();
  let [searched, stored, milliseconds] = [0, 0, 0];

  const keep = (key: string, answer: Answer): Answer => {
    searched++;
    if (answer.kind === 'found') store?.put(key, answer.result, answer.milliseconds);
    return answer;
  };
  const fromStore = (key: string): Answer | undefined => {
    const result = store?.get(key);
    if (result === undefined) return undefined;
    stored++;
    return { kind: 'found', result, milliseconds: 0 };
  };
  const searchHere = (key: string, problem: LayerTileProblem): Answer => {
    const answer = keep(key, answerOf(search, problem, now));
    if (answer.kind === 'found') milliseconds += answer.milliseconds;
    return answer;
  };
  const { hw, profile, lpfLimit } = study.setting;
  const pose = poseOn(hw, profile, lpfLimit);
  const memo = memoised((problem) => {
    const key = problemKey(problem);
    asked.add(key);
    const answer = ahead.get(key) ?? fromStore(key) ?? searchHere(key, problem);
    // What is found moves into the memo; a failure has to be found here again.
    if (answer.kind === 'failed') {
      ahead.set(key, answer);
      throw new DiagnosticError(answer.diagnostics);
    }
    ahead.delete(key);
    return answer.result;
  }, pose);

  return {
    mapper: memo.mapper,
    open: (point) => {
      const found: KeyedProblem[] = [];
      visitProblems(study, point, (question) => {
        const { key, problem } = pose(question);
        if (asked.has(key)) return;
        asked.add(key);
        const known = fromStore(key);
        if (known === undefined) found.push({ key, problem });
        else ahead.set(key, known);
      });
      return found;
    },
    learn: (key, answer) => void ahead.set(key, keep(key, answer)),
    counts: () => ({ searched, stored, shared: memo.counts().shared }),
    milliseconds: () => milliseconds,
  };
}

/**
 * Allocation asks about nearly every problem of a point if all of them are said to fit; costing asks about the same
 * ones again. What it would ask only after a refusal is searched for when it does.
 */
function visitProblems(
  { workload, setting, ...study }: Study,
  point: SchedulePoint,
  visit: (problem: LayerTileProblem) => void,
): void {
  const { hw, profile } = setting;
  const fits = fitsOn(hw);
  const optimist: LayerTileMapper = (problem) => {
    visit(problem);
    return fits;
  };
  for (const stack of stacksOf({ workload, setting, ...study }, point))
    allocateStack(workload, tileStack(workload, stack, profile), hw, profile, optimist);
}

/** Says that a problem fits, whatever else there is, and nothing else. */
const fitsOn = ({ memories }: Accelerator): SearchResult => ({
  kind: 'mapped',
  mapped: {
    spatial: [],
    temporal: [],
    accesses: [],
    macEnergyPj: 0,
    energyPj: 0,
    latency: { compute: 0, stall: 0, onload: 0, offload: 0 },
    spareBits: memories.map(() => Infinity),
  },
  mostSpareBits: memories.map(() => Infinity),
  gap: 0,
  work: { states: 0, nodes: 0, scored: 0 },
});
