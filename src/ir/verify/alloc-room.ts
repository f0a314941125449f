/** Room in the memories below the top: invariants DF5093 and DF5094 of allocs.ts. */
import type { LayerId, MemoryId } from '../../base/ids.js';
import type { Accelerator } from '../../hw/accelerator.js';
import type { StackAllocation, TypeAllocation } from '../alloc.js';
import { hasWeightsPerPixel } from '../kept-weights.js';
import type { Lookup } from '../lookup.js';
import { each, NOTHING } from './find.js';

/** In every memory below the top: weights, caches and maps handed over, beside what the hungriest layer has there. */
export function capacity(stack: StackAllocation, type: TypeAllocation, hw: Accelerator): readonly string[] {
  const own = new Map<MemoryId | null, number>();
  for (const { top, bits, handedOver } of type.layers) {
    const input = bits.I - (handedOver?.I ?? 0);
    const output = bits.O - (handedOver?.O ?? 0);
    const together = top.I === top.O ? input + output : input;
    own.set(top.I, Math.max(own.get(top.I) ?? 0, together));
    if (top.I !== top.O) own.set(top.O, Math.max(own.get(top.O) ?? 0, output));
  }
  return each(hw.memories, ({ id, sizeBits }, m) => {
    if (m === hw.memories.length - 1) return NOTHING;
    const resident = residentBits(stack, type, id);
    const taken = handedOverBits(stack, id);
    const live = resident + taken + (own.get(id) ?? 0);
    if (live <= sizeBits) return NOTHING;
    return [
      `${live} bit live in ${id} (${resident} of them weights and caches, ${taken} maps handed over), which holds ${sizeBits} bit`,
    ];
  });
}

/** What is said to be beside a layer is no less than weights, caches and maps handed over, but for what it uses itself. */
export function forgotten(
  lookup: Lookup,
  stack: StackAllocation,
  type: TypeAllocation,
  hw: Accelerator,
): readonly string[] {
  const below = hw.memories.slice(0, -1);
  return each(type.layers, ({ layer, top, bits, handedOver, beside }) =>
    each(below, ({ id }) => {
      const keeps = stack.weightLevel === id && top.W !== null && !isReadPerPixel(lookup, layer);
      const own =
        (keeps ? bits.W : 0) +
        (top.I === id ? (handedOver?.I ?? 0) : 0) +
        (top.O === id ? (handedOver?.O ?? 0) : 0);
      const least = residentBits(stack, type, id) + handedOverBits(stack, id) - own;
      const stated = beside?.find(({ memory }) => memory === id)?.bits ?? 0;
      return stated >= least
        ? NOTHING
        : [`${stated} bit are beside ${layer} in ${id}, at least ${least} lie there`];
    }),
  );
}

const isReadPerPixel = (lookup: Lookup, id: LayerId): boolean => {
  const layer = lookup.layer(id);
  return layer !== undefined && hasWeightsPerPixel(layer);
};

const handedOverBits = ({ handOver }: StackAllocation, id: MemoryId): number =>
  handOver?.taken.find(({ memory }) => memory === id)?.bits ?? 0;

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
