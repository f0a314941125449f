/**
 * How far the boundaries of a loop order are placed: which levels of each operand are closed so far. Operands are the
 * digits of one number; the output's digit also says whether its last closed boundary left sums unfinished, since that
 * decides how wide they are in the level above.
 *
 * Invariant: closing a boundary makes the number larger, so a sweep downwards meets every successor first.
 */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import { leastBits, mayOverfill } from '../room.js';

/** Something that depends on whether the data at a boundary is finished: `[finished, unfinished]`. */
type ByData = readonly [number, number];

/** The next boundary of one operand that may be closed. */
export interface Closing {
  /** Index in `LatticeTables.boundaries`. */
  readonly boundary: number;
  readonly operand: number;
  readonly level: number;
  /** The memory below it, by position among those of the search, and bits per element there. */
  readonly memory: number;
  readonly widthBits: number;
  /** Bits it may have there at most: what the other operands leave when they hold the least they can. */
  readonly roomBits: number;
  /** What closing it adds to the split state. */
  readonly step: ByData;
  /** Closings of one kind cost the same: a number for the boundary and the width of its data. */
  readonly kind: number;
  /** The last boundary of the operand settles what its top level holds. */
  readonly top: { readonly memory: number; readonly bits: ByData } | undefined;
}

export interface SplitStates {
  readonly count: number;
  /** Number of kinds of closings. */
  readonly kinds: number;
  /** By split state: at most one per operand, in operand order; none are left once the split is complete. */
  readonly closings: readonly (readonly Closing[])[];
  /** By split state, memory by memory: bits that levels not yet closed need at least. */
  readonly reservedBits: Float64Array;
  /** By memory: bits of operands with a single level. */
  readonly startBits: Float64Array;
}

/** A level of an operand in its memory. */
interface Place {
  readonly memory: number;
  readonly leastBits: number;
  /** The boundary above it in `LatticeTables.boundaries`; -1: it is the top. */
  readonly boundary: number;
}

/** One operand: its levels bottom up, and how its digit counts. */
interface Operand {
  readonly op: number;
  readonly places: readonly Place[];
  /** The digit tells finished from unfinished data. */
  readonly flagged: boolean;
  readonly digits: number;
  readonly stride: number;
  /** By digit and memory: bits that its levels not yet closed need at least. */
  readonly reservedBits: readonly Float64Array[];
}

const closedBy = ({ flagged }: Pick<Operand, 'flagged'>, digit: number): number =>
  flagged ? Math.ceil(digit / 2) : digit;

const digitAfter = (operand: Operand, digit: number, unfinished: boolean): number => {
  const closed = closedBy(operand, digit) + 1;
  return operand.flagged ? 2 * closed - (unfinished ? 0 : 1) : closed;
};

/** Bits per element above the last closed boundary. */
function widthOf(search: SearchTables, { op, flagged }: Operand, digit: number): number {
  const { bits, partialBits } = search.operands[op]!;
  return flagged && digit % 2 === 0 ? partialBits : bits;
}

export function splitStates(search: SearchTables, tables: LatticeTables): SplitStates {
  const operands = operandsOf(search, tables);
  const byDigit = operands.map((operand) => {
    const rooms = roomsOf(search, tables, operands, operand);
    return Array.from({ length: operand.digits }, (_, digit) =>
      closingOf(search, tables, operand, rooms, digit),
    );
  });
  const count = operands.reduce((product, { digits }) => product * digits, 1);
  const memories = search.memories.length;
  const closings: Closing[][] = [];
  const reservedBits = new Float64Array(count * memories);
  for (let state = 0; state < count; state++) {
    const open: Closing[] = [];
    for (let op = 0; op < operands.length; op++) {
      const { stride, digits, reservedBits: reserved } = operands[op]!;
      const digit = Math.floor(state / stride) % digits;
      const closing = byDigit[op]![digit];
      if (closing) open.push(closing);
      for (let memory = 0; memory < memories; memory++)
        reservedBits[state * memories + memory]! += reserved[digit]![memory]!;
    }
    closings.push(open);
  }
  const startBits = Float64Array.from(search.memories, (_, memory) =>
    operands.reduce(
      (sum, { places }) =>
        places.length === 1 && places[0]!.memory === memory ? sum + places[0]!.leastBits : sum,
      0,
    ),
  );
  return { count, kinds: 2 * tables.boundaries.length, closings, reservedBits, startBits };
}

