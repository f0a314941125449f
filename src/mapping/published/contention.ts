/**
 * The published rule in a memory that operands share (cost-model.md 6.4): of all combinations that fit, the one with
 * the least data still to be fetched from above, loops left times size; of equal ones the last, the first operand of
 * the memory counting most.
 *
 * Until every operand has passed the region where it fits, a partial order keeps what each may still hold: the last
 * state on the order for each content, as a candidate list.
 *
 * Hot core: working arrays are shared by all calls, and what was pruned once is looked up.
 */
import { depthOf } from '../../cost/lattice.js';
import type { LatticeTables } from '../../cost/lattice-tables.js';
import { TupleNumbers } from '../tuple-numbers.js';
import { EMPTY, type CandidateLists } from './candidate-lists.js';
import { NONE, type Contended } from './contended.js';

/** What one operand may hold: states, bits there, and data still to be fetched from above. */
interface Choices {
  count: number;
  readonly states: Int32Array;
  readonly bits: Float64Array;
  readonly traffic: Float64Array;
  pick: number;
  bestPick: number;
}

const NOTHING: readonly number[] = [];

export class Contention {
  private readonly choices: readonly Choices[];
  private readonly widthBits: Int32Array;
  private topBits = 0;
  /** Each top level fits alone, and lower levels leave it no loops. */
  private topsIdle = false;
  /** Which widths are those of unfinished sums, as bits. */
  private unfinished = 0;
  private bestTraffic = Infinity;
  private readonly questions: TupleNumbers;
  /** By question: the lists that are left; none: something fits nowhere. */
  private readonly answers: (readonly number[])[] = [];

  constructor(
    readonly memory: Contended,
    private readonly tables: LatticeTables,
    private readonly lists: CandidateLists,
  ) {
    const most = depthOf(tables.lattice) + 1;
    this.choices = memory.waiting.map(() => ({
      count: 0,
      states: new Int32Array(most),
      bits: new Float64Array(most),
      traffic: new Float64Array(most),
      pick: 0,
      bestPick: 0,
    }));
    this.widthBits = new Int32Array(memory.waiting.length);
    this.questions = new TupleNumbers(memory.waiting.length + 1);
  }

  /** Takes the widths as the boundaries below are settled; false: some is not known yet. */
  open(settled: Int32Array): boolean {
    const { waiting, tops, roomBits } = this.memory;
    this.unfinished = 0;
    for (let w = 0; w < waiting.length; w++) {
      const width = this.widthOf(waiting[w]!, settled);
      if (width === 0) return false;
      this.widthBits[w] = width;
    }
    this.topBits = 0;
    this.topsIdle = true;
    for (let t = 0; t < tops.length; t++) {
      const width = this.widthOf(tops[t]!, settled);
      if (width === 0) return false;
      const bits = tops[t]!.elements * width;
      this.topBits += bits;
      const begin = beginOf(tops[t]!, settled);
      this.topsIdle &&= begin === this.tables.lattice.states - 1 && bits <= roomBits;
    }
    return true;
  }

  /** Bits per element; 0: the boundary below is not settled yet. */
  private widthOf(
    holder: Contended['tops'][number] | Contended['waiting'][number],
    settled: Int32Array,
  ): number {
    const begin = beginOf(holder, settled);
    if (begin < 0) return 0;
    const partial = this.tables.reductionsLeft[begin]! > 0;
    this.unfinished = 2 * this.unfinished + (partial ? 1 : 0);
    return partial ? holder.partialBits : holder.bits;
  }

  /** Whether what does not fit together goes unnoticed (Q21). */
  get overfills(): boolean {
    return this.memory.mayOverfill && this.topsIdle && this.choices.every(({ count }) => count > 0);
  }

  /** Settles every boundary that waits, with its list by boundary; false: nothing fits. */
  settle(lists: Int32Array, settled: Int32Array): boolean {
    const { waiting } = this.memory;
    this.list(lists);
    this.leastTraffic();
    if (this.bestTraffic === Infinity) return false;
    for (let w = 0; w < waiting.length; w++) {
      const { states, bestPick } = this.choices[w]!;
      settled[waiting[w]!.boundary] = states[bestPick]!;
      lists[waiting[w]!.boundary] = EMPTY;
    }
    return true;
  }

