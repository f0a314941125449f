/** Laws of tiling and allocation in the profile `default`, on random networks and memories. Seeds are fixed. */
import fc from 'fast-check';
import { memoryId, stackId } from '../../src/base/ids.js';
import { PROFILES } from '../../src/base/profile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { StackAllocation } from '../../src/ir/alloc.js';
import type { LoopDim } from '../../src/ir/layer.js';
import type { LayerTileMapper, TileOperand } from '../../src/ir/layer-tile.js';
import { OVERLAP_MODES, type OverlapMode, type Stack } from '../../src/ir/stack.js';
import type { TiledStack } from '../../src/ir/tile.js';
import { allocateStack } from '../../src/schedule/allocate-stack.js';
import { tileStack } from '../../src/schedule/tile-stack.js';
import { acceleratorOf, levelsArb, levelsFor, type Level } from '../support/random-accelerators.js';
import { networkArb, tileArb } from '../support/random-networks.js';
import { networkOf, square, type NetworkSpec, type NodeSpec } from '../support/workloads.js';
import { ANY_MAPPING } from '../support/fake-mapper.js';

const profile = PROFILES.default;
const anything: LayerTileMapper = () => ANY_MAPPING;

function tile(spec: NetworkSpec, size: Stack['tile'], mode: OverlapMode): TiledStack {
  const workload = networkOf(spec);
  const layers = workload.layers.map((layer) => layer.id);
  return tileStack(
    workload,
    { id: stackId(0), layers, tile: size, mode, handOver: memoryId('dram') },
    profile,
  );
}

function allocate(
  spec: NetworkSpec,
  size: Stack['tile'],
  mode: OverlapMode,
  hw: Accelerator,
  mapper = anything,
): StackAllocation | undefined {
  const result = allocateStack(networkOf(spec), tile(spec, size, mode), hw, profile, mapper);
  return result.kind === 'allocated' ? result.allocation : undefined;
}

const transposedNode = (node: NodeSpec): NodeSpec => ('x' in node ? { ...node, x: node.y, y: node.x } : node);
const transposed = ({ input, nodes }: NetworkSpec): NetworkSpec => ({
  input: { ...input, width: input.height, height: input.width },
  nodes: nodes.map(([name, node]) => [name, transposedNode(node)] as const),
});

test('a transposed network has its columns for rows', () => {
  fc.assert(
    fc.property(
      fc.record({
        spec: networkArb,
        size: tileArb,
        mode: fc.constantFrom('fully-recompute' as const, 'fully-cached' as const),
      }),
      ({ spec, size, mode }) => {
        const one = tile(spec, size, mode);
        const other = tile(transposed(spec), { x: size.y, y: size.x }, mode);
        expect([other.columns, other.rows]).toEqual([one.rows, one.columns]);
        expect([other.macs, other.recomputedMacs]).toEqual([one.macs, one.recomputedMacs]);
      },
    ),
    { numRuns: 500, seed: 20230223 },
  );
});

/** Per tile type, what is kept along one axis beside what is kept along the other, and all else. */
const byAxis = (allocation: StackAllocation | undefined, one: 'h' | 'v', other: 'h' | 'v'): unknown =>
  allocation?.types.map(({ type: _, copySteps, hCache, vCache, hCacheBits, vCacheBits, ...rest }) => {
    const kept = { h: [hCacheBits, hCache], v: [vCacheBits, vCache] };
    const names = { [`${one}-cache-read`]: 'read', [`${one}-cache-write`]: 'write' };
    const copies = copySteps.map((step) =>
      step.copies.map((copy) => ({ ...copy, why: names[copy.why] ?? copy.why })),
    );
    return { ...rest, copies, one: kept[one], other: kept[other] };
  });

test('tiles as high as the map keep in columns what tiles as wide as the transposed map keep in rows', () => {
  fc.assert(
    fc.property(
      fc.record({ spec: networkArb, x: fc.integer({ min: 1, max: 8 }), levels: levelsArb }),
      ({ spec, x, levels }) => {
        const hw = acceleratorOf(levelsFor(levels, [8 * spec.input.width * spec.input.height]));
        const columns = allocate(spec, { x, y: 'full' }, 'fully-cached', hw);
        const rows = allocate(transposed(spec), { x: 'full', y: x }, 'fully-cached', hw);
        expect(byAxis(rows, 'v', 'h')).toEqual(byAxis(columns, 'h', 'v'));
      },
    ),
    { numRuns: 500, seed: 20230223 },
  );
});

