/**
 * The mapper against trying everything, on random small layer tiles and hierarchies: every order and, in `default`,
 * every split that fits; in `reference-2023` every order in the published sequence.
 */
import fc from 'fast-check';
import { assert } from '../../src/base/assert.js';
import { layerId, stackId } from '../../src/base/ids.js';
import { PROFILES, type Profile } from '../../src/base/profile.js';
import { countedCycles } from '../../src/cost/latency.js';
import { layerTileModel } from '../../src/cost/model.js';
import { nestOf } from '../../src/cost/nest.js';
import { searchTables } from '../../src/cost/tables.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { LayerTileMapper, LayerTileProblem, MappedLayerTile } from '../../src/ir/layer-tile.js';
import { alphabetOf, loopFactors } from '../../src/mapping/loop-factors.js';
import type { MapperBudget } from '../../src/mapping/budget.js';
import { floorMapper } from '../../src/mapping/floor.js';
import { createMapper, type MapperSettings } from '../../src/mapping/mapper.js';
import { BEATS, OBJECTIVES, type Objective } from '../../src/mapping/objective.js';
import { OrderLabels } from '../../src/mapping/published/best-orders.js';
import { Relaxation } from '../../src/mapping/published/relaxation.js';
import { relaxedBoundaries } from '../../src/mapping/published/relaxed-boundaries.js';
import { leastShortage } from '../../src/mapping/room.js';
import { mapBeside } from '../../src/schedule/map-beside.js';
import { bestOfAllSplits, bestOfPublishedSplits, type Scored } from '../support/brute-force.js';
import { symmetricTileArb, tileCaseArb, type TileCase } from '../support/random-tiles.js';

/** More of them, from another seed: `RUNS=20000 SEED=7 npm run jest -- property/mapper`. */
const RUNS = Number(process.env['RUNS'] ?? 250);
const SEED = Number(process.env['SEED'] ?? 20230223);
const { default: DEFAULT, 'reference-2023': REFERENCE } = PROFILES;

/** What proves every one of these small tiles. */
const UNLIMITED: MapperBudget = { bestFirst: 10 ** 7, ties: 10 ** 7, depthFirst: 10 ** 7 };

/** The mapping found, which must be proven; undefined: nothing fits. */
function search(
  { hw, problem }: TileCase,
  profile: Profile,
  settings: MapperSettings,
): MappedLayerTile | undefined {
  const result = createMapper(hw, profile, settings)(problem);
  if (result.kind === 'unmappable') return undefined;
  expect(result.gap).toBe(0);
  return result.mapped;
}

const scoreOf = ({ energyPj, latency }: MappedLayerTile, profile: Profile): Scored => ({
  energyPj,
  cycles: countedCycles(latency, profile),
});

/**
 * No memory below the top sums over the array: sums, here wide ones, stay unfinished whatever the loops, but have room as
 * finished ones do.
 */
const unfinished = ({ hw, problem }: TileCase): TileCase => {
  const memories = hw.memories.map((memory, m) =>
    m < hw.memories.length - 1 ? { ...memory, serves: [] } : memory,
  );
  const operands = problem.operands.map((operand) =>
    operand.name === 'O' ? { ...operand, psumBits: 12 * operand.bits } : operand,
  );
  return { hw: { ...hw, memories }, problem: { ...problem, operands } };
};

const betterBy =
  (objective: Objective) =>
  (a: Scored, b: Scored): boolean =>
    BEATS[objective](a.energyPj, a.cycles, b.energyPj, b.cycles);

function expectBest(objective: Objective, found: MappedLayerTile, best: Scored): void {
  const { energyPj, cycles } = scoreOf(found, DEFAULT);
  if (objective === 'edp') {
    expect((energyPj * cycles) / (best.energyPj * best.cycles)).toBeCloseTo(1, 10);
    return;
  }
  expect(energyPj / best.energyPj).toBeCloseTo(1, 10);
  expect(cycles).toBe(best.cycles);
}

/** By memory, what other data takes up of what some mapping leaves, permille. */
const takenArb = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1010 }), fc.integer({ min: 900, max: 1000 })),
  {
    minLength: 5,
    maxLength: 5,
  },
);
const TILE = { stack: stackId(0), layer: layerId('layer'), type: 'inner' };

