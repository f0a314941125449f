/**
 * One golden file against our own evaluation of the same schedule in profile `reference-2023`: cuts, tile types with
 * their counts, loop sizes, levels, temporal mapping, accesses, copies, and energy and latency of every node.
 */
import { known } from '../src/base/assert.js';
import { bareName } from '../src/base/ids.js';
import type { PartialIR } from '../src/ir/facets.js';
import type { CopyStepCost, LayerTileCost } from '../src/ir/cost.js';
import type { GoldenCopyTile, GoldenFile, GoldenLayerTile } from './golden.js';

/** Relative difference that counts as equal for energies and accesses; cycles are integers and equal exactly. */
export const TOLERANCE = 1e-9;

export interface Comparison {
  readonly energyError: number;
  readonly latencyError: number;
  /** What differs, in words; empty: the file is reproduced. */
  readonly misses: readonly string[];
}

export const relativeError = (found: number, expected: number): number =>
  found === expected ? 0 : Math.abs(found - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);

export function compareSchedule(golden: GoldenFile, ir: PartialIR): Comparison {
  const costs = known(ir.costs, 'costs');
  const ours = nodesOf(ir);
  const misses = [...cutMisses(golden, ir)];
  for (const [name, expected] of goldenNodes(golden))
    misses.push(...nodeMisses(name, expected, ours.get(name)));
  for (const name of ours.keys())
    if (!goldenNodes(golden).has(name)) misses.push(`node ${name} is not in the file`);
  const energyError = relativeError(costs.totals.energyPj, golden.energy);
  const latencyError = relativeError(costs.totals.latencyCycles, golden.latency1);
  if (energyError > TOLERANCE)
    misses.push(`total energy ${costs.totals.energyPj} pJ instead of ${golden.energy}`);
  if (latencyError > 0)
    misses.push(`total latency ${costs.totals.latencyCycles} cycles instead of ${golden.latency1}`);
  return { energyError, latencyError, misses };
}

/** Cuts as layer names; the file also lists the network input (Q3) and the last layer where every layer is cut off. */
function cutMisses(golden: GoldenFile, ir: PartialIR): readonly string[] {
  const [plan, workload] = [known(ir.stacks, 'stacks'), known(ir.layers, 'layers')];
  const last = bareName(known(workload.layers.at(-1), 'layer').id);
  const ends = plan.stacks.map((stack) => bareName(known(stack.layers.at(-1), 'sink')));
  // A lost first cut (Q1) leaves a first stack that runs to the end of the network.
  const cuts =
    ends.length > 1 && ends[0] === last
      ? [bareName(known(workload.layers[0], 'layer').id), ...ends.slice(1)]
      : ends;
  const inner = (names: readonly string[]): string =>
    [...new Set(names)].filter((name) => !name.startsWith('-') && name !== last).join();
  const expected = inner(golden.stack_cuts.map(String));
  return inner(cuts) === expected ? [] : [`cuts ${inner(cuts)} instead of ${expected}`];
}

type Tile = GoldenLayerTile | GoldenCopyTile;

/** A tile as a line of text that identifies it, and its numbers. */
interface Entry {
  readonly key: string;
  readonly numbers: readonly (readonly [name: string, value: number, exact: boolean])[];
  readonly count: number;
}

interface Node {
  readonly energyPj: number;
  readonly latencyCycles: number;
  readonly entries: readonly Entry[];
}

/** Copies before stack inputs count together, as in the published code; those that move nothing are no copies. */
const nodeName = (name: string): string =>
  name.includes('InputLayerNode') ? 'copy input' : name.replace('datamovement_b4_LayerNode_', 'copy ');

function goldenNodes(golden: GoldenFile): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  for (const { name, energy, latency1, tiles } of golden.layers) {
    const entries = tiles.map((tile: Tile) => (tile.kind === 'layer' ? goldenLayer(tile) : goldenCopy(tile)));
    merge(nodes, nodeName(name), { energyPj: energy, latencyCycles: latency1, entries });
  }
  return nodes;
}

function merge(nodes: Map<string, Node>, name: string, more: Node): void {
  const had = nodes.get(name) ?? { energyPj: 0, latencyCycles: 0, entries: [] };
  nodes.set(name, {
    energyPj: had.energyPj + more.energyPj,
    latencyCycles: had.latencyCycles + more.latencyCycles,
    entries: [...had.entries, ...more.entries],
  });
}

const sorted = (record: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))));

function goldenLayer(tile: GoldenLayerTile): Entry {
  const accesses = Object.entries(tile.accesses).flatMap(([operand, levels]) =>
    levels.flatMap((level, l) =>
      Object.entries(level).map(
        ([name, value]) => [`${operand} ${tile.levels[operand]?.[l] ?? l} ${name}`, value, false] as const,
      ),
    ),
  );
  return {
    key: `${sorted(tile.loop_dims)} ${sorted(tile.levels)} ${sorted(tile.temporal)}`,
    numbers: [
      ['energy', tile.energy, false],
      ['MAC energy', tile.mac_energy, false],
      ['latency0', tile.latency0, true],
      ['latency1', tile.latency1, true],
      ['latency2', tile.latency2, true],
      ...accesses,
    ],
    count: tile.mul,
  };
}

function goldenCopy(tile: GoldenCopyTile): Entry {
  const moving = tile.actions.filter((action) => action.from[2] !== action.to[2]);
  return {
    key: JSON.stringify(moving.map(({ bits, from, to }) => [bits, from[2], to[2]])),
    numbers: [
      ['energy', tile.energy, false],
      ['latency', tile.latency, true],
      ...moving.map(({ energy }, i) => [`action ${i} energy`, energy, false] as const),
    ],
    count: tile.mul,
  };
}

