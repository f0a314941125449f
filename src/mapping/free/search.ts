/**
 * The best mapping over all loop orders and all boundaries between memory levels that fit, every operand its own. First
 * the least energy, then, among the mappings that have it (or among all, for another objective), the best one.
 */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import type { FixedLoops } from '../split-bounds.js';
import { nothingFits, type SearchOutcome } from '../outcome.js';
import { gapOver, TOLERANCE, type Objective } from '../objective.js';
import { BestSplit } from './best-split.js';
import { cheapest } from './cheapest.js';
import { CostToGo } from './cost-to-go.js';
import { Occupancy } from './occupancy.js';
import { restrictionTo } from './restriction.js';
import { splitStates } from './split-states.js';

/** Leaves the best mapping in the placement, scored. `budget`: partial mappings looked at, at most, per phase. */
export function searchFreely(
  search: SearchTables,
  tables: LatticeTables,
  objective: Objective,
  budget: number,
  fixed?: FixedLoops,
): SearchOutcome {
  const splits = splitStates(search, tables);
  const costToGo = new CostToGo(tables, splits, fixed && restrictionTo(search, tables, fixed));
  const occupancy = new Occupancy(search, tables, splits);
  const least = cheapest(costToGo, occupancy, budget);
  const { nodes } = least;
  const boundPj = least.boundPj + tables.constantPj;
  if (boundPj === Infinity) return nothingFits(nodes);
  const proven = least.energyPj === least.boundPj;
  const cheap = new BestSplit(
    search,
    costToGo,
    occupancy,
    'energy',
    proven ? boundPj * (1 + TOLERANCE) : Infinity,
    budget,
  );
  const found = cheap.run();
  if (objective === 'energy' || !found) {
    const gap = found ? Math.max(0, cheap.bestPj / boundPj - 1) : 0;
    return { found, gap: gap <= TOLERANCE ? 0 : gap, nodes: nodes + cheap.nodes, scored: cheap.scored };
  }
  const other = new BestSplit(search, costToGo, occupancy, objective, Infinity, budget);
  other.startFrom(cheap);
  other.run();
  const bound = { energyPj: boundPj, cycles: other.leastCyclesOfAll() };
  return {
    found,
    gap: other.cut ? gapOver(objective, { energyPj: other.bestPj, cycles: other.bestCycles }, bound) : 0,
    nodes: nodes + cheap.nodes + other.nodes,
    scored: cheap.scored + other.scored,
  };
}

/** Whether any mapping fits at all. */
export function fitsFreely(search: SearchTables, tables: LatticeTables, budget: number): boolean {
  const splits = splitStates(search, tables);
  const costToGo = new CostToGo(tables, splits, undefined);
  return cheapest(costToGo, new Occupancy(search, tables, splits), budget).boundPj < Infinity;
}
