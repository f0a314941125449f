/**
 * The best mapping by any objective: depth first over loops and boundaries, from the array outwards. A partial mapping
 * is left as soon as what it costs at least cannot beat the best one found, and looked at once: two that have placed
 * the same loops, closed the same boundaries over the same loops, and end in the same runs of loops that matter to
 * double buffering have the same future.
 *
 * A boundary is never closed right below a loop that does not index its operand: the level below keeps its data
 * meanwhile (merge-down), which is the same as closing it further out.
 *
 * Hot core: recursion over plain numbers; what is shared between nodes is undone on the way back.
 */
import type { LatencyBound } from '../../cost/latency-bound.js';
import { placedOf } from '../../cost/lattice.js';
import type { SearchTables } from '../../cost/tables.js';
import { BEATS, type Beats, type Objective } from '../objective.js';
import type { CostToGo } from './cost-to-go.js';
import type { Occupancy, Used } from './occupancy.js';
import type { OutputClosings } from './output-closings.js';
import { Visits } from './visits.js';

/** Nodes after which a latency bound pays for itself. */
const UNBOUNDED_NODES = 64;
/** And bounds that see boundaries together: among mappings of equal energy the others mostly are enough. */
const APART_NODES: Readonly<Record<Objective, number>> = { energy: 5000, latency: 256, edp: 256 };

/** What all searches of one layer tile share. */
export interface SplitSpace {
  readonly search: SearchTables;
  readonly costToGo: CostToGo;
  readonly occupancy: Occupancy;
  readonly latencyBound: () => LatencyBound;
  /** What knows more, and takes longer to make. */
  readonly together: () => BoundsTogether;
}

/** Bounds for mappings of interest alone, and for boundaries together. */
export interface BoundsTogether {
  readonly bound: LatencyBound;
  readonly closings: OutputClosings | undefined;
  /** No mapping of interest takes less. */
  readonly leastCycles: number;
}

export interface SplitGoal {
  readonly objective: Objective;
  /** Mappings that cost more are of no interest. */
  readonly energyCapPj: number;
  /** Nodes after which the search is cut, once there is something to beat. */
  readonly budget: number;
}

export class BestSplit {
  nodes = 0;
  scored = 0;
  cut = false;
  /** What a mapping has to beat: the best one found, or an aim. */
  bestPj = Infinity;
  bestCycles = Infinity;
  /** A mapping was found that beats where it started from. */
  improved = false;
  private readonly search: SearchTables;
  private readonly costToGo: CostToGo;
  private readonly best: { readonly order: Uint8Array; readonly below: readonly Int32Array[] };
  private readonly beats: Beats;
  private readonly visits: Visits;
  /** Per operand, the run of loops at the outer end of its open level: above 1 of such that index it directly, below -1
   *  of such that do not index it; 1: of neither. */
  private readonly runs: number[];
  /** By number of boundaries closed: bits used by then. */
  private readonly used: readonly Used[];
  /** Per boundary of the tables, once closed: own state, data, iterations inside; for the latency bound. */
  private readonly closedAt: ({ state: number; own: number; data: 0 | 1; period: number } | undefined)[];
  /** Per boundary, what the latency bound was told last: as in `closedAt`, or the own state of one that is open. */
  private readonly told: (object | number | undefined)[];
  private together: BoundsTogether | undefined;
  private readonly apartNodes: number;

  constructor(
    private readonly space: SplitSpace,
    private readonly goal: SplitGoal,
  ) {
    const { search, costToGo } = space;
    const { placement } = search;
    this.search = search;
    this.costToGo = costToGo;
    this.beats = BEATS[goal.objective];
    this.apartNodes = APART_NODES[goal.objective];
    this.best = { order: placement.order.slice(), below: placement.below.map((below) => below.slice()) };
    this.runs = search.operands.map(() => 1);
    const { startBits } = costToGo.splits;
    this.used = [startBits, ...costToGo.tables.boundaries.map(() => startBits.slice())];
    this.closedAt = costToGo.tables.boundaries.map(() => undefined);
    this.told = costToGo.tables.boundaries.map(() => undefined);
    this.visits = new Visits(costToGo.tables.boundaries.length, search.operands.length);
    placement.below.forEach((below) => below.fill(placement.order.length, below.length - 1));
  }

