/** What a partial mapping holds in each memory, and whether closing one more boundary still leaves the others room. */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import { mayOverfill } from '../room.js';
import type { Closing, SplitStates } from './split-states.js';

/** By memory, bits of the levels that are settled. */
export type Used = readonly number[];

export class Occupancy {
  private readonly sizes: readonly number[];

  constructor(
    search: SearchTables,
    private readonly tables: LatticeTables,
    private readonly splits: SplitStates,
  ) {
    // What does not fit together goes unnoticed there.
    this.sizes = search.memories.map((memory) =>
      mayOverfill(search, tables, memory) ? Infinity : memory.sizeBits,
    );
  }

  /** After closing a boundary at a state; undefined: something no longer fits. */
  closed(used: Used, state: number, closing: Closing): Used | undefined {
    const { boundaries, operands, reductionsLeft } = this.tables;
    const data = reductionsLeft[state]! > 0 ? 1 : 0;
    const own = operands[closing.operand]!.own[state]!;
    const after = [...used];
    after[closing.memory]! += boundaries[closing.boundary]!.elements[own]! * closing.widthBits;
    if (closing.top) after[closing.top.memory]! += closing.top.bits[data];
    const fits = (memory: number): boolean =>
      after[memory]! + this.splits.reservedBits[closing.next[data]]![memory]! <= this.sizes[memory]!;
    return fits(closing.memory) && (closing.top === undefined || fits(closing.top.memory))
      ? after
      : undefined;
  }
}
