/**
 * The least energy of any mapping: best-first over partial mappings, guided by what they still pay at least. That bound
 * is exact unless operands compete for a memory, so most searches walk straight to the end.
 *
 * Exact: a partial mapping is dropped only for one that has placed the same loops and closed the same boundaries at no
 * higher energy with no more bits in any memory.
 */
import { placedOf } from '../../cost/lattice.js';
import { BestFirst } from '../best-first.js';
import type { CostToGo } from './cost-to-go.js';
import type { Occupancy, Used } from './occupancy.js';

interface Partial {
  readonly state: number;
  readonly split: number;
  readonly spentPj: number;
  readonly used: Used;
  /** Loops placed and boundaries closed. */
  readonly depth: number;
}

export interface Cheapest {
  /** Beyond the constant part; Infinity: nothing fits. */
  readonly energyPj: number;
  /** At most what any mapping costs; less than `energyPj` only if the search was cut. */
  readonly boundPj: number;
  /** Partial mappings looked at. */
  readonly nodes: number;
}

export function cheapest(costToGo: CostToGo, occupancy: Occupancy, budget: number): Cheapest {
  const { tables, splits } = costToGo;
  const { strides, times, states } = tables.lattice;
  if (costToGo.at(0, 0) === Infinity) return { energyPj: Infinity, boundPj: Infinity, nodes: 0 };
  const frontier = new Frontier(costToGo);
  frontier.push(0, 0, 0, splits.startBits, 0);
  for (let nodes = 1; ; nodes++) {
    const boundPj = frontier.queue.leastBound;
    const best = frontier.queue.pop();
    if (best === undefined) return { energyPj: Infinity, boundPj: Infinity, nodes };
    const { state, split, spentPj, used, depth } = best;
    const open = splits.closings[split]!;
    if (state === states - 1 && open.length === 0) return { energyPj: spentPj, boundPj: spentPj, nodes };
    if (nodes > budget) return { energyPj: Infinity, boundPj, nodes };
    const data = tables.reductionsLeft[state]! > 0 ? 1 : 0;
    for (let c = 0; c < open.length; c++) {
      const costPj = costToGo.closingPj(state, open[c]!);
      const next = split + open[c]!.step[data];
      if (costPj < Infinity && occupancy.close(used, state, open[c]!, next, frontier.after))
        frontier.push(state, next, spentPj + costPj, frontier.after, depth + 1);
    }
    for (let letter = 0; letter < times.length; letter++) {
      if (placedOf(tables.lattice, state, letter) === times[letter]) continue;
      if (costToGo.restriction?.mayStep(state, letter) === false) continue;
      frontier.push(state + strides[letter]!, split, spentPj, used, depth + 1);
    }
  }
}

/** Partial mappings to look at. */
class Frontier {
  readonly queue = new BestFirst<Partial>();
  /** Bits used after one more boundary: written over, and copied where they are kept. */
  readonly after: Used;
  /** By state and split, those that none dominates. */
  private readonly kept = new Map<number, Partial[]>();

  constructor(private readonly costToGo: CostToGo) {
    this.after = costToGo.splits.startBits.slice();
  }

  /** Adds a partial mapping, unless it leads nowhere or another dominates it. */
  push(state: number, split: number, spentPj: number, used: Used, depth: number): void {
    const boundPj = spentPj + this.costToGo.at(state, split);
    if (boundPj === Infinity) return;
    const node = state * this.costToGo.splits.count + split;
    const rivals = this.kept.get(node);
    if (rivals?.some((rival) => dominates(rival.spentPj, rival.used, spentPj, used))) return;
    const kept = used === this.after ? used.slice() : used;
    const partial: Partial = { state, split, spentPj, used: kept, depth };
    const others = rivals?.filter((rival) => !dominates(spentPj, used, rival.spentPj, rival.used)) ?? [];
    this.kept.set(node, [...others, partial]);
    this.queue.push(boundPj, depth, partial);
  }
}

function dominates(spentPj: number, used: Used, otherPj: number, others: Used): boolean {
  if (spentPj > otherPj) return false;
  for (let memory = 0; memory < used.length; memory++) if (used[memory]! > others[memory]!) return false;
  return true;
}
