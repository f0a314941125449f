/**
 * All best orders under the published rule: partial orders grow loop by loop over the states of the lattice, and two
 * that have paid the same, wait for the same and end in the same state are one. What they cost at least is what they
 * have paid plus the relaxation; more than the best order known ends them.
 *
 * Invariant: a label's predecessors are exactly those that reach it at its least energy, so every path back from a
 * best final label is a best order.
 */
import { placedOf } from '../../cost/lattice.js';
import type { SearchTables } from '../../cost/tables.js';
import { TOLERANCE } from '../objective.js';
import { Contention, contendedMemories, type Candidates, type Contended } from './contended.js';
import type { LoopGraph } from './cool-lex.js';
import type { Relaxation } from './relaxation.js';

/** A partial order, or several with the same future. */
export interface Label {
  readonly state: number;
  /** Energy of the boundaries that are settled, pJ. */
  readonly spentPj: number;
  /** At least what the boundaries cost that are passed but not settled, pJ. */
  readonly pendingPj: number;
  /** By boundary: the state it is settled at, and the last state at which it may have closed; or NOT_YET. */
  readonly settled: readonly number[];
  readonly passed: readonly number[];
  /** By boundary that waits: states it may close over, from the inside out. */
  readonly candidates: readonly (readonly number[])[];
  /** By letter, labels that are one loop of it further in. */
  readonly before: Label[][];
}

const NOT_YET = -1;

export interface BestOrders {
  /** Labels that have placed every loop at the least energy; none: nothing fits, or the search was cut. */
  readonly ends: readonly Label[];
  /** Beyond the constant part. */
  readonly energyPj: number;
  readonly labels: number;
  readonly cut: boolean;
}

export const LABEL_GRAPH: LoopGraph<Label> = {
  isStart: ({ state }) => state === 0,
  before: (nodes, letter) => [...new Set(nodes.flatMap((node) => node.before[letter] ?? []))],
};

export class OrderLabels {
  /** Some order overfills a memory unnoticed, and is not among those found. */
  overfilled = false;
  private readonly contended: readonly Contended[];
  private readonly last: number;
  /** By operand, its lowest boundary. */
  private readonly firstOf: readonly number[];

  constructor(
    private readonly search: SearchTables,
    private readonly relaxation: Relaxation,
  ) {
    this.contended = contendedMemories(search, relaxation.tables, relaxation.boundaries);
    this.last = relaxation.tables.lattice.states - 1;
    const { boundaries } = relaxation.tables;
    this.firstOf = search.operands.map((_, op) => boundaries.findIndex(({ operand }) => operand === op));
  }

  /** Best orders of at most `capPj`, beyond the constant part, after at most `budget` labels. */
  run(capPj: number, budget: number): BestOrders {
    const { tables, costToGoPj } = this.relaxation;
    const { lattice } = tables;
    const slackPj = capPj === Infinity ? 0 : TOLERANCE * (capPj + tables.constantPj);
    const layers = Array.from({ length: this.last + 1 }, () => new Map<string, Label>());
    const root = this.root();
    if (root) layers[0]!.set('', root);
    const mostPj = capPj + slackPj;
    let labels = 0;
    for (let state = 0; state < this.last; state++) {
      for (const label of layers[state]!.values()) {
        if (++labels > budget) return { ends: [], energyPj: Infinity, labels, cut: true };
        for (let letter = 0; letter < lattice.letters.length; letter++) {
          if (placedOf(lattice, state, letter) === lattice.times[letter]) continue;
          const next = state + lattice.strides[letter]!;
          const longer = this.extend(label, next, mostPj - (next === this.last ? 0 : costToGoPj[next]!));
          if (longer === undefined) continue;
          join(layers[next]!, this.key(longer), longer, label, letter, slackPj);
        }
      }
      layers[state]!.clear();
    }
    const whole = [...layers[this.last]!.values()];
    const energyPj = Math.min(...whole.map(({ spentPj }) => spentPj));
    return {
      ends: whole.filter(({ spentPj }) => spentPj <= energyPj + slackPj),
      energyPj,
      labels,
      cut: false,
    };
  }

  /** What the energy of a label is made of; equal texts, equal to the last bit. */
  private terms({ settled }: Label): string {
    return settled.map((state, j) => (state === NOT_YET ? '' : this.relaxation.term(j, state))).join();
  }

