/** Small layer tiles on small random hierarchies: few enough loop orders and splits to try them all. */
import fc from 'fast-check';
import { memoryId } from '../../src/base/ids.js';
import { levelsOf, type Accelerator } from '../../src/hw/accelerator.js';
import {
  MEMORY_OPERANDS,
  type Direction,
  type Memory,
  type MemoryOperand,
  type Port,
} from '../../src/hw/memory.js';
import type { LoopDim, Unrolling } from '../../src/ir/layer.js';
import type { LayerTileProblem, TileOperand } from '../../src/ir/layer-tile.js';
import { additionTile, convolutionTile } from './layer-tile.js';

export interface TileCase {
  readonly hw: Accelerator;
  readonly problem: LayerTileProblem;
}

const sideArb = fc.record({
  bits: fc.constantFrom(8, 16, 32, 64),
  words: fc.constantFrom(1, 1, 2, 4),
  energyPj: fc.constantFrom(1, 2, 3.5, 10, 17.2, 40),
});

/** One port for everything, one per direction of flow, or one per transfer. */
type Ports = 'one' | 'read-and-write' | 'each';

const memoryArb = fc.record({
  operands: fc.constantFrom<MemoryOperand[]>(
    ['O'],
    ['W'],
    ['I'],
    ['I', 'O'],
    ['O', 'I'],
    ['I', 'O'],
    ['W', 'I', 'O'],
    ['O', 'W', 'I'],
    ['W', 'I'], // prettier-ignore
  ),
  bytes: fc.oneof(
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 4, max: 60 }),
    fc.constantFrom(100, 300, 1000),
  ),
  serves: fc.constantFrom<string[]>([], ['D1'], ['D2'], ['D1', 'D2'], ['D1', 'D2']),
  read: sideArb,
  write: sideArb,
  ports: fc.constantFrom<Ports>('one', 'read-and-write', 'each'),
  latencyCycles: fc.constantFrom(1, 1, 3),
});

const DIRECTIONS: readonly Direction[] = ['toLow', 'fromLow', 'toHigh', 'fromHigh'];

function portsOf(kind: Ports, operands: readonly MemoryOperand[]): readonly Port[] {
  const all = operands.flatMap((operand) => DIRECTIONS.map((direction) => ({ operand, direction })));
  if (kind === 'one') return [{ name: 'rw1', kind: 'read-write', transfers: all }];
  if (kind === 'each')
    return all.map((transfer, i) => ({ name: `rw${i}`, kind: 'read-write', transfers: [transfer] }));
  const reads = (direction: Direction): boolean => direction === 'toLow' || direction === 'toHigh';
  return [
    { name: 'r1', kind: 'read', transfers: all.filter(({ direction }) => reads(direction)) },
    { name: 'w1', kind: 'write', transfers: all.filter(({ direction }) => !reads(direction)) },
  ];
}

const hwArb: fc.Arbitrary<Accelerator> = fc
  .record({
    array: fc.record({ D1: fc.constantFrom(1, 2, 3, 4), D2: fc.constantFrom(1, 2, 3) }),
    memories: fc.array(memoryArb, { minLength: 1, maxLength: 4 }),
    dram: memoryArb,
  })
  .map(({ array, memories, dram }) => {
    const level = (m: typeof dram, i: number, top: boolean): Memory => {
      const side = ({ bits, words, energyPj }: typeof m.read) => ({
        bits,
        granularityBits: bits / words,
        energyPj,
      });
      const operands = top ? [...MEMORY_OPERANDS] : m.operands;
      return {
        id: memoryId(`m${i}`),
        name: `m${i}`,
        sizeBits: top ? 1e9 : 8 * m.bytes,
        operands,
        serves: top ? ['D1', 'D2'] : m.serves,
        read: side(m.read),
        write: side(m.write),
        ports: portsOf(m.ports, operands),
        latencyCycles: m.latencyCycles,
      };
    };
    return {
      name: 'random',
      source: 'test',
      array: { dims: Object.entries(array).map(([name, size]) => ({ name, size })), macEnergyPj: 1 },
      precision: { W: 8, I: 8, O: 8, psum: 16 },
      spatial: [],
      memories: [...memories.map((m, i) => level(m, i, false)), level(dram, memories.length, true)],
    };
  });

const CONV: readonly LoopDim[] = ['B', 'K', 'C', 'OY', 'OX', 'FY', 'FX'];
const POINTWISE: readonly LoopDim[] = ['B', 'K', 'C', 'OY', 'OX'];
const ADDITION: readonly LoopDim[] = ['B', 'G', 'OY', 'OX'];

/** Loop sizes whose factors are few: at most `loops` prime factors in all. */
const sizesArb = (dims: readonly LoopDim[], most: number): fc.Arbitrary<Partial<Record<LoopDim, number>>> =>
  fc
    .array(fc.record({ dim: fc.constantFrom(...dims.slice(1)), factor: fc.constantFrom(2, 2, 3, 5, 7) }), {
      maxLength: most,
    })
    .map((factors) => {
      const sizes = Object.fromEntries(dims.map((dim) => [dim, 1])) as Partial<Record<LoopDim, number>>;
      for (const { dim, factor } of factors) sizes[dim] *= factor;
      return sizes;
    });

