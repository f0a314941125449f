/**
 * What no mapping of a layer tile is below, known long before its fastest mapping is: the least energy, and the bound on
 * latency. A search for schedules passes over most candidates by it.
 */
import { BoundedMap } from '../base/bounded-map.js';
import type { LayerTileMapper, LayerTileProblem, MappedLayerTile } from '../ir/layer-tile.js';

/** Bounds kept at most. */
const MOST_BOUNDS = 40_000;

/** `byEnergy`: finds the mapping of least energy; `leastCycles`: a bound for one unrolling. */
export function floorMapper(
  byEnergy: LayerTileMapper,
  leastCycles: (problem: LayerTileProblem) => number,
  keyOf: (problem: LayerTileProblem) => string,
): LayerTileMapper {
  const bounds = new BoundedMap<string, number>(MOST_BOUNDS);
  const cyclesOf = (problem: LayerTileProblem): number =>
    bounds.getOr(keyOf(problem), () => leastCycles(problem));
  return (problem, tile) => {
    const least = byEnergy(problem, tile);
    if (least.kind !== 'mapped' || least.origin === 'given') return least;
    const { mapped, gap, origin } = least;
    const unrollings = [problem.unrolling, ...(problem.otherUnrollings ?? [])];
    const { otherUnrollings: _, ...own } = problem;
    // Loops that are given need not be of the factors that the bound is made of.
    const cycles =
      origin === 'completed'
        ? mapped.latency.compute
        : Math.min(...unrollings.map((unrolling) => cyclesOf({ ...own, unrolling })));
    return {
      ...least,
      mapped: { ...mapped, energyPj: mapped.energyPj / (1 + gap), latency: lasting(cycles) },
    };
  };
}

const lasting = (cycles: number): MappedLayerTile['latency'] => ({
  compute: cycles,
  stall: 0,
  onload: 0,
  offload: 0,
});
