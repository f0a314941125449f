/**
 * Orders that cost no more than the relaxation says they must, as paths of the lattice. If the first of them, in the
 * sequence of enumeration, really costs that, it is the published choice: the best orders are among them.
 */
import { placedOf } from '../../cost/lattice.js';
import { TOLERANCE } from '../objective.js';
import { inEnumerationOrder } from './cool-lex.js';
import type { Relaxation } from './relaxation.js';

export class TightOrders {
  private readonly reached: Uint8Array;
  private readonly slackPj: number;
  /** Whether every boundary costs the same, to the last bit, on all of them. */
  readonly alike: boolean;

  constructor(private readonly relaxation: Relaxation) {
    const { tables, costToGoPj } = relaxation;
    this.reached = new Uint8Array(tables.lattice.states);
    this.slackPj = TOLERANCE * (tables.constantPj + costToGoPj[0]!);
    this.alike = this.reach();
  }

  /** In the sequence of enumeration, innermost loop first. */
  orders(): Generator<readonly number[]> {
    const { lattice } = this.relaxation.tables;
    const before = (states: readonly number[], letter: number): readonly number[] =>
      states.flatMap((next) => {
        if (placedOf(lattice, next, letter) === 0) return [];
        const state = next - lattice.strides[letter]!;
        return this.reached[state] === 1 && this.isTight(state, next) ? [state] : [];
      });
    const graph = { isStart: (state: number): boolean => state === 0, before };
    return inEnumerationOrder(graph, [lattice.states - 1], lattice.times);
  }

  private isTight(state: number, next: number): boolean {
    const { costToGoPj } = this.relaxation;
    return costToGoPj[next]! + this.relaxation.chargePj(state, next) <= costToGoPj[state]! + this.slackPj;
  }

  /** Marks the states on tight paths from the root; whether boundaries close over the same terms on all of them. */
  private reach(): boolean {
    const { lattice } = this.relaxation.tables;
    const { states, strides, times } = lattice;
    const { boundaries } = this.relaxation;
    const first = new Int32Array(boundaries.length).fill(-1);
    let alike = true;
    const close = (state: number, next: number): void => {
      const closed = this.relaxation.closed(state, next);
      for (let j = 0; closed >> j > 0; j++) {
        if ((closed & (1 << j)) === 0) continue;
        const term = this.relaxation.term(j, state);
        if (first[j] === -1) first[j] = term;
        else alike &&= first[j] === term;
      }
    };
    this.reached[0] = 1;
    for (let state = 0; state < states - 1; state++) {
      if (this.reached[state] === 0) continue;
      for (let letter = 0; letter < times.length; letter++) {
        if (placedOf(lattice, state, letter) === times[letter]) continue;
        const next = state + strides[letter]!;
        if (!this.isTight(state, next)) continue;
        this.reached[next] = 1;
        close(state, next);
      }
    }
    close(states - 1, states);
    return alike;
  }
}
