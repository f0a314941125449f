/** What a partial mapping holds in each memory, and whether closing one more boundary still leaves the others room. */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import { mayOverfill } from '../room.js';
import type { Closing, SplitStates } from './split-states.js';

/** By memory, bits of the levels that are settled. */
export type Used = Float64Array;

export class Occupancy {
  private readonly sizes: Float64Array;

  constructor(
    search: SearchTables,
    private readonly tables: LatticeTables,
    private readonly splits: SplitStates,
  ) {
    // What does not fit together goes unnoticed there.
    this.sizes = Float64Array.from(search.memories, (memory) =>
      mayOverfill(search, tables, memory) ? Infinity : memory.roomBits,
    );
  }

  /** Closes a boundary at a state, from `used` to `after`; false: something no longer fits. `split`: after closing. */
  close(used: Used, state: number, closing: Closing, split: number, after: Used): boolean {
    const { boundaries, operands, reductionsLeft } = this.tables;
    const data = reductionsLeft[state]! > 0 ? 1 : 0;
    const own = operands[closing.operand]!.own[state]!;
    const { memory, top } = closing;
    for (let m = 0; m < after.length; m++) after[m] = used[m]!;
    after[memory]! += boundaries[closing.boundary]!.elements[own]! * closing.widthBits;
    if (top) after[top.memory]! += top.bits[data];
    return this.fits(memory, split, after) && (top === undefined || this.fits(top.memory, split, after));
  }

  private fits(memory: number, split: number, used: Used): boolean {
    const reserved = this.splits.reservedBits[split * used.length + memory]!;
    return used[memory]! + reserved <= this.sizes[memory]!;
  }
}
