/**
 * Memories in which the published rule places boundaries only when it has seen more of the order: those that several
 * operands share, and those of sums whose width depends on the boundary below.
 */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { MemoryTable } from '../../cost/layout.js';
import type { SearchTables } from '../../cost/tables.js';
import { mayOverfill } from '../room.js';
import { hasKnownWidth, type RelaxedBoundary } from './relaxed-boundaries.js';

export const NONE = -1;

/** A level of an operand in such a memory. */
interface Holder {
  /** The boundary right below the level, or NONE: where it lies decides whether sums in the level are unfinished. */
  readonly below: number;
  readonly bits: number;
  readonly partialBits: number;
}

/** A level whose boundary waits, right above it. */
export interface Waiting extends Holder {
  readonly boundary: number;
  /** By own state of the operand, and the own state by state. */
  readonly elements: Float64Array;
  readonly own: Int32Array;
}

export interface Contended {
  readonly roomBits: number;
  readonly mayOverfill: boolean;
  /** In the memory's order of operands. */
  readonly waiting: readonly Waiting[];
  /** The boundaries of those, as bits. */
  readonly mask: number;
  /** Operands whose top level it is, and their elements. */
  readonly tops: readonly (Holder & { readonly elements: number })[];
}

/** In order of allocation. */
export function contendedMemories(
  search: SearchTables,
  tables: LatticeTables,
  relaxed: readonly RelaxedBoundary[],
): readonly Contended[] {
  const boundaryOf = (operand: number, level: number): number =>
    tables.boundaries.findIndex((b) => b.operand === operand && b.level === level);
  const holderOf = ({ operand, level }: MemoryTable['holders'][number]): Holder => {
    const { bits, partialBits } = search.operands[operand]!;
    return { below: level === 0 ? NONE : boundaryOf(operand, level - 1), bits, partialBits };
  };
  return search.memories.flatMap((memory): Contended[] => {
    const waiting = memory.holders.flatMap((holder): Waiting[] => {
      const boundary = boundaryOf(holder.operand, holder.level);
      if (holder.isTop || relaxed[boundary]!.exact) return [];
      const { elements } = tables.boundaries[boundary]!;
      return [{ ...holderOf(holder), boundary, elements, own: tables.operands[holder.operand]!.own }];
    });
    const tops = memory.holders.flatMap((holder) =>
      holder.isTop ? [{ ...holderOf(holder), elements: tables.operands[holder.operand]!.topElements }] : [],
    );
    if (waiting.length === 0 && memory.holders.every((holder) => hasKnownWidth(search, tables, holder)))
      return [];
    const mask = waiting.reduce((bits, { boundary }) => bits | (1 << boundary), 0);
    const { roomBits } = memory;
    return [{ roomBits, mayOverfill: mayOverfill(search, tables, memory), waiting, mask, tops }];
  });
}
