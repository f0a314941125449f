/** What the corrected arithmetic promises: averages that add up, and the published numbers where nothing is fractional. */
import fc from 'fast-check';
import { PROFILES, type Profile } from '../../../src/base/profile.js';
import { countedCycles } from '../../../src/cost/latency.js';
import type { Accelerator } from '../../../src/hw/accelerator.js';
import type { AccessCount } from '../../../src/ir/cost.js';
import type { LayerTileProblem, MappedLayerTile } from '../../../src/ir/layer-tile.js';
import { createMapper } from '../../../src/mapping/mapper.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { convolutionTile } from '../../support/layer-tile.js';

const HW = loadAccelerator('meta-proto-df').accelerator;
const UNROLLING = { D1: 'K', D2: 'C', D3: 'OX', D4: 'OY' } as const;
const REFERENCE = PROFILES['reference-2023'];

function map(
  problem: LayerTileProblem,
  profile: Profile = PROFILES.default,
  hw: Accelerator = HW,
): MappedLayerTile {
  const result = createMapper(hw, profile, { lpfLimit: 5 })(problem);
  if (result.kind !== 'mapped') throw new Error(JSON.stringify(result.reason));
  return result.mapped;
}

const at = ({ accesses }: MappedLayerTile, operand: string, memory: string): AccessCount =>
  accesses.find((access) => access.operand === operand && access.memory === memory)!;

const size = (max: number) => fc.integer({ min: 1, max });
const kernel = fc.constantFrom(1, 2, 3, 5);
const shapes = fc.record({ K: size(70), C: size(40), OY: size(60), OX: size(60), FY: kernel, FX: kernel });

test('array and registers: averages over partly filled cycles add up to exact totals', () => {
  fc.assert(
    fc.property(shapes, (loops) => {
      const mapped = map(convolutionTile(HW, { loops, unrolling: UNROLLING }));
      const { K, C, OY, OX, FY, FX } = loops;
      // Every register receives one sum per cycle, each over two input channels: one word of 16 bit, or part of it.
      expect(at(mapped, 'O', 'mem:rf_2B').writeLow).toBeCloseTo(K * OY * OX * FY * FX * Math.ceil(C / 2), 4);
      // A weight register feeds 4 x 4 pixels.
      const patches = Math.ceil(OY / 4) * Math.ceil(OX / 4);
      expect(at(mapped, 'W', 'mem:rf_1B').readLow).toBeCloseTo(K * C * FY * FX * patches, 4);
    }),
    { seed: 2023, numRuns: 60 },
  );
});

test('where all unrollings are whole, energy is as published and latency is no worse', () => {
  const whole = fc.record({ K: size(3), C: size(6), OY: size(8), OX: size(8), FY: kernel, FX: kernel });
  fc.assert(
    fc.property(whole, ({ K, C, OY, OX, FY, FX }) => {
      const loops = { K: 32 * K, C: 2 * C, OY: 4 * OY, OX: 4 * OX, FY, FX };
      const problem = convolutionTile(HW, {
        loops,
        unrolling: UNROLLING,
        tops: { W: 'sram_32KB', I: 'sram_1MB_A' },
      });
      const ours = map(problem);
      const published = map(problem, REFERENCE);
      expect(ours.energyPj / published.energyPj).toBeCloseTo(1, 10);
      expect(countedCycles(ours.latency, PROFILES.default)).toBeLessThanOrEqual(
        countedCycles(published.latency, PROFILES.default),
      );
    }),
    { seed: 2023, numRuns: 60 },
  );
});

test('fractional columns and rows: words for the average patch, not for its truncation (Q14)', () => {
  const loops = { K: 1, C: 1, OY: 5, OX: 7, FY: 3, FX: 3 };
  const problem = convolutionTile(HW, { loops, unrolling: UNROLLING });
  // 7 columns in two steps of 3.5, 5 rows in two of 2.5: 8.75 elements per cycle, 70 bit, are two parts of 64 bit in
  // words of 512; truncated to 3 x 2 elements, 48 bit, one part.
  expect(at(map(problem), 'I', 'mem:sram_64KB').readLow).toBe((2 * 2 * 9 * 2) / 8);
  expect(at(map(problem, REFERENCE), 'I', 'mem:sram_64KB').readLow).toBe((2 * 2 * 9 * 1) / 8);
});

test('padding is not fetched: no input block holds more columns than exist', () => {
  const shape = {
    loops: { K: 32, C: 8, OY: 8, OX: 8, FY: 3, FX: 3 },
    unrolling: UNROLLING,
    tops: { I: 'sram_1MB_A' },
  };
  const stored = (limit: number | undefined): number => {
    const problem = convolutionTile(HW, { ...shape, ...(limit === undefined ? {} : { limit }) });
    return at(map(problem), 'I', 'mem:sram_64KB').writeHigh;
  };
  // Everything fits at once: 8 channels x 10 x 10 bytes, in words of 512 bit; with a border on both sides 8 x 8 x 8.
  expect(stored(undefined)).toBe(800 / 64);
  expect(stored(8)).toBe(512 / 64);
});

test('inputs streamed three times: their accesses, the operations and the cycles are tripled, the output is not', () => {
  const once = convolutionTile(HW, { loops: { K: 32, C: 8, OY: 16, OX: 16 }, unrolling: UNROLLING });
  const [one, three] = [map(once), map({ ...once, passes: 3 })];
  expect(three.temporal).toEqual(one.temporal);
  expect(three.macEnergyPj).toBeCloseTo(3 * one.macEnergyPj, 6);
  expect(three.latency.compute).toBe(3 * one.latency.compute);
  three.accesses.forEach((access, i) => {
    const factor = access.operand === 'O' ? 1 : 3;
    expect(access.readLow).toBe(factor * one.accesses[i]!.readLow);
    expect(access.writeHigh).toBe(factor * one.accesses[i]!.writeHigh);
  });
});