  private root(): Label | undefined {
    const { boundaries } = this.relaxation;
    const none = boundaries.map(() => NOT_YET);
    const start: Label = {
      state: 0,
      spentPj: 0,
      pendingPj: 0,
      settled: none,
      passed: none,
      candidates: boundaries.map(({ exact }) => (exact ? [] : [0])),
      before: [],
    };
    return this.last === 0 ? this.leave(start, 0, 1) : start;
  }

  /** One loop more; undefined: some level has no place left, or what it has to pay exceeds `mostPj`. */
  private extend(label: Label, next: number, mostPj: number): Label | undefined {
    const left = this.leave(label, label.state, next);
    if (!left || left.spentPj + left.pendingPj > mostPj) return undefined;
    const candidates = left.candidates.map((states, j) => this.grown(left, j, states, next));
    const longer = this.pruned({ ...left, state: next, candidates, before: [] });
    if (next < this.last) return longer;
    const whole = this.leave(longer, next, next + 1);
    return whole && whole.spentPj + whole.pendingPj <= mostPj ? whole : undefined;
  }

  /** Settles what an arc leaves behind, and what waited for it; undefined: some level has no place left. */
  private leave(label: Label, from: number, to: number): Label | undefined {
    const closed = this.relaxation.closed(from, to);
    if (closed === 0) return label;
    const settled = [...label.settled];
    const passed = [...label.passed];
    for (let j = 0; j < settled.length; j++) {
      if ((closed & (1 << j)) === 0) continue;
      if (this.relaxation.boundaries[j]!.exact) settled[j] = from;
      else passed[j] = from;
    }
    const candidates = [...label.candidates];
    for (const memory of this.contended)
      if (!this.settle(memory, settled, passed, candidates)) return undefined;
    if (!this.inOrder(settled, passed)) return undefined;
    return { ...label, settled, passed, candidates, ...this.energies(settled, passed) };
  }

  /** Places the boundaries of a memory once all of them are passed; false if nothing fits. */
  private settle(
    memory: Contended,
    settled: number[],
    passed: readonly number[],
    candidates: (readonly number[])[],
  ): boolean {
    const { waiting } = memory;
    if (waiting.some(({ boundary }) => settled[boundary] !== NOT_YET || passed[boundary] === NOT_YET))
      return true;
    const open = this.opened(memory, settled, candidates);
    if (!open) return true;
    if (open.candidates.some(({ states }) => states.length === 0)) return false;
    const states = open.contention.choose(open.candidates);
    if (!states) {
      this.overfilled ||= open.contention.overfills;
      return false;
    }
    waiting.forEach(({ boundary }, w) => {
      settled[boundary] = states[w]!;
      candidates[boundary] = [];
    });
    return true;
  }

  /** A memory in which every level above a settled one has begun; undefined: some width is not known yet. */
  private opened(
    memory: Contended,
    settled: readonly number[],
    candidates: readonly (readonly number[])[],
  ): { contention: Contention; candidates: readonly Candidates[] } | undefined {
    const { tables } = this.relaxation;
    let topBits = 0;
    let topsIdle = true;
    for (const { operand, level } of memory.tops) {
      const width = this.widthBits(operand, level, settled);
      if (width === undefined) return undefined;
      const bits = tables.operands[operand]!.topElements * width;
      topBits += bits;
      const idle = (level === 0 ? 0 : settled[this.boundaryOf(operand, level - 1)]) === this.last;
      topsIdle &&= idle && bits <= memory.sizeBits;
    }
    const begun: Candidates[] = [];
    for (const { boundary, operand, level } of memory.waiting) {
      const widthBits = this.widthBits(operand, level, settled);
      if (widthBits === undefined) return undefined;
      const begin = level === 0 ? 0 : settled[this.boundaryOf(operand, level - 1)]!;
      const { elements } = tables.boundaries[boundary]!;
      const { own } = tables.operands[operand]!;
      const fits = (state: number): boolean => elements[own[state]!]! * widthBits <= memory.sizeBits;
      begun.push({
        states: candidates[boundary]!.filter((state) => state >= begin && fits(state)),
        widthBits,
      });
    }
    return { contention: new Contention(tables, memory, topBits, topsIdle), candidates: begun };
  }

  /** Bits per element of an operand in a level; undefined: the boundary below it is not settled yet. */
  private widthBits(operand: number, level: number, settled: readonly number[]): number | undefined {
    const { reductionsLeft } = this.relaxation.tables;
    const { bits, partialBits } = this.search.operands[operand]!;
    const begin = level === 0 ? 0 : settled[this.boundaryOf(operand, level - 1)]!;
    if (begin === NOT_YET) return undefined;
    return reductionsLeft[begin]! > 0 ? partialBits : bits;
  }

