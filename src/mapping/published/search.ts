/**
 * The best mapping under the published rule: of all loop orders, each split over the levels greedily, the one of least
 * energy; of equal ones, to the last bit, the first in the published enumeration. Cheap ways come first, and each is
 * exact where it answers.
 */
import { ratio } from '../../base/ratio.js';
import type { Lattice } from '../../cost/lattice.js';
import type { LatticeTables } from '../../cost/lattice-tables.js';
import type { SearchTables } from '../../cost/tables.js';
import { TOLERANCE } from '../objective.js';
import type { FixedLoops } from '../split-bounds.js';
import { nothingFits, type SearchOutcome } from '../outcome.js';
import { someOverfill } from '../room.js';
import { LoopAllocator } from './allocate.js';
import { OrderLabels, type BestOrders } from './best-orders.js';
import { inEnumerationOrder } from './cool-lex.js';
import { EveryOrder } from './every-order.js';
import { exchangeLoops, type PricedOrder } from './exchange.js';
import type { Label } from './label.js';
import { Relaxation } from './relaxation.js';
import { relaxedBoundaries } from './relaxed-boundaries.js';
import { TightOrders } from './tight-orders.js';

/** Leaves the best mapping in the placement, scored. `budget`: partial orders looked at, at most. */
export function searchAsPublished(
  tile: SearchTables,
  tables: LatticeTables,
  budget: number,
  fixed?: FixedLoops,
): SearchOutcome {
  const search: SearchTables = someOverfill(tile, tables) ? tile : { ...tile, overfull: 'unmappable' };
  if (fixed) return everyOrder(search, tables.lattice, undefined, budget, 0, fixed);
  const relaxation = new Relaxation(tables, relaxedBoundaries(search, tables));
  if (relaxation.infeasible) return nothingFits(0);
  const boundPj = tables.constantPj + relaxation.costToGoPj[0]!;
  if (tables.ambiguous) return everyOrder(search, tables.lattice, relaxation, budget, boundPj);
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

/** Partial mappings looked at in the time of a label. */
const NODES_PER_LABEL = 4;

function byLabels(
  search: SearchTables,
  { lattice, constantPj }: LatticeTables,
  relaxation: Relaxation,
  allocator: LoopAllocator,
  first: PricedOrder,
  budget: number,
): SearchOutcome {
  const labels = new OrderLabels(search, relaxation, first.energyPj - constantPj);
  const best = labels.run(budget / NODES_PER_LABEL);
  const boundPj = best.boundPj + constantPj;
  // What the memories above such a one then hold depends on more than a label keeps, and its bound is without them.
  if (labels.overfilled)
    return everyOrder(search, lattice, relaxation, budget, constantPj + relaxation.costToGoPj[0]!);
  if (boundPj === Infinity) return nothingFits(best.labels, allocator.shortage);
  const isBest = first.energyPj <= boundPj * (1 + TOLERANCE);
  if (best.ends.length > 0 && !(best.cut && isBest)) return firstOf(search, lattice, allocator, labels, best);
  const known = isBest ? first : exchangeLoops(first, (order) => score(search, allocator, order));
  if (known.energyPj === Infinity) return nothingFits(best.labels, allocator.shortage);
  const gap = ratio(score(search, allocator, known.order), boundPj) - 1;
  return { found: true, gap: gap <= TOLERANCE ? 0 : gap, nodes: best.labels, scored: 1 };
}

/** The first order of those that cost least to the last bit. */
function firstOf(
  search: SearchTables,
  lattice: Lattice,
  allocator: LoopAllocator,
  orders: OrderLabels,
  { ends, labels }: BestOrders,
): SearchOutcome {
  const firstTo = (labels: readonly Label[]): readonly number[] =>
    inEnumerationOrder(orders.labels, labels, lattice.times).next().value as readonly number[];
  const energies = ends.map((end) => score(search, allocator, firstTo([end])));
  const leastPj = Math.min(...energies);
  score(search, allocator, firstTo(ends.filter((_, i) => energies[i] === leastPj)));
  return { found: true, gap: 0, nodes: labels, scored: ends.length + 1 };
}

/** Where the walk is cut before anything fits, plain orders are tried. */
function everyOrder(
  search: SearchTables,
  lattice: Lattice,
  relaxation: Relaxation | undefined,
  budget: number,
  boundPj: number,
  fixed?: FixedLoops,
): SearchOutcome {
  const walk = new EveryOrder(search, lattice, relaxation, budget, fixed);
  const found = walk.run();
  const { nodes, scored, cut, bestPj, shortage } = walk;
  if (found) return { found, gap: cut ? ratio(bestPj, boundPj) - 1 : 0, nodes, scored, shortage };
  const allocator = new LoopAllocator(search);
  for (const order of cut && !fixed ? plainOrders(lattice) : []) {
    const energyPj = score(search, allocator, order);
    if (energyPj < Infinity)
      return { found: true, gap: ratio(energyPj, boundPj) - 1, nodes, scored: scored + 1 };
  }
  return nothingFits(nodes, shortage);
}

/** The loops one kind after the other, and the other way round. */
function plainOrders({ times }: Lattice): readonly (readonly number[])[] {
  const order = Array.from(times).flatMap((count, letter) => Array.from({ length: count }, () => letter));
  return [order, order.toReversed()];
}
