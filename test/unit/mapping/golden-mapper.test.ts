/** The mapper against every distinct layer tile of every published run: same mapping, energy and latency. */
import { PROFILES } from '../../../src/base/profile.js';
import type { MappedLayerTile } from '../../../src/ir/layer-tile.js';
import { createMapper } from '../../../src/mapping/mapper.js';
import { problemKey } from '../../../src/mapping/problem-key.js';
import { goldenFiles, readGolden, type GoldenCase } from '../../support/golden.js';
import { describeWithReference } from '../../support/reference.js';

const PROFILE = PROFILES['reference-2023'];

/** The mapping as published: per operand and level, its loops innermost first. */
function publishedForm({ hw, problem }: GoldenCase, mapped: MappedLayerTile): GoldenCase['tile']['temporal'] {
  return Object.fromEntries(
    problem.operands.map(({ name, levels }) => [
      name,
      levels.map((level) =>
        mapped.temporal
          .filter((loop) => loop.level[name] === hw.memories[level]!.id)
          .map(({ dim, size }) => [dim, size] as const),
      ),
    ]),
  );
}

describeWithReference('mapper on published layer tiles', (folder) => {
  const seen = new Set<string>();
  let compared = 0;
  let milliseconds = 0;
  afterAll(() =>
    process.stderr.write(
      `${compared} distinct layer tiles, ${(milliseconds / compared).toFixed(2)} ms each\n`,
    ),
  );

  test.each(goldenFiles(folder))('%s', (name) => {
    for (const golden of readGolden(folder, name)) {
      const { hw, lpfLimit, problem, tile, where } = golden;
      const key = `${hw.name} ${lpfLimit} ${problemKey(problem)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      compared++;
      const started = performance.now();
      const result = createMapper(hw, PROFILE, { lpfLimit })(problem);
      milliseconds += performance.now() - started;
      if (result.kind !== 'mapped') throw new Error(`${where}: ${JSON.stringify(result.reason)}`);
      const { mapped } = result;
      const { compute, stall, onload } = mapped.latency;
      expect([where, publishedForm(golden, mapped)]).toEqual([where, tile.temporal]);
      expect([where, mapped.energyPj / tile.energy]).toEqual([where, expect.closeTo(1, 9)]);
      expect([where, compute + stall + onload]).toEqual([where, tile.latency1]);
    }
  });
});
