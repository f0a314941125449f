/**
 * The mapper where a layer may be laid over the array in several ways: the best of them between the same memory levels.
 * Invariants: with its own unrolling among them the result is never worse than with that alone; and levels follow from
 * its own unrolling, for where that does not fit no other is tried, so they are the same as without a choice.
 */
import type { Profile } from '../base/profile.js';
import { countedCycles } from '../cost/latency.js';
import type { LayerTileMapper, LayerTileProblem, MapResult } from '../ir/layer-tile.js';
import { BEATS, type Objective } from './objective.js';

/** `search` answers for one unrolling. What it answers to a problem with others, it is asked once. */
export function overUnrollings(
  search: LayerTileMapper,
  objective: Objective,
  profile: Profile,
): LayerTileMapper {
  const known = new WeakMap<LayerTileProblem, MapResult>();
  return (problem, tile) => {
    const own = search(problem, tile);
    // A mapping given by the user is for the unrolling it was written for.
    if (!problem.otherUnrollings || own.kind !== 'mapped' || own.origin !== undefined) return own;
    const found = known.get(problem) ?? bestOf(search, problem, own, objective, profile);
    known.set(problem, found);
    return found;
  };
}

type Mapped = Extract<MapResult, { readonly kind: 'mapped' }>;

function bestOf(
  search: LayerTileMapper,
  problem: LayerTileProblem,
  own: Mapped,
  objective: Objective,
  profile: Profile,
): MapResult {
  const cyclesOf = ({ mapped }: Mapped): number => countedCycles(mapped.latency, profile);
  let best = own;
  for (const unrolling of problem.otherUnrollings ?? []) {
    const { otherUnrollings: _, ...single } = problem;
    const other = search({ ...single, unrolling });
    if (other.kind !== 'mapped') continue;
    const better = BEATS[objective](
      other.mapped.energyPj,
      cyclesOf(other),
      best.mapped.energyPj,
      cyclesOf(best),
    );
    if (better) best = other;
  }
  const { mostSpareBits } = own;
  const { spatial, energyPj, latency } = own.mapped;
  return { ...best, mostSpareBits, own: { spatial, energyPj, latency } };
}