  /** Only what beats the mapping of another search is of interest. */
  startFrom(other: BestSplit): void {
    this.bestPj = other.bestPj;
    this.bestCycles = other.bestCycles;
    this.best.order.set(other.best.order);
    this.best.below.forEach((below, op) => below.set(other.best.below[op]!));
  }

  /** Only what beats this is of interest; false if the mapping it starts from does not. */
  aimAt(energyPj: number, cycles: number): boolean {
    if (this.bestPj < Infinity && !this.beats(energyPj, cycles, this.bestPj, this.bestCycles)) return false;
    this.bestPj = energyPj;
    this.bestCycles = cycles;
    return true;
  }

  run(): void {
    this.visit(0, 0, this.costToGo.tables.constantPj, 0, 0, -1, 0);
  }

  /** Leaves the best mapping in the placement, scored. */
  place(): void {
    const { placement } = this.search;
    placement.order.set(this.best.order);
    placement.below.forEach((below, op) => below.set(this.best.below[op]!));
    this.search.followOrder();
    this.search.energyPj();
  }

  /**
   * `closings`: boundaries closed; `depth`: loops placed; `lastOperand`: of the last boundary closed at this very state, -1 if none, and `closed` the
   * set of operands with such a boundary: boundaries at one state are closed in operand order.
   */
  private visit(
    state: number,
    split: number,
    spentPj: number,
    closings: number,
    depth: number,
    lastOperand: number,
    closed: number,
  ): void {
    const { tables, splits } = this.costToGo;
    if (this.nodes >= this.goal.budget && this.bestPj < Infinity) {
      this.cut = true;
      return;
    }
    if (!this.visits.first(state, this.runs)) return;
    this.nodes++;
    const open = splits.closings[split]!;
    if (state === tables.lattice.states - 1 && open.length === 0) {
      this.score();
      return;
    }
    if (this.isHopeless(state, split, spentPj)) return;
    const data = tables.reductionsLeft[state]! > 0 ? 1 : 0;
    for (let c = 0; c < open.length; c++) {
      const closing = open[c]!;
      if (closing.operand < lastOperand) continue;
      const costPj = this.costToGo.closingPj(state, closing);
      const after = split + closing.step[data];
      if (spentPj + costPj + this.costToGo.at(state, after) > this.goal.energyCapPj) continue;
      if (!this.space.occupancy.close(this.used[closings]!, state, closing, after, this.used[closings + 1]!))
        continue;
      const { operand, boundary, level } = closing;
      const run = this.runs[operand]!;
      const mark = this.visits.close(boundary, state, run);
      this.runs[operand] = splits.closings[after]!.some((next) => next.operand === operand) ? 1 : 0;
      this.search.placement.below[operand]![level + 1] = depth;
      this.closedAt[boundary] = {
        state,
        own: tables.operands[operand]!.own[state]!,
        data,
        period: tables.iterations[state]!,
      };
      this.visit(state, after, spentPj + costPj, closings + 1, depth, operand, closed | (1 << operand));
      this.closedAt[boundary] = undefined;
      this.runs[operand] = run;
      this.visits.reopen(mark);
    }
    this.step(state, split, spentPj, closings, depth, closed);
  }

  private step(
    state: number,
    split: number,
    spentPj: number,
    closings: number,
    depth: number,
    closed: number,
  ): void {
    const { lattice } = this.costToGo.tables;
    const { operands, placement } = this.search;
    const before = [...this.runs];
    for (let letter = 0; letter < lattice.times.length; letter++) {
      const stride = lattice.strides[letter]!;
      if (placedOf(lattice, state, letter) === lattice.times[letter]) continue;
      if (this.costToGo.restriction?.mayStep(state, letter) === false) continue;
      if (spentPj + this.costToGo.at(state + stride, split) > this.goal.energyCapPj) continue;
      if (closed !== 0 && this.keepsData(closed, letter)) continue;
      const { size } = lattice.letters[letter]!;
      for (let op = 0; op < before.length; op++)
        this.runs[op] = runAfter(
          before[op]!,
          size,
          operands[op]!.irrelevant[letter]!,
          operands[op]!.relevant[letter]!,
        );
      placement.order[depth] = letter;
      this.visit(state + stride, split, spentPj, closings, depth + 1, -1, 0);
    }
    for (let op = 0; op < before.length; op++) this.runs[op] = before[op]!;
  }

