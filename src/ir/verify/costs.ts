/**
 * Invariants of the costs facet:
 * - every feasible stack is costed, type by type with the counts of its tiles, layer by layer and copy by copy as
 *   allocated (DF6093);
 * - sums are sums: layers and copies add up to tiles, tiles to stacks, stacks to totals, in every part (DF6090);
 *   energy is the MACs' plus that of every memory, latency the sum of its counted parts (DF6091);
 * - nothing is negative or not a number, and MACs are those that were tiled (DF6092);
 * - a mapping iterates over its whole layer tile, on dimensions the array has, with every operand's data in memories
 *   of its path that only rise from the innermost loop outwards (DF6094): cost-mapping.ts;
 * - what a search says of its stacks is what they cost, and nothing is below its bounds (DF6095): search.ts.
 */
import { perValue } from '../../base/bounded-map.js';
import { finder } from '../../base/finder.js';
import type { MemoryId } from '../../base/ids.js';
import type { Profile } from '../../base/profile.js';
import type { Code } from '../../diag/codes.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Accelerator } from '../../hw/accelerator.js';
import type { AllocationPlan, CopyStep, StackAllocation } from '../alloc.js';
import type {
  CopyStepCost,
  CostSheet,
  CostTotals,
  LayerLatency,
  LayerTileCost,
  StackCost,
  TypeCost,
} from '../cost.js';
import { partsOf as headParts } from '../heads.js';
import type { StackPlan } from '../stack.js';
import type { TiledStack, TilePlan } from '../tile.js';
import { mappingFaultsOn } from './cost-mapping.js';
import { broken, each, near, NOTHING, sameIds, sum } from './find.js';
import { searchFaults } from './search.js';

/** Without plan and allocations (they are facets of their own) costs are held against the tiles alone. */
export function verifyCosts(
  plan: StackPlan | undefined,
  tiles: TilePlan,
  allocs: AllocationPlan | undefined,
  costs: CostSheet,
  hw: Accelerator,
  profile: Profile,
): Diagnostic[] {
  const mappingFaults = mappingFaultsOn(hw);
  return [
    ...(allocs === undefined ? [] : unallocated(allocs, costs)),
    ...each(costs.stacks, (stack) => [
      ...untiled(tiles, stack),
      ...each(stack.types, (type) => typeSums(stack, type, profile)),
      ...totalsOf(stack.stack, stack.totals, partsOfTypes(stack.types), profile),
      ...each(stack.types, ({ type, layers }) =>
        each(layers, mappingFaults).map((fault) =>
          broken('costs', 'DF6094', `${stack.stack} ${type}`, fault),
        ),
      ),
    ]),
    ...(plan === undefined ? [] : searchFaults(plan, costs)).map((fault) =>
      broken('costs', 'DF6095', 'totals', fault),
    ),
    ...totalsOf('totals', costs.totals, partsOfStacks(costs.stacks), profile),
  ];
}

function unallocated({ stacks }: AllocationPlan, costs: CostSheet): Diagnostic[] {
  const report = (id: string, fault: string): Diagnostic => broken('costs', 'DF6093', id, fault);
  if (
    !sameIds(
      costs.stacks.map(({ stack }) => stack),
      stacks.map(({ stack }) => stack),
    )
  )
    return [report('stacks', 'costed are others than those that are allocated')];
  return [
    ...each(costs.stacks, ({ stack, types }, s) =>
      asAllocated(types, stacks[s]).map((fault) => report(stack, fault)),
    ),
  ];
}

/** Layers and copies of every type, in order: names that differ. */
const asAllocated = (
  types: readonly TypeCost[],
  allocation: StackAllocation | undefined,
): readonly string[] =>
  each(types, ({ type, layers, copySteps }, t) => {
    const allocated = allocation?.types[t];
    const faults: string[] = [];
    const others = allocated?.layers ?? NOTHING;
    if (layers.length !== others.length || !layers.every(({ layer }, l) => layer === others[l]?.layer))
      faults.push(`${type}: costed are others than the layers allocated`);
    const moved = allocated?.copySteps ?? NOTHING;
    if (copySteps.length !== moved.length || !copySteps.every((step, s) => sameCopies(step, moved[s])))
      faults.push(`${type}: costed are others than the copies allocated`);
    return faults;
  });

