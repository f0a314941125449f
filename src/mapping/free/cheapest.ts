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
  const root = costToGo.at(0, 0);
  if (root === Infinity) return { energyPj: Infinity, boundPj: Infinity, nodes: 0 };
  const queue = new BestFirst<Partial>();
  const kept = new Map<number, Partial[]>();
  const after = splits.startBits.slice();
  const push = (partial: Partial): void => {
    const boundPj = partial.spentPj + costToGo.at(partial.state, partial.split);
    if (boundPj === Infinity) return;
    const node = partial.state * splits.count + partial.split;
    const rivals = kept.get(node) ?? [];
    if (rivals.some((rival) => dominates(rival, partial))) return;
    const own = partial.used === after ? { ...partial, used: after.slice() } : partial;
    kept.set(node, [...rivals.filter((rival) => !dominates(partial, rival)), own]);
    queue.push(boundPj, partial.depth, own);
  };
  push({ state: 0, split: 0, spentPj: 0, used: splits.startBits, depth: 0 });
  for (let nodes = 1; ; nodes++) {
    const boundPj = queue.leastBound;
    const best = queue.pop();
    if (best === undefined) return { energyPj: Infinity, boundPj: Infinity, nodes };
    const { state, split, spentPj, used, depth } = best;
    const open = splits.closings[split]!;
    if (state === states - 1 && open.length === 0) return { energyPj: spentPj, boundPj: spentPj, nodes };
    if (nodes > budget) return { energyPj: Infinity, boundPj, nodes };
    const data = tables.reductionsLeft[state]! > 0 ? 1 : 0;
    for (const closing of open) {
      const cost = costToGo.closingPj(state, closing);
      if (cost < Infinity && occupancy.close(used, state, closing, after))
        push({ state, split: closing.next[data], spentPj: spentPj + cost, used: after, depth: depth + 1 });
    }
    for (let letter = 0; letter < times.length; letter++) {
      if (placedOf(tables.lattice, state, letter) === times[letter]) continue;
      if (costToGo.restriction?.mayStep(state, letter) === false) continue;
      push({ state: state + strides[letter]!, split, spentPj, used, depth: depth + 1 });
    }
  }
}

function dominates(a: Partial, b: Partial): boolean {
  if (a.spentPj > b.spentPj) return false;
  for (let memory = 0; memory < a.used.length; memory++) if (a.used[memory]! > b.used[memory]!) return false;
  return true;
}
