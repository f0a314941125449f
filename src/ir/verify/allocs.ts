/**
 * Invariants of the allocs facet:
 * - every tiled stack is allocated, type by type in the order of its tiles and layer by layer in the order they run,
 *   or is infeasible for a demand beyond its bound (DF5090);
 * - every operand's top level is on its memory path, and so are caches, patches and both ends of a copy (DF5091);
 * - rows wait at the level of the columns or above it (DF5092), and what a layer reads and writes fits beside the
 *   resident weights and caches (DF5093); the published model breaks both (Q5, Q29): notes there;
 * - sizes are those of the tiles: weights of the stack, inputs and output of every layer, what is beside them, and of
 *   maps handed over (DF5094);
 * - what stacks hand over below the top is what the plan says, for as long as somebody reads it (DF5095).
 */
import { finder } from '../../base/finder.js';
import type { MemoryId } from '../../base/ids.js';
import type { Profile } from '../../base/profile.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Code } from '../../diag/codes.js';
import type { Accelerator } from '../../hw/accelerator.js';
import type { MemoryOperand } from '../../hw/memory.js';
import type { AllocationPlan, Infeasibility, StackAllocation, TypeAllocation } from '../alloc.js';
import { workloadOfPart } from '../heads.js';
import type { Workload } from '../layer.js';
import type { StackPlan } from '../stack.js';
import type { TiledStack, TilePlan, TileType } from '../tile.js';
import { capacity, forgotten } from './alloc-room.js';
import { wrongSizes, wrongWeights } from './alloc-sizes.js';
import { broken, each, NOTHING, sameIds } from './find.js';
import { lookupIn, type Lookup } from '../lookup.js';
import { lyingMaps, unplanned, wrongRoom } from './hand-over.js';

/** Without a plan (stacks are a facet of their own) allocations are held against the tiles alone. */
export function verifyAllocs(
  workload: Workload,
  plan: StackPlan | undefined,
  tiles: TilePlan,
  allocs: AllocationPlan,
  hw: Accelerator,
  profile: Profile,
): Diagnostic[] {
  const lookup = lookupIn(workload);
  const top = hw.memories.at(-1)?.id;
  const reserved = profile.residents === 'reserved';
  const quirk = (fault: string, name: string): string =>
    reserved ? fault : `${fault}, as published (${name})`;
  return [
    ...accounted(tiles, allocs),
    ...(plan === undefined ? [] : handedOver(lookup, workload, plan, allocs, top)),
    ...each(tiles.stacks, (tiled) => {
      const stack = allocationOf(allocs.stacks, tiled.stack);
      if (stack === undefined || !isTypeByType(tiled, stack)) return NOTHING;
      const part = lookupIn(workloadOfPart(workload, tiled));
      const found: Diagnostic[] = [];
      const report = (id: string, code: Code, fault: string, severity?: 'note'): unknown =>
        found.push(broken('allocs', code, id, fault, severity));
      for (const fault of wrongWeights(part, tiled, stack)) report(stack.stack, 'DF5094', fault);
      for (const fault of wrongRoom(lookup, tiled.layers, stack, top)) report(stack.stack, 'DF5094', fault);
      stack.types.forEach((type, t) => {
        const tile = tiled.types[t];
        const id = `${stack.stack} ${type.type}`;
        const severity = reserved ? undefined : 'note';
        for (const fault of running(tiled, tile, type)) report(id, 'DF5090', fault);
        for (const fault of offPath(stack, type, hw)) report(id, 'DF5091', fault);
        for (const fault of cacheOrder(type, hw)) report(id, 'DF5092', quirk(fault, 'Q5'), severity);
        for (const fault of capacity(stack, type, hw))
          report(id, 'DF5093', quirk(fault, 'Q5, Q29'), severity);
        for (const fault of wrongSizes(part, tiled, tile, type, stack)) report(id, 'DF5094', fault);
        if (reserved) for (const fault of forgotten(part, stack, type, hw)) report(id, 'DF5094', fault);
      });
      return found;
    }),
  ];
}

const isTypeByType = ({ types }: TiledStack, stack: StackAllocation): boolean =>
  types.length === stack.types.length && types.every(({ name }, t) => name === stack.types[t]?.type);

const allocationOf = finder(({ stack }: StackAllocation) => stack);
const tiledOf = finder(({ stack }: TiledStack) => stack);

function handedOver(
  lookup: Lookup,
  workload: Workload,
  plan: StackPlan,
  { stacks }: AllocationPlan,
  top: MemoryId | undefined,
): readonly Diagnostic[] {
  const lying = lyingMaps(lookup, workload, plan, top);
  return each(plan.stacks, (planned) => {
    const stack = allocationOf(stacks, planned.id);
    if (stack === undefined) return NOTHING;
    return unplanned(planned, lying.get(planned.id) ?? [], stack, top).map((fault) =>
      broken('allocs', 'DF5095', stack.stack, fault),
    );
  });
}

