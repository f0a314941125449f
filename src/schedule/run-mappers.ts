/** The mappers of one run: by what they minimise and over which unrollings, each memoised, mappings given heeded. */
import { perObject, perValue } from '../base/bounded-map.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { Bounded, LayerTileMapper, LayerTileProblem, NamedMapper } from '../ir/layer-tile.js';
import { BRIEF, THOROUGH } from '../mapping/budget.js';
import { floorMapper, floorOfGiven } from '../mapping/floor.js';
import type { GivenMapping } from '../mapping/given.js';
import { givenMapper, preferGiven } from '../mapping/given-mapper.js';
import { createMapper } from '../mapping/mapper.js';
import { OBJECTIVES, type Objective } from '../mapping/objective.js';
import { overUnrollings } from '../mapping/over-unrollings.js';
import { poseOn } from '../mapping/mirror.js';
import { memoised, type MemoMapper } from './memo.js';

export interface MapperRequest {
  readonly hw: Accelerator;
  readonly profile: Profile;
  readonly lpfLimit: number | null;
  readonly given: readonly GivenMapping[];
  /** The run has to answer in time. */
  readonly budgeted: boolean;
}

export interface RunMappers {
  /** The first is that of stacks that name none: least energy over all unrollings. */
  readonly mappers: readonly NamedMapper[];
  /** What they were asked and did, by objective. */
  readonly counts: readonly { readonly objective: Objective; readonly counts: MemoMapper['counts'] }[];
}

export function runMappers({ hw, profile, lpfLimit, given, budgeted }: MapperRequest): RunMappers {
  // One budget per run, and so per memo: all that is asked about a layer tile has the same answer.
  const budget = budgeted ? BRIEF : THOROUGH;
  const givenFor = perValue(OBJECTIVES.length, (objective: Objective) =>
    perObject(
      // A memo of its own: the answer to the same problem is another one.
      (mapping: GivenMapping) =>
        memoised(givenMapper(hw, profile, { lpfLimit, objective, budget }, mapping)).mapper,
    ),
  );
  // Mappings of least latency are for searches to choose from; the published rule knows energy only.
  const searched = profile.boundaries === 'searched';
  const objectives = searched ? (['energy', 'latency'] as const) : (['energy'] as const);
  const pose = poseOn(hw, profile, lpfLimit);
  const memos = objectives.map((objective) => {
    const memo = memoised(createMapper(hw, profile, { lpfLimit, objective, budget }), pose);
    const mapper = preferGiven(given, givenFor(objective), memo.mapper);
    return { objective, mapper, knows: memo.knows, counts: memo.counts };
  });
  const floor = perValue(3, (of: Bounded) =>
    preferGiven(
      given,
      (mapping) => floorOfGiven(profile, (objective) => givenFor(objective)(mapping), of),
      floorMapper(hw, profile, { lpfLimit, of }, pose),
    ),
  );
  const mappers = [
    ...memos.map(({ objective, mapper, knows }): NamedMapper => {
      const best = overUnrollings(mapper, objective, profile);
      const known = (of: Bounded): LayerTileMapper => {
        const unknown = floor(of);
        return (...question) => (knowsAll(knows, question[0]) ? best : unknown)(...question);
      };
      return { name: objective, unrollings: 'all', mapper: best, ...(searched && { floor, known }) };
    }),
    ...memos.map(({ objective, mapper }): NamedMapper => ({
      name: `${objective}, own unrolling`,
      unrollings: 'own',
      mapper,
    })),
  ];
  return { mappers, counts: memos.map(({ objective, counts }) => ({ objective, counts })) };
}

/** A problem with every unrolling that it allows. */
function knowsAll(knows: MemoMapper['knows'], problem: LayerTileProblem): boolean {
  const { otherUnrollings, ...single } = problem;
  return knows(problem) && (otherUnrollings ?? []).every((unrolling) => knows({ ...single, unrolling }));
}
