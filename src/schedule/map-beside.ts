/**
 * The mapping of a layer tile in the room that caches, weights of other layers, waiting maps and maps of other stacks
 * leave. How much that is differs from tile to tile, but few mappings need all of a memory: asked first is what the
 * best mapping is with all the room, which many tiles share. If it does with what is left, none is better.
 */
import { perObject } from '../base/bounded-map.js';
import type { LayerTileMapper, LayerTileName, LayerTileProblem, MapResult } from '../ir/layer-tile.js';

/** Steps to the room there is, before it is asked for itself. */
const STEPS = 2;

/**
 * `takenBits`: by memory of the accelerator, bits of other data; undefined: none. The next question is about the least
 * that the last answer does not leave, not about this very room: tiles ask for many, and the best mappings are few.
 * What is answered depends on nothing asked before.
 */
export function mapBeside(
  mapper: LayerTileMapper,
  problem: LayerTileProblem,
  takenBits: readonly number[] | undefined,
  name: LayerTileName,
): MapResult {
  let best = mapper(problem, name);
  if (takenBits === undefined || best.kind !== 'mapped' || fits(best, takenBits)) return best;
  const taken = ofUsed(problem, takenBits);
  if (taken === undefined) return best;
  let asked: readonly number[] = taken.map(() => 0);
  for (let step = 0; step < STEPS && mayFit(best, taken); step++) {
    asked = leastBeyond(best, asked, taken);
    const next = mapper(beside(problem, asked), name);
    // A given mapping is told what it lacks in all; and a bound says nothing about other room.
    if (next.kind !== 'mapped' || !fits(next, asked)) break;
    if (fits(next, taken)) return next;
    best = next;
  }
  return mapper(beside(problem, taken), name);
}

/** Memories that the layer tile has nothing to do with do not count. */
function ofUsed({ operands }: LayerTileProblem, takenBits: readonly number[]): readonly number[] | undefined {
  const taken = takenBits.map((bits, index) =>
    bits > 0 && operands.some(({ levels }) => levels.includes(index)) ? bits : 0,
  );
  return taken.some((bits) => bits > 0) ? taken : undefined;
}

/** Whether some mapping does with the accelerator's own unrolling, as it has to whatever the best one is, and that does. */
const fits = (best: Mapped, taken: readonly number[]): boolean =>
  mayFit(best, taken) && isWithin(taken, best.mapped.spareBits);

const mayFit = ({ mostSpareBits }: Mapped, taken: readonly number[]): boolean =>
  isWithin(taken, mostSpareBits);

function isWithin(taken: readonly number[], spareBits: readonly number[] | undefined): boolean {
  if (spareBits === undefined) return false;
  for (let m = 0; m < taken.length; m++) if (taken[m]! > spareBits[m]!) return false;
  return true;
}

/** Of every memory in which a mapping leaves too little, a bit more than that; of the others what was asked for. */
const leastBeyond = (
  { mapped: { spareBits = [] } }: Mapped,
  asked: readonly number[],
  taken: readonly number[],
): readonly number[] =>
  taken.map((bits, m) => (bits > (spareBits[m] ?? 0) ? Math.max(0, spareBits[m] ?? 0) + 1 : asked[m]!));

type Mapped = Extract<MapResult, { readonly kind: 'mapped' }>;

const besideOthers = perObject<Map<string, LayerTileProblem>, LayerTileProblem>(() => new Map());

/** Equal problems are one object, as without other data. */
function beside(problem: LayerTileProblem, takenBits: readonly number[]): LayerTileProblem {
  const known = besideOthers(problem);
  const key = takenBits.join();
  const found = known.get(key) ?? { ...problem, takenBits };
  known.set(key, found);
  return found;
}
