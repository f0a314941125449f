/**
 * What a partial order of the published rule costs at least with any split of its loops: the boundaries that are
 * settled where they are, those that wait anywhere they still may, and the rest as cheap as capacity allows.
 *
 * Hot core: asked for every label of a hard search; what is tried is written to arrays, by boundary.
 */
import { depthOf } from '../../cost/lattice.js';
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import { cheapest, type Cheapest } from '../free/cheapest.js';
import { CostToGo } from '../free/cost-to-go.js';
import { Occupancy, type Used } from '../free/occupancy.js';
import { splitStates, type Closing } from '../free/split-states.js';
import type { CandidateLists } from './candidate-lists.js';
import { NOT_YET, type Placed } from './label.js';

/** Steps of placing boundaries that a label is worth: following it takes about as long as fifty of them. */
const MOST_STEPS = 500;

export class FreeBound {
  private readonly costToGo: CostToGo;
  private readonly occupancy: Occupancy;
  /** The label at hand: what it has placed, its state, and the open boundaries, as bits. */
  private label: Placed;
  private state = 0;
  private mayLie = 0;
  private steps = 0;
  /** By boundary: candidates of the label, what is spent before it, and bits used by then. */
  private readonly candidates: readonly Int32Array[];
  private readonly spentPj: Float64Array;
  private readonly used: readonly Used[];
  /** Of the label at least, as far as is known; what is enough, and what is too much. */
  private readonly limitsPj = new Float64Array(3);

  constructor(
    search: SearchTables,
    private readonly tables: LatticeTables,
    private readonly lists: CandidateLists,
  ) {
    const splits = splitStates(search, tables);
    this.costToGo = new CostToGo(tables, splits, undefined);
    this.occupancy = new Occupancy(search, tables, splits);
    const loops = depthOf(tables.lattice);
    const boundaries = tables.boundaries.length;
    this.candidates = tables.boundaries.map(() => new Int32Array(loops + 1));
    this.spentPj = new Float64Array(boundaries + 1);
    this.used = Array.from({ length: boundaries + 1 }, () => splits.startBits.slice());
    this.label = { spentPj: 0, settled: new Int32Array(boundaries), lists: new Int32Array(boundaries) };
  }

  /** The least energy of any mapping. `budget`: partial mappings looked at, at most. */
  cheapest(budget: number): Cheapest {
    return cheapest(this.costToGo, this.occupancy, budget);
  }

  /**
   * At least what a label costs, beyond the constant part, if at most `mostPj`; not looked at closely where that is at
   * most `enoughPj`, or where there are too many ways to place its boundaries. `mayLie`: open boundaries, as bits.
   */
  leastPj(label: Placed, state: number, mayLie: number, enoughPj: number, mostPj: number): number {
    this.label = label;
    this.state = state;
    this.mayLie = mayLie;
    this.steps = 0;
    this.limitsPj.set([Infinity, enoughPj, mostPj]);
    this.place(0, 0, 0);
    return this.limitsPj[0]!;
  }

  /** Boundary `j` and those after it, every way; `begin`: where its level begins. */
  private place(j: number, split: number, begin: number): void {
    const { limitsPj, spentPj, costToGo } = this;
    if (++this.steps > MOST_STEPS) limitsPj[0] = Math.min(limitsPj[0]!, limitsPj[1]!);
    if (limitsPj[0]! <= limitsPj[1]!) return;
    if (spentPj[j]! + costToGo.at(0, split) >= Math.min(limitsPj[0]!, limitsPj[2]!)) return;
    const { settled, lists } = this.label;
    if (j === settled.length) {
      limitsPj[0] = Math.min(limitsPj[0]!, spentPj[j]! + costToGo.at(this.state, split));
      return;
    }
    const waits = settled[j] === NOT_YET;
    if (waits && (this.mayLie & (1 << j)) !== 0) {
      spentPj[j + 1] = spentPj[j]!;
      this.used[j + 1]!.set(this.used[j]!);
      this.place(j + 1, split, 0);
    }
    const closing = closingOf(costToGo.splits.closings[split]!, j);
    if (closing === undefined) return;
    const states = this.candidates[j]!;
    const count = waits ? this.lists.write(lists[j]!, states) : 1;
    if (!waits) states[0] = settled[j]!;
    for (let i = count - 1; i >= 0; i--) {
      if (closing.level > 0 && states[i]! < begin) return;
      this.close(j, split, closing, states[i]!);
    }
  }

  /** Closes boundary `j` at a state, and goes on if that is possible. */
  private close(j: number, split: number, closing: Closing, state: number): void {
    const { spentPj, used, limitsPj } = this;
    spentPj[j + 1] = spentPj[j]! + this.costToGo.closingPj(state, closing);
    if (spentPj[j + 1]! > limitsPj[2]!) return;
    const after = split + closing.step[this.tables.reductionsLeft[state]! > 0 ? 1 : 0];
    if (this.occupancy.close(used[j]!, state, closing, after, used[j + 1]!)) this.place(j + 1, after, state);
  }
}

function closingOf(open: readonly Closing[], boundary: number): Closing | undefined {
  for (let i = 0; i < open.length; i++) if (open[i]!.boundary === boundary) return open[i];
  return undefined;
}
