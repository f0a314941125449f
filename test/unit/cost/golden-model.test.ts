/** The cost model against every layer tile of every published run, on the published mapping. */
import { PROFILES } from '../../../src/base/profile.js';
import { costOfMapping } from '../../../src/cost/layer-tile-cost.js';
import type { AccessCount } from '../../../src/ir/cost.js';
import type { MappedLayerTile } from '../../../src/ir/layer-tile.js';
import { goldenFiles, readGolden, type GoldenAccess, type GoldenCase } from '../../support/golden.js';
import { describeWithReference } from '../../support/reference.js';

const PROFILE = PROFILES['reference-2023'];

const ACCESS: readonly (readonly [GoldenAccess, 'readLow' | 'writeLow' | 'readHigh' | 'writeHigh'])[] = [
  ['rd_out_to_low', 'readLow'],
  ['wr_in_by_low', 'writeLow'],
  ['rd_out_to_high', 'readHigh'],
  ['wr_in_by_high', 'writeHigh'],
];

const relative = (a: number, b: number): number =>
  a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));

/** Every number of a tile that is not as published; empty if all agree. */
function differences({ hw, tile, problem }: GoldenCase, mapped: MappedLayerTile): string[] {
  const found: string[] = [];
  const near = (name: string, actual: number, published: number): void => {
    worst = Math.max(worst, relative(actual, published));
    numbers++;
    if (relative(actual, published) > 1e-9) found.push(`${name}: ${actual}, published ${published}`);
  };
  const exact = (name: string, actual: number, published: number): void => {
    numbers++;
    if (actual !== published) found.push(`${name}: ${actual}, published ${published}`);
  };
  near('energy', mapped.energyPj, tile.energy);
  near('MAC energy', mapped.macEnergyPj, tile.mac_energy);
  const { compute, stall, onload, offload } = mapped.latency;
  exact('stall', stall, tile.ss_comb);
  exact('onload', onload, tile.loading);
  exact('offload', offload, tile.offloading);
  exact('latency0', compute + stall, tile.latency0);
  exact('latency1', compute + stall + onload, tile.latency1);
  exact('latency2', compute + stall + onload + offload, tile.latency2);
  for (const { name, levels } of problem.operands)
    levels.forEach((level, m) => {
      const memory = hw.memories[level]!.id;
      const own = mapped.accesses.find((a): a is AccessCount => a.operand === name && a.memory === memory)!;
      near(`${name} ${memory} energy`, own.energyPj, tile.energy_breakdown[name]![m]!);
      for (const [theirs, ours] of ACCESS)
        near(`${name} ${memory} ${ours}`, own[ours], tile.accesses[name]![m]![theirs]);
    });
  return found;
}

let worst = 0;
let numbers = 0;

describeWithReference('cost model on published mappings', (folder) => {
  const counts: string[] = [];
  afterAll(() =>
    process.stderr.write(`${counts.length} files; ${numbers} numbers, worst relative error ${worst}\n`),
  );

  test.each(goldenFiles(folder))('%s', (name) => {
    const cases = readGolden(folder, name);
    expect(cases.length).toBeGreaterThan(0);
    counts.push(name);
    const wrong = cases.flatMap((golden) =>
      differences(golden, costOfMapping(golden.hw, PROFILE, golden.problem, golden.mapping)).map(
        (difference) => `${golden.where} ${difference}`,
      ),
    );
    expect(wrong.slice(0, 10)).toEqual([]);
  });
});
