/**
 * Maps that stacks hand to one another below the top memory: that they are those of the plan, each from the stack that
 * makes it to the last one that reads it, and take up what they have. Invariants DF5095 and DF5094 of allocs.ts.
 */
import type { MemoryId } from '../../base/ids.js';
import type { HandOverAllocation, LayerAllocation, StackAllocation } from '../alloc.js';
import type { Workload } from '../layer.js';
import type { Stack, StackPlan } from '../stack.js';
import { NOTHING, sameIds, sum } from './find.js';
import type { Lookup } from '../lookup.js';

interface LyingMap {
  readonly map: string;
  readonly memory: MemoryId;
}

/** Per stack, the maps of earlier stacks that lie below the top while it runs, in the order they were made. */
export function lyingMaps(
  lookup: Lookup,
  workload: Workload,
  { stacks }: StackPlan,
  top: MemoryId | undefined,
): ReadonlyMap<string, readonly LyingMap[]> {
  if (stacks.every(({ handOver }) => handOver === top)) return new Map();
  const lying = new Map<string, LyingMap[]>(stacks.map(({ id }) => [id, []]));
  const stackOf = new Map(stacks.flatMap(({ layers }, i) => layers.map((id) => [id, i] as const)));
  const lastReader = new Map<string, number>();
  for (const { id, inputs } of workload.layers)
    for (const { map } of inputs.flatMap(({ sources }) => sources))
      lastReader.set(map, Math.max(lastReader.get(map) ?? -1, stackOf.get(id) ?? -1));
  stacks.forEach(({ handOver, layers }, i) => {
    const map = lookup.layer(layers.at(-1) ?? '')?.output.map;
    if (map === undefined || handOver === top) return;
    for (const { id } of stacks.slice(i + 1, (lastReader.get(map) ?? -1) + 1))
      lying.get(id)?.push({ map, memory: handOver });
  });
  return lying;
}

/** Others than the plan has. */
export function unplanned(
  planned: Stack,
  lying: readonly LyingMap[],
  { handOver }: StackAllocation,
  top: MemoryId | undefined,
): readonly string[] {
  const output = handOver?.output ?? top;
  if (handOver === undefined && lying.length === 0 && output === planned.handOver) return NOTHING;
  const text = ({ map, memory }: LyingMap): string => `${map} ${memory}`;
  return [
    ...(output === planned.handOver
      ? []
      : [`leaves its output in ${output ?? 'nothing'}, ${planned.handOver} planned`]),
    ...(sameIds((handOver?.maps ?? []).map(text), lying.map(text))
      ? []
      : ['the maps handed over are others than those of the plan']),
  ];
}

/** Room taken by other maps, and by the output if it stays below the top. */
export function wrongRoom(
  lookup: Lookup,
  layers: readonly string[],
  { handOver }: StackAllocation,
  top: MemoryId | undefined,
): readonly string[] {
  if (handOver === undefined) return NOTHING;
  const expected = roomOf(lookup, layers, handOver, top);
  const found = new Map<string, number>(handOver.taken.map(({ memory, bits }) => [memory, bits]));
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((memory) => found.get(memory) !== expected.get(memory))
    .map(
      (memory) =>
        `${found.get(memory) ?? 0} bit of ${memory} taken, maps there have ${expected.get(memory) ?? 0} bit`,
    );
}

function roomOf(
  lookup: Lookup,
  layers: readonly string[],
  { output, maps }: HandOverAllocation,
  top: MemoryId | undefined,
): ReadonlyMap<string, number> {
  const own = lookup.layer(layers.at(-1) ?? '')?.output.map ?? '';
  const room = new Map<string, number>();
  for (const { map, memory } of [...maps, ...(output === top ? [] : [{ map: own, memory: output }])])
    room.set(memory, (room.get(memory) ?? 0) + wholeBits(lookup, map));
  return room;
}

const wholeBits = (lookup: Lookup, id: string): number => {
  const map = lookup.map(id);
  return map === undefined ? 0 : map.width * map.height * map.elementsPerPixel * map.bits;
};

/** What a layer reads and writes in place. `inputBits`: of each map that it reads, as far as its tile does. */
export function inPlaceBits(
  isSink: boolean,
  { top, bits }: LayerAllocation,
  inputBits: readonly { readonly map: string; readonly bits: number }[],
  handOver: HandOverAllocation,
): { readonly I: number; readonly O: number } {
  const lies = (id: string): boolean =>
    handOver.maps.some(({ map, memory }) => map === id && memory === top.I);
  const stays = handOver.taken.some(({ memory }) => memory === handOver.output);
  return {
    I: sum(inputBits, ({ map, bits: read }) => (lies(map) ? read : 0)),
    O: isSink && stays && top.O === handOver.output ? bits.O : 0,
  };
}