const sameCopies = ({ before, copies }: CopyStepCost, step: CopyStep | undefined): boolean =>
  before === step?.before &&
  copies.length === step.copies.length &&
  copies.every(({ why, map, bits, from, to }, c) => {
    const copy = step.copies[c];
    return (
      why === copy?.why &&
      map === copy.map &&
      bits === copy.bits &&
      from === copy.from.memory &&
      to === copy.to.memory
    );
  });

const tiledOf = finder(({ stack }: TiledStack) => stack);

/** Types and counts of the tiles; MACs, of which a tile has a rounded share of its layer's. */
function untiled(tiles: TilePlan, { stack, types, totals }: StackCost): Diagnostic[] {
  const tiled = tiledOf(tiles.stacks, stack);
  const expected = tiled?.types ?? NOTHING;
  const agrees =
    types.length === expected.length &&
    expected.every(({ name, count }, t) => types[t]?.type === name && types[t].count === count);
  return [
    ...(agrees ? [] : [broken('costs', 'DF6093', stack, 'costed are others than its tile types')]),
    ...(Math.abs((tiled?.macs ?? -1) - totals.macs) <= roundings(tiled)
      ? []
      : [broken('costs', 'DF6092', stack, `${totals.macs} MACs costed, ${tiled?.macs ?? 0} tiled`)]),
  ];
}

/** MACs of a tile are rounded where a layer's do not divide by its pixels. */
const roundings = (tiled: TiledStack | undefined): number =>
  tiled === undefined ? -1 : tiled.grid.x * tiled.grid.y * headParts(tiled) * tiled.layers.length;

type Parts = ReadonlyMap<string, number>;

/** `what` says what was found: a function where it is asked about every layer of a long network. */
function equal(
  code: Code,
  id: string,
  what: string | (() => string),
  found: number,
  expected: number,
): readonly Diagnostic[] {
  if (near(found, expected)) return NOTHING;
  const name = typeof what === 'string' ? what : what();
  return [broken('costs', code, id, `${name} is ${found}, its parts add up to ${expected}`)];
}

const counted = ({ compute, stall, onload, offload }: LayerLatency, profile: Profile): number =>
  compute + stall + onload + (profile.offloadCounted ? offload : 0);

function typeSums({ stack }: StackCost, type: TypeCost, profile: Profile): Diagnostic[] {
  const id = `${stack} ${type.type}`;
  const { layers, copySteps } = type;
  const energy = sum(layers, ({ energyPj }) => energyPj) + sum(copySteps, ({ energyPj }) => energyPj);
  const latency =
    sum(layers, (layer) => counted(layer.latency, profile)) +
    sum(copySteps, ({ latencyCycles }) => latencyCycles);
  return [
    ...equal('DF6090', id, 'energy', type.energyPj, energy),
    ...equal('DF6090', id, 'latency', type.latencyCycles, latency),
    ...each(layers, ({ layer, energyPj, macEnergyPj, accesses }) =>
      equal(
        'DF6091',
        id,
        () => `energy of ${layer}`,
        energyPj,
        macEnergyPj + sum(accesses, (access) => access.energyPj),
      ),
    ),
    ...each(copySteps, ({ before, energyPj, copies }) =>
      equal(
        'DF6091',
        id,
        () => `copies before ${before}`,
        energyPj,
        sum(copies, (copy) => copy.energyPj),
      ),
    ),
    ...each(copySteps, ({ copies }) =>
      each(copies, (copy) =>
        equal(
          'DF6091',
          id,
          () => `copy of ${copy.map}`,
          copy.energyPj,
          sum(copy.energyByMemory, (part) => part.energyPj),
        ),
      ),
    ),
  ];
}

