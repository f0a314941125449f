/**
 * Every schedule of a small network, one after another: all ways to cut it into legal stacks, all memories below the
 * top that hold what is handed over, all tiles and modes given. It knows no graph, no bound and no order of trying.
 */
import { stackFault } from '../../src/analysis/legal-stacks.js';
import { workloadIndex } from '../../src/analysis/workload-index.js';
import { memoryId, stackId } from '../../src/base/ids.js';
import { PROFILES, type Profile } from '../../src/base/profile.js';
import { DiagnosticError } from '../../src/diag/diagnostic.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import { instancesOf } from '../../src/hw/accelerator.js';
import type { Layer, Workload } from '../../src/ir/layer.js';
import type { NamedMapper } from '../../src/ir/layer-tile.js';
import { OVERLAP_MODES, type Stack, type StackPlan, type TileSize } from '../../src/ir/stack.js';
import { evaluateStack } from '../../src/schedule/evaluate-stack.js';
import { handOversOf, type HandOver } from '../../src/schedule/hand-over.js';
import { hierarchyOf } from '../../src/schedule/hierarchy.js';
import { tileStack } from '../../src/schedule/tile-stack.js';

export interface Cost {
  readonly energyPj: number;
  readonly latencyCycles: number;
}

/** Energy and latency of every feasible schedule; those of stacks are combined in every way. */
export function costsOfAllSchedules(
  workload: Workload,
  hw: Accelerator,
  profile: Profile,
  mappers: readonly NamedMapper[],
  tiles: readonly TileSize[],
  most: number,
): readonly Cost[] | undefined {
  const memo = new Map<string, readonly Cost[]>();
  const costs: Cost[] = [];
  let plans = 0;
  for (const cut of partitions(workload, profile))
    for (const memories of placements(workload, hw, profile, cut)) {
      if (++plans > most) return undefined;
      const plan = planOf(cut, memories);
      const handOvers = handOversOf(workload, plan, hierarchyOf(hw));
      const choices = plan.stacks.map((stack, s) => {
        const handOver = handOvers[s]!;
        const key = JSON.stringify([stack.layers, handOver.output, [...handOver.maps]]);
        const found = memo.get(key) ?? costsOfStack(workload, stack, tiles, hw, profile, mappers, handOver);
        memo.set(key, found);
        return found;
      });
      costs.push(...undominated(sums(choices)));
    }
  return costs;
}

/** Ways to cut the layers: every stretch a legal stack. */
function partitions(workload: Workload, profile: Profile): readonly (readonly (readonly Layer[])[])[] {
  const { layers } = workload;
  const from = (start: number): readonly (readonly (readonly Layer[])[])[] => {
    if (start === layers.length) return [[]];
    const ways: (readonly (readonly Layer[])[])[] = [];
    for (let end = start + 1; end <= layers.length; end++) {
      const stretch = layers.slice(start, end);
      if (stackFault(workload, stretch, profile.barriers) !== undefined) continue;
      for (const rest of from(end)) ways.push([stretch, ...rest]);
    }
    return ways;
  };
  return from(0);
}

/** Memories for what each stack leaves behind: any below the top for both paths that is one and large enough. */
function placements(
  workload: Workload,
  hw: Accelerator,
  profile: Profile,
  cut: readonly (readonly Layer[])[],
): readonly (readonly string[])[] {
  const index = workloadIndex(workload);
  const choices = cut.map((layers) => {
    const { map } = layers.at(-1)!.output;
    const { width, height, elementsPerPixel, bits } = index.map(map);
    const below = hw.memories
      .slice(0, -1)
      .filter(
        (memory) =>
          profile.residents === 'reserved' &&
          index.readers(map).length > 0 &&
          !index.isOutput(map) &&
          instancesOf(hw, memory) === 1 &&
          memory.operands.includes('I') &&
          memory.operands.includes('O') &&
          memory.sizeBits >= width * height * elementsPerPixel * bits,
      );
    return [...below, hw.memories.at(-1)!].map(({ name }) => name);
  });
  return choices.reduce<readonly (readonly string[])[]>(
    (ways, names) => ways.flatMap((way) => names.map((name) => [...way, name])),
    [[]],
  );
}

const planOf = (cut: readonly (readonly Layer[])[], memories: readonly string[]): StackPlan => ({
  by: 'test',
  stacks: cut.map((layers, i) => ({
    id: stackId(i),
    layers: layers.map(({ id }) => id),
    tile: { x: 'full', y: 'full' },
    mode: 'fully-cached',
    handOver: memoryId(memories[i]!),
  })),
});

function costsOfStack(
  workload: Workload,
  stack: Stack,
  tiles: readonly TileSize[],
  hw: Accelerator,
  profile: Profile,
  mappers: readonly NamedMapper[],
  handOver: HandOver,
): readonly Cost[] {
  const costs = tiles.flatMap((tile) =>
    OVERLAP_MODES.flatMap((mode) =>
      mappers.flatMap(({ mapper }) => {
        const tiled = { ...stack, tile, mode };
        if (!bears(workload, stack, tile)) return [];
        const result = evaluateStack(workload, tiled, hw, profile, mapper, handOver);
        return result.kind === 'costed' ? [result.cost.totals] : [];
      }),
    ),
  );
  return undominated(costs);
}

/** A stack that mixes heads is refused where a tile names a number of them. */
function bears(workload: Workload, stack: Stack, tile: TileSize): boolean {
  try {
    tileStack(workload, { ...stack, tile }, PROFILES.default);
    return true;
  } catch (error) {
    if (error instanceof DiagnosticError && error.diagnostics[0]?.code === 'DF4002') return false;
    throw error;
  }
}

const sums = (choices: readonly (readonly Cost[])[]): readonly Cost[] =>
  choices.reduce<readonly Cost[]>(
    (totals, costs) =>
      undominated(
        totals.flatMap((total) =>
          costs.map((cost) => ({
            energyPj: total.energyPj + cost.energyPj,
            latencyCycles: total.latencyCycles + cost.latencyCycles,
          })),
        ),
      ),
    [{ energyPj: 0, latencyCycles: 0 }],
  );

export function undominated(costs: readonly Cost[]): readonly Cost[] {
  const sorted = costs.toSorted((a, b) => a.energyPj - b.energyPj || a.latencyCycles - b.latencyCycles);
  const front: Cost[] = [];
  for (const cost of sorted)
    if (front.length === 0 || cost.latencyCycles < front.at(-1)!.latencyCycles) front.push(cost);
  return front;
}
