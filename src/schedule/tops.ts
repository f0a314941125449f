/**
 * The lowest memory level with room for what a layer reads and writes (reference model, 4.4). In `default`
 * the room is what the stack's resident weights and caches, and maps waiting for a later layer, leave.
 */
import { freshBits, unreadBits, waitingMaps } from '../analysis/lifetime.js';
import type { StackGraph } from '../analysis/stack-graph.js';
import { area, type TileSizes } from '../analysis/tile-sizes.js';
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { Hierarchy } from './hierarchy.js';

/** Where the maps of the tile are so far (memory index per map); null: not there (yet). */
export type Places = readonly (number | null)[];

export interface Residents {
  /** Bits of weights and caches per memory index. */
  readonly bits: ReadonlyMap<number, number>;
}

export interface TopsContext {
  readonly graph: StackGraph;
  readonly sizes: TileSizes;
  readonly hierarchy: Hierarchy;
  readonly profile: Profile;
  readonly residents: Residents;
  /** Per map, the memory below the top in which another stack has left it; null: none. */
  readonly handedOver: Places;
  /** Where the stack leaves its output. */
  readonly output: number;
}

/** Levels of a path that can hold `bits` beside what is there already, bottom up; the top always counts. */
function candidates(
  context: TopsContext,
  path: MemoryOperand,
  bits: (index: number) => number,
): readonly number[] {
  const { hierarchy, profile } = context;
  const levels = hierarchy.levels[path];
  const fits = (index: number): boolean =>
    index === hierarchy.top || (hierarchy.single(index) && hierarchy.roomBits(index) >= bits(index));
  if (profile.residents === 'reserved') return levels.filter(fits);
  return levels.slice(levels.findIndex(fits));
}

const at = (levels: readonly number[], raised: number): number =>
  known(levels[Math.min(raised, levels.length - 1)], 'level');

/**
 * Weights, caches and waiting maps in a memory while layer l runs, beyond the layer's own data. `inputs`: the top
 * level of its inputs; what lies there is read in place, of what lies elsewhere it reads a copy.
 */
function othersIn(context: TopsContext, index: number, l: number, places: Places, inputs: number): number {
  const { graph, sizes, profile, residents } = context;
  if (profile.residents === 'ignored') return 0;
  const own = new Set(known(sizes.layers[l], 'layer').sources.map((source) => source.map));
  const waiting = waitingMaps(graph, l).reduce((sum, m) => {
    if (places[m] !== index || context.handedOver[m] === index) return sum;
    return sum + (own.has(m) && index === inputs ? unreadBits(sizes, l, m) : freshBits(sizes, m));
  }, 0);
  return waiting + (residents.bits.get(index) ?? 0);
}

export interface Top {
  readonly top: number;
  /** How many more levels could still be added. */
  readonly above: number;
}

/** Bits of the inputs of layer l in a memory, if that is their top: none of a map that lies there as a whole anyway. */
export const inputBitsIn = ({ sizes, handedOver }: TopsContext, index: number, l: number): number =>
  known(sizes.layers[l], 'layer').sources.reduce(
    (sum, { map, pixelBits, needed }) => (handedOver[map] === index ? sum : sum + pixelBits * area(needed)),
    0,
  );

/** Top of the inputs of layer l: room for all of them together. `raised`: levels added above the lowest. */
export function inputTop(context: TopsContext, l: number, places: Places, raised: number): Top {
  const levels = candidates(
    context,
    'I',
    (index) => inputBitsIn(context, index, l) + othersIn(context, index, l, places, index),
  );
  return { top: at(levels, raised), above: levels.length - 1 - raised };
}

/** Top of the output of layer l, given the (unraised) top of its inputs; the sink's output goes where the stack leaves it. */
export function outputTop(
  context: TopsContext,
  l: number,
  inputs: number,
  places: Places,
  raised: number,
): Top {
  const { graph, sizes } = context;
  if (l === graph.sink) return { top: context.output, above: 0 };
  const { outputBits } = known(sizes.layers[l], 'layer');
  const levels = candidates(
    context,
    'O',
    (index) =>
      outputBits +
      (index === inputs ? inputBitsIn(context, index, l) : 0) +
      othersIn(context, index, l, places, inputs),
  );
  return { top: at(levels, raised), above: levels.length - 1 - raised };
}

/**
 * Level for the patch of a stack input: the lowest that holds it, and in `default` not below its readers', and beside
 * the patches placed before it. It is no higher than where the map lies as a whole: there it is read in place.
 */
export function patchLevel(context: TopsContext, m: number, places: Places): number {
  const { graph, sizes, profile, residents, hierarchy, handedOver } = context;
  const whole = handedOver[m] ?? hierarchy.top;
  const others = (index: number): number => {
    if (profile.residents === 'ignored') return 0;
    const patches = places.reduce<number>(
      (sum, place, other) =>
        place === index && handedOver[other] !== index ? sum + freshBits(sizes, other) : sum,
      0,
    );
    return patches + (residents.bits.get(index) ?? 0);
  };
  const levels = candidates(context, 'I', (index) => freshBits(sizes, m) + others(index));
  if (profile.lowPatch === 'free') return Math.min(at(levels, 0), whole);
  const readers = known(graph.maps[m], 'map').uses.map((use) => inputTop(context, use.layer, places, 0).top);
  const highest = Math.max(...readers);
  return Math.min(levels.find((index) => index >= highest) ?? hierarchy.top, whole);
}