/** Every number of a total, with its name. */
function addTotals({ latency, memory, ...totals }: CostTotals, add: Add): void {
  add('energyPj', totals.energyPj);
  add('macEnergyPj', totals.macEnergyPj);
  add('macs', totals.macs);
  add('operations', totals.operations);
  add('compute', latency.compute);
  add('stall', latency.stall);
  add('onload', latency.onload);
  add('offload', latency.offload);
  add('copy', latency.copy);
  for (const { memory: id, energyPj } of memory) for (const path of PATHS) add(IN[path](id), energyPj[path]);
}

const PATHS = ['W', 'I', 'O', 'copy'] as const;
/** Names of sums, of which there are few and that are asked for with every access. */
const named = (path: string): ((memory: MemoryId) => string) =>
  perValue(256, (memory: MemoryId) => `${path} in ${memory}`);
const IN = { W: named('W'), I: named('I'), O: named('O'), copy: named('copy') } as const;
const PATH = { O: 'O', W: 'W', I: 'I', X: 'I', Y: 'I' } as const;

/** Adds to sums that have names. */
type Add = (name: string, value: number) => void;

function sums(addAll: (add: Add) => void): Parts {
  const total = new Map<string, number>();
  addAll((name, value) => total.set(name, (total.get(name) ?? 0) + value));
  return total;
}

/** The same numbers added up over tile types. */
const partsOfTypes = (types: readonly TypeCost[]): Parts =>
  sums((add) => {
    for (const { count, energyPj, layers, copySteps } of types) {
      add('energyPj', count * energyPj);
      for (const { latency, macEnergyPj, macs, operations } of layers) {
        add('compute', count * latency.compute);
        add('stall', count * latency.stall);
        add('onload', count * latency.onload);
        add('offload', count * latency.offload);
        add('macEnergyPj', count * macEnergyPj);
        add('macs', count * macs);
        add('operations', count * operations);
      }
      for (const [accesses, tiles] of tilesByAccesses(layers))
        for (const { operand, memory, energyPj: pj } of accesses)
          add(IN[PATH[operand]](memory), count * tiles * pj);
      for (const { latencyCycles, copies } of copySteps) {
        add('copy', count * latencyCycles);
        for (const copy of copies)
          for (const { memory, energyPj: pj } of copy.energyByMemory) add(IN.copy(memory), count * pj);
      }
    }
  });

const partsOfStacks = (stacks: readonly StackCost[]): Parts =>
  sums((add) => {
    for (const { totals } of stacks) addTotals(totals, add);
  });

/** How many layer tiles share each list of accesses: those of one mapping do. */
function tilesByAccesses(layers: TypeCost['layers']): ReadonlyMap<LayerTileCost['accesses'], number> {
  const tiles = new Map<LayerTileCost['accesses'], number>();
  for (const { accesses } of layers) tiles.set(accesses, (tiles.get(accesses) ?? 0) + 1);
  return tiles;
}

function totalsOf(id: string, totals: CostTotals, parts: Parts, profile: Profile): Diagnostic[] {
  const found = sums((add) => addTotals(totals, add));
  const names = new Set([...found.keys(), ...parts.keys()]);
  const energies = sum(totals.memory, ({ energyPj }) => sum(Object.values(energyPj), (pj) => pj));
  const sane = [...found.values(), totals.latencyCycles].every(
    (value) => Number.isFinite(value) && value >= 0,
  );
  return [
    ...[...names].flatMap((name) => equal('DF6090', id, name, found.get(name) ?? 0, parts.get(name) ?? 0)),
    ...equal('DF6091', id, 'energyPj', totals.energyPj, totals.macEnergyPj + energies),
    ...equal(
      'DF6091',
      id,
      'latencyCycles',
      totals.latencyCycles,
      counted(totals.latency, profile) + totals.latency.copy,
    ),
    ...(sane ? [] : [broken('costs', 'DF6092', id, 'a cost is negative or not a number')]),
  ];
}
