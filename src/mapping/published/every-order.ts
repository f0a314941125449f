/**
 * The best order under the published rule by walking orders one by one: for the few layer tiles whose contents depend,
 * in their last bit, on the order of multiplication (Q15), and around loops that the user has given. Orders that cost
 * too much at least are left early; the others are split and scored exactly.
 */
import type { SearchTables } from '../../cost/tables.js';
import { placedOf, type Lattice } from '../../cost/lattice.js';
import type { Shortage } from '../room.js';
import type { FixedLoops } from '../split-bounds.js';
import { LoopAllocator } from './allocate.js';
import { comesBefore } from './cool-lex.js';
import type { Relaxation } from './relaxation.js';
import { TOLERANCE } from '../objective.js';

interface NextLoop {
  readonly letter: number;
  /** The state it leads to. */
  readonly next: number;
  /** Energy spent by then, and of the whole at least, pJ; 0 where nothing bounds it. */
  readonly beyondPj: number;
  readonly leastPj: number;
}

export class EveryOrder {
  nodes = 0;
  scored = 0;
  cut = false;
  bestPj = Infinity;
  private best: readonly number[] | undefined;
  private readonly allocator: LoopAllocator;

  /** `relaxation` bounds orders from below; absent: every order is scored. `budget`: partial orders looked at. */
  constructor(
    private readonly search: SearchTables,
    private readonly lattice: Lattice,
    private readonly relaxation: Relaxation | undefined,
    private readonly budget: number,
    private readonly fixed?: FixedLoops,
  ) {
    this.allocator = new LoopAllocator(search, fixed?.bounds);
  }

  get shortage(): Shortage | undefined {
    return this.allocator.shortage;
  }

  /** Leaves the best order in the placement, split and scored; false if none fits. */
  run(): boolean {
    const { order } = this.search.placement;
    const given = this.fixed?.letters ?? [];
    order.set(given);
    const start = given.reduce((state, letter) => state + this.lattice.strides[letter]!, 0);
    this.visit(start, given.length, this.relaxation?.tables.constantPj ?? 0);
    if (!this.best) return false;
    order.set(this.best);
    this.scorePj();
    return true;
  }

  private visit(state: number, depth: number, spentPj: number): void {
    if (++this.nodes > this.budget) this.cut = true;
    if (this.cut) return;
    if (state === this.lattice.states - 1) {
      this.offer();
      return;
    }
    for (const { letter, next, leastPj, beyondPj } of this.stepsFrom(state, spentPj)) {
      if (leastPj > this.bestPj * (1 + TOLERANCE)) return;
      this.search.placement.order[depth] = letter;
      this.visit(next, depth + 1, beyondPj);
    }
  }

  /** The loops that may follow, the most promising first. */
  private stepsFrom(state: number, spentPj: number): readonly NextLoop[] {
    const { relaxation } = this;
    const { times, strides } = this.lattice;
    const steps: NextLoop[] = [];
    for (let letter = 0; letter < times.length; letter++) {
      if (placedOf(this.lattice, state, letter) === times[letter]) continue;
      const next = state + strides[letter]!;
      const beyondPj = relaxation ? spentPj + relaxation.chargePj(state, next) : 0;
      steps.push({
        letter,
        next,
        beyondPj,
        leastPj: relaxation ? beyondPj + relaxation.costToGoPj[next]! : 0,
      });
    }
    return relaxation ? steps.sort((a, b) => a.leastPj - b.leastPj) : steps;
  }

  private offer(): void {
    this.scored++;
    const energyPj = this.scorePj();
    if (energyPj === Infinity || energyPj > this.bestPj) return;
    const order = [...this.search.placement.order];
    if (energyPj === this.bestPj && this.best && !comesBefore(order, this.best)) return;
    this.bestPj = energyPj;
    this.best = order;
  }

  private scorePj(): number {
    this.search.followOrder();
    return this.allocator.allocate() ? this.search.energyPj() : Infinity;
  }
}