  /**
   * Leaves out candidates that no further loop can make the choice: they have a successor that fits beside anything, or
   * more traffic than a combination that fits already has in all, whatever the others come to. False: some operand has
   * none that fits.
   */
  prune(lists: Int32Array): boolean {
    const { waiting } = this.memory;
    const { tuple } = this.questions;
    for (let w = 0; w < waiting.length; w++) tuple[w] = lists[waiting[w]!.boundary]!;
    tuple[waiting.length] = this.unfinished;
    const answer = (this.answers[this.questions.find()] ??= this.pruned(lists));
    for (let w = 0; w < answer.length; w++) lists[waiting[w]!.boundary] = answer[w]!;
    return answer.length === waiting.length;
  }

  private pruned(lists: Int32Array): readonly number[] {
    const { choices } = this;
    this.list(lists);
    let sum = 0;
    for (let w = 0; w < choices.length; w++) {
      if (choices[w]!.count === 0) return NOTHING;
      sum += this.mostBits(w);
    }
    this.leastTraffic();
    const left: number[] = [];
    for (let w = 0; w < choices.length; w++) left.push(this.prunedList(choices[w]!, sum - this.mostBits(w)));
    return left;
  }

  /** Bits of all loops inside: with as many the data is fetched once. */
  private mostBits(w: number): number {
    const { elements, own } = this.memory.waiting[w]!;
    return elements[own[own.length - 1]!]! * this.widthBits[w]!;
  }

  /** `others`: bits that the other operands hold at most, and data that they fetch at least. */
  private prunedList({ count, states, bits, traffic }: Choices, others: number): number {
    let first = count - 1;
    while (first > 0 && bits[first]! + others + this.topBits > this.memory.roomBits) first--;
    let left = EMPTY;
    for (let i = first; i < count; i++)
      if (i === count - 1 || traffic[i]! + others <= this.bestTraffic)
        left = this.lists.with(left, states[i]!);
    return left;
  }

  /** Lists what each may hold that fits on its own. */
  private list(lists: Int32Array): void {
    const { waiting, roomBits } = this.memory;
    const { iterations } = this.tables;
    const all = iterations[iterations.length - 1]!;
    for (let w = 0; w < waiting.length; w++) {
      const { boundary, elements, own } = waiting[w]!;
      const choices = this.choices[w]!;
      const { states, bits, traffic } = choices;
      const count = this.lists.write(lists[boundary]!, states);
      choices.count = 0;
      for (let i = 0; i < count; i++) {
        const state = states[i]!;
        const held = elements[own[state]!]! * this.widthBits[w]!;
        if (held > roomBits) continue;
        states[choices.count] = state;
        bits[choices.count] = held;
        traffic[choices.count++] = (all / iterations[state]!) * held;
      }
    }
  }

  private leastTraffic(): void {
    this.bestTraffic = Infinity;
    this.choose(0, this.topBits, 0);
  }

  private choose(w: number, usedBits: number, traffic: number): void {
    const { roomBits } = this.memory;
    if (w === this.choices.length) {
      if (usedBits > roomBits || traffic > this.bestTraffic) return;
      this.bestTraffic = traffic;
      for (let i = 0; i < w; i++) this.choices[i]!.bestPick = this.choices[i]!.pick;
      return;
    }
    const choices = this.choices[w]!;
    for (let pick = 0; pick < choices.count; pick++) {
      const bits = usedBits + choices.bits[pick]!;
      const sum = traffic + choices.traffic[pick]!;
      if (bits > roomBits || sum > this.bestTraffic) continue;
      choices.pick = pick;
      this.choose(w + 1, bits, sum);
    }
  }
}

/** The state at which a level begins; negative: it is not settled. */
const beginOf = ({ below }: { readonly below: number }, settled: Int32Array): number =>
  below === NONE ? 0 : settled[below]!;
