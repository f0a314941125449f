/**
 * All best orders under the published rule, best first: partial orders grow loop by loop over the lattice, and two
 * that have paid the same, wait for the same and end in the same state are one, a label. What it costs at least is what
 * it has paid plus the relaxation, or what it costs however its boundaries are placed; more than the best order known
 * ends it.
 *
 * Invariant: a label's predecessors are exactly those that reach it at its least energy, so every path back from a
 * best final label is a best order.
 *
 * Hot core: candidates are interned lists, labels and keys are numbers, and one partial order at a time is written out.
 */
import { placedOf } from '../../cost/lattice.js';
import type { SearchTables } from '../../cost/tables.js';
import { TOLERANCE } from '../objective.js';
import { BestFirst } from '../best-first.js';
import { PairNumbers } from '../pair-numbers.js';
import { TupleNumbers } from '../tuple-numbers.js';
import { CandidateLists, EMPTY } from './candidate-lists.js';
import { contendedMemories } from './contended.js';
import { Contention } from './contention.js';
import { FreeBound } from './free-bound.js';
import { Labels, NOT_YET, type Label, type Placed } from './label.js';
import type { Relaxation } from './relaxation.js';

export interface BestOrders {
  /** Labels that have placed every loop at the least energy; none: nothing fits, or the search was cut before. */
  readonly ends: readonly Label[];
  /** No order costs less, beyond the constant part, pJ; Infinity: none fits. */
  readonly boundPj: number;
  /** There may be more of the same energy, or, without ends, of any. */
  readonly cut: boolean;
  readonly labels: number;
}

/** Labels after which a better bound pays for itself. */
const UNBOUNDED_LABELS = 300;

export class OrderLabels {
  /** Some order overfills a memory unnoticed, and is not among those found. */
  overfilled = false;
  readonly labels: Labels;
  private readonly lists = new CandidateLists();
  private readonly contentions: readonly Contention[];
  private readonly last: number;
  /** By boundary: whether the one before it is the next lower one of its operand. */
  private readonly hasLower: readonly boolean[];
  private readonly keys: TupleNumbers;
  private readonly settlements = new PairNumbers();
  /** By key: the cheapest label. */
  private readonly cheapest: Label[] = [];
  private readonly queue = new BestFirst<Label>();
  /** Energies this close are equal, pJ. */
  private readonly slackPj: number;
  private readonly mostPj: number;
  /** The partial order at hand. */
  private readonly placed: Placed;
  private free: FreeBound | undefined;

  /** Orders of more than `mostPj`, beyond the constant part, are of no interest. */
  constructor(
    private readonly search: SearchTables,
    private readonly relaxation: Relaxation,
    mostPj: number,
  ) {
    const { tables, boundaries, costToGoPj } = relaxation;
    this.contentions = contendedMemories(search, tables, boundaries).map(
      (memory) => new Contention(memory, tables, this.lists),
    );
    this.labels = new Labels(boundaries.length);
    this.last = tables.lattice.states - 1;
    this.hasLower = tables.boundaries.map(
      ({ operand }, j) => j > 0 && tables.boundaries[j - 1]!.operand === operand,
    );
    this.placed = {
      spentPj: 0,
      settled: new Int32Array(boundaries.length).fill(NOT_YET),
      lists: new Int32Array(boundaries.length),
    };
    this.keys = new TupleNumbers(boundaries.length + 1);
    this.slackPj = TOLERANCE * (costToGoPj[0]! + tables.constantPj);
    this.mostPj = mostPj + this.slackPj;
  }

  /** All best orders, after at most `budget` labels; after so many of them with all splits as bound. */
  run(budget: number, unbounded = UNBOUNDED_LABELS): BestOrders {
    const ends: Label[] = [];
    this.start();
    for (let labels = 0; ; labels++) {
      const boundPj = this.queue.leastBound;
      const [end] = ends;
      const endPj = end === undefined ? undefined : this.labels.spentPj(end);
      const done = endPj === undefined ? boundPj === Infinity : boundPj > endPj + this.slackPj;
      if (done || labels >= budget)
        return { ends, boundPj: endPj ?? Math.min(boundPj, this.mostPj), labels, cut: !done };
      if (labels === unbounded) this.free = this.freeBound(boundPj, budget);
      const label = this.queue.pop()!;
      if (this.labels.stateOf(label) === this.last) ends.push(label);
      else if (!this.dearer(label, boundPj)) this.follow(label);
    }
  }