  /**
   * Whether a loop does not index some operand whose boundary is closed right below it: above it, the level would hold
   * the same. Sums that are wider once finished are not the same.
   */
  private keepsData(closed: number, letter: number): boolean {
    const { operands } = this.search;
    for (let op = 0; op < operands.length; op++) {
      const { irrelevant, bits, partialBits } = operands[op]!;
      if ((closed & (1 << op)) !== 0 && irrelevant[letter] === 1 && bits <= partialBits) return true;
    }
    return false;
  }

  private score(): void {
    this.scored++;
    this.search.followOrder();
    const kept = this.search.placement.below.map((below) => below.slice());
    const energyPj = this.search.energyPj();
    const cycles = this.search.cycles();
    if (this.bestPj === Infinity || this.beats(energyPj, cycles, this.bestPj, this.bestCycles)) {
      this.improved = true;
      this.bestPj = energyPj;
      this.bestCycles = cycles;
      this.best.order.set(this.search.placement.order);
      this.best.below.forEach((below, op) => below.set(kept[op]!));
    }
    this.search.placement.below.forEach((below, op) => below.set(kept[op]!));
  }

  /** Whether no completion can beat the best mapping found. */
  private isHopeless(state: number, split: number, spentPj: number): boolean {
    if (this.bestPj === Infinity) return false;
    if (this.goal.objective === 'energy' && this.nodes < UNBOUNDED_NODES) return false;
    const leastPj = spentPj + this.costToGo.at(state, split);
    const enoughCycles = this.enoughCycles();
    const leastCycles = this.leastCycles(state, enoughCycles);
    return !this.beats(leastPj, leastCycles, this.bestPj, this.bestCycles);
  }

  /** Cycles from which on it makes no difference to `beats` how many more they are. */
  private enoughCycles(): number {
    switch (this.goal.objective) {
      case 'energy':
        return this.bestCycles;
      case 'latency':
        return this.bestCycles + 1;
      case 'edp':
        return Infinity;
    }
  }

  private leastCycles(state: number, enoughCycles: number): number {
    const { boundaries, operands } = this.costToGo.tables;
    const together = this.boundsTogether();
    const least = together?.closings ? this.leastTogether(together.closings, state) : 0;
    if (least >= enoughCycles) return least;
    const bound = together?.bound ?? this.space.latencyBound();
    for (let j = 0; j < boundaries.length; j++) {
      const at = this.closedAt[j];
      const own = operands[boundaries[j]!.operand]!.own[state]!;
      if (this.told[j] === (at ?? own)) continue;
      this.told[j] = at ?? own;
      if (at) bound.close(j, at.own, at.data, at.period);
      else bound.open(j, own);
    }
    return Math.max(least, bound.leastCycles(enoughCycles));
  }

  /** Once they pay for themselves. What the bound was told before, this one may not know, or it was told otherwise. */
  private boundsTogether(): BoundsTogether | undefined {
    if (this.nodes < this.apartNodes) return undefined;
    if (this.together === undefined) {
      this.together = this.space.together();
      this.told.fill(undefined);
    }
    return this.together;
  }

  /** Cycles at least, by where the output's lowest boundary lies or still may, and what lies within it. */
  private leastTogether({ closedAt, openAt, steps }: OutputClosings, state: number): number {
    const { boundaries } = this.costToGo.tables;
    const lowest = this.closedAt[0];
    let at = lowest?.state ?? state;
    for (let j = 1; j < boundaries.length; j++) {
      const closed = this.closedAt[j];
      if (closed && (lowest === undefined || closed.period < lowest.period))
        at += steps[boundaries[j]!.operand]!;
    }
    return lowest ? closedAt[at]! : openAt[at]!;
  }
}

/** The run after one more loop; 0: the operand has no open level and no run matters. */
function runAfter(run: number, size: number, irrelevant: number, relevant: number): number {
  if (run === 0) return 0;
  if (irrelevant === 1) return run < 0 ? run * size : -size;
  if (relevant === 1) return run > 1 ? run * size : size;
  return 1;
}
