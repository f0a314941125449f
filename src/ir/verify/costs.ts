/**
 * Invariants of the costs facet:
 * - every feasible stack is costed, type by type with the counts of its tiles, layer by layer and copy by copy as
 *   allocated (DF6093);
 * - sums are sums: layers and copies add up to tiles, tiles to stacks, stacks to totals, in every part (DF6090);
 *   energy is the MACs' plus that of every memory, latency the sum of its counted parts (DF6091): cost-totals.ts;
 * - nothing is negative or not a number, gaps of mappings included, and MACs are those that were tiled (DF6092);
 * - a mapping iterates over its whole layer tile, on dimensions the array has, with every operand's data in memories
 *   of its path that only rise from the innermost loop outwards (DF6094): cost-mapping.ts;
 * - what a search says of its stacks is what they cost, and nothing is below its bounds (DF6095): search.ts.
 */
import { finder } from '../../base/finder.js';
import type { Profile } from '../../base/profile.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Accelerator } from '../../hw/accelerator.js';
import type { AllocationPlan, CopyStep, StackAllocation } from '../alloc.js';
import type { CopyStepCost, CostSheet, StackCost, TypeCost } from '../cost.js';
import { partsOf as headParts } from '../heads.js';
import type { StackPlan } from '../stack.js';
import type { TiledStack, TilePlan } from '../tile.js';
import { mappingFaultsOn } from './cost-mapping.js';
import { counted, equal, isSane, sumsOfStacks, sumsOfTypes, wrongTotals } from './cost-totals.js';
import { broken, each, NOTHING, sameIds, sum } from './find.js';
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
      ...each(stack.types, (type) => senselessGaps(stack, type)),
      ...wrongTotals(stack.stack, stack.totals, partsOf(stack), profile),
      ...each(stack.types, ({ type, layers }) =>
        each(layers, mappingFaults).map((fault) =>
          broken('costs', 'DF6094', `${stack.stack} ${type}`, fault),
        ),
      ),
    ]),
    ...(plan === undefined ? [] : searchFaults(plan, costs)).map((fault) =>
      broken('costs', 'DF6095', 'totals', fault),
    ),
    ...wrongTotals('totals', costs.totals, sumsOfStacks(costs.stacks), profile),
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

/** The sums of a stack's tiles, but for MACs, of which each has a rounded share: those are held against the tiles. */
const partsOf = ({ types, totals }: StackCost): ReturnType<typeof sumsOfTypes> => ({
  ...sumsOfTypes(types),
  macs: totals.macs,
});

/** Types and counts of the tiles, and MACs: of a stack as tiled, of its types as far as they are rounded. */
function untiled(tiles: TilePlan, { stack, types, totals }: StackCost): Diagnostic[] {
  const tiled = tiledOf(tiles.stacks, stack);
  const macs = tiled?.macs ?? -1;
  const ofTypes = sum(types, ({ count, layers }) => count * sum(layers, (layer) => layer.macs));
  const expected = tiled?.types ?? NOTHING;
  const agrees =
    types.length === expected.length &&
    expected.every(({ name, count }, t) => types[t]?.type === name && types[t].count === count);
  return [
    ...(agrees ? [] : [broken('costs', 'DF6093', stack, 'costed are others than its tile types')]),
    ...(totals.macs === macs && Math.abs(ofTypes - macs) <= roundings(tiled)
      ? []
      : [broken('costs', 'DF6092', stack, `${totals.macs} MACs costed, ${ofTypes} by type, ${macs} tiled`)]),
  ];
}

/** MACs of a tile are rounded where a layer's do not divide by its pixels. */
const roundings = (tiled: TiledStack | undefined): number =>
  tiled === undefined ? -1 : tiled.grid.x * tiled.grid.y * headParts(tiled) * tiled.layers.length;

const senselessGaps = ({ stack }: StackCost, { type, layers }: TypeCost): readonly Diagnostic[] =>
  each(layers, ({ layer, gap }) =>
    isSane(gap)
      ? NOTHING
      : [broken('costs', 'DF6092', `${stack} ${type}`, `the gap of ${layer} is negative or not a number`)],
  );

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
