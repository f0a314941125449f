/** The mapper on tiles written by hand: limits, ties, capacity, and what it says when nothing fits. */
import fc from 'fast-check';
import { PROFILES } from '../../../src/base/profile.js';
import { countedCycles } from '../../../src/cost/latency.js';
import { costOfMapping } from '../../../src/cost/layer-tile-cost.js';
import type { LoopDim } from '../../../src/ir/layer.js';
import type { LayerTileProblem, MappedLayerTile } from '../../../src/ir/layer-tile.js';
import { createMapper } from '../../../src/mapping/mapper.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { additionTile, convolutionTile } from '../../support/layer-tile.js';

const HW = loadAccelerator('meta-proto-df').accelerator;
const UNROLLING = { D1: 'K', D2: 'C', D3: 'OX', D4: 'OY' } as const;
const PROFILE = PROFILES.default;

const solve = (problem: LayerTileProblem, limit: number | null = 6, profile = PROFILE, hw = HW) =>
  createMapper(hw, profile, { lpfLimit: limit })(problem);

function map(...args: Parameters<typeof solve>): MappedLayerTile {
  const result = solve(...args);
  if (result.kind !== 'mapped') throw new Error(JSON.stringify(result.reason));
  return result.mapped;
}

const tile = (loops: Partial<Record<LoopDim, number>>, tops = {}) =>
  convolutionTile(HW, { loops, unrolling: UNROLLING, tops });

const size = (max: number) => fc.integer({ min: 1, max });
const kernel = fc.constantFrom(1, 3, 5);
const shapes = fc.record({ K: size(40), C: size(24), OY: size(40), OX: size(40), FY: kernel, FX: kernel });

describe('limits', () => {
  test.each([PROFILE, PROFILES['reference-2023']])(
    '$name: a tile without temporal loops has one order',
    (profile) => {
      const mapped = map(tile({ K: 32, C: 2, OY: 4, OX: 4 }), 6, profile);
      expect(mapped.temporal).toEqual([]);
      expect(mapped.latency.compute).toBe(1);
      // One word for every register, nothing summed above the array.
      expect(mapped.accesses[0]).toMatchObject({
        operand: 'O',
        memory: 'mem:rf_2B',
        readLow: 0,
        writeLow: 512,
      });
    },
  );

  test('a limit below the number of loops keeps whole loops', () => {
    const mapped = map(tile({ K: 64, C: 12, OY: 16, OX: 24, FY: 3, FX: 3 }), 2);
    expect(mapped.temporal.map(({ dim, size }) => `${dim}${size}`).sort()).toEqual([
      ...['C6', 'FX3', 'FY3', 'K2', 'OX6', 'OY4'],
    ]);
  });

  test('no limit tries all prime factors and is no worse here', () => {
    const problem = tile({ K: 32, C: 8, OY: 48, OX: 16, FY: 3 }, { I: 'sram_64KB', W: 'sram_32KB' });
    const free = map(problem, null);
    expect(free.temporal).toHaveLength(2 + 3 + 2 + 1); // C 4, OY 12, OX 4, FY 3
    expect(free.energyPj).toBeLessThanOrEqual(map(problem, 6).energyPj);
  });
});

test('a convolution and its mirror image cost the same energy', () => {
  const small = fc.record({ K: size(40), C: size(4), OY: size(24), OX: size(24), FY: kernel, FX: kernel });
  fc.assert(
    fc.property(small, ({ K, C, OY, OX, FY, FX }) => {
      const mapped = map(tile({ K, C, OY, OX, FY, FX }), null);
      const mirrored = map(tile({ K, C, OY: OX, OX: OY, FY: FX, FX: FY }), null);
      expect(mirrored.energyPj / mapped.energyPj).toBeCloseTo(1, 10);
    }),
    { seed: 2023, numRuns: 25 },
  );
});

/** Elements of an operand in its level at `memory` and everything below, each dim counted whole. */
function heldBits(
  { operands, loops }: LayerTileProblem,
  mapped: MappedLayerTile,
  op: number,
  level: number,
): number {
  const { name, levels, relevant, irrelevant, windows, bits, psumBits } = operands[op]!;
  const index = (id: string | undefined): number => levels.findIndex((l) => HW.memories[l]!.id === id);
  const below = mapped.temporal.filter((loop) => index(loop.level[name]) <= level);
  const above = mapped.temporal.filter((loop) => index(loop.level[name]) > level);
  const served = new Set(levels.slice(0, level + 1).flatMap((l) => HW.memories[l]!.serves));
  const count = (dim: LoopDim): number => {
    const temporal = below.reduce((p, loop) => (loop.dim === dim ? p * loop.size : p), 1);
    const spatial = mapped.spatial.reduce(
      (p, u) => (u.dim === dim && served.has(u.array) ? p * u.size : p),
      1,
    );
    const total = loops.find((loop) => loop.dim === dim)?.size ?? 1;
    return Math.min(total, Math.ceil(temporal * spatial - 1e-6));
  };
  const elements =
    relevant.reduce((p, dim) => p * count(dim), 1) *
    windows.reduce((p, { out, kernel }) => p * (count(out) + count(kernel) - 1), 1);
  return elements * (above.some(({ dim }) => irrelevant.includes(dim)) ? psumBits : bits);
}

