/** The intra-tile mapper: from a layer tile and its open memory levels to its best mapping. */
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import { layerTileModel } from '../cost/model.js';
import { nestOf, type Nest } from '../cost/nest.js';
import { searchTables, type SearchTables } from '../cost/tables.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LoopSize } from '../ir/layer.js';
import type { LayerTileProblem, SearchResult } from '../ir/layer-tile.js';
import { THOROUGH, type MapperBudget } from './budget.js';
import { searchFreely } from './free/search.js';
import { alphabetOf, loopFactors, without } from './loop-factors.js';
import type { Objective } from './objective.js';
import { LoopAllocator } from './published/allocate.js';
import { searchAsPublished } from './published/search.js';
import { mostSpareBits, leastShortage, type Shortage } from './room.js';
import type { FixedLoops, SplitBounds } from './split-bounds.js';

export interface MapperSettings {
  /** At most so many loop factors; null: all prime factors. */
  readonly lpfLimit: number | null;
  /** Where the profile searches boundaries; the published rule knows energy only. Default: energy. */
  readonly objective?: Objective;
  /** Default: thorough. */
  readonly budget?: MapperBudget;
}

/** A mapper over all loop orders, and over all splits that fit or the one of the published rule, as the profile says. */
export function createMapper(
  hw: Accelerator,
  profile: Profile,
  settings: MapperSettings,
): (problem: LayerTileProblem) => SearchResult {
  return (problem) => {
    const nest = nestOf(hw, profile, problem);
    return bestMapping(hw, profile, problem, nest, loopFactors(nest.temporal, settings.lpfLimit), settings);
  };
}

/** Innermost loops that are given, and how every operand's levels may divide the order. */
export interface GivenLoops {
  readonly loops: readonly LoopSize[];
  readonly bounds: readonly SplitBounds[];
}

/** The best order of `factors` around the given loops, if there are any; together they make up the nest. */
export function bestMapping(
  hw: Accelerator,
  profile: Profile,
  problem: LayerTileProblem,
  nest: Nest,
  factors: readonly LoopSize[],
  settings: MapperSettings,
  given?: GivenLoops,
): SearchResult {
  const inner = given?.loops ?? [];
  const { letters, word } = alphabetOf([...inner, ...factors]);
  const fixed: FixedLoops | undefined = given && {
    letters: inner.map(({ dim, size }) =>
      letters.findIndex((letter) => letter.dim === dim && letter.size === size),
    ),
    bounds: given.bounds,
  };
  const search = searchTables(layerTileModel(hw, profile, problem, nest, letters), word.length);
  const tables = search.lattice(word);
  const shortage = leastShortage(search, tables);
  if (shortage) return unmappable(problem, shortage);
  const { objective = 'energy', budget = THOROUGH } = settings;
  const outcome =
    profile.boundaries === 'searched'
      ? searchFreely(search, tables, objective, budget, fixed)
      : searchAsPublished(search, tables, budget.bestFirst, fixed);
  const { found, gap, nodes, scored } = outcome;
  if (!found) return unmappable(problem, outcome.shortage ?? closestShortage(search, word, fixed));
  const work = { states: tables.lattice.states, nodes, scored };
  const spareBits = mostSpareBits(search, tables, hw.memories);
  return { kind: 'mapped', mapped: search.result(), mostSpareBits: spareBits, gap, work };
}

export function unmappable({ operands }: LayerTileProblem, shortage: Shortage): SearchResult {
  return {
    kind: 'unmappable',
    reason: { ...shortage, operand: known(operands[shortage.operand], 'operand').name },
  };
}

/** Where the loops, in plain order, do not fit: every memory has room for the least, but not for what is then left. */
function closestShortage(
  { placement, ...search }: SearchTables,
  word: readonly number[],
  fixed: FixedLoops | undefined,
): Shortage {
  const allocator = new LoopAllocator({ placement, ...search }, fixed?.bounds);
  const rest = known(without(word, fixed?.letters ?? []), 'given loops');
  for (const order of [rest, rest.toReversed()]) {
    placement.order.set([...(fixed?.letters ?? []), ...order]);
    search.followOrder();
    allocator.allocate();
  }
  return known(allocator.shortage, 'a shortage where nothing fits');
}
