/**
 * The lowest memory level with room for what a layer reads and writes (reference model, 4.4). In `default`
 * the room is what the stack's resident weights and caches, and maps waiting for a later layer, leave.
 */
import { freshBits, lastUse, unreadBits } from '../analysis/lifetime.js';
import type { StackGraph } from '../analysis/stack-graph.js';
import type { TileSizes } from '../analysis/tile-sizes.js';
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
}

const sizeOf = ({ hierarchy }: TopsContext, index: number): number => hierarchy.memory(index).sizeBits;

/** Levels of a path that can hold `bits` beside what is there already, bottom up; the top always counts. */
function candidates(
  context: TopsContext,
  path: MemoryOperand,
  bits: (index: number) => number,
): readonly number[] {
  const { hierarchy, profile } = context;
  const levels = hierarchy.levels[path];
  const fits = (index: number): boolean =>
    index === hierarchy.top || (hierarchy.single(index) && sizeOf(context, index) >= bits(index));
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
  const waiting = places.reduce<number>((sum, place, m) => {
    if (place !== index || lastUse(graph, m) <= l) return sum;
    return sum + (own.has(m) && index === inputs ? unreadBits(sizes, l, m) : freshBits(sizes, m));
  }, 0);
  return waiting + (residents.bits.get(index) ?? 0);
}

export interface Top {
  readonly top: number;
  /** How many more levels could still be added. */
  readonly above: number;
}

/** Top of the inputs of layer l: room for all of them together. `raised`: levels added above the lowest. */
export function inputTop(context: TopsContext, l: number, places: Places, raised: number): Top {
  const { inputBits } = known(context.sizes.layers[l], 'layer');
  const levels = candidates(context, 'I', (index) => inputBits + othersIn(context, index, l, places, index));
  return { top: at(levels, raised), above: levels.length - 1 - raised };
}

/** Top of the output of layer l, given the (unraised) top of its inputs; the sink's output goes to the top. */
export function outputTop(
  context: TopsContext,
  l: number,
  inputs: number,
  places: Places,
  raised: number,
): Top {
  const { graph, hierarchy, sizes } = context;
  if (l === graph.sink) return { top: hierarchy.top, above: 0 };
  const { inputBits, outputBits } = known(sizes.layers[l], 'layer');
  const levels = candidates(
    context,
    'O',
    (index) => outputBits + (index === inputs ? inputBits : 0) + othersIn(context, index, l, places, inputs),
  );
  return { top: at(levels, raised), above: levels.length - 1 - raised };
}

/**
 * Level for the patch of a stack input: the lowest that holds it, and in `default` not below its readers', and beside
 * the patches placed before it.
 */
export function patchLevel(context: TopsContext, m: number, places: Places): number {
  const { graph, sizes, profile, residents, hierarchy } = context;
  const others = (index: number): number => {
    if (profile.residents === 'ignored') return 0;
    const patches = places.reduce<number>(
      (sum, place, other) => (place === index ? sum + freshBits(sizes, other) : sum),
      0,
    );
    return patches + (residents.bits.get(index) ?? 0);
  };
  const levels = candidates(context, 'I', (index) => freshBits(sizes, m) + others(index));
  if (profile.lowPatch === 'free') return at(levels, 0);
  const readers = known(graph.maps[m], 'map').uses.map((use) => inputTop(context, use.layer, places, 0).top);
  const highest = Math.max(...readers);
  return levels.find((index) => index >= highest) ?? hierarchy.top;
}
