/** The intra-tile mapper: from a layer tile and its open memory levels to its cheapest mapping. */
import { known } from '../base/assert.js';
import { grouped } from '../base/units.js';
import { fail } from '../diag/diagnostic.js';
import type { Profile } from '../base/profile.js';
import { layerTileModel } from '../cost/model.js';
import { nestOf, type Nest } from '../cost/nest.js';
import { searchTables } from '../cost/tables.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LoopSize } from '../ir/layer.js';
import type { LayerTileProblem, SearchResult } from '../ir/layer-tile.js';
import type { SplitBounds } from './allocate.js';
import { alphabetOf, loopFactors, without } from './loop-factors.js';
import { searchOrders } from './search.js';

/** Loop orders that one layer tile may have: some seconds of search. Eight different factors have 40,320. */
const MOST_ORDERS = 4_000_000;

/**
 * A mapper of minimum energy over all orders of at most `lpfLimit` loop factors (null: all prime factors). Every order
 * is tried, and their number grows with the factorial of the factors: above MOST_ORDERS a tile is refused (DF6001).
 */
export function createMapper(
  hw: Accelerator,
  profile: Profile,
  lpfLimit: number | null,
): (problem: LayerTileProblem) => SearchResult {
  return (problem) => {
    const nest = nestOf(hw, profile, problem);
    return bestMapping(hw, profile, problem, nest, loopFactors(nest.temporal, lpfLimit));
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
  given?: GivenLoops,
): SearchResult {
  const inner = given?.loops ?? [];
  const { letters, word: all } = alphabetOf([...inner, ...factors]);
  const fixed = inner.map(({ dim, size }) =>
    letters.findIndex((letter) => letter.dim === dim && letter.size === size),
  );
  const word = known(without(all, fixed), 'given loops');
  refuseHopeless(problem, word);
  const tables = searchTables(layerTileModel(hw, profile, problem, nest, letters), all.length);
  const shortage = searchOrders(tables, word, profile, given && { letters: fixed, bounds: given.bounds });
  if (!shortage) return { kind: 'mapped', mapped: tables.result() };
  const operand = known(problem.operands[shortage.operand], 'operand').name;
  return { kind: 'unmappable', reason: { ...shortage, operand } };
}

function refuseHopeless({ loops }: LayerTileProblem, word: readonly number[]): void {
  const orders = distinctOrders(word);
  if (orders <= MOST_ORDERS) return;
  const tile = loops.map(({ dim, size }) => `${dim}${size}`).join(' ');
  fail(
    'DF6001',
    `a layer tile ${tile} has ${word.length} loop factors in ${orders.toPrecision(3)} orders, at most ${grouped(MOST_ORDERS)} are tried`,
    [],
    {
      help: 'set a limit: --lpf-limit 8',
    },
  );
}

/** Distinct permutations of a multiset: n! over the factorials of the multiplicities. */
function distinctOrders(word: readonly number[]): number {
  const seen = new Map<number, number>();
  return word.reduce((orders, letter, position) => {
    const times = (seen.get(letter) ?? 0) + 1;
    seen.set(letter, times);
    return (orders * (position + 1)) / times;
  }, 1);
}