  private start(): void {
    const { placed } = this;
    this.relaxation.boundaries.forEach(({ exact }, j) => {
      placed.lists[j] = exact ? EMPTY : this.lists.with(EMPTY, 0);
    });
    if (this.last === 0 && !this.leave(0, 1)) return;
    this.queue.push(0, 0, this.labels.add(placed, 0));
  }

  /** One loop more, each that is left. */
  private follow(label: Label): void {
    const { lattice } = this.relaxation.tables;
    const state = this.labels.stateOf(label);
    for (let letter = 0; letter < lattice.letters.length; letter++) {
      if (placedOf(lattice, state, letter) === lattice.times[letter]) continue;
      const next = state + lattice.strides[letter]!;
      this.labels.read(label, this.placed);
      if (this.leave(state, next)) this.arrive(next, label, letter);
    }
  }

  /** Keeps what the order at hand is after one more loop, unless some level has no place left or it costs too much. */
  private arrive(next: number, from: Label, letter: number): void {
    const { placed } = this;
    const boundPj = placed.spentPj + this.pendingPj(next) + this.relaxation.costToGoPj[next]!;
    if (boundPj > this.mostPj) return;
    this.grow(next);
    if (!this.begin() || !this.prune()) return;
    if (next < this.last) this.join(next, boundPj, from, letter);
    else if (this.leave(next, next + 1)) this.join(next, placed.spentPj, from, letter);
  }

  /** Settles what an arc leaves behind, and what waited for it; false: some level has no place left. */
  private leave(from: number, to: number): boolean {
    const closed = this.relaxation.closed(from, to);
    if (closed === 0) return true;
    const { placed } = this;
    const { settled, lists } = placed;
    const { boundaries } = this.relaxation;
    for (let j = 0; j < settled.length; j++) {
      if ((closed & (1 << j)) === 0 || !boundaries[j]!.exact) continue;
      settled[j] = from;
      placed.spentPj += this.relaxation.closingPj(j, from);
    }
    for (const contention of this.contentions) {
      const { mask, waiting } = contention.memory;
      if (!this.waits(contention) || (mask & this.relaxation.mayLie(to)) !== 0) continue;
      if (!this.begin()) return false;
      if (!contention.open(settled)) continue;
      if (!contention.settle(lists, settled)) {
        this.overfilled ||= contention.overfills;
        return false;
      }
      for (const { boundary } of waiting)
        placed.spentPj += this.relaxation.closingPj(boundary, settled[boundary]!);
    }
    return this.inOrder();
  }

  /** Whether a memory has boundaries to place, or only top levels to make room for. */
  private waits({ memory }: Contention): boolean {
    const [first] = memory.waiting;
    return first === undefined || this.placed.settled[first.boundary] === NOT_YET;
  }

  /** Levels of one operand begin one after another. */
  private inOrder(): boolean {
    const { settled } = this.placed;
    for (let j = 1; j < settled.length; j++)
      if (this.hasLower[j] && settled[j] !== NOT_YET && settled[j]! < settled[j - 1]!) return false;
    return true;
  }

  /** A level begins no further in than the one below it can; false: it would have to end before. */
  private begin(): boolean {
    const { settled, lists } = this.placed;
    for (let j = 1; j < lists.length; j++) {
      if (!this.hasLower[j] || lists[j] === EMPTY) continue;
      const lower = settled[j - 1]!;
      if (lower === NOT_YET && lists[j - 1] === EMPTY) continue;
      lists[j] = this.lists.from(lists[j]!, lower === NOT_YET ? this.lists.firstOf(lists[j - 1]!) : lower);
      if (lists[j] === EMPTY) return false;
    }
    return true;
  }

