/**
 * Invariants of the costs facet: sums are sums. Types add up to stacks and stacks to totals (DF6090); energy is the
 * MACs' plus that of every memory, latency the sum of its counted parts (DF6091); nothing is negative or not a
 * number, and MACs are those that were tiled (DF6092).
 */
import { finder } from '../../base/finder.js';
import type { Profile } from '../../base/profile.js';
import { diagnostic, type Diagnostic } from '../../diag/diagnostic.js';
import type { CostSheet, CostTotals } from '../cost.js';
import type { TiledStack, TilePlan } from '../tile.js';

/** Sums of doubles in another order differ by rounding only. */
const TOLERANCE = 1e-9;
const near = (a: number, b: number): boolean =>
  Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const at = (id: string) => [{ kind: 'ir', facet: 'costs', id }] as const;

export function verifyCosts(tiles: TilePlan, costs: CostSheet, profile: Profile): Diagnostic[] {
  return [
    ...costs.stacks.flatMap(({ stack, types, totals }) => [
      ...equal(
        'DF6090',
        stack,
        'energy',
        totals.energyPj,
        sum(types.map((type) => type.count * type.energyPj)),
      ),
      ...equal(
        'DF6090',
        stack,
        'latency',
        totals.latencyCycles,
        sum(types.map((type) => type.count * type.latencyCycles)),
      ),
      ...parts(stack, totals, profile),
      ...macs(stack, totals.macs, tiles),
    ]),
    ...equal(
      'DF6090',
      'totals',
      'energy',
      costs.totals.energyPj,
      sum(costs.stacks.map((stack) => stack.totals.energyPj)),
    ),
    ...equal(
      'DF6090',
      'totals',
      'latency',
      costs.totals.latencyCycles,
      sum(costs.stacks.map((stack) => stack.totals.latencyCycles)),
    ),
    ...parts('totals', costs.totals, profile),
  ];
}

function equal(
  code: 'DF6090' | 'DF6091' | 'DF6092',
  id: string,
  what: string,
  found: number,
  expected: number,
): Diagnostic[] {
  if (near(found, expected)) return [];
  return [diagnostic(code, `${id}: ${what} is ${found}, its parts add up to ${expected}`, at(id))];
}

function parts(id: string, totals: CostTotals, profile: Profile): Diagnostic[] {
  const { compute, stall, onload, offload, copy } = totals.latency;
  const counted = compute + stall + onload + copy + (profile.offloadCounted ? offload : 0);
  const memories = totals.memory.flatMap(({ energyPj }) => Object.values(energyPj));
  const all = [
    totals.energyPj,
    totals.macEnergyPj,
    totals.macs,
    totals.operations,
    compute,
    stall,
    onload,
    offload,
    copy,
    ...memories,
  ];
  return [
    ...equal('DF6091', id, 'energy', totals.energyPj, totals.macEnergyPj + sum(memories)),
    ...equal('DF6091', id, 'latency', totals.latencyCycles, counted),
    ...(all.every((value) => Number.isFinite(value) && value >= 0)
      ? []
      : [diagnostic('DF6092', `${id}: a cost is negative or not a number`, at(id))]),
  ];
}

const tiledOf = finder((tiled: TiledStack) => tiled.stack as string);

/** Per tile MACs are rounded where a layer's do not divide by its pixels: allow one per tile. */
function macs(id: string, found: number, tiles: TilePlan): Diagnostic[] {
  const tiled = tiledOf(tiles.stacks, id);
  const slack = (tiled?.grid.x ?? 0) * (tiled?.grid.y ?? 0) * (tiled?.layers.length ?? 0);
  if (tiled && Math.abs(tiled.macs - found) <= slack) return [];
  return [diagnostic('DF6092', `${id}: ${found} MACs costed, ${tiled?.macs ?? 0} tiled`, at(id))];
}
