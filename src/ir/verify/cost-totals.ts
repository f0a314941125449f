/**
 * Sums of costs held against their parts: invariants DF6090 to DF6092 of costs.ts. The same numbers are added up here
 * in another way than where they come from.
 */
import type { MemoryId } from '../../base/ids.js';
import type { Profile } from '../../base/profile.js';
import type { Code } from '../../diag/codes.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { CostTotals, LayerLatency, LayerTileCost, StackCost, TypeCost } from '../cost.js';
import { broken, each, near, NOTHING, sum } from './find.js';

/** `what` says what was found: a function where it is asked about every layer of a long network. */
export function equal(
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

export const counted = ({ compute, stall, onload, offload }: LayerLatency, profile: Profile): number =>
  compute + stall + onload + (profile.offloadCounted ? offload : 0);

const PARTS = ['energyPj', 'macEnergyPj', 'macs', 'operations'] as const;
const LATENCIES = ['compute', 'stall', 'onload', 'offload', 'copy'] as const;
const PATHS = ['W', 'I', 'O', 'copy'] as const;
const PATH = { O: 'O', W: 'W', I: 'I', X: 'I', Y: 'I' } as const;

type Split = Record<(typeof PATHS)[number], number>;

/** Every number of a total. */
interface Sums extends Record<(typeof PARTS)[number] | (typeof LATENCIES)[number], number> {
  readonly memory: Map<MemoryId, Split>;
}

const noSums = (): Sums => ({
  energyPj: 0,
  macEnergyPj: 0,
  macs: 0,
  operations: 0,
  compute: 0,
  stall: 0,
  onload: 0,
  offload: 0,
  copy: 0,
  memory: new Map(),
});

function addEnergy({ memory }: Sums, id: MemoryId, path: keyof Split, energyPj: number): void {
  let split = memory.get(id);
  if (split === undefined) memory.set(id, (split = { W: 0, I: 0, O: 0, copy: 0 }));
  split[path] += energyPj;
}

function addTotals(sums: Sums, totals: CostTotals): void {
  PARTS.forEach((part) => (sums[part] += totals[part]));
  LATENCIES.forEach((part) => (sums[part] += totals.latency[part]));
  totals.memory.forEach(({ memory, energyPj }) => {
    PATHS.forEach((path) => {
      addEnergy(sums, memory, path, energyPj[path]);
    });
  });
}

/** Of all tiles, type by type. */
export function sumsOfTypes(types: readonly TypeCost[]): Sums {
  const sums = noSums();
  for (const { count, energyPj, layers, copySteps } of types) {
    sums.energyPj += count * energyPj;
    for (const { latency, macEnergyPj, macs, operations } of layers) {
      sums.compute += count * latency.compute;
      sums.stall += count * latency.stall;
      sums.onload += count * latency.onload;
      sums.offload += count * latency.offload;
      sums.macEnergyPj += count * macEnergyPj;
      sums.macs += count * macs;
      sums.operations += count * operations;
    }
    for (const [accesses, tiles] of tilesByAccesses(layers))
      for (const { operand, memory, energyPj: pj } of accesses)
        addEnergy(sums, memory, PATH[operand], count * tiles * pj);
    for (const { latencyCycles, copies } of copySteps) {
      sums.copy += count * latencyCycles;
      for (const copy of copies)
        for (const { memory, energyPj: pj } of copy.energyByMemory)
          addEnergy(sums, memory, 'copy', count * pj);
    }
  }
  return sums;
}

export function sumsOfStacks(stacks: readonly StackCost[]): Sums {
  const sums = noSums();
  for (const { totals } of stacks) addTotals(sums, totals);
  return sums;
}

/** How many layer tiles share each list of accesses: those of one mapping do. */
function tilesByAccesses(layers: TypeCost['layers']): ReadonlyMap<LayerTileCost['accesses'], number> {
  const tiles = new Map<LayerTileCost['accesses'], number>();
  for (const { accesses } of layers) tiles.set(accesses, (tiles.get(accesses) ?? 0) + 1);
  return tiles;
}

export const isSane = (value: number): boolean => Number.isFinite(value) && value >= 0;
const NO_ENERGY: Split = { W: 0, I: 0, O: 0, copy: 0 };

/** Totals that are not the sums of their parts, or contradict themselves. */
export function wrongTotals(
  id: string,
  totals: CostTotals,
  parts: Sums,
  profile: Profile,
): readonly Diagnostic[] {
  const found = noSums();
  addTotals(found, totals);
  const allOf = ({ W, I, O, copy }: Split): number => W + I + O + copy;
  const energies = sum(totals.memory, ({ energyPj }) => allOf(energyPj));
  const latency = counted(totals.latency, profile) + totals.latency.copy;
  const sane =
    isSane(totals.latencyCycles) &&
    PARTS.every((part) => isSane(found[part])) &&
    LATENCIES.every((part) => isSane(found[part])) &&
    totals.memory.every(({ energyPj }) => PATHS.every((path) => isSane(energyPj[path])));
  const inMemory = (memory: MemoryId): readonly Diagnostic[] => {
    const [one, other] = [found.memory.get(memory) ?? NO_ENERGY, parts.memory.get(memory) ?? NO_ENERGY];
    return each(PATHS, (path) => equal('DF6090', id, () => `${path} in ${memory}`, one[path], other[path]));
  };
  const memories = new Set([...found.memory.keys(), ...parts.memory.keys()]);
  return [
    ...each(PARTS, (part) => equal('DF6090', id, part, found[part], parts[part])),
    ...each(LATENCIES, (part) => equal('DF6090', id, part, found[part], parts[part])),
    ...each([...memories], inMemory),
    ...equal('DF6091', id, 'energyPj', totals.energyPj, totals.macEnergyPj + energies),
    ...equal('DF6091', id, 'latencyCycles', totals.latencyCycles, latency),
    ...(sane ? NOTHING : [broken('costs', 'DF6092', id, 'a cost is negative or not a number')]),
  ];
}
