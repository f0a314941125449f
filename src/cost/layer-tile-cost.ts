/** The cost of a layer tile under a given temporal mapping (cost-model.md 6): the model without the search. */
import { assert, known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LoopSize } from '../ir/layer.js';
import type { LayerTileProblem, MappedLayerTile } from '../ir/layer-tile.js';
import { layerTileModel } from './model.js';
import { nestOf } from './nest.js';
import { searchTables } from './tables.js';

/** A loop order with its split over the levels. */
export interface TemporalMapping {
  /** Innermost first; their product per dim is the temporal loop count of the tile. */
  readonly loops: readonly LoopSize[];
  /** Per operand, as the problem lists them, and level, bottom up: how many loops the levels up to this one hold. */
  readonly split: readonly (readonly number[])[];
}

/**
 * Scores a mapping. Loops that do not index an operand count for the level below where they directly follow its
 * own (merge-down), so the result may show a lower split than given. Capacity is not checked.
 */
export function costOfMapping(
  hw: Accelerator,
  profile: Profile,
  problem: LayerTileProblem,
  { loops, split }: TemporalMapping,
): MappedLayerTile {
  const nest = nestOf(hw, profile, problem);
  for (const { dim, size } of nest.temporal) {
    const covered = loops.reduce((product, loop) => (loop.dim === dim ? product * loop.size : product), 1);
    assert(covered === size, `the mapping covers ${covered} of ${size} iterations of ${dim}`);
  }
  const letters = loops.filter((loop, i) => letterOf(loops, loop) === i);
  const { placement, followOrder, energyPj, result } = searchTables(
    layerTileModel(hw, profile, problem, nest, letters),
    loops.length,
  );
  placement.order.set(loops.map((loop) => letterOf(letters, loop)));
  followOrder();
  placement.below.forEach((below, op) => {
    below.set(known(split[op], 'split'), 1);
    assertSplit(below, loops.length);
  });
  energyPj();
  return result();
}

const letterOf = (letters: readonly LoopSize[], { dim, size }: LoopSize): number =>
  letters.findIndex((letter) => letter.dim === dim && letter.size === size);

function assertSplit(below: Int32Array, length: number): void {
  assert(below.at(-1) === length, 'a split covers all loops');
  below.forEach((position, a) => assert(a === 0 || position >= below[a - 1]!, 'levels hold loops in order'));
}
