/**
 * The best mapping under the published rule: of all loop orders, each split over the levels greedily, the one of least
 * energy; of equal ones, to the last bit, the first in the published enumeration. Cheap ways come first, and each is
 * exact where it answers.
 */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import { fitsFreely } from '../free/search.js';
import { TOLERANCE } from '../objective.js';
import type { FixedLoops } from '../split-bounds.js';
import { nothingFits, type SearchOutcome } from '../outcome.js';
import { mayOverfill } from '../room.js';
import { LoopAllocator } from './allocate.js';
import { LABEL_GRAPH, OrderLabels, type BestOrders } from './best-orders.js';
import { inEnumerationOrder } from './cool-lex.js';
import { EveryOrder } from './every-order.js';
import { Relaxation } from './relaxation.js';
import { relaxedBoundaries } from './relaxed-boundaries.js';
import { TightOrders } from './tight-orders.js';

/** Leaves the best mapping in the placement, scored. `budget`: partial orders looked at, at most. */
export function searchAsPublished(
  search: SearchTables,
  tables: LatticeTables,
  budget: number,
  fixed?: FixedLoops,
): SearchOutcome {
  if (fixed) return everyOrder(new EveryOrder(search, tables.lattice, undefined, budget, fixed), 0);
  const relaxation = new Relaxation(tables, relaxedBoundaries(search, tables));
  if (relaxation.infeasible) return nothingFits(0);
  const boundPj = tables.constantPj + relaxation.costToGoPj[0]!;
  if (tables.ambiguous)
    return everyOrder(new EveryOrder(search, tables.lattice, relaxation, budget), boundPj);
  const tight = new TightOrders(relaxation);
  const first = tight.orders().next().value as readonly number[];
  const allocator = new LoopAllocator(search);
  const energyPj = score(search, allocator, first);
  if (tight.alike && energyPj <= boundPj * (1 + TOLERANCE))
    return { found: true, gap: 0, nodes: first.length, scored: 1 };
  return byLabels(search, tables, relaxation, allocator, first, energyPj, budget);
}

/** Energy of an order under the rule, pJ; Infinity: it does not fit. */
function score(search: SearchTables, allocator: LoopAllocator, order: readonly number[]): number {
  search.placement.order.set(order);
  search.followOrder();
  return allocator.allocate() ? search.energyPj() : Infinity;
}

/** By how much more than the relaxation says the best order may cost: tried in turn, since less leaves fewer labels. */
const MARGINS = [1e-3, 1e-2, 0.1, 0.5, 2, 10, Infinity];

/** `knownPj`: energy of some order, or Infinity. */
function byLabels(
  search: SearchTables,
  tables: LatticeTables,
  relaxation: Relaxation,
  allocator: LoopAllocator,
  known: readonly number[],
  knownPj: number,
  budget: number,
): SearchOutcome {
  let nodes = 0;
  const strict = !search.memories.some((memory) => mayOverfill(search, tables, memory));
  if (knownPj === Infinity && strict && !fitsFreely(search, tables, budget)) return nothingFits(nodes);
  const leastPj = relaxation.costToGoPj[0]!;
  for (const margin of MARGINS) {
    const capPj = Math.min(knownPj - tables.constantPj, leastPj * (1 + margin));
    const best = new OrderLabels(search, relaxation, true).run(capPj, budget - nodes);
    nodes += best.labels;
    if (best.ends.length > 0) return firstOf(search, tables, allocator, best, nodes);
    if (best.cut || capPj === Infinity) break;
  }
  if (knownPj === Infinity) return nothingFits(nodes, allocator.shortage);
  const gap = score(search, allocator, known) / (leastPj + tables.constantPj) - 1;
  return { found: true, gap, nodes, scored: 1 };
}

/** The first order of those that cost least to the last bit. */
function firstOf(
  search: SearchTables,
  { lattice }: LatticeTables,
  allocator: LoopAllocator,
  { ends }: BestOrders,
  nodes: number,
): SearchOutcome {
  const firstTo = (labels: BestOrders['ends']): readonly number[] =>
    inEnumerationOrder(LABEL_GRAPH, labels, lattice.times).next().value as readonly number[];
  const energies = ends.map((end) => score(search, allocator, firstTo([end])));
  const leastPj = Math.min(...energies);
  score(search, allocator, firstTo(ends.filter((_, i) => energies[i] === leastPj)));
  return { found: true, gap: 0, nodes, scored: ends.length + 1 };
}

function everyOrder(walk: EveryOrder, boundPj: number): SearchOutcome {
  const found = walk.run();
  const { nodes, scored, cut, bestPj, shortage } = walk;
  if (!found) return nothingFits(nodes, shortage);
  return { found, gap: cut ? bestPj / boundPj - 1 : 0, nodes, scored, shortage };
}