function operandsOf(search: SearchTables, tables: LatticeTables): readonly Operand[] {
  let stride = 1;
  return search.operands.map(({ bits, partialBits }, op): Operand => {
    const boundaryOf = (level: number): number =>
      tables.boundaries.findIndex((b) => b.operand === op && b.level === level);
    const places = search.memories
      .flatMap((memory, m) =>
        memory.holders.flatMap((holder) => (holder.operand === op ? [{ holder, memory: m }] : [])),
      )
      .sort((a, b) => a.holder.level - b.holder.level)
      .map(({ holder, memory }): Place => ({
        memory,
        leastBits: leastBits(search, tables, holder),
        boundary: boundaryOf(holder.level),
      }));
    const flagged = bits !== partialBits && tables.reductionsLeft[0]! > 0;
    const digits = (flagged ? 2 : 1) * (places.length - 1) + 1;
    const reservedBits: Float64Array[] = [];
    for (let digit = 0; digit < digits; digit++)
      reservedBits.push(reservedBy(places, closedBy({ flagged }, digit), search.memories.length));
    const operand = { op, places, flagged, digits, stride, reservedBits };
    stride *= digits;
    return operand;
  });
}

/** By memory. The top is settled with the last boundary, the others when they are closed. */
function reservedBy(places: readonly Place[], closed: number, memories: number): Float64Array {
  const reserved = new Float64Array(memories);
  places.forEach(({ memory, leastBits }, level) => {
    const settled = level === places.length - 1 ? closed === level : level < closed;
    if (!settled) reserved[memory]! += leastBits;
  });
  return reserved;
}

/** By level, bits that its memory leaves to an operand when the others hold the least they can. */
function roomsOf(
  search: SearchTables,
  tables: LatticeTables,
  operands: readonly Operand[],
  { op, places }: Operand,
): Float64Array {
  const rooms = new Float64Array(places.length);
  places.forEach(({ memory: m }, level) => {
    const memory = search.memories[m]!;
    rooms[level] = memory.roomBits;
    if (mayOverfill(search, tables, memory)) return;
    for (const other of operands)
      if (other.op !== op)
        for (const place of other.places) if (place.memory === m) rooms[level] -= place.leastBits;
  });
  return rooms;
}

function closingOf(
  search: SearchTables,
  tables: LatticeTables,
  operand: Operand,
  rooms: Float64Array,
  digit: number,
): Closing | undefined {
  const { op, places, stride } = operand;
  const level = closedBy(operand, digit);
  if (level === places.length - 1) return undefined;
  const finished = digitAfter(operand, digit, false);
  const unfinished = digitAfter(operand, digit, true);
  const topBits = (after: number): number =>
    tables.operands[op]!.topElements * widthOf(search, operand, after);
  const { memory, boundary } = places[level]!;
  const isLast = level === places.length - 2;
  const widthBits = widthOf(search, operand, digit);
  return {
    boundary,
    kind: 2 * boundary + (widthBits === search.operands[op]!.bits ? 0 : 1),
    operand: op,
    level,
    memory,
    widthBits,
    roomBits: rooms[level]!,
    step: [(finished - digit) * stride, (unfinished - digit) * stride],
    top: isLast
      ? { memory: places.at(-1)!.memory, bits: [topBits(finished), topBits(unfinished)] }
      : undefined,
  };
}
