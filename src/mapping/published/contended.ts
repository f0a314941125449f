/**
 * Boundaries that the published rule places only when it has seen more of the order: those in a memory that several
 * operands share, and those of sums whose width depends on the boundary below. Until then a partial order keeps, per
 * boundary, the contents it may still close over: the last state on the order for each content of the operand.
 *
 * The rule (cost-model.md 6.4): of all combinations that fit, the one with the least data still to be fetched from
 * above, loops left times size; of equal ones the last, the first operand of the memory counting most.
 */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import { mayOverfill } from '../room.js';
import { hasKnownWidth, type RelaxedBoundary } from './relaxed-boundaries.js';

/** A memory with boundaries that wait, or with top levels whose width waits. */
export interface Contended {
  readonly memory: number;
  readonly sizeBits: number;
  readonly mayOverfill: boolean;
  /** Boundaries below it in the memory's order of operands, and operands whose top level it is. */
  readonly waiting: readonly {
    readonly boundary: number;
    readonly operand: number;
    readonly level: number;
  }[];
  readonly tops: readonly { readonly operand: number; readonly level: number }[];
}

/** In order of allocation. `exact`: by boundary, whether leaving its region settles it. */
export function contendedMemories(
  search: SearchTables,
  tables: LatticeTables,
  relaxed: readonly RelaxedBoundary[],
): readonly Contended[] {
  return search.memories.flatMap((memory, m): Contended[] => {
    const waiting = memory.holders.flatMap(({ operand, level, isTop }) => {
      const boundary = tables.boundaries.findIndex((b) => b.operand === operand && b.level === level);
      return isTop || relaxed[boundary]!.exact ? [] : [{ boundary, operand, level }];
    });
    const tops = memory.holders
      .filter(({ isTop }) => isTop)
      .map(({ operand, level }) => ({ operand, level }));
    if (waiting.length === 0 && memory.holders.every((holder) => hasKnownWidth(search, tables, holder)))
      return [];
    return [
      {
        memory: m,
        sizeBits: memory.sizeBits,
        mayOverfill: mayOverfill(search, tables, memory),
        waiting,
        tops,
      },
    ];
  });
}

/** Contents that one waiting boundary may close over, as states from the inside out, and bits per element there. */
export interface Candidates {
  readonly states: readonly number[];
  readonly widthBits: number;
}

export class Contention {
  constructor(
    private readonly tables: LatticeTables,
    private readonly memory: Contended,
    /** Bits of the operands whose top level it is, and whether lower levels leave them no loops. */
    private readonly topBits: number,
    private readonly topsIdle: boolean,
  ) {}

  /** The states chosen, boundary by boundary; undefined: nothing fits. */
  choose(candidates: readonly Candidates[]): readonly number[] | undefined {
    const best = this.leastTraffic(candidates);
    if (best.picks) return best.picks.map((pick, w) => candidates[w]!.states[pick]!);
    return this.memory.mayOverfill && this.topsIdle ? candidates.map(({ states }) => states[0]!) : undefined;
  }

  /**
   * Candidates without those that no further loop can make the choice: they have a successor that fits beside anything,
   * or more traffic than a combination that fits already has in all, whatever the others come to.
   */
  pruned(candidates: readonly Candidates[]): readonly Candidates[] {
    const { traffic: known } = this.leastTraffic(candidates);
    const most = candidates.map((own, w) => this.bits(w, own, this.tables.lattice.states - 1));
    const sum = most.reduce((all, bits) => all + bits, 0);
    return candidates.map((own, w) => {
      const others = sum - most[w]!;
      const { states } = own;
      const first = states.findLastIndex(
        (state) => this.bits(w, own, state) + others + this.topBits <= this.memory.sizeBits,
      );
      const left = states.filter(
        (state, i) =>
          i === states.length - 1 || (i >= first && this.traffic(w, own, state) + others <= known),
      );
      return { ...own, states: left };
    });
  }

  private leastTraffic(candidates: readonly Candidates[]): {
    traffic: number;
    picks: readonly number[] | undefined;
  } {
    let traffic = Infinity;
    let picks: readonly number[] | undefined;
    const chosen = candidates.map(() => 0);
    const pick = (w: number, usedBits: number, sum: number): void => {
      if (w === candidates.length) {
        if (sum > traffic) return;
        traffic = sum;
        picks = [...chosen];
        return;
      }
      const own = candidates[w]!;
      own.states.forEach((state, i) => {
        const bits = usedBits + this.bits(w, own, state);
        if (bits > this.memory.sizeBits) return;
        chosen[w] = i;
        pick(w + 1, bits, sum + this.traffic(w, own, state));
      });
    };
    if (this.topBits <= this.memory.sizeBits) pick(0, this.topBits, 0);
    return { traffic, picks };
  }

  private bits(w: number, { widthBits }: Candidates, state: number): number {
    const { boundary, operand } = this.memory.waiting[w]!;
    return (
      this.tables.boundaries[boundary]!.elements[this.tables.operands[operand]!.own[state]!]! * widthBits
    );
  }

  private traffic(w: number, own: Candidates, state: number): number {
    const { iterations } = this.tables;
    return (iterations[iterations.length - 1]! / iterations[state]!) * this.bits(w, own, state);
  }
}
