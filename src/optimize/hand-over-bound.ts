/** What maps between stacks cost at least: on their way to the memory they are handed over in, and down from it. */
import { workloadIndex } from '../analysis/workload-index.js';
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { Layer, Source, Workload } from '../ir/layer.js';
import type { Hierarchy } from '../schedule/hierarchy.js';
import { lowestWithRoom } from './least-tops.js';

export interface HandOverFacts {
  readonly workload: Workload;
  readonly hierarchy: Hierarchy;
  /** Pixels that a source needs of its map. */
  readonly pixels: (source: Source) => number;
  /** The profile truncates nothing. */
  readonly real: boolean;
}

/** Bits of the maps from outside that come down from where they lie: each element that one reader needs, once (formula 7). */
export function fetchedBits(
  facts: HandOverFacts,
  layers: readonly Layer[],
  isOutside: (map: TensorId) => boolean,
): ReadonlyMap<TensorId, number> {
  const index = workloadIndex(facts.workload);
  const bits = new Map<TensorId, number>();
  for (const { path, sources } of layers.flatMap(({ inputs }) => inputs))
    for (const source of path === 'I' ? sources : []) {
      if (!isOutside(source.map)) continue;
      const read = facts.pixels(source) * source.elementsPerPixel * index.map(source.map).bits;
      bits.set(source.map, Math.max(bits.get(source.map) ?? 0, read));
    }
  return bits;
}

/** Of a bit of a map that lies in a memory. */
export function fetchPjPerBit(facts: HandOverFacts, id: TensorId, from: number): number {
  const { workload, hierarchy } = facts;
  // The second input of an elementwise layer may pass by the lowest level.
  const passes = workloadIndex(workload)
    .readers(id)
    .some((reader) =>
      reader.inputs.some(({ name, sources }) => name === 'Y' && sources.some(({ map }) => map === id)),
    );
  return crossed(facts, levelsUpTo(facts, 'I', from, passes ? 1 : 0), (below, above) => {
    const [low, high] = [hierarchy.memory(below), hierarchy.memory(above)];
    return high.read.energyPj / high.read.bits + low.write.energyPj / low.write.bits;
  });
}

/** Of all that a tile needs of a map in the top memory, as published: it is copied to where it fits (formula 7). */
export function patchPj(hierarchy: Hierarchy, bits: number): number {
  const lowest = lowestWithRoom(hierarchy, 'I', () => bits);
  const levels = hierarchy.levels.I.filter((index) => index >= lowest);
  return levels.slice(1).reduce((pj, above, i) => {
    const [low, high] = [hierarchy.memory(levels[i]!), hierarchy.memory(above)];
    return pj + bits * (high.read.energyPj / high.read.bits + low.write.energyPj / low.write.bits);
  }, 0);
}

/** The output goes up to where the stack leaves it, every element once (formula 7). */
export function leavePj(facts: HandOverFacts, id: TensorId, to: number): number {
  const { workload, hierarchy } = facts;
  const map = workloadIndex(workload).map(id);
  const bits = map.width * map.height * map.elementsPerPixel * map.bits;
  const perBit = crossed(facts, levelsUpTo(facts, 'O', to, 0), (below, above) => {
    const [low, high] = [hierarchy.memory(below), hierarchy.memory(above)];
    return low.read.energyPj / low.read.bits + high.write.energyPj / high.write.bits;
  });
  return bits * perBit;
}

/** Levels of a path from the lowest that may hold a whole tile up to a memory: what crosses between them. */
function levelsUpTo(
  { hierarchy }: HandOverFacts,
  path: MemoryOperand,
  memory: number,
  skip: number,
): readonly number[] {
  const levels = hierarchy.levels[path];
  const lowest = levels.findIndex((index) => index === hierarchy.top || hierarchy.single(index));
  return levels.slice(Math.max(lowest, skip)).filter((index) => index <= memory);
}

/** Where numbers are truncated, a transfer to or from the top may count for half of what it is, and others for nothing. */
function crossed(
  { hierarchy, real }: HandOverFacts,
  levels: readonly number[],
  pjBetween: (below: number, above: number) => number,
): number {
  return levels.slice(1).reduce((sum, above, i) => {
    const pj = pjBetween(known(levels[i], 'level'), above);
    return sum + (real ? pj : above === hierarchy.top ? pj / 4 : 0);
  }, 0);
}