test('no memory holds more than its size', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const problem = tile(shape, { W: 'sram_32KB', I: 'sram_1MB_A', O: 'sram_1MB_A' });
      const mapped = map(problem);
      HW.memories.forEach((memory, m) => {
        const bits = problem.operands.reduce((sum, { levels }, op) => {
          const level = levels.indexOf(m);
          return level < 0 ? sum : sum + heldBits(problem, mapped, op, level);
        }, 0);
        expect([memory.name, bits <= memory.sizeBits]).toEqual([memory.name, true]);
      });
    }),
    { seed: 2023, numRuns: 100 },
  );
});

test('among mappings of equal energy the default takes the fastest, the published model the first', () => {
  // cost-model.md 6.8: 36 of 720 orders attain the minimum, with 15 228 to 15 375 cycles; the first has 15 336.
  const problem = tile(
    { B: 1, K: 12, C: 12, OY: 72, OX: 60, FY: 3, FX: 3 },
    { O: 'sram_1MB_A', W: 'sram_32KB', I: 'sram_64KB' },
  );
  const offloadFree = { offloadCounted: false };
  const fastest = map(problem, 6, { ...PROFILE, ...offloadFree });
  const first = map(problem, 6, PROFILES['reference-2023']);
  expect(countedCycles(first.latency, offloadFree)).toBe(15_336);
  expect(countedCycles(fastest.latency, offloadFree)).toBe(15_228);
  expect(fastest.energyPj).toBeCloseTo(first.energyPj, 6);
});

test('a found mapping scores the same when given', () => {
  const problem = tile({ K: 50, C: 10, OY: 30, OX: 45, FY: 3, FX: 3 });
  const mapped = map(problem);
  const split = problem.operands.map(({ name, levels }) =>
    levels.map((_, m) => {
      const upTo = levels.slice(0, m + 1).map((l) => HW.memories[l]!.id);
      return mapped.temporal.filter((loop) => upTo.includes(loop.level[name]!)).length;
    }),
  );
  expect(costOfMapping(HW, PROFILE, problem, { loops: mapped.temporal, split })).toEqual(mapped);
});

describe('elementwise layers', () => {
  const shape = {
    loops: { B: 1, G: 64, OY: 30, OX: 30 },
    unrolling: { D1: 'G', D3: 'OX', D4: 'OY' },
  } as const;

  test('both inputs take the path of I and cost the same', () => {
    const mapped = map(additionTile(HW, shape));
    const energy = (operand: string) =>
      mapped.accesses.filter((a) => a.operand === operand).map((a) => a.energyPj);
    expect(energy('X')).toEqual(energy('Y'));
    expect(mapped.accesses.map(({ operand }) => operand).join('')).toBe('OOOOXXXYYY');
  });

  test('an output that is never summed is not read back', () => {
    expect(map(additionTile(HW, shape)).accesses.every((a) => a.operand !== 'O' || a.readLow === 0)).toBe(
      true,
    );
  });
});

describe('nothing fits', () => {
  test('an element wider than its register: operand, demand and bound', () => {
    const problem = tile({ K: 32, C: 8, OY: 8, OX: 8, FY: 3, FX: 3 });
    const wide = {
      ...problem,
      operands: problem.operands.map((o) => (o.name === 'W' ? { ...o, bits: 16 } : o)),
    };
    expect(solve(wide)).toEqual({
      kind: 'unmappable',
      reason: { memory: 0, operand: 'W', demandBits: 16, boundBits: 8 },
    });
  });

  test('sums that do not fit the register before they are finished, whatever the order', () => {
    const wide = (problem: LayerTileProblem): LayerTileProblem => ({
      ...problem,
      operands: problem.operands.map((o) => (o.name === 'O' ? { ...o, psumBits: 32 } : o)),
    });
    const reason = { memory: 1, operand: 'O', demandBits: 32, boundBits: 16 };
    expect(solve(wide(tile({ K: 32, C: 4, OX: 8 })))).toEqual({ kind: 'unmappable', reason });
    expect(solve(wide(tile({ K: 32, C: 2, OX: 8 }))).kind).toBe('mapped'); // summed within the array
  });

  test('a top memory too small for its map', () => {
    // Input 8 x 102 x 102 bytes = 665 856 bit in 524 288; the output needs no room beside it, its top is higher.
    const problem = tile({ K: 4, C: 8, OY: 100, OX: 100, FY: 3, FX: 3 }, { I: 'sram_64KB' });
    const result = solve(problem);
    if (result.kind !== 'unmappable') throw new Error('it fits');
    expect(HW.memories[result.reason.memory]?.name).toBe('sram_64KB');
    expect(result.reason.operand).toBe('I');
    expect(result.reason.boundBits).toBe(524_288);
    // Beside it, at least one patch of 4 x 4 outputs x 4 channels of 16 bit, or of 8 bit once finished.
    expect(result.reason.demandBits).toBe(665_856 + 4 * 4 * 4 * 8);
  });
});
