/**
 * The lowest memory level with room for what a layer reads and writes (reference model, 4.4). In `default`
 * the room is what the stack's resident weights and caches, and maps waiting for a later layer, leave.
 */
import { freshBits } from '../analysis/lifetime.js';
import type { StackGraph } from '../analysis/stack-graph.js';
import { area, type TileSizes } from '../analysis/tile-sizes.js';
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { Hierarchy } from './hierarchy.js';
import type { WaitingRoom } from './waiting-room.js';

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
  readonly handedOver: readonly (number | null)[];
  /** There are such maps. */
  readonly inPlace: boolean;
  /** What is there of the maps of the tile placed so far. */
  readonly waiting: WaitingRoom;
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

/**
 * Weights, caches and waiting maps in a memory while layer l runs, beyond the layer's own data. `inputs`: the top
 * level of its inputs; what lies there is read in place, of what lies elsewhere it reads a copy.
 */
function othersIn(context: TopsContext, index: number, l: number, inputs: number): number {
  const { profile, residents, waiting } = context;
  if (profile.residents === 'ignored') return 0;
  const read = index === inputs ? waiting.readBits(l, index) : 0;
  return (residents.bits.get(index) ?? 0) + waiting.bitsAfter(l, index) - read;
}

/**
 * By memory, what other data takes up beside that of layer l, which has its own weights where those of the stack are;
 * undefined: nothing, or nobody looks. In the top memory there is always room.
 */
export function takenBeside(
  context: TopsContext,
  l: number,
  top: { readonly I: number; readonly O: number },
  weights: { readonly level: number; readonly bits: number },
): readonly number[] | undefined {
  const { hierarchy, profile } = context;
  if (profile.residents === 'ignored') return undefined;
  const inPlace = bitsInPlace(context, l, top.I);
  const taken: number[] = [];
  let some = false;
  for (let m = 0; m <= hierarchy.top; m++) {
    const own =
      (m === weights.level ? weights.bits : 0) +
      (m === top.I ? inPlace.I : 0) +
      (m === top.O ? inPlace.O : 0);
    const bits = m === hierarchy.top ? 0 : hierarchy.takenBits(m) + othersIn(context, m, l, top.I) - own;
    taken.push(bits);
    some ||= bits > 0;
  }
  return some ? taken : undefined;
}

/** What layer l reads and writes in place of maps that lie there as a whole: it takes no room of its own. */
export function bitsInPlace(
  context: TopsContext,
  l: number,
  inputs: number,
): { readonly I: number; readonly O: number } {
  const { graph, hierarchy, output } = context;
  const { inputBits, outputBits } = known(context.sizes.layers[l], 'layer');
  return {
    I: inputBits - inputBitsIn(context, inputs, l),
    O: l === graph.sink && output !== hierarchy.top ? outputBits : 0,
  };
}

export interface Top {
  readonly top: number;
  /** How many more levels could still be added. */
  readonly above: number;
}

/** The lowest of some levels with room. `raised`: levels added above it. */
export const topOf = (levels: readonly number[], raised: number): Top => ({
  top: known(levels[Math.min(raised, levels.length - 1)], 'level'),
  above: levels.length - 1 - raised,
});

/** Bits of the inputs of layer l in a memory, if that is their top: none of a map that lies there as a whole anyway. */
export function inputBitsIn({ sizes, handedOver, inPlace }: TopsContext, index: number, l: number): number {
  const { sources, inputBits } = known(sizes.layers[l], 'layer');
  if (!inPlace) return inputBits;
  return sources.reduce(
    (sum, { map, pixelBits, needed }) => (handedOver[map] === index ? sum : sum + pixelBits * area(needed)),
    0,
  );
}

/** Levels with room for all inputs of layer l together. */
export const inputLevels = (context: TopsContext, l: number): readonly number[] =>
  candidates(context, 'I', (index) => inputBitsIn(context, index, l) + othersIn(context, index, l, index));

/**
 * Levels with room for the output of layer l, given the (unraised) top of its inputs; the sink's output goes where the
 * stack leaves it.
 */
export function outputLevels(context: TopsContext, l: number, inputs: number): readonly number[] {
  const { graph, sizes } = context;
  if (l === graph.sink) return [context.output];
  const { outputBits } = known(sizes.layers[l], 'layer');
  return candidates(
    context,
    'O',
    (index) =>
      outputBits +
      (index === inputs ? inputBitsIn(context, index, l) : 0) +
      othersIn(context, index, l, inputs),
  );
}

/**
 * Level for the patch of a stack input: the lowest that holds it, and in `default` not below its readers', and beside
 * the patches placed before it. It is no higher than where the map lies as a whole: there it is read in place.
 */
export function patchLevel(context: TopsContext, m: number): number {
  const { graph, sizes, profile, residents, hierarchy, handedOver, waiting } = context;
  const whole = handedOver[m] ?? hierarchy.top;
  const others = (index: number): number =>
    profile.residents === 'ignored' ? 0 : waiting.bitsAfter(-1, index) + (residents.bits.get(index) ?? 0);
  const levels = candidates(context, 'I', (index) => freshBits(sizes, m) + others(index));
  if (profile.lowPatch === 'free') return Math.min(topOf(levels, 0).top, whole);
  const highest = known(graph.maps[m], 'map').uses.reduce(
    (most, use) => Math.max(most, topOf(inputLevels(context, use.layer), 0).top),
    -Infinity,
  );
  return Math.min(levels.find((index) => index >= highest) ?? hierarchy.top, whole);
}