  private boundaryOf(operand: number, level: number): number {
    return this.firstOf[operand]! + level;
  }

  /** Levels of one operand begin one after another. */
  private inOrder(settled: readonly number[], passed: readonly number[]): boolean {
    const { boundaries } = this.relaxation.tables;
    return boundaries.every(({ operand }, j) => {
      const above = boundaries[j + 1];
      if (above?.operand !== operand || settled[j] === NOT_YET) return true;
      const end = settled[j + 1] !== NOT_YET ? settled[j + 1]! : passed[j + 1]!;
      return end === NOT_YET || end >= settled[j]!;
    });
  }

  private energies(
    settled: readonly number[],
    passed: readonly number[],
  ): Pick<Label, 'spentPj' | 'pendingPj'> {
    let spentPj = 0;
    let pendingPj = 0;
    this.relaxation.boundaries.forEach(({ table, finishedPj, unfinishedPj }, j) => {
      if (settled[j] !== NOT_YET) spentPj += this.closingPj(table.operand, table, settled[j]!);
      else if (passed[j] !== NOT_YET)
        pendingPj += this.closingPj(table.operand, { finishedPj, unfinishedPj }, passed[j]!);
    });
    return { spentPj, pendingPj };
  }

  private closingPj(
    operand: number,
    { finishedPj, unfinishedPj }: { readonly finishedPj: Float64Array; readonly unfinishedPj: Float64Array },
    state: number,
  ): number {
    const { iterations, reductionsLeft, operands } = this.relaxation.tables;
    const own = operands[operand]!.own[state]!;
    const perCrossing = reductionsLeft[state]! > 0 ? unfinishedPj[own]! : finishedPj[own]!;
    return perCrossing * (iterations[this.last]! / iterations[state]!);
  }

  /** Candidates of a boundary that is still open, after one more loop. */
  private grown(label: Label, j: number, states: readonly number[], next: number): readonly number[] {
    const { exact } = this.relaxation.boundaries[j]!;
    if (exact || label.settled[j] !== NOT_YET || label.passed[j] !== NOT_YET) return states;
    const { operand, level } = this.relaxation.tables.boundaries[j]!;
    const lower = level === 0 ? undefined : this.boundaryOf(operand, level - 1);
    // The level has not begun as long as the loops stay in the one below.
    if (lower !== undefined && this.relaxation.boundaries[lower]!.exact && label.settled[lower] === NOT_YET)
      return [next];
    const { own } = this.relaxation.tables.operands[operand]!;
    const same = own[states.at(-1)!] === own[next];
    return [...(same ? states.slice(0, -1) : states), next];
  }

  private pruned(label: Label): Label {
    const candidates = [...label.candidates];
    for (const memory of this.contended) {
      if (memory.waiting.some(({ boundary }) => label.settled[boundary] !== NOT_YET)) continue;
      const open = this.opened(memory, label.settled, candidates);
      if (!open || open.candidates.some(({ states }) => states.length === 0)) continue;
      open.contention.pruned(open.candidates).forEach(({ states }, w) => {
        candidates[memory.waiting[w]!.boundary] = states;
      });
    }
    return { ...label, candidates };
  }

  /**
   * All that the future of a label depends on, beside its state, and what its energy is made of: orders of the same
   * energy that settle differently stay apart, since the last bit decides between them.
   */
  private key(label: Label): string {
    const { boundaries, reductionsLeft } = this.relaxation.tables;
    let key = '';
    for (let j = 0; j < boundaries.length; j++) {
      const state = label.settled[j]!;
      const lowerOpen =
        j > 0 && boundaries[j - 1]!.operand === boundaries[j]!.operand && label.settled[j - 1] === NOT_YET;
      if (state === NOT_YET) key += `${label.passed[j]}:${label.candidates[j]!.join('.')},`;
      else key += lowerOpen ? `=${state},` : reductionsLeft[state]! > 0 ? 'u' : 'f';
    }
    return `${key} ${this.terms(label)}`;
  }
}

/** Adds a label to those of its state: alone, beside, or instead of one with the same future. */
function join(
  layer: Map<string, Label>,
  key: string,
  label: Label,
  before: Label,
  letter: number,
  slackPj: number,
): void {
  const other = layer.get(key);
  if (other !== undefined && other.spentPj < label.spentPj - slackPj) return;
  const keep = other === undefined || label.spentPj < other.spentPj - slackPj ? label : other;
  if (keep === label) layer.set(key, label);
  (keep.before[letter] ??= []).push(before);
}
