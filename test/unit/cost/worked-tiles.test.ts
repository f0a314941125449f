/** The worked layer tiles of cost-model.md 9.1 to 9.3, on the accelerator that ships with the project. */
import { PROFILES } from '../../../src/base/profile.js';
import { costOfMapping } from '../../../src/cost/layer-tile-cost.js';
import type { LoopDim, LoopSize } from '../../../src/ir/layer.js';
import type { LayerTileProblem, MappedLayerTile } from '../../../src/ir/layer-tile.js';
import { createMapper } from '../../../src/mapping/mapper.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { convolutionTile } from '../../support/layer-tile.js';

const HW = loadAccelerator('meta-proto-df').accelerator;
const PROFILE = PROFILES['reference-2023'];
const UNROLLING = { D1: 'K', D2: 'C', D3: 'OX', D4: 'OY' } as const;

/** `C6 FY3 ...` as loops. */
const order = (text: string): readonly LoopSize[] =>
  text.split(' ').map((loop) => {
    const [, dim, size] = /^([A-Z]+)(\d+)$/.exec(loop)!;
    return { dim: dim as LoopDim, size: Number(size) };
  });

const best = (problem: LayerTileProblem, limit: number): MappedLayerTile => {
  const result = createMapper(HW, PROFILE, { lpfLimit: limit })(problem);
  if (result.kind !== 'mapped') throw new Error('nothing fits');
  return result.mapped;
};

const loopsOf = ({ temporal }: MappedLayerTile): string =>
  temporal.map(({ dim, size }) => `${dim}${size}`).join(' ');
const energyOf = ({ accesses }: MappedLayerTile): Record<string, number> =>
  Object.fromEntries(accesses.map(({ operand, memory, energyPj }) => [`${operand} ${memory}`, energyPj]));
const accessesOf = ({ accesses }: MappedLayerTile, operand: string, memory: string) =>
  accesses.find((access) => access.operand === operand && access.memory === memory);

describe('9.1 FSRCNN layer 2, tile 60x72', () => {
  const problem = convolutionTile(HW, {
    loops: { B: 1, K: 12, C: 12, OY: 72, OX: 60, FY: 3, FX: 3 },
    unrolling: UNROLLING,
    tops: { O: 'sram_1MB_A', W: 'sram_32KB', I: 'sram_64KB' },
  });
  const mapping = { loops: order('C6 FY3 FX3 OY18 OX5 OX3'), split: [[3, 4, 6], [0, 6], [6]] };
  const mapped = costOfMapping(HW, PROFILE, problem, mapping);

  test('energy by operand and memory', () => {
    const energy = energyOf(mapped);
    expect(energy['O mem:rf_2B']).toBeCloseTo(113_011.2, 6);
    expect(energy['O mem:sram_64KB']).toBeCloseTo(46_461.6, 6);
    expect(energy['O mem:sram_1MB_A']).toBeCloseTo(76_626, 6);
    expect(energy['W mem:rf_1B']).toBeCloseTo(6_998.4, 6);
    expect(energy['W mem:sram_32KB']).toBeCloseTo(94_041, 6);
    expect(energy['I mem:sram_64KB']).toBeCloseTo(193_622.4, 6);
    expect(mapped.macEnergyPj).toBeCloseTo(223_948.8, 6); // 12*12*72*60*9 = 5 598 720 MACs at 0.04
    expect(mapped.energyPj).toBeCloseTo(754_709.4, 6);
  });

  test('word accesses', () => {
    // 14 580 cycles x 192 registers, read and written once per cycle; 270 finished contents leave them.
    expect(accessesOf(mapped, 'O', 'mem:rf_2B')).toMatchObject({
      readLow: 2_799_360,
      writeLow: 2_799_360,
      readHigh: 51_840,
      writeHigh: 0,
    });
    expect(accessesOf(mapped, 'O', 'mem:sram_64KB')).toMatchObject({
      readLow: 0,
      writeLow: 810,
      readHigh: 810,
    });
    expect(accessesOf(mapped, 'O', 'mem:sram_1MB_A')).toMatchObject({ writeLow: 405, readHigh: 0 });
    expect(accessesOf(mapped, 'W', 'mem:rf_1B')).toMatchObject({ readLow: 349_920, writeHigh: 349_920 });
    expect(accessesOf(mapped, 'W', 'mem:sram_32KB')).toMatchObject({ readLow: 5_467.5 });
    expect(accessesOf(mapped, 'I', 'mem:sram_64KB')).toMatchObject({ readLow: 7_290 });
  });

  test('latency', () => {
    expect(mapped.latency).toEqual({ compute: 14_580, stall: 755, onload: 1, offload: 55 });
  });

  test('the search finds this mapping, with its levels', () => {
    const found = best(problem, 6);
    expect(found).toEqual(mapped);
    expect(found.temporal.map(({ level }) => level['O'])).toEqual([
      ...['mem:rf_2B', 'mem:rf_2B', 'mem:rf_2B', 'mem:sram_64KB', 'mem:sram_1MB_A', 'mem:sram_1MB_A'],
    ]);
    expect(found.temporal.every(({ level }) => level['W'] === 'mem:sram_32KB')).toBe(true);
  });

  test('a split below loops that an operand ignores is the same mapping', () => {
    // W ignores OY and OX: with C, FY and FX in the registers' level, all loops are.
    const lower = { ...mapping, split: [[3, 4, 6], [0, 3], [6]] };
    expect(() => costOfMapping(HW, PROFILE, problem, lower)).toThrow('a split covers all loops');
    const early = costOfMapping(HW, PROFILE, problem, { ...mapping, split: [[0, 4, 6], [0, 6], [6]] });
    expect(early).toEqual(mapped); // O ignores C, FY and FX
  });
});

