/**
 * The closed forms of an allocation against pixels moved one by one, on random networks, stacks and memories: bits per
 * tile, reason, map and pair of memories; nothing read that is not there; no memory over-full. The levels are the
 * allocation's own, all else is counted. The seed is printed on failure.
 */
import fc from 'fast-check';
import { bareName, memoryId, stackId, tensorId } from '../../src/base/ids.js';
import { PROFILES } from '../../src/base/profile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { StackAllocation, TypeAllocation } from '../../src/ir/alloc.js';
import type { Workload } from '../../src/ir/layer.js';
import type { LayerTileMapper } from '../../src/ir/layer-tile.js';
import { OVERLAP_MODES, type OverlapMode } from '../../src/ir/stack.js';
import type { AxisClass, TiledStack } from '../../src/ir/tile.js';
import { verifyAllocs } from '../../src/ir/verify/allocs.js';
import { allocateStack } from '../../src/schedule/allocate-stack.js';
import type { HandOver } from '../../src/schedule/hand-over.js';
import { tileStack } from '../../src/schedule/tile-stack.js';
import { execute, type TileLevels, type WholeMaps } from '../support/memory-simulator.js';
import { acceleratorOf, levelsArb, levelsFor, type RandomLevels } from '../support/random-accelerators.js';
import { networkArb, tileArb } from '../support/random-networks.js';
import {
  areaOf,
  heightOf,
  simulate,
  usesAllMaps,
  widthOf,
  type Box,
  type Simulation,
} from '../support/tile-simulator.js';
import { networkOf, type AxisSpec, type NetworkSpec } from '../support/workloads.js';
import { ANY_MAPPING } from '../support/fake-mapper.js';

const profile = PROFILES.default;
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 2000);

interface Case {
  readonly spec: NetworkSpec;
  /** Tenths of the layers that are before the stack: their outputs are its inputs. */
  readonly before: number;
  readonly tile: { readonly x: number; readonly y: number };
  readonly mode: OverlapMode;
  readonly levels: RandomLevels;
  /** Answers of the mapper, again and again: levels are raised where it finds nothing. */
  readonly fits: readonly boolean[];
  /** Which of the memories that may hold whole maps hold the inputs and the output; 0: the top one. */
  readonly handedOver: { readonly inputs: number; readonly output: number };
}

const caseArb: fc.Arbitrary<Case> = fc.record({
  spec: networkArb,
  before: fc.constantFrom(0, 0, 0, 2, 4, 6),
  tile: tileArb,
  mode: fc.constantFrom(...OVERLAP_MODES),
  levels: levelsArb,
  fits: fc.oneof(
    { weight: 3, arbitrary: fc.constant([true]) },
    { weight: 1, arbitrary: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }) },
  ),
  handedOver: fc.oneof(
    fc.constant({ inputs: 0, output: 0 }),
    fc.record({ inputs: fc.nat(2), output: fc.nat(2) }),
  ),
});

const window = (kernel: number, before: number, after: number, dilation = 1, stride = 1): AxisSpec => ({
  kernel,
  stride,
  dilation,
  before,
  after,
});

/** Cases that chance rarely finds. */
const EXAMPLES: readonly Case[] = [
  {
    // One tile type alone would put caches into the 1,176 bit and weights (336 bit) into the 864 bit, another the
    // reverse; the highest of both choices were 864 bit of caches and the weights in 1,176 bit.
    spec: {
      input: { width: 9, height: 4, channels: 2 },
      nodes: [
        ['a', { op: 'conv', from: 'in', x: window(1, 0, 0), y: window(3, 2, 0, 2), channels: 3 }],
        ['b', { op: 'conv', from: 'a', x: window(2, 0, 1, 2, 2), y: window(2, 2, 2, 2), channels: 2 }],
        ['c', { op: 'upsample', from: 'b', factor: 2 }],
      ],
    },
    before: 0,
    tile: { x: 2, y: 2 },
    mode: 'fully-cached',
    levels: {
      levels: [864, 1176].map((bits) => ({ operands: ['W', 'I', 'O'], size: { bits } })),
      growing: true,
    },
    fits: [true],
    handedOver: { inputs: 0, output: 0 },
  },
  {
    // Old rows in kept columns are still wanted by the next tile when new rows are put aside.
    spec: {
      input: { width: 10, height: 5, channels: 2 },
      nodes: [
        ['a', { op: 'conv', from: 'in', x: window(3, 2, 1), y: window(2, 1, 0, 2), channels: 1 }],
        ['b', { op: 'upsample', from: 'a', factor: 2 }],
      ],
    },
    before: 0,
    tile: { x: 1, y: 2 },
    mode: 'fully-cached',
    levels: { levels: [{ operands: ['I', 'O'], size: { permille: 1000 } }], growing: true },
    fits: [true],
    handedOver: { inputs: 0, output: 0 },
  },
];

function answering(fits: readonly boolean[]): LayerTileMapper {
  let asked = 0;
  return () =>
    fits[asked++ % fits.length]
      ? ANY_MAPPING
      : { kind: 'unmappable', reason: { memory: 0, operand: 'O', demandBits: 1, boundBits: 0 } };
}

