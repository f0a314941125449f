/**
 * What no mapping of a layer tile is below, known long before its best mappings are: a bound on energy, from one sweep,
 * and one on latency. A search for schedules passes over most candidates by them. For profiles that search boundaries.
 */
import { BoundedMap, perObject } from '../base/bounded-map.js';
import type { Profile } from '../base/profile.js';
import { countedCycles } from '../cost/latency.js';
import { layerTileModel } from '../cost/model.js';
import { nestOf } from '../cost/nest.js';
import { searchTables, type SearchTables } from '../cost/tables.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { Bounded, LayerTileMapper, LayerTileProblem, MapResult } from '../ir/layer-tile.js';
import { CostToGo } from './free/cost-to-go.js';
import { splitStates } from './free/split-states.js';
import { alphabetOf, loopFactors } from './loop-factors.js';
import { unmappable, type MapperSettings } from './mapper.js';
import { poseOn, type Pose } from './mirror.js';
import { TOLERANCE } from './objective.js';
import { mostSpareBits, leastShortage } from './room.js';

export interface FloorSettings extends Pick<MapperSettings, 'lpfLimit'> {
  readonly of: Bounded;
}

/** Bounds kept at most. */
const MOST_BOUNDS = 40_000;

/**
 * Answers with bounds in place of a mapping, over all unrollings of a problem. As with a search, nothing fits exactly
 * where that of the accelerator's own rule does not.
 */
export function floorMapper(
  hw: Accelerator,
  profile: Profile,
  settings: FloorSettings,
  pose: Pose = poseOn(hw, profile, settings.lpfLimit),
): LayerTileMapper {
  const bounds = new BoundedMap<string, MapResult>(MOST_BOUNDS);
  const floorOf = (asked: LayerTileProblem): MapResult => {
    const { key, problem } = pose(asked);
    return bounds.getOr(key, () => floorOfUnrolling(hw, profile, settings, problem));
  };
  return perObject((problem: LayerTileProblem) => floorOver(floorOf, problem));
}

/**
 * The same of a mapping given by the user: what no way to choose the loops or levels that it leaves open is below. Where
 * levels alone are open, the fastest choice is as soon found as the cheapest.
 */
export const floorOfGiven =
  (
    profile: Profile,
    mapperFor: (objective: 'energy' | 'latency') => LayerTileMapper,
    of: Bounded,
  ): LayerTileMapper =>
  (problem) => {
    const cheapest = mapperFor('energy')(problem);
    if (cheapest.kind !== 'mapped') return cheapest;
    const { mapped, gap, origin, mostSpareBits } = cheapest;
    const fastest = origin === 'given' && of !== 'energy' ? mapperFor('latency')(problem) : undefined;
    const cycles =
      fastest?.kind === 'mapped'
        ? countedCycles(fastest.mapped.latency, profile) / (1 + fastest.gap)
        : mapped.latency.compute;
    return { ...cheapest, ...floor(mapped.energyPj / (1 + gap), cycles, mostSpareBits) };
  };

function floorOver(
  floorOf: (problem: LayerTileProblem) => MapResult,
  { otherUnrollings = [], ...own }: LayerTileProblem,
): MapResult {
  let least = floorOf(own);
  for (const unrolling of otherUnrollings) {
    const other = floorOf({ ...own, unrolling });
    if (least.kind !== 'mapped' || other.kind !== 'mapped') continue;
    const [one, two] = [least.mapped, other.mapped];
    const energyPj = Math.min(one.energyPj, two.energyPj);
    least = floor(energyPj, Math.min(one.latency.compute, two.latency.compute), least.mostSpareBits);
  }
  return least;
}

function floorOfUnrolling(
  hw: Accelerator,
  profile: Profile,
  { lpfLimit, of }: FloorSettings,
  problem: LayerTileProblem,
): MapResult {
  const nest = nestOf(hw, profile, problem);
  const { letters, word } = alphabetOf(loopFactors(nest.temporal, lpfLimit));
  const tile = searchTables(layerTileModel(hw, profile, problem, nest, letters), word.length);
  const tables = tile.lattice(word);
  const search: SearchTables = { ...tile, overfull: 'unmappable' };
  // What takes all its loops at the tops holds the least everywhere: if that fits, a mapping does.
  const shortage = leastShortage(search, tables);
  if (shortage) return unmappable(problem, shortage);
  const spentPj =
    of === 'latency' ? 0 : new CostToGo(tables, splitStates(search, tables), undefined).at(0, 0);
  // Sums of the same terms in another order.
  const energyPj = (tables.constantPj + spentPj) * (1 - TOLERANCE);
  const cycles = of === 'energy' ? 0 : search.latencyBound(tables).leastCyclesOfAll();
  return floor(energyPj, cycles, mostSpareBits(search, tables, hw.memories));
}

const NO_WORK = { states: 0, nodes: 0, scored: 0 };

/** It holds beside whatever there is that leaves any mapping. */
function floor(energyPj: number, cycles: number, mostSpareBits: readonly number[]): MapResult {
  const latency = { compute: cycles, stall: 0, onload: 0, offload: 0 };
  const spareBits = mostSpareBits.map(() => Infinity);
  const mapped = { spatial: [], temporal: [], accesses: [], macEnergyPj: 0, energyPj, latency, spareBits };
  return { kind: 'mapped', mapped, mostSpareBits, gap: 0, work: NO_WORK };
}