function nodesOf(ir: PartialIR): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  const allocs = known(ir.allocs, 'allocs');
  for (const [s, stack] of known(ir.costs, 'costs').stacks.entries()) {
    for (const [t, type] of stack.types.entries()) {
      const tops = known(allocs.stacks[s]?.types[t], 'allocation');
      for (const layer of type.layers) {
        known(
          tops.layers.find((one) => one.layer === layer.layer),
          'layer allocation',
        );
        merge(nodes, bareName(layer.layer), {
          energyPj: type.count * layer.energyPj,
          latencyCycles: type.count * latency1(layer),
          entries: [ourLayer(layer, type.count)],
        });
      }
      for (const step of type.copySteps) {
        const name = step.before.startsWith('%') ? 'copy input' : `copy ${bareName(step.before)}`;
        merge(nodes, name, {
          energyPj: type.count * step.energyPj,
          latencyCycles: type.count * step.latencyCycles,
          entries: [ourCopy(step, type.count)],
        });
      }
    }
  }
  return nodes;
}

const latency1 = ({ latency }: LayerTileCost): number => latency.compute + latency.stall + latency.onload;

function ourLayer(layer: LayerTileCost, count: number): Entry {
  const operands = [...new Set(layer.accesses.map((access) => access.operand))];
  const levels = Object.fromEntries(
    operands.map((operand) => [
      operand,
      layer.accesses.filter((access) => access.operand === operand).map(({ memory }) => bareName(memory)),
    ]),
  );
  const temporal = Object.fromEntries(
    operands.map((operand) => [
      operand,
      known(levels[operand], 'levels').map((memory) =>
        layer.temporal
          .filter(({ level }) => bareName(known(level[operand], 'level')) === memory)
          .map(({ dim, size }) => [dim, size]),
      ),
    ]),
  );
  const { compute, stall, offload } = layer.latency;
  return {
    key: `${sorted(Object.fromEntries(layer.loops.map(({ dim, size }) => [dim, size])))} ${sorted(levels)} ${sorted(temporal)}`,
    numbers: [
      ['energy', layer.energyPj, false],
      ['MAC energy', layer.macEnergyPj, false],
      ['latency0', compute + stall, true],
      ['latency1', latency1(layer), true],
      ['latency2', latency1(layer) + offload, true],
      ...layer.accesses.flatMap(
        ({ operand, memory, readLow, writeLow, readHigh, writeHigh }) =>
          [
            [`${operand} ${bareName(memory)} rd_out_to_low`, readLow, false],
            [`${operand} ${bareName(memory)} wr_in_by_low`, writeLow, false],
            [`${operand} ${bareName(memory)} rd_out_to_high`, readHigh, false],
            [`${operand} ${bareName(memory)} wr_in_by_high`, writeHigh, false],
          ] as const,
      ),
    ],
    count,
  };
}

const ourCopy = (step: CopyStepCost, count: number): Entry => ({
  key: JSON.stringify(step.copies.map(({ bits, from, to }) => [bits, bareName(from), bareName(to)])),
  numbers: [
    ['energy', step.energyPj, false],
    ['latency', step.latencyCycles, true],
    ...step.copies.map(({ energyPj }, i) => [`action ${i} energy`, energyPj, false] as const),
  ],
  count,
});

function nodeMisses(name: string, expected: Node, found: Node | undefined): readonly string[] {
  const moves = expected.energyPj > 0 || expected.latencyCycles > 0;
  if (found === undefined) return moves ? [`node ${name} is missing`] : [];
  const misses: string[] = [];
  if (relativeError(found.energyPj, expected.energyPj) > TOLERANCE) {
    misses.push(`node ${name}: energy ${found.energyPj} pJ instead of ${expected.energyPj}`);
  }
  if (found.latencyCycles !== expected.latencyCycles) {
    misses.push(`node ${name}: latency ${found.latencyCycles} cycles instead of ${expected.latencyCycles}`);
  }
  return [...misses, ...entryMisses(name, expected.entries, found.entries)];
}

/** Tiles of equal key with their numbers and total counts, on both sides. */
function entryMisses(name: string, expected: readonly Entry[], found: readonly Entry[]): readonly string[] {
  // An empty copy step is no event: how many tiles have one depends on how tiles are grouped.
  const counted = (entries: readonly Entry[]): ReadonlyMap<string, Entry> => {
    const result = new Map<string, Entry>();
    for (const entry of entries) {
      if (entry.key === '[]') continue;
      result.set(entry.key, { ...entry, count: entry.count + (result.get(entry.key)?.count ?? 0) });
    }
    return result;
  };
  const [want, have] = [counted(expected), counted(found)];
  const misses = [...want].flatMap(([key, entry]) => {
    const own = have.get(key);
    if (own === undefined) return [`node ${name}: no tile ${key}`];
    return [
      ...(own.count === entry.count
        ? []
        : [`node ${name}: ${own.count} instead of ${entry.count} tiles ${key}`]),
      ...numberMisses(name, entry, own),
    ];
  });
  const extra = [...have.keys()].filter((key) => !want.has(key));
  return [...misses, ...extra.map((key) => `node ${name}: a tile that is not in the file: ${key}`)];
}

function numberMisses(name: string, expected: Entry, found: Entry): readonly string[] {
  const own = new Map(found.numbers.map(([what, value]) => [what, value]));
  return expected.numbers.flatMap(([what, value, exact]) => {
    const actual = own.get(what) ?? NaN;
    const equal = exact ? actual === value : relativeError(actual, value) <= TOLERANCE;
    return equal ? [] : [`node ${name}: ${what} ${actual} instead of ${value}`];
  });
}
