/** What every memory has to hold at least, whatever the order of loops and their split. */
import { known } from '../base/assert.js';
import type { BoundaryTable, LatticeTables } from '../cost/lattice-tables.js';
import type { MemoryTable } from '../cost/layout.js';
import type { SearchTables } from '../cost/tables.js';
import type { Memory } from '../hw/memory.js';

/** A demand that does not fit, and the operand that takes most of it. */
export interface Shortage {
  /** Index in the accelerator. */
  readonly memory: number;
  readonly operand: number;
  readonly demandBits: number;
  readonly boundBits: number;
}

/** Bits per element at least: at the lowest level sums are unfinished if any loop adds to them. */
export function leastWidthBits(
  { operands }: Pick<SearchTables, 'operands'>,
  { reductionsLeft }: LatticeTables,
  operand: number,
  level: number,
): number {
  const { bits, partialBits } = operands[operand]!;
  return level === 0 && reductionsLeft[0]! > 0 ? partialBits : bits;
}

/** Bits that one holder of a memory needs at least: a top level all its data, others what the array works on. */
export function leastBits(
  search: Pick<SearchTables, 'operands'>,
  tables: LatticeTables,
  { operand, level, isTop }: MemoryTable['holders'][number],
): number {
  const width = leastWidthBits(search, tables, operand, level);
  if (isTop) return tables.operands[operand]!.topElements * width;
  const table = tables.boundaries.find(
    (boundary) => boundary.operand === operand && boundary.level === level,
  )!;
  return table.elements[0]! * width;
}

/**
 * As published (Q21), a memory that is somebody's lowest level may be overfull unnoticed: nobody takes a loop there.
 * An operand that has to take all loops there notices.
 */
export const mayOverfill = (
  { overfull }: Pick<SearchTables, 'overfull'>,
  { lattice }: LatticeTables,
  { holders }: Pick<MemoryTable, 'holders'>,
): boolean =>
  overfull === 'unnoticed-at-lowest' &&
  holders.some(({ level }) => level === 0) &&
  (lattice.states === 1 || !holders.some(({ level, isTop }) => isTop && level === 0));

/** Whether some order really overfills a memory: more than its room can come in with the loops of the levels below. */
export const someOverfill = (search: SearchTables, tables: LatticeTables): boolean =>
  search.memories.some((memory) => {
    const most = memory.holders.map((holder) => mostArrivingBits(search, tables, holder));
    return mayOverfill(search, tables, memory) && most.reduce((sum, bits) => sum + bits, 0) > memory.roomBits;
  });

/** Bits that a holder needs at most if it takes no loop itself, where no memory below is overfull. */
function mostArrivingBits(
  search: SearchTables,
  tables: LatticeTables,
  holder: MemoryTable['holders'][number],
): number {
  const { operand, level, isTop } = holder;
  const { bits, partialBits } = search.operands[operand]!;
  if (level === 0) return leastBits(search, tables, holder);
  const width = tables.reductionsLeft[0]! > 0 ? partialBits : bits;
  if (isTop) return tables.operands[operand]!.topElements * width;
  const tableAt = (at: number): BoundaryTable =>
    known(tables.boundaries.find((b) => b.operand === operand && b.level === at), 'boundary'); // prettier-ignore
  const below = search.memories.find(({ holders }) =>
    holders.some((other) => other.operand === operand && other.level === level - 1),
  );
  const { roomBits } = known(below, 'memory below');
  const { elements } = tableAt(level);
  return tableAt(level - 1).elements.reduce(
    (most, held, own) => (held * bits <= roomBits ? Math.max(most, elements[own]! * width) : most),
    0,
  );
}

/** By memory of the accelerator, what its operands leave if they hold the least. */
export function mostSpareBits(
  search: SearchTables,
  tables: LatticeTables,
  memories: readonly Pick<Memory, 'sizeBits'>[],
): readonly number[] {
  const spare = memories.map(({ sizeBits }) => sizeBits);
  for (const { index, holders } of search.memories)
    for (const holder of holders) spare[index]! -= leastBits(search, tables, holder);
  return spare;
}

/** The first memory that cannot hold the least that its operands need, and where that is noticed. */
export function leastShortage(search: SearchTables, tables: LatticeTables): Shortage | undefined {
  for (const memory of search.memories) {
    const { holders, roomBits, index } = memory;
    const bits = holders.map((holder) => leastBits(search, tables, holder));
    const largest = bits.indexOf(Math.max(...bits));
    const together = bits.reduce((sum, own) => sum + own, 0);
    const demandBits = mayOverfill(search, tables, memory) ? bits[largest]! : together;
    if (demandBits > roomBits)
      return { memory: index, operand: holders[largest]!.operand, demandBits, boundBits: roomBits };
  }
  return undefined;
}