describe.each(OBJECTIVES)('all orders and all splits, by %s', (objective) => {
  const isBest = (tile: TileCase): void => {
    const best = bestOfAllSplits(tile.hw, DEFAULT, tile.problem, null, betterBy(objective));
    const found = search(tile, DEFAULT, { lpfLimit: null, objective, budget: UNLIMITED });
    expect(found === undefined).toBe(best === undefined);
    if (found && best) expectBest(objective, found, best.score);
  };

  test(`the best of all, ${RUNS} random cases`, () => {
    fc.assert(fc.property(tileCaseArb(4), isBest), { seed: SEED, numRuns: RUNS });
  });

  test(`the best of all beside other data, ${RUNS} random cases`, () => {
    let [known, searched] = [0, 0];
    const mapper = (hw: Accelerator): LayerTileMapper =>
      createMapper(hw, DEFAULT, { lpfLimit: null, objective, budget: UNLIMITED });
    fc.assert(
      fc.property(tileCaseArb(4), takenArb, ({ hw, problem }, permille) => {
        const top = hw.memories.length - 1;
        const alone = createMapper(hw, DEFAULT, { lpfLimit: null, objective })(problem);
        if (alone.kind !== 'mapped') return;
        const takenBits = hw.memories.map((_, m) =>
          m === top ? 0 : Math.max(0, Math.ceil((alone.mostSpareBits[m]! * permille[m]!) / 1000)),
        );
        const asked: LayerTileProblem[] = [];
        const listening: LayerTileMapper = (question) => {
          asked.push(question);
          return mapper(hw)(question);
        };
        const result = mapBeside(listening, problem, takenBits, TILE);
        const best = bestOfAllSplits(hw, DEFAULT, { ...problem, takenBits }, null, betterBy(objective));
        expect(result.kind === 'mapped').toBe(best !== undefined);
        if (result.kind !== 'mapped' || !best) return;
        expectBest(objective, result.mapped, best.score);
        if (asked.length === 1) known++;
        else searched++;
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(known).toBeGreaterThan(RUNS / 4);
    expect(searched).toBeGreaterThan(RUNS / 20);
  });

  test(`the best of all where sums leave the array unfinished, ${RUNS} random cases`, () => {
    fc.assert(fc.property(tileCaseArb(4).map(unfinished), isBest), { seed: SEED, numRuns: RUNS });
  });
});

test(`the floor is below all of them, and there is none exactly where nothing fits, ${RUNS} random cases`, () => {
  let [tightPj, tightCycles, feasible] = [0, 0, 0];
  fc.assert(
    fc.property(tileCaseArb(4), ({ hw, problem }) => {
      const bestBy = (objective: Objective): Scored | undefined =>
        bestOfAllSplits(hw, DEFAULT, problem, null, betterBy(objective))?.score;
      const floors = (['energy', 'latency', 'both'] as const).map((of) =>
        floorMapper(hw, DEFAULT, { lpfLimit: null, of })(problem),
      );
      const [least, fastest] = [bestBy('energy'), bestBy('latency')];
      for (const floor of floors) expect(floor.kind === 'mapped').toBe(least !== undefined);
      if (!least || !fastest) return;
      const [ofEnergy, ofLatency, both] = floors.map((floor): Scored => {
        assert(floor.kind === 'mapped', 'something fits');
        return scoreOf(floor.mapped, DEFAULT);
      });
      for (const floor of [ofEnergy, ofLatency, both]) {
        expect(floor?.energyPj).toBeLessThanOrEqual(least.energyPj);
        expect(floor?.cycles).toBeLessThanOrEqual(fastest.cycles);
      }
      expect(both).toEqual({ energyPj: ofEnergy?.energyPj, cycles: ofLatency?.cycles });
      feasible++;
      if (both!.energyPj > least.energyPj * (1 - 1e-9)) tightPj++;
      if (both!.cycles === fastest.cycles) tightCycles++;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  // A floor that is never met would prune nothing.
  expect(tightPj).toBeGreaterThan(feasible / 2);
  expect(tightCycles).toBeGreaterThan(feasible / 4);
});

test(`all orders by the published rule: the first of the best, ${5 * RUNS} random cases`, () => {
  fc.assert(
    fc.property(tileCaseArb(6), (tile) => {
      const best = bestOfPublishedSplits(
        tile.hw,
        REFERENCE,
        tile.problem,
        null,
        (a, b) => a.energyPj < b.energyPj,
      );
      const found = search(tile, REFERENCE, { lpfLimit: null });
      expect(found).toEqual(best?.best);
    }),
    { seed: SEED, numRuns: 5 * RUNS },
  );
});

test(`orders of equal energy but for the last bit, by the published rule, ${RUNS} random cases`, () => {
  fc.assert(
    fc.property(symmetricTileArb, (tile) => {
      const lessPj = (a: Scored, b: Scored): boolean => a.energyPj < b.energyPj;
      const best = bestOfPublishedSplits(tile.hw, REFERENCE, tile.problem, null, lessPj);
      expect(search(tile, REFERENCE, { lpfLimit: null })).toEqual(best?.best);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test(`the least energy of the published rule, with all splits as bound from the start, ${3 * RUNS} random cases`, () => {
  fc.assert(
    fc.property(tileCaseArb(6), ({ hw, problem }) => {
      const nest = nestOf(hw, REFERENCE, problem);
      const { letters, word } = alphabetOf(loopFactors(nest.temporal, null));
      const search = searchTables(layerTileModel(hw, REFERENCE, problem, nest, letters), word.length);
      const tables = search.lattice(word);
      const relaxation = new Relaxation(tables, relaxedBoundaries(search, tables));
      fc.pre(!leastShortage(search, tables) && !tables.ambiguous && !relaxation.infeasible);
      const labels = new OrderLabels(search, relaxation, Infinity);
      const { boundPj, ends } = labels.run(Infinity, 0);
      fc.pre(!labels.overfilled);
      const best = bestOfPublishedSplits(hw, REFERENCE, problem, null, (a, b) => a.energyPj < b.energyPj);
      expect(ends.length > 0).toBe(best !== undefined);
      if (best) expect((boundPj + tables.constantPj) / best.score.energyPj).toBeCloseTo(1, 10);
    }),
    { seed: SEED, numRuns: 3 * RUNS },
  );
});

describe('a search that is cut', () => {
  const budgets = fc
    .constantFrom(1, 4, 10, 40)
    .map((most): MapperBudget => ({ bestFirst: most, ties: most, depthFirst: most }));

  test.each(OBJECTIVES)('all splits, by %s: the best is within the gap', (objective) => {
    fc.assert(
      fc.property(tileCaseArb(4), budgets, (tile, budget) => {
        const result = createMapper(tile.hw, DEFAULT, { lpfLimit: null, objective, budget })(tile.problem);
        if (result.kind === 'unmappable') return;
        const better = (a: Scored, b: Scored): boolean =>
          BEATS[objective](a.energyPj, a.cycles, b.energyPj, b.cycles);
        const best = bestOfAllSplits(tile.hw, DEFAULT, tile.problem, null, better)!;
        const value = ({ energyPj, cycles }: Scored): number =>
          objective === 'energy' ? energyPj : objective === 'latency' ? cycles : energyPj * cycles;
        const ratio = value(scoreOf(result.mapped, DEFAULT)) / value(best.score);
        expect(ratio).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(ratio).toBeLessThanOrEqual((1 + result.gap) * (1 + 1e-9));
      }),
      { seed: SEED, numRuns: 4 * RUNS },
    );
  });

  test('by the published rule: the best is within the gap', () => {
    fc.assert(
      fc.property(tileCaseArb(6), budgets, (tile, budget) => {
        const result = createMapper(tile.hw, REFERENCE, { lpfLimit: null, budget })(tile.problem);
        if (result.kind === 'unmappable') return;
        const best = bestOfPublishedSplits(
          tile.hw,
          REFERENCE,
          tile.problem,
          null,
          (a, b) => a.energyPj < b.energyPj,
        );
        const ratio = result.mapped.energyPj / best!.score.energyPj;
        expect(ratio).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(ratio).toBeLessThanOrEqual((1 + result.gap) * (1 + 1e-9));
      }),
      { seed: SEED, numRuns: 24 * RUNS },
    );
  });
});
