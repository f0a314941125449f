/**
 * What a partial order of the published rule costs at least with any split of its loops: the boundaries that are
 * settled where they are, those that wait anywhere they still may, and the rest as cheap as capacity allows.
 */
import { depthOf } from '../../cost/lattice.js';
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import { cheapest, type Cheapest } from '../free/cheapest.js';
import { CostToGo } from '../free/cost-to-go.js';
import { Occupancy, type Used } from '../free/occupancy.js';
import { splitStates } from '../free/split-states.js';
import type { CandidateLists } from './candidate-lists.js';
import { NOT_YET, type Placed } from './label.js';

/** Steps of placing boundaries that a label is worth: following it takes about as long as fifty of them. */
const MOST_STEPS = 500;

export class FreeBound {
  private readonly costToGo: CostToGo;
  private readonly occupancy: Occupancy;
  /** By boundary, candidates of the label at hand. */
  private readonly candidates: readonly Int32Array[];

  constructor(
    search: SearchTables,
    private readonly tables: LatticeTables,
  ) {
    const splits = splitStates(search, tables);
    this.costToGo = new CostToGo(tables, splits, undefined);
    this.occupancy = new Occupancy(search, tables, splits);
    const loops = depthOf(tables.lattice);
    this.candidates = tables.boundaries.map(() => new Int32Array(loops + 1));
  }

  /** The least energy of any mapping. `budget`: partial mappings looked at, at most. */
  cheapest(budget: number): Cheapest {
    return cheapest(this.costToGo, this.occupancy, budget);
  }

  /**
   * At least what a label costs, beyond the constant part, if at most `mostPj`; not looked at closely where that is at
   * most `enoughPj`, or where there are too many ways to place its boundaries. `mayLie`: open boundaries, as bits.
   */
  leastPj(
    { settled, lists: waiting }: Placed,
    state: number,
    lists: CandidateLists,
    mayLie: number,
    enoughPj: number,
    mostPj: number,
  ): number {
    const { splits } = this.costToGo;
    let leastPj = Infinity;
    let steps = 0;
    const place = (j: number, split: number, spentPj: number, begin: number, used: Used): void => {
      if (++steps > MOST_STEPS) leastPj = Math.min(leastPj, enoughPj);
      if (leastPj <= enoughPj || spentPj + this.costToGo.at(0, split) >= Math.min(leastPj, mostPj)) return;
      if (j === settled.length) {
        leastPj = Math.min(leastPj, spentPj + this.costToGo.at(state, split));
        return;
      }
      const waits = settled[j] === NOT_YET;
      if (waits && (mayLie & (1 << j)) !== 0) place(j + 1, split, spentPj, 0, used);
      const closing = splits.closings[split]!.find(({ boundary }) => boundary === j);
      if (closing === undefined) return;
      const states = this.candidates[j]!;
      const count = waits ? lists.write(waiting[j]!, states) : 1;
      if (!waits) states[0] = settled[j]!;
      for (let i = count - 1; i >= 0; i--) {
        const at = states[i]!;
        if (closing.level > 0 && at < begin) return;
        const sumPj = spentPj + this.costToGo.closingPj(at, closing);
        const after = sumPj > mostPj ? undefined : this.occupancy.closed(used, at, closing);
        const data = this.tables.reductionsLeft[at]! > 0 ? 1 : 0;
        if (after) place(j + 1, closing.next[data], sumPj, at, after);
      }
    };
    place(0, 0, 0, 0, splits.startBits);
    return leastPj;
  }
}