/**
 * Products of matrices that look the same from both inputs, on memories that are the same for both, or one: exchanging
 * rows and columns gives an order of equal energy, but added up in another way.
 */
export const symmetricTileArb: fc.Arbitrary<TileCase> = fc
  .record({
    bytes: fc.integer({ min: 2, max: 24 }),
    sums: fc.integer({ min: 2, max: 24 }),
    energiesPj: fc.array(fc.constantFrom(0.1, 0.3, 0.7, 1.1, 17.2), { minLength: 6, maxLength: 6 }),
    side: fc.constantFrom([2], [2, 2], [3], [2, 3], [5]),
    inner: fc.constantFrom([], [2], [3], [2, 2]),
    shared: fc.boolean(),
  })
  .map(
    ({
      bytes,
      sums,
      energiesPj: [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0],
      side,
      inner,
      shared,
    }): TileCase => {
      const memory = (
        name: string,
        operands: readonly MemoryOperand[],
        sizeBits: number,
        pj: [number, number],
      ): Memory => ({
        id: memoryId(name),
        name,
        sizeBits,
        operands,
        serves: ['D1', 'D2'],
        read: { bits: 8, granularityBits: 8, energyPj: pj[0] },
        write: { bits: 8, granularityBits: 8, energyPj: pj[1] },
        ports: portsOf('one', operands),
        latencyCycles: 1,
      });
      const hw: Accelerator = {
        name: 'symmetric',
        source: 'test',
        array: {
          dims: [
            { name: 'D1', size: 1 },
            { name: 'D2', size: 1 },
          ],
          macEnergyPj: 1,
        },
        precision: { W: 8, I: 8, O: 8, psum: 16 },
        spatial: [],
        memories: [
          ...(shared
            ? [memory('wi', ['W', 'I'], 16 * bytes, [a, b])]
            : [memory('w', ['W'], 8 * bytes, [a, b]), memory('i', ['I'], 8 * bytes, [a, b])]),
          memory('o', ['O'], 8 * sums, [c, d]),
          memory('dram', [...MEMORY_OPERANDS], 1e9, [e, f]),
        ],
      };
      const product = (factors: readonly number[]): number =>
        factors.reduce((all, factor) => all * factor, 1);
      const loops = { B: 1, K: product(side), C: product(inner), OY: 1, OX: product(side) };
      const tops = { W: 'dram', I: 'dram', O: 'dram' };
      return { hw, problem: convolutionTile(hw, { loops, unrolling: {}, stride: 1, tops }) };
    },
  );

/** Layer tiles with at most `most` loop factors before unrolling. */
export const tileCaseArb = (most: number): fc.Arbitrary<TileCase> =>
  fc
    .record({
      hw: hwArb,
      kind: fc.constantFrom('convolution', 'convolution', 'pointwise', 'addition'),
      seed: fc.nat(),
      stride: fc.constantFrom(1, 1, 2),
      limit: fc.constantFrom(undefined, undefined, 4, 9),
      tops: fc.record({ W: fc.nat(9), I: fc.nat(9), O: fc.nat(9) }),
      unrolled: fc.record({ D1: fc.nat(6), D2: fc.nat(6) }),
      passes: fc.constantFrom(1, 1, 1, 2, 3),
      psumBits: fc.constantFrom(8, 16, 24),
      share: fc.constantFrom(undefined, undefined, undefined, { exist: 9, of: 16 }, { exist: 1, of: 3 }),
    })
    .chain((shape) => {
      const dims = shape.kind === 'convolution' ? CONV : shape.kind === 'pointwise' ? POINTWISE : ADDITION;
      return sizesArb(dims, most).map((loops) => ({ ...shape, dims, loops }));
    })
    .map(({ hw, kind, dims, loops, stride, limit, tops, unrolled, passes, psumBits, share }) => {
      const one = dims[1 + (unrolled.D1 % (dims.length - 1))]!;
      const two = dims[1 + (unrolled.D2 % (dims.length - 1))]!;
      const unrolling: Record<string, LoopDim> = one === two ? { D1: one } : { D1: one, D2: two };
      const shape = {
        loops,
        unrolling,
        stride,
        ...(limit === undefined ? {} : { limit }),
        tops: Object.fromEntries(
          MEMORY_OPERANDS.map((path) => {
            const levels = levelsOf(hw, path);
            return [path, hw.memories[levels[tops[path] % levels.length]!]!.name];
          }),
        ),
      };
      const problem = kind === 'addition' ? additionTile(hw, shape) : convolutionTile(hw, shape);
      return {
        hw,
        problem: {
          ...problem,
          passes,
          unrolling: problem.unrolling.filter(({ size }: Unrolling) => size > 1),
          operands: problem.operands.map((operand): TileOperand => {
            if (operand.name === 'O') return { ...operand, psumBits };
            return operand.name === 'W' && share ? { ...operand, share } : operand;
          }),
        },
      };
    });
