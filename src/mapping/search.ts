/**
 * The best temporal mapping of a layer tile by trying every loop order: exact over the orders of the given factors,
 * with the split of each order as `allocate.ts` makes it. The search sees tables of numbers and no formula.
 */
import type { Profile } from '../base/profile.js';
import { countedCycles } from '../cost/latency.js';
import type { SearchTables } from '../cost/tables.js';
import { LoopAllocator, type Shortage, type SplitBounds } from './allocate.js';
import { forEachPermutation } from './permutations.js';

/** Energies this close, relatively, are equal: sums of the same terms in another order. */
const TOLERANCE = 1e-12;

/** Loops that the search does not move. */
export interface FixedLoops {
  /** Innermost first. */
  readonly letters: readonly number[];
  /** Per operand. */
  readonly bounds: readonly SplitBounds[];
}

/**
 * Leaves the best order of `word` in the placement, scored, or says why none fits. Ties of energy go to the first
 * order in the published enumeration (to the last bit), or to the lowest latency the profile counts, then the first.
 * Loops that are fixed stay innermost, and every split keeps to their bounds.
 */
export function searchOrders(
  tables: SearchTables,
  word: readonly number[],
  profile: Pick<Profile, 'tieBreak' | 'offloadCounted' | 'overfullMemory'>,
  fixed?: FixedLoops,
): Shortage | undefined {
  const { placement, followOrder, energyPj, latency } = tables;
  const allocator = new LoopAllocator(tables, profile.overfullMemory, fixed?.bounds);
  placement.order.set(fixed?.letters ?? []);
  const open = placement.order.subarray(fixed?.letters.length ?? 0);
  const best = new Uint8Array(placement.order.length);
  let leastPj = Infinity;
  let leastCycles = Infinity;

  const better =
    profile.tieBreak === 'enumeration-order'
      ? (energy: number): boolean => energy < leastPj
      : (energy: number): boolean => {
          if (energy > leastPj * (1 + TOLERANCE)) return false;
          const cycles = countedCycles(latency(), profile);
          const tied = energy >= leastPj * (1 - TOLERANCE);
          if (tied && cycles >= leastCycles) return false;
          leastCycles = cycles;
          return true;
        };
  const score = (): number => {
    followOrder();
    return allocator.allocate() ? energyPj() : Infinity;
  };

  forEachPermutation(word, open, () => {
    const energy = score();
    if (energy === Infinity || !better(energy)) return;
    leastPj = Math.min(leastPj, energy);
    best.set(placement.order);
  });
  if (leastPj === Infinity) return allocator.shortage;
  placement.order.set(best);
  score();
  return undefined;
}
