/**
 * Mirror images of layer tiles on arrays that do not tell columns from rows: the mapping found for one, turned over, is
 * the best of all of the other, and costs there what it is said to.
 */
import fc from 'fast-check';
import { assert, known } from '../../src/base/assert.js';
import { PROFILES } from '../../src/base/profile.js';
import { countedCycles } from '../../src/cost/latency.js';
import { costOfMapping } from '../../src/cost/layer-tile-cost.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { LayerTileProblem, MappedLayerTile } from '../../src/ir/layer-tile.js';
import { createMapper } from '../../src/mapping/mapper.js';
import { asAsked, poseOn } from '../../src/mapping/mirror.js';
import { bestOfAllSplits } from '../support/brute-force.js';
import { tileCaseArb, type TileCase } from '../support/random-tiles.js';

const RUNS = Number(process.env['RUNS'] ?? 1500);
const SEED = Number(process.env['SEED'] ?? 20230223);
const { default: DEFAULT, 'reference-2023': REFERENCE } = PROFILES;
const BUDGET = { bestFirst: 10 ** 7, ties: 10 ** 7, depthFirst: 10 ** 7 };

/** Columns on one array dim and rows on another of as many units; `alike`: memories serve both or neither. */
const overBoth = ({ hw, problem }: TileCase, units: number, alike: boolean): TileCase => ({
  hw: {
    ...hw,
    array: { ...hw.array, dims: hw.array.dims.map(({ name }) => ({ name, size: units })) },
    memories: hw.memories.map((memory) => ({
      ...memory,
      serves: memory.serves.length > 0 && alike ? ['D1', 'D2'] : memory.serves,
    })),
  },
  problem: {
    ...problem,
    unrolling: [
      { array: 'D1', dim: 'OX', size: units },
      { array: 'D2', dim: 'OY', size: units },
    ],
  },
});

/** Windows that are not alike along both axes. */
const withWindow = ({ hw, problem }: TileCase, stride: number, limit: number): TileCase => ({
  hw,
  problem: {
    ...problem,
    operands: problem.operands.map((operand) => ({
      ...operand,
      windows: operand.windows.map((window, w) => (w === 0 ? { ...window, stride, limit } : window)),
    })),
  },
});

const caseArb: fc.Arbitrary<TileCase> = fc
  .record({
    tile: fc
      .tuple(tileCaseArb(4), fc.constantFrom(1, 2, 3), fc.integer({ min: 3, max: 12 }))
      .map(([tile, stride, limit]) => withWindow(tile, stride, limit)),
    over: fc.boolean(),
    units: fc.constantFrom(2, 3),
    alike: fc.constantFrom(true, true, false),
  })
  .map(({ tile, over, units, alike }) => (over ? overBoth(tile, units, alike) : tile));

/** What the cost model makes of a mapping, as it stands. */
function rescored(
  hw: Accelerator,
  problem: LayerTileProblem,
  { temporal }: MappedLayerTile,
): MappedLayerTile {
  const split = problem.operands.map(({ name, levels }) =>
    levels.map((_, a) => {
      const below = levels.slice(0, a + 1).map((level) => known(hw.memories[level], 'memory').id);
      return temporal.filter(({ level }) => below.includes(known(level[name], 'level'))).length;
    }),
  );
  const loops = temporal.map(({ dim, size }) => ({ dim, size }));
  return costOfMapping(hw, DEFAULT, problem, { loops, split });
}

test(`turned over, a mapping is the best of the image, ${RUNS} random cases`, () => {
  let [turned, overArray] = [0, 0];
  fc.assert(
    fc.property(caseArb, fc.constantFrom('energy', 'latency'), ({ hw, problem }, objective) => {
      const pose = poseOn(hw, DEFAULT, null);
      const posed = pose(problem);
      expect(pose(posed.problem).key).toBe(posed.key);
      if (posed.problem === problem) return;
      const found = createMapper(hw, DEFAULT, { lpfLimit: null, objective, budget: BUDGET })(posed.problem);
      const result = posed.answer(found);
      const best = bestOfAllSplits(hw, DEFAULT, problem, null, (a, b) =>
        objective === 'energy'
          ? a.energyPj < b.energyPj * (1 - 1e-9) ||
            (a.energyPj < b.energyPj * (1 + 1e-9) && a.cycles < b.cycles)
          : a.cycles < b.cycles || (a.cycles === b.cycles && a.energyPj < b.energyPj),
      );
      expect(result.kind === 'mapped').toBe(best !== undefined);
      if (best === undefined) return;
      assert(result.kind === 'mapped', 'something fits');
      const { mapped } = result;
      expect(mapped.energyPj / best.score.energyPj).toBeCloseTo(1, 10);
      expect(countedCycles(mapped.latency, DEFAULT)).toBe(best.score.cycles);
      const again = rescored(hw, problem, mapped);
      expect(again.energyPj / mapped.energyPj).toBeCloseTo(1, 10);
      expect(again).toMatchObject({ latency: mapped.latency, spatial: mapped.spatial });
      turned++;
      if (mapped.spatial.some(({ dim }) => dim === 'OX') && mapped.spatial.some(({ dim }) => dim === 'OY'))
        overArray++;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  expect(turned).toBeGreaterThan(RUNS / 20);
  expect(overArray).toBeGreaterThan(0);
});

test('an array that tells columns from rows, the published rule and limits on factors have no images', () => {
  let unlike = 0;
  fc.assert(
    fc.property(tileCaseArb(4), fc.constantFrom(2, 3), (tile, units) => {
      const { hw, problem } = overBoth(tile, units, false);
      const { key } = asAsked(problem);
      expect(poseOn(hw, REFERENCE, null)(problem)).toMatchObject({ problem, key });
      expect(poseOn(hw, DEFAULT, 6)(problem)).toMatchObject({ problem, key });
      if (hw.memories.every(({ serves }) => serves.includes('D1') === serves.includes('D2'))) return;
      unlike++;
      expect(poseOn(hw, DEFAULT, null)(problem).problem).toBe(problem);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  expect(unlike).toBeGreaterThan(RUNS / 10);
});