test('one tile is allocated alike in all overlap modes', () => {
  fc.assert(
    fc.property(fc.record({ spec: networkArb, levels: levelsArb }), ({ spec, levels }) => {
      const hw = acceleratorOf(levelsFor(levels, [16 * spec.input.width * spec.input.height]));
      const [first, ...others] = OVERLAP_MODES.map((mode) =>
        allocate(spec, { x: 'full', y: 'full' }, mode, hw),
      );
      for (const other of others) expect(other).toEqual(first);
    }),
    { numRuns: 300, seed: 20230223 },
  );
});

/**
 * A mapper that splits loops as well as can be: a layer tile fits if every open memory has room for all of what has
 * its top there, and for one element of what passes through.
 */
function idealMapper(hw: Accelerator): LayerTileMapper {
  return ({ loops, operands }) => {
    const sizeOf = (dim: LoopDim): number => loops.find((loop) => loop.dim === dim)?.size ?? 1;
    const elements = ({ relevant, windows }: TileOperand): number =>
      windows.reduce(
        (product, { out, kernel, stride, dilation, limit = Infinity }) =>
          product * Math.min(limit, stride * (sizeOf(out) - 1) + dilation * (sizeOf(kernel) - 1) + 1),
        relevant.reduce((product, dim) => product * sizeOf(dim), 1),
      );
    for (const [memory, { sizeBits }] of hw.memories.entries()) {
      const demandBits = operands.reduce((sum, operand) => {
        if (!operand.levels.includes(memory)) return sum;
        return sum + operand.bits * (operand.levels.at(-1) === memory ? elements(operand) : 1);
      }, 0);
      if (demandBits > sizeBits)
        return { kind: 'unmappable', reason: { memory, operand: 'O', demandBits, boundBits: sizeBits } };
    }
    return ANY_MAPPING;
  };
}

interface Growth {
  readonly spec: NetworkSpec;
  readonly size: { readonly x: number; readonly y: number };
  readonly mode: OverlapMode;
  /** `more`: bits that make the memory larger. */
  readonly levels: readonly (Level & { readonly more: number })[];
}

const growthArb: fc.Arbitrary<Growth> = fc.record({
  spec: networkArb,
  size: tileArb,
  mode: fc.constantFrom(...OVERLAP_MODES),
  levels: fc.array(
    fc.record({
      operands: fc.constantFrom<Level['operands'][]>(
        ['W'],
        ['I'],
        ['O'],
        ['I', 'O'],
        ['W', 'I', 'O'],
        ['W', 'I'],
        ['W', 'O'],
      ),
      sizeBits: fc.integer({ min: 1, max: 40 }).map((bytes) => 8 * bytes),
      more: fc.oneof(
        fc.constantFrom(0, 100_000),
        fc.nat(20).map((bytes) => 8 * bytes),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

/** More memory just holds the weights (15 and 12 byte), so that nothing could pass beside them. */
const FULL_OF_WEIGHTS: readonly Growth[] = [
  {
    spec: {
      input: { width: 3, height: 3, channels: 1 },
      nodes: [
        ['a', { op: 'conv', from: 'in', x: square(5, 1, 2).x, y: square(3, 1, 1).y }],
        ['b', { op: 'add', from: ['a', 'in'] }],
      ],
    },
    size: { x: 1, y: 1 },
    mode: 'fully-recompute',
    levels: [
      { operands: ['W', 'I'], sizeBits: 104, more: 16 },
      { operands: ['W'], sizeBits: 8, more: 0 },
    ],
  },
  {
    spec: {
      input: { width: 3, height: 3, channels: 1 },
      nodes: [['a', { op: 'conv', from: 'in', ...square(2), channels: 3 }]],
    },
    size: { x: 1, y: 1 },
    mode: 'fully-recompute',
    levels: [
      { operands: ['W', 'I', 'O'], sizeBits: 48, more: 8 },
      { operands: ['W', 'I', 'O'], sizeBits: 24, more: 72 },
      { operands: ['W'], sizeBits: 8, more: 0 },
    ],
  },
];

test('more memory never makes a stack infeasible', () => {
  fc.assert(
    fc.property(growthArb, ({ spec, size, mode, levels }) => {
      const feasible = (sizes: readonly Level[]): boolean => {
        const hw = acceleratorOf(sizes, 8);
        return allocate(spec, size, mode, hw, idealMapper(hw)) !== undefined;
      };
      const larger = levels.map(({ more, ...level }) => ({ ...level, sizeBits: level.sizeBits + more }));
      if (feasible(levels)) expect(feasible(larger)).toBe(true);
    }),
    { numRuns: 1000, seed: 20230223, examples: FULL_OF_WEIGHTS.map((one) => [one]) },
  );
});