test(`allocations move, keep and hold what a walk through the pixels does, ${RUNS} random cases`, () => {
  fc.assert(
    fc.property(caseArb, (one) => {
      expect(faults(one)).toEqual([]);
    }),
    { numRuns: RUNS + EXAMPLES.length, seed: 20230223, examples: EXAMPLES.map((one) => [one]) },
  );
});

/** Memories for whole maps: those of both paths, and the top. */
function handOverIn(hw: Accelerator, tiled: TiledStack, { inputs, output }: Case['handedOver']): HandOver {
  const top = hw.memories.length - 1;
  const shared = hw.memories.flatMap(({ operands }, m) =>
    operands.includes('I') && operands.includes('O') && m < top ? [m] : [],
  );
  const memory = (choice: number): number => [top, ...shared][choice % (shared.length + 1)]!;
  const maps = tiled.inputs.map((map) => [map, memory(inputs)] as const);
  return { output: memory(output), maps: new Map(maps.filter(([, m]) => m < top)) };
}

const wholeMaps = (tiled: TiledStack, { maps, output }: HandOver, hw: Accelerator): WholeMaps => {
  const sink = bareName(tiled.layers.at(-1)!);
  const own = output < hw.memories.length - 1 ? [[sink, output] as const] : [];
  return new Map([...[...maps].map(([map, m]) => [bareName(map), m] as const), ...own]);
};

function faults({ spec, before, tile, mode, levels, fits, handedOver }: Case): readonly string[] {
  const workload = networkOf(spec);
  const sizes = new Map(workload.maps.map((map) => [bareName(map.id), map]));
  const nodes = spec.nodes.slice(Math.floor((before * spec.nodes.length) / 10));
  const layers = workload.layers.slice(-nodes.length).map((layer) => layer.id);
  const stack = { id: stackId(0), layers, tile, mode, handOver: memoryId('dram') };
  const tiled = tileStack(workload, stack, profile);
  const wholeBits = [...tiled.inputs, tensorId(nodes.at(-1)![0])].map((id) => {
    const { width, height, elementsPerPixel, bits } = sizes.get(bareName(id))!;
    return width * height * elementsPerPixel * bits;
  });
  const demands = demandsOf(workload, tiled);
  const whole = wholeBits.flatMap((bits) => [bits, ...demands.map((demand) => demand + bits)]);
  const isBelow = handedOver.inputs + handedOver.output > 0;
  const hw = acceleratorOf(levelsFor(levels, isBelow ? [...demands, ...whole] : demands));
  const handOver = handOverIn(hw, tiled, handedOver);
  const result = allocateStack(workload, tiled, hw, profile, answering(fits), handOver);
  // Maps handed over may leave no room at all; beside nothing of the kind everything fits somehow.
  if (result.kind === 'infeasible') return !isBelow && fits.every((fit) => fit) ? ['infeasible: yes'] : [];
  const { allocation } = result;
  const plan = { stacks: [allocation], infeasible: [] };
  const invalid = verifyAllocs(workload, undefined, { stacks: [tiled] }, plan, hw, profile);

  const simulated = simulate(nodes, sizes, tiled.tile, mode);
  fc.pre(usesAllMaps(simulated));
  const types = simulated.tiles.map((one) => allocation.types[typeOf(simulated, tiled, one)]!);
  const typeAt = new Map(simulated.tiles.map((one, i) => [one, types[i]!]));
  const bitsOf = (map: string): number => sizes.get(map)!.elementsPerPixel * sizes.get(map)!.bits;
  const executed = execute(
    simulated,
    sizes,
    bitsOf,
    hw.memories.length,
    (one) => levelsOf(typeAt.get(one)!, hw),
    wholeMaps(tiled, handOver, hw),
  );
  return [
    ...invalid.map(({ code, message }) => `${code}: ${message}`),
    ...executed.missing.map((read) => `missing: ${read}`),
    ...executed.tiles.flatMap(({ moved, peaks }, i) => [
      ...differences(moved, copiedBits(types[i]!, hw)),
      ...overfull(peaks, allocation, types[i]!, hw),
    ]),
  ];
}

/** What a memory may have to hold, bits: live data of a tile type, also with caches and weights. */
function demandsOf(workload: Workload, tiled: TiledStack): readonly number[] {
  const result = allocateStack(workload, tiled, acceleratorOf([]), profile, answering([true]));
  if (result.kind === 'infeasible') throw new Error('everything fits into DRAM');
  const { weightBits, types } = result.allocation;
  return types.flatMap((type) => [
    type.aliveBits,
    type.aliveBits + type.hCacheBits,
    reservedBits(type),
    type.aliveBits + weightBits,
    reservedBits(type) + weightBits,
  ]);
}

const reservedBits = ({ aliveBits, hCacheBits, vCacheBits, cornerBits }: TypeAllocation): number =>
  aliveBits + hCacheBits + vCacheBits - cornerBits;

