/**
 * A lower bound on what every completion of every sub-multiset of loops still pays, by one backward sweep over the
 * lattice: a boundary is charged on the arc that leaves the region where it may lie (relaxed-boundaries.ts).
 *
 * Invariant: `costToGoPj[s]` is at most the energy, for boundaries that may still lie further out than `s`, of any
 * order that has placed `s`; at the root it bounds the whole. What leaves no room for a boundary costs Infinity.
 *
 * Hot core: typed arrays, one pass over the arcs.
 */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import { PairNumbers } from '../pair-numbers.js';
import type { RelaxedBoundary } from './relaxed-boundaries.js';

export class Relaxation {
  readonly costToGoPj: Float64Array;
  /** By state: bit `j` is set where boundary `j` may still lie here. */
  private readonly open: Int32Array;
  private readonly all: number;
  private readonly terms = new PairNumbers();
  private readonly accesses = new Float64Array(4);

  constructor(
    readonly tables: LatticeTables,
    readonly boundaries: readonly RelaxedBoundary[],
  ) {
    const { states } = tables.lattice;
    this.open = openBoundaries(tables, boundaries);
    this.all = 2 ** boundaries.length - 1;
    this.costToGoPj = new Float64Array(states);
    this.sweep();
  }

  /** Some boundary fits nowhere, or no order leaves every boundary a place. */
  get infeasible(): boolean {
    return this.open[0] !== this.all || this.costToGoPj[0] === Infinity;
  }

  /** Boundaries that may still lie at a state, as bits; none beyond the last. */
  mayLie(state: number): number {
    return state < this.open.length ? this.open[state]! : 0;
  }

  /** Boundaries that an arc leaves behind, as bits; an arc from the last state to nowhere closes the rest. */
  closed(from: number, to: number): number {
    return this.open[from]! & ~this.mayLie(to);
  }

  /** Charges for the boundaries that an arc leaves behind. */
  chargePj(from: number, to: number): number {
    const closed = this.closed(from, to);
    if (closed === 0) return 0;
    const { iterations, reductionsLeft, operands } = this.tables;
    const crossings = iterations[iterations.length - 1]! / iterations[from]!;
    const unfinished = reductionsLeft[from]! > 0;
    let charge = 0;
    for (let j = 0; j < this.boundaries.length; j++) {
      if ((closed & (1 << j)) === 0) continue;
      const { table, finishedPj, unfinishedPj } = this.boundaries[j]!;
      const own = operands[table.operand]!.own[from]!;
      charge += (unfinished ? unfinishedPj[own]! : finishedPj[own]!) * crossings;
    }
    return charge;
  }

  /** What closing a boundary at a state costs, pJ. */
  closingPj(j: number, state: number): number {
    return this.crossingsPj(this.boundaries[j]!.table, j, state);
  }

  /** At least what closing it there or further in costs, pJ. */
  relaxedPj(j: number, state: number): number {
    return this.crossingsPj(this.boundaries[j]!, j, state);
  }

  private crossingsPj(
    { finishedPj, unfinishedPj }: Pick<RelaxedBoundary, 'finishedPj' | 'unfinishedPj'>,
    j: number,
    state: number,
  ): number {
    const { iterations, reductionsLeft, operands } = this.tables;
    const own = operands[this.boundaries[j]!.table.operand]!.own[state]!;
    const perCrossing = reductionsLeft[state]! > 0 ? unfinishedPj[own]! : finishedPj[own]!;
    return perCrossing * (iterations[iterations.length - 1]! / iterations[state]!);
  }

  /** A number for what makes up the cost of closing a boundary at a state: equal ones, equal costs to the last bit. */
  term(j: number, state: number): number {
    const { operands, iterations, reductionsLeft } = this.tables;
    const { operand, held, crossings } = this.boundaries[j]!.table;
    const crossing = crossings[reductionsLeft[state]! > 0 ? 1 : 0];
    const times = iterations[iterations.length - 1]! / iterations[state]!;
    const { terms, accesses } = this;
    crossing.count(held[operands[operand]!.own[state]!]!, times, accesses);
    return terms.of(terms.of(accesses[0]!, accesses[1]!), terms.of(accesses[2]!, accesses[3]!));
  }

  private sweep(): void {
    const { strides, times, states } = this.tables.lattice;
    const { costToGoPj } = this;
    const digits = Int32Array.from(times);
    costToGoPj[states - 1] = this.chargePj(states - 1, states);
    for (let state = states - 2; state >= 0; state--) {
      for (let letter = 0; --digits[letter]! < 0; letter++) digits[letter] = times[letter]!;
      let least = Infinity;
      for (let letter = 0; letter < times.length; letter++) {
        if (digits[letter] === times[letter]) continue;
        const next = state + strides[letter]!;
        const beyond = costToGoPj[next]!;
        if (beyond >= least) continue;
        const cost = beyond + this.chargePj(state, next);
        if (cost < least) least = cost;
      }
      costToGoPj[state] = least;
    }
  }
}

function openBoundaries(
  { lattice, operands }: LatticeTables,
  boundaries: readonly RelaxedBoundary[],
): Int32Array {
  const open = new Int32Array(lattice.states);
  boundaries.forEach(({ table, fits }, j) => {
    const { own } = operands[table.operand]!;
    for (let state = 0; state < open.length; state++) open[state]! |= fits[own[state]!]! << j;
  });
  return open;
}
