/**
 * Invariants of the allocs facet:
 * - every tiled stack is allocated or infeasible, type by type in the order of its tiles (DF5090);
 * - every operand's top level is on its memory path, and copies run between memories that exist (DF5091);
 * - rows wait at the level of the columns or above it (DF5092), and what a layer reads and writes fits beside the
 *   resident weights and caches (DF5093); the published model breaks both (Q5, Q29): notes there.
 */
import { finder } from '../../base/finder.js';
import type { MemoryId } from '../../base/ids.js';
import type { Profile } from '../../base/profile.js';
import { diagnostic, type Diagnostic, type Severity } from '../../diag/diagnostic.js';
import type { Accelerator } from '../../hw/accelerator.js';
import type { MemoryOperand } from '../../hw/memory.js';
import type { AllocationPlan, StackAllocation, TypeAllocation } from '../alloc.js';
import type { TiledStack, TilePlan } from '../tile.js';

export function verifyAllocs(
  tiles: TilePlan,
  allocs: AllocationPlan,
  hw: Accelerator,
  profile: Profile,
): Diagnostic[] {
  const severity: Severity = profile.residents === 'reserved' ? 'error' : 'note';
  const infeasible = new Set(allocs.infeasible.map((reason) => reason.stack));
  return tiles.stacks.flatMap((tiled) => {
    if (infeasible.has(tiled.stack)) return [];
    const stack = allocationOf(allocs.stacks, tiled.stack);
    if (
      !stack ||
      stack.types.map((type) => type.type).join() !== tiled.types.map((type) => type.name).join()
    ) {
      return [diagnostic('DF5090', `${tiled.stack} is not allocated type by type`, at(tiled))];
    }
    return stack.types.flatMap((type) => [
      ...paths(stack, type, hw),
      ...cacheOrder(stack, type, hw, severity),
      ...capacity(stack, type, hw, severity),
    ]);
  });
}

const allocationOf = finder((allocation: StackAllocation) => allocation.stack);

const at = (stack: StackAllocation | TiledStack, type?: TypeAllocation) =>
  [{ kind: 'ir', facet: 'allocs', id: type ? `${stack.stack} ${type.type}` : stack.stack }] as const;

const levelOf = (hw: Accelerator, id: MemoryId | null): number =>
  hw.memories.findIndex((memory) => memory.id === id);

function paths(stack: StackAllocation, type: TypeAllocation, hw: Accelerator): Diagnostic[] {
  const onPath = (operand: MemoryOperand, id: MemoryId): boolean =>
    hw.memories[levelOf(hw, id)]?.operands.includes(operand) ?? false;
  const tops = type.layers.flatMap(({ layer, top }) =>
    (['W', 'I', 'O'] as const).flatMap((operand) => {
      const id = top[operand];
      return id === null || onPath(operand, id) ? [] : [`${layer}.${operand} in ${id}`];
    }),
  );
  const ends = type.copySteps
    .flatMap((step) => step.copies)
    .flatMap(({ map, from, to }) =>
      [from, to].flatMap(({ memory }) => (levelOf(hw, memory) >= 0 ? [] : [`copy of ${map} at ${memory}`])),
    );
  return [...tops, ...ends].map((fault) =>
    diagnostic('DF5091', `${stack.stack} ${type.type}: ${fault} is off its memory path`, at(stack, type)),
  );
}

function cacheOrder(
  stack: StackAllocation,
  type: TypeAllocation,
  hw: Accelerator,
  severity: Severity,
): Diagnostic[] {
  const [h, v] = [type.hCache.read ?? type.hCache.write, type.vCache.read ?? type.vCache.write];
  if (h === null || v === null || levelOf(hw, v) >= levelOf(hw, h)) return [];
  return [
    diagnostic(
      'DF5092',
      `${stack.stack} ${type.type}: rows are kept in ${v}, below the columns in ${h}`,
      at(stack, type),
      { severity },
    ),
  ];
}

/** In every memory below the top: resident weights and caches, beside what the hungriest layer has there. */
function capacity(
  stack: StackAllocation,
  type: TypeAllocation,
  hw: Accelerator,
  severity: Severity,
): Diagnostic[] {
  return hw.memories.slice(0, -1).flatMap(({ id, sizeBits }) => {
    const resident = residentBits(stack, type, id);
    const taken = stack.handOver?.taken.find(({ memory }) => memory === id)?.bits ?? 0;
    const own = type.layers.map(
      ({ top, bits, handedOver = { I: 0, O: 0 } }) =>
        (top.I === id ? bits.I - handedOver.I : 0) + (top.O === id ? bits.O - handedOver.O : 0),
    );
    const live = resident + taken + Math.max(0, ...own);
    if (live <= sizeBits) return [];
    const message = `${stack.stack} ${type.type}: ${live} bit live in ${id} (${resident} of them weights and caches, ${taken} maps handed over), which holds ${sizeBits} bit`;
    return [diagnostic('DF5093', message, at(stack, type), { severity })];
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