/** Every stack once, in order, allocated or infeasible. */
function accounted(tiles: TilePlan, { stacks, infeasible }: AllocationPlan): Diagnostic[] {
  const report = (id: string, fault: string): Diagnostic => broken('allocs', 'DF5090', id, fault);
  const failed = new Set<string>(infeasible.map(({ stack }) => stack));
  const feasible = tiles.stacks.filter(({ stack }) => !failed.has(stack));
  const order = sameIds(
    stacks.map(({ stack }) => stack),
    feasible.map(({ stack }) => stack),
  );
  return [
    ...(order
      ? []
      : [report('stacks', 'allocated are others than those that are feasible, or in another order')]),
    ...each(feasible, (tiled) => {
      const stack = allocationOf(stacks, tiled.stack);
      const all = stack !== undefined && isTypeByType(tiled, stack);
      return all ? NOTHING : [report(tiled.stack, 'is not allocated type by type')];
    }),
    ...infeasible.flatMap((reason) => unfounded(tiles, reason).map((fault) => report(reason.stack, fault))),
  ];
}

function unfounded(tiles: TilePlan, { stack, type, layer, demandBits, boundBits }: Infeasibility): string[] {
  const tiled = tiledOf(tiles.stacks, stack);
  return [
    ...(tiled?.layers.includes(layer) === true && tiled.types.some(({ name }) => name === type)
      ? []
      : [`infeasible for ${layer} in tile type ${type}, which it does not have`]),
    ...(demandBits > boundBits ? [] : [`infeasible, though ${demandBits} bit fit ${boundBits} bit`]),
  ];
}

/** The layers that run in the tile, in order; copies before these and before the maps that come in. */
function running(tiled: TiledStack, tile: TileType | undefined, type: TypeAllocation): readonly string[] {
  const column = tiled.columns[tile?.column ?? -1]?.actual.layers;
  const row = tiled.rows[tile?.row ?? -1]?.actual.layers;
  const { inputs } = tiled;
  const present = tiled.layers.filter((_, l) => (column?.[l]?.out ?? 0) > 0 && (row?.[l]?.out ?? 0) > 0);
  const steps = type.copySteps;
  const faults: string[] = [];
  if (type.layers.length !== present.length || !type.layers.every(({ layer }, i) => layer === present[i]))
    faults.push('allocated are others than the layers that run');
  if (
    steps.length !== inputs.length + present.length ||
    !steps.every(({ before }, i) => before === (inputs[i] ?? present[i - inputs.length]))
  )
    faults.push('copies are before others than the layers that run');
  if (type.inputLevels.length !== inputs.length || !type.inputLevels.every(({ map }, i) => map === inputs[i]))
    faults.push('patches are of others than the maps from outside');
  return faults;
}

const levelOf = (hw: Accelerator, id: MemoryId | null): number =>
  hw.memories.findIndex((memory) => memory.id === id);

const OPERANDS = ['W', 'I', 'O'] as const;

function offPath(stack: StackAllocation, type: TypeAllocation, hw: Accelerator): readonly string[] {
  const onPath = (operand: MemoryOperand, id: MemoryId | null): boolean =>
    id === null || hw.memories[levelOf(hw, id)]?.operands.includes(operand) === true;
  const faults: string[] = [];
  const check = (operand: MemoryOperand, id: MemoryId | null, what: () => string): void => {
    if (!onPath(operand, id)) faults.push(`${what()} in ${id} is off its memory path`);
  };
  check('W', stack.weightLevel, () => 'weights');
  for (const { layer, top } of type.layers)
    for (const operand of OPERANDS) check(operand, top[operand], () => `${layer}.${operand}`);
  for (const id of [type.hCache.read, type.hCache.write]) check('O', id, () => 'the column cache');
  for (const id of [type.vCache.read, type.vCache.write]) check('O', id, () => 'the row cache');
  for (const { map, memory } of type.inputLevels) check('I', memory, () => map);
  for (const { copies } of type.copySteps)
    for (const { map, from, to } of copies)
      for (const { operand, memory } of [from, to]) check(operand, memory, () => `a copy of ${map}`);
  return faults;
}

function cacheOrder(type: TypeAllocation, hw: Accelerator): string[] {
  const [h, v] = [type.hCache.read ?? type.hCache.write, type.vCache.read ?? type.vCache.write];
  if (h === null || v === null || levelOf(hw, v) >= levelOf(hw, h)) return [];
  return [`rows are kept in ${v}, below the columns in ${h}`];
}
