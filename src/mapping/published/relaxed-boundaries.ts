/**
 * The published rule, operand by operand: where each boundary of a layer tile may lie at most, and what closing it
 * costs at least, by own state of its operand. Relaxed is what operands share: of a memory that several use, each may
 * take what the others leave when they hold the least they can, and the output counts as finished where it might be.
 *
 * Hot core: typed arrays over the operands' lattices.
 */
import { onlyAt, placesFor } from '../../cost/lattice.js';
import type { BoundaryTable, LatticeTables } from '../../cost/lattice-tables.js';
import type { MemoryTable } from '../../cost/layout.js';
import type { SearchTables } from '../../cost/tables.js';
import { leastBits, leastWidthBits, mayOverfill } from '../room.js';

export interface RelaxedBoundary {
  readonly table: BoundaryTable;
  /** Nothing is relaxed: the boundary lies where the order leaves the region. */
  readonly exact: boolean;
  /** By own state: 1 where its data may lie. Everything inside such a state is such a state. */
  readonly fits: Uint8Array;
  /** By own state: at least what a crossing costs that is closed here or further in, scaled to the crossings here, pJ. */
  readonly finishedPj: Float64Array;
  readonly unfinishedPj: Float64Array;
}

export const relaxedBoundaries = (search: SearchTables, tables: LatticeTables): readonly RelaxedBoundary[] =>
  tables.boundaries.map((table) => relaxBoundary(search, tables, table));

function relaxBoundary(search: SearchTables, tables: LatticeTables, table: BoundaryTable): RelaxedBoundary {
  const { operand, level, elements, finishedPj, unfinishedPj } = table;
  const memory = memoryBelow(search, table);
  const room = roomFor(search, tables, memory, operand);
  const finishedFits = placesFor(elements, leastWidthBits(search, tables, operand, level), room);
  const alone = memory.holders.filter(({ isTop }) => !isTop).length === 1;
  const strict = memory.holders.length === 1 || !mayOverfill(search, tables, memory);
  if (alone && strict && memory.holders.every((holder) => hasKnownWidth(search, tables, holder)))
    return { table, exact: true, fits: finishedFits, finishedPj, unfinishedPj };
  const { partialBits } = search.operands[operand]!;
  const finished = leastInside(finishedPj, finishedFits, tables, operand);
  const unfinished =
    unfinishedPj === finishedPj
      ? finished
      : leastInside(unfinishedPj, placesFor(elements, partialBits, room), tables, operand);
  return { table, exact: false, fits: finishedFits, finishedPj: finished, unfinishedPj: unfinished };
}

/** Whether the bits per element in a level do not depend on where the boundary below it lies. */
export function hasKnownWidth(
  { operands }: SearchTables,
  { reductionsLeft }: LatticeTables,
  { operand, level }: MemoryTable['holders'][number],
): boolean {
  const { bits, partialBits } = operands[operand]!;
  return level === 0 || bits === partialBits || reductionsLeft[0] === 0;
}

const memoryBelow = (
  { memories }: Pick<SearchTables, 'memories'>,
  { operand, level }: Pick<BoundaryTable, 'operand' | 'level'>,
): MemoryTable =>
  memories.find(({ holders }) =>
    holders.some((holder) => holder.operand === operand && holder.level === level),
  )!;

/** Bits of a memory that one operand may use at most: all but the least that the others need. */
function roomFor(
  search: SearchTables,
  tables: LatticeTables,
  { holders, roomBits }: MemoryTable,
  operand: number,
): number {
  if (mayOverfill(search, tables, { holders })) return roomBits;
  return holders.reduce(
    (room, holder) => (holder.operand === operand ? room : room - leastBits(search, tables, holder)),
    roomBits,
  );
}

/**
 * Prefix minimum: the least cost per crossing of all contents inside one that fit, each times the crossings it has for
 * one of this content. Costs rise inwards but for the rounding up of words; Infinity: nothing inside fits.
 */
function leastInside(
  costPj: Float64Array,
  fits: Uint8Array,
  { lattice, operands }: LatticeTables,
  operand: number,
): Float64Array {
  const least = onlyAt(costPj, fits);
  const { steps, size } = operands[operand]!;
  steps.forEach((step, letter) => {
    if (step === 0) return;
    const factor = lattice.letters[letter]!.size;
    const block = step * (lattice.times[letter]! + 1);
    for (let base = 0; base < size; base += block)
      for (let own = base + step; own < base + block; own++) {
        const inside = least[own - step]! * factor;
        if (inside < least[own]!) least[own] = inside;
      }
  });
  return least;
}