test('9.2 FSRCNN layer 7, tile 60x72: a two-level input and a sink in DRAM', () => {
  const problem = convolutionTile(HW, {
    loops: { B: 1, K: 16, C: 56, OY: 72, OX: 60, FY: 3, FX: 3 },
    unrolling: UNROLLING,
    tops: { O: 'dram', W: 'sram_32KB', I: 'sram_1MB_A' },
  });
  const mapped = best(problem, 6);
  expect(loopsOf(mapped)).toBe('C28 FY3 FX3 OY18 OX3 OX5');
  const energy = energyOf(mapped);
  const expected = {
    'O mem:rf_2B': 698_112,
    'O mem:sram_64KB': 61_948.8,
    'O mem:sram_1MB_A': 214_531.2,
    'O mem:dram': 6_480_000, // 72*60*16 bytes are 8640 words of 64 bit, at 750 pJ
    'W mem:rf_1B': 43_545.6,
    'W mem:sram_32KB': 585_144,
    'I mem:sram_64KB': 1_043_172.2,
    'I mem:sram_1MB_A': 471_821.4,
  };
  for (const [where, energyPj] of Object.entries(expected))
    expect([where, energy[where]]).toEqual([where, expect.closeTo(energyPj, 5)]);
  expect(mapped.macEnergyPj).toBeCloseTo(1_393_459.2, 5);
  expect(mapped.energyPj).toBeCloseTo(10_991_734.4, 5);
  // Five contents of 56 channels x 14 columns x 74 rows: 464 128 bit, 7252 parts of 64 bit, in words of 512.
  expect(accessesOf(mapped, 'I', 'mem:sram_64KB')?.writeHigh).toBe(4_532.5);
  expect(mapped.latency).toEqual({ compute: 68_040, stall: 1007, onload: 907, offload: 8642 });
});

test('9.3 FSRCNN layer 0, whole map: fractional unrollings, truncated as published', () => {
  const problem = convolutionTile(HW, {
    loops: { B: 1, K: 56, C: 1, OY: 550, OX: 970, FY: 5, FX: 5 },
    unrolling: { D1: 'K', D3: 'OX', D4: 'OY' },
    tops: { I: 'sram_1MB_A' },
  });
  const mapped = best(problem, 5);
  expect(mapped.spatial).toEqual([
    { array: 'D1', dim: 'K', size: 28 },
    { array: 'D3', dim: 'OX', size: 970 / 243 },
    { array: 'D4', dim: 'OY', size: 550 / 138 },
  ]);
  expect(mapped.latency.compute).toBe(1_676_700); // 2 * 138 * 243 * 25
  // trunc(3.99) * trunc(3.98) = 9 elements per cycle, 72 bit: two parts of 64 bit in a word of 512.
  expect(accessesOf(mapped, 'I', 'mem:sram_64KB')?.readLow).toBe(419_175);
  // 3.99 * 28 * 3.98 = 445.46 registers, rounded to 445.
  expect(accessesOf(mapped, 'O', 'mem:rf_2B')?.writeLow).toBe(1_676_700 * 445);
});
