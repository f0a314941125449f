/**
 * The best mapping under the published rule: of all loop orders, each split over the levels greedily, the one of least
 * energy; of equal ones, to the last bit, the first in the published enumeration. Cheap ways come first, and each is
 * exact where it answers.
 */
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import { leastFreely } from '../free/search.js';
import { TOLERANCE } from '../objective.js';
import type { FixedLoops } from '../split-bounds.js';
import { nothingFits, type SearchOutcome } from '../outcome.js';
import { someOverfill } from '../room.js';
import { LoopAllocator } from './allocate.js';
import { LABEL_GRAPH, OrderLabels, type BestOrders } from './best-orders.js';
import { inEnumerationOrder } from './cool-lex.js';
import { EveryOrder } from './every-order.js';
import { exchangeLoops, type PricedOrder } from './exchange.js';
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
  return byLabels(search, tables, relaxation, allocator, { order: first, energyPj }, budget);
}

/** Energy of an order under the rule, pJ; Infinity: it does not fit. */
function score(search: SearchTables, allocator: LoopAllocator, order: readonly number[]): number {
  search.placement.order.set(order);
  search.followOrder();
  return allocator.allocate() ? search.energyPj() : Infinity;
}

/** By how much more than the relaxation says the best order may cost: tried in turn, since less leaves fewer labels. */
const MARGINS = [1e-3, 1e-2, 0.1, 0.5, 2, 10, Infinity];

/** Partial mappings looked at in the time of a label. */
const NODES_PER_LABEL = 4;

/** From this margin on, labels are so many that a good order to stay below is worth looking for. */
const WIDE = 0.1;

function byLabels(
  search: SearchTables,
  tables: LatticeTables,
  relaxation: Relaxation,
  allocator: LoopAllocator,
  first: PricedOrder,
  budget: number,
): SearchOutcome {
  const strict = !someOverfill(search, tables);
  const unknown = first.energyPj === Infinity;
  const leastPj = relaxation.costToGoPj[0]!;
  let nodes = 0;
  let known = first;
  // With any split at all: a better bound, but dearer.
  let boundPj = unknown && strict ? leastFreely(search, tables, budget) : leastPj;
  if (boundPj === Infinity) return nothingFits(nodes);
  for (const margin of MARGINS) {
    if (margin === WIDE && !unknown) {
      known = exchangeLoops(known, (order) => score(search, allocator, order));
      if (strict) boundPj = Math.max(boundPj, leastFreely(search, tables, budget));
    }
    const capPj = Math.min(known.energyPj - tables.constantPj, leastPj * (1 + margin));
    if (boundPj > capPj * (1 + TOLERANCE)) continue;
    const labels = new OrderLabels(search, relaxation);
    const best = labels.run(capPj, budget / NODES_PER_LABEL - nodes);
    nodes += best.labels;
    // What the memories above such a one then hold depends on more than a label keeps.
    if (labels.overfilled)
      return everyOrder(
        new EveryOrder(search, tables.lattice, relaxation, budget),
        leastPj + tables.constantPj,
      );
    if (best.ends.length > 0) return firstOf(search, tables, allocator, best, nodes);
    if (best.cut || capPj === Infinity) break;
  }
  if (known.energyPj === Infinity) return nothingFits(nodes, allocator.shortage);
  const gap = score(search, allocator, known.order) / (boundPj + tables.constantPj) - 1;
  return { found: true, gap: gap <= TOLERANCE ? 0 : gap, nodes, scored: 1 };
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
