/**
 * Invariants of the allocs facet:
 * - every tiled stack is allocated, type by type in the order of its tiles and layer by layer in the order they run,
 *   or is infeasible for a demand beyond its bound (DF5090);
 * - every operand's top level is on its memory path, and so are caches, patches and both ends of a copy (DF5091);
 * - rows wait at the level of the columns or above it (DF5092), and what a layer reads and writes fits beside the
 *   resident weights and caches (DF5093); the published model breaks both (Q5, Q29): notes there;
 * - sizes are those of the tiles: weights of the stack, inputs and output of every layer, and of maps handed over
 *   (DF5094);
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
import { wrongSizes, wrongWeights } from './alloc-sizes.js';
import { broken, each, lookupIn, NOTHING, sameIds, type Lookup } from './find.js';
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
  return [
    ...accounted(tiles, allocs),
    ...(plan === undefined ? [] : handedOver(lookup, workload, plan, allocs, top)),
    ...tiles.stacks.flatMap((tiled) => {
      const stack = allocationOf(allocs.stacks, tiled.stack);
      const named = sameIds(
        stack?.types.map(({ type }) => type) ?? [],
        tiled.types.map(({ name }) => name),
      );
      if (stack === undefined || !named) return [];
      const part = lookupIn(workloadOfPart(workload, tiled));
      return [
        ...[...wrongWeights(part, tiled, stack), ...wrongRoom(lookup, tiled.layers, stack, top)].map(
          (fault) => broken('allocs', 'DF5094', stack.stack, fault),
        ),
        ...stack.types.flatMap((type, t) => {
          const report =
            (code: Code, severity: 'error' | 'note' = 'error') =>
            (fault: string): Diagnostic =>
              broken('allocs', code, `${stack.stack} ${type.type}`, fault, severity);
          const quirk =
            (code: Code, name: string) =>
            (fault: string): Diagnostic =>
              profile.residents === 'reserved'
                ? report(code)(fault)
                : report(code, 'note')(`${fault}, as published (${name})`);
          return [
            ...running(tiled, tiled.types[t], type).map(report('DF5090')),
            ...offPath(stack, type, hw).map(report('DF5091')),
            ...cacheOrder(type, hw).map(quirk('DF5092', 'Q5')),
            ...capacity(stack, type, hw).map(quirk('DF5093', 'Q5, Q29')),
            ...wrongSizes(part, tiled, tiled.types[t], type, stack).map(report('DF5094')),
          ];
        }),
      ];
    }),
  ];
}

const allocationOf = finder(({ stack }: StackAllocation) => stack);
const tiledOf = finder(({ stack }: TiledStack) => stack);

function handedOver(
  lookup: Lookup,
  workload: Workload,
  plan: StackPlan,
  { stacks }: AllocationPlan,
  top: MemoryId | undefined,
): Diagnostic[] {
  const lying = lyingMaps(lookup, workload, plan, top);
  return plan.stacks.flatMap((planned) => {
    const stack = allocationOf(stacks, planned.id);
    if (stack === undefined) return [];
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
    ...feasible.flatMap((tiled) => {
      const types = allocationOf(stacks, tiled.stack)?.types.map(({ type }) => type);
      const all = sameIds(
        types ?? [],
        tiled.types.map(({ name }) => name),
      );
      return all ? [] : [report(tiled.stack, 'is not allocated type by type')];
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
function running(tiled: TiledStack, tile: TileType | undefined, type: TypeAllocation): string[] {
  const [column, row] = [tiled.columns[tile?.column ?? -1], tiled.rows[tile?.row ?? -1]];
  const present = tiled.layers.filter(
    (_, l) => (column?.actual.layers[l]?.out ?? 0) > 0 && (row?.actual.layers[l]?.out ?? 0) > 0,
  );
  const steps: readonly string[] = [...tiled.inputs, ...present];
  return [
    ...(sameIds(
      type.layers.map(({ layer }) => layer),
      present,
    )
      ? []
      : ['allocated are others than the layers that run']),
    ...(sameIds(
      type.copySteps.map(({ before }) => before),
      steps,
    )
      ? []
      : ['copies are before others than the layers that run']),
    ...(sameIds(
      type.inputLevels.map(({ map }) => map),
      tiled.inputs,
    )
      ? []
      : ['patches are of others than the maps from outside']),
  ];
}

const levelOf = (hw: Accelerator, id: MemoryId | null): number =>
  hw.memories.findIndex((memory) => memory.id === id);

function offPath(stack: StackAllocation, type: TypeAllocation, hw: Accelerator): readonly string[] {
  const off = (operand: MemoryOperand, id: MemoryId | null, what: () => string): readonly string[] =>
    id === null || hw.memories[levelOf(hw, id)]?.operands.includes(operand) === true
      ? NOTHING
      : [`${what()} in ${id} is off its memory path`];
  return [
    ...off('W', stack.weightLevel, () => 'weights'),
    ...each(type.layers, ({ layer, top }) =>
      each(['W', 'I', 'O'] as const, (operand) => off(operand, top[operand], () => `${layer}.${operand}`)),
    ),
    ...[type.hCache.read, type.hCache.write].flatMap((id) => off('O', id, () => 'the column cache')),
    ...[type.vCache.read, type.vCache.write].flatMap((id) => off('O', id, () => 'the row cache')),
    ...type.inputLevels.flatMap(({ map, memory }) => off('I', memory, () => map)),
    ...each(type.copySteps, ({ copies }) =>
      each(copies, ({ map, from, to }) =>
        [from, to].flatMap(({ operand, memory }) => off(operand, memory, () => `a copy of ${map}`)),
      ),
    ),
  ];
}

function cacheOrder(type: TypeAllocation, hw: Accelerator): string[] {
  const [h, v] = [type.hCache.read ?? type.hCache.write, type.vCache.read ?? type.vCache.write];
  if (h === null || v === null || levelOf(hw, v) >= levelOf(hw, h)) return [];
  return [`rows are kept in ${v}, below the columns in ${h}`];
}

/** In every memory below the top: weights, caches and maps handed over, beside what the hungriest layer has there. */
function capacity(stack: StackAllocation, type: TypeAllocation, hw: Accelerator): string[] {
  return hw.memories.slice(0, -1).flatMap(({ id, sizeBits }) => {
    const resident = residentBits(stack, type, id);
    const taken = stack.handOver?.taken.find(({ memory }) => memory === id)?.bits ?? 0;
    const own = type.layers.map(
      ({ top, bits, handedOver = { I: 0, O: 0 } }) =>
        (top.I === id ? bits.I - handedOver.I : 0) + (top.O === id ? bits.O - handedOver.O : 0),
    );
    const live = resident + taken + own.reduce((most, bits) => Math.max(most, bits), 0);
    if (live <= sizeBits) return [];
    return [
      `${live} bit live in ${id} (${resident} of them weights and caches, ${taken} maps handed over), which holds ${sizeBits} bit`,
    ];
  });
}

/** Weights and caches in a memory; where both caches share it, their crossing is stored once. */
function residentBits(stack: StackAllocation, type: TypeAllocation, id: MemoryId): number {
  const columns = [type.hCache.read, type.hCache.write].includes(id);
  const rows = [type.vCache.read, type.vCache.write].includes(id);
  return (
    (stack.weightLevel === id ? stack.weightBits : 0) +
    (columns ? type.hCacheBits : 0) +
    (rows ? type.vCacheBits : 0) -
    (columns && rows ? type.cornerBits : 0)
  );
}