function differences(
  moved: Readonly<Record<string, number>>,
  copied: Readonly<Record<string, number>>,
): string[] {
  const keys = [...new Set([...Object.keys(moved), ...Object.keys(copied)])];
  return keys
    .filter((key) => moved[key] !== copied[key])
    .map((key) => `${key.split(' ')[0]}: ${key} moves ${moved[key] ?? 0} bit, ${copied[key] ?? 0} copied`);
}

type Tile = Simulation['tiles'][number];

/** Index of the type of a tile: of the classes that have its column's and its row's sizes, neighbours and kept data. */
function typeOf(simulated: Simulation, tiled: TiledStack, tile: Tile): number {
  const ofColumn = fullest(simulated.tiles.filter(({ column }) => column === tile.column));
  const ofRow = fullest(simulated.tiles.filter(({ row }) => row === tile.row));
  const x = { index: tile.column, tiles: simulated.tileWidths, kept: simulated.keptColumns };
  const y = { index: tile.row, tiles: simulated.tileHeights, kept: simulated.keptRows };
  const column = tiled.columns.findIndex((one) =>
    isLike(one, tiled.mode !== 'fully-recompute', x, ofColumn, widthOf),
  );
  const row = tiled.rows.findIndex((one) => isLike(one, tiled.mode === 'fully-cached', y, ofRow, heightOf));
  const origin = tile.column === 0 && tile.row === 0;
  return tiled.types.findIndex(
    (type) => type.column === column && type.row === row && type.origin === origin,
  );
}

/** The tile that makes the most: others may lie in pads, and then tell nothing of their column or row. */
function fullest(tiles: readonly Tile[]): Tile {
  const pixels = ({ fresh }: Tile): number => [...fresh.values()].reduce((sum, box) => sum + areaOf(box), 0);
  return tiles.reduce((most, tile) => (pixels(tile) > pixels(most) ? tile : most));
}

interface Position {
  readonly index: number;
  readonly tiles: readonly number[];
  readonly kept: ReadonlyMap<string, readonly number[]>;
}

function isLike(
  one: AxisClass,
  cached: boolean,
  { index, tiles, kept }: Position,
  tile: Tile,
  lengthOf: (box: Box) => number,
): boolean {
  const ends = !cached || (one.first === (index === 0) && one.last === (index === tiles.length - 1));
  const isNothing = (box: Box): boolean => widthOf(box) === 0 && heightOf(box) === 0;
  const same = (box: Box, extent: number): boolean => isNothing(box) || lengthOf(box) === extent;
  return (
    ends &&
    one.tile === tiles[index] &&
    one.actual.maps.every((extent) => {
      const map = bareName(extent.map);
      const keeps = !cached || kept.get(map)![index] === extent.kept;
      const holds = !cached || index === 0 || kept.get(map)![index - 1] === extent.held;
      return keeps && holds && same(tile.fresh.get(map)!, extent.fresh);
    }) &&
    one.actual.layers.every((layer) => {
      const sources = layer.inputs.flat();
      return tile.reads.get(bareName(layer.layer))!.every(({ box }, i) => same(box, sources[i]!.needed));
    })
  );
}

const indexOf = (hw: Accelerator, id: string | null): number | null =>
  id === null ? null : hw.memories.findIndex((memory) => memory.id === id);

function levelsOf(type: TypeAllocation, hw: Accelerator): TileLevels {
  const level = (id: string | null): number => indexOf(hw, id)!;
  return {
    patch: new Map(type.inputLevels.map(({ map, memory }) => [bareName(map), level(memory)])),
    tops: new Map(
      type.layers.map(({ layer, top }) => [bareName(layer), { I: level(top.I), O: level(top.O) }]),
    ),
    readH: indexOf(hw, type.hCache.read),
    writeH: indexOf(hw, type.hCache.write),
    readV: indexOf(hw, type.vCache.read),
    writeV: indexOf(hw, type.vCache.write),
  };
}

function copiedBits(type: TypeAllocation, hw: Accelerator): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { why, map, bits, from, to } of type.copySteps.flatMap((step) => step.copies)) {
    // No pixels: weights.test.ts counts them.
    if (why === 'weights') continue;
    const key = `${why} ${bareName(map)} ${indexOf(hw, from.memory)}>${indexOf(hw, to.memory)}`;
    result[key] = (result[key] ?? 0) + bits;
  }
  return result;
}

/** Memories below the top in which more is live than they hold, and all maps together beyond what is reserved. */
function overfull(
  peaks: readonly number[],
  { weightBits, weightLevel, handOver }: StackAllocation,
  type: TypeAllocation,
  hw: Accelerator,
): string[] {
  const memories = hw.memories.slice(0, -1).flatMap(({ id, sizeBits }, m) => {
    const whole = handOver?.taken.find(({ memory }) => memory === id)?.bits ?? 0;
    const live = whole + peaks[m]! + (weightLevel === id && peaks[m]! > 0 ? weightBits : 0);
    return live > sizeBits ? [`overfull: ${live} bit live in ${id}, which holds ${sizeBits}`] : [];
  });
  const reserved = reservedBits(type);
  return peaks.at(-1)! > reserved
    ? [...memories, `reserved: ${peaks.at(-1)} bit live, ${reserved} reserved`]
    : memories;
}