  /** Leaves out what can no longer be chosen; false: some level has no place. */
  private prune(): boolean {
    const { settled, lists } = this.placed;
    for (const contention of this.contentions) {
      if (contention.memory.mask === 0 || !this.waits(contention)) continue;
      if (contention.open(settled) && !contention.prune(lists)) return false;
    }
    return true;
  }

  /** Candidates after one more loop. */
  private grow(next: number): void {
    const { tables, boundaries } = this.relaxation;
    const mayLie = this.relaxation.mayLie(next);
    const { settled, lists } = this.placed;
    for (let j = 0; j < lists.length; j++) {
      const list = lists[j]!;
      if (list === EMPTY || (mayLie & (1 << j)) === 0) continue;
      // The level has not begun as long as the loops stay in the one below.
      const waits = this.hasLower[j] && boundaries[j - 1]!.exact && settled[j - 1] === NOT_YET;
      const { own } = tables.operands[tables.boundaries[j]!.operand]!;
      const same = own[this.lists.lastOf(list)] === own[next];
      lists[j] = this.lists.with(waits ? EMPTY : same ? this.lists.withoutLast(list) : list, next);
    }
  }

  /** At least what the boundaries cost that may lie no further out but are not settled, pJ. */
  private pendingPj(state: number): number {
    const { settled, lists } = this.placed;
    const mayLie = this.relaxation.mayLie(state);
    let pendingPj = 0;
    for (let j = 0; j < settled.length; j++)
      if (settled[j] === NOT_YET && (mayLie & (1 << j)) === 0)
        pendingPj += this.relaxation.relaxedPj(j, this.lists.lastOf(lists[j]!));
    return pendingPj;
  }

  /** All splits as bound, where that says more than the relaxation does. */
  private freeBound(boundPj: number, budget: number): FreeBound | undefined {
    const free = new FreeBound(this.search, this.relaxation.tables, this.lists);
    return free.cheapest(budget).boundPj > boundPj + this.slackPj ? free : undefined;
  }

  /** Whether a label costs more than `boundPj` at least, with any split; then it has to wait, or is of no interest. */
  private dearer(label: Label, boundPj: number): boolean {
    if (this.free === undefined || this.labels.markBounded(label)) return false;
    const state = this.labels.stateOf(label);
    this.labels.read(label, this.placed);
    const mayLie = this.relaxation.mayLie(state);
    const enoughPj = boundPj + this.slackPj;
    const leastPj = this.free.leastPj(this.placed, state, mayLie, enoughPj, this.mostPj);
    if (leastPj <= enoughPj) return false;
    if (leastPj <= this.mostPj) this.queue.push(leastPj, state, label);
    return true;
  }

  /** Adds the order at hand as a label: alone, beside one with the same future, or instead of it. */
  private join(state: number, boundPj: number, from: Label, letter: number): void {
    const { spentPj } = this.placed;
    const key = this.key(state);
    const other = this.cheapest[key];
    const otherPj = other === undefined ? Infinity : this.labels.spentPj(other);
    if (other !== undefined && spentPj >= otherPj - this.slackPj) {
      if (spentPj <= otherPj + this.slackPj) this.labels.link(from, letter, other);
      return;
    }
    const label = this.labels.add(this.placed, state);
    this.labels.link(from, letter, label);
    this.cheapest[key] = label;
    this.queue.push(boundPj, state, label);
  }

  /**
   * A number for all that the future of a label depends on, beside its state, and what its energy is made of: orders of
   * the same energy that settle differently stay apart, since the last bit decides between them.
   */
  private key(at: number): number {
    const { settled, lists } = this.placed;
    const { tuple } = this.keys;
    for (let j = 0; j < settled.length; j++) {
      const state = settled[j]!;
      const lowerOpen = this.hasLower[j] && settled[j - 1] === NOT_YET;
      tuple[j] =
        state === NOT_YET
          ? lists[j]!
          : -2 - this.settlements.of(lowerOpen ? state : NOT_YET, this.relaxation.term(j, state));
    }
    tuple[settled.length] = at;
    return this.keys.find();
  }
}
