/**
 * The search against every schedule there is, on random small networks and accelerators, in both profiles; and the lower
 * bound of the network below all of them. Seeds are fixed.
 */
import fc from 'fast-check';
import { memoryId, stackId, type LayerId } from '../../src/base/ids.js';
import { PROFILES, type Profile } from '../../src/base/profile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { NamedMapper } from '../../src/ir/layer-tile.js';
import { OBJECTIVES, type Objective, type ScheduleSearch } from '../../src/ir/search.js';
import type { TileSize } from '../../src/ir/stack.js';
import { optimizeSchedule } from '../../src/optimize/search.js';
import { planStacks } from '../../src/planning/rules.js';
import { evaluateStack } from '../../src/schedule/evaluate-stack.js';
import { runMappers } from '../../src/schedule/run-mappers.js';
import { costsOfAllSchedules, undominated, type Cost } from '../support/every-schedule.js';
import { acceleratorOf, levelsArb, levelsFor, type RandomLevels } from '../support/random-accelerators.js';
import { networkArb } from '../support/random-networks.js';
import { networkOf, type NetworkSpec } from '../support/workloads.js';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 40);
const LPF_LIMIT = 2;
/** Plans beyond which a case is passed over: brute force takes too long. */
const MOST_PLANS = 300;

interface Case {
  readonly spec: NetworkSpec;
  readonly levels: RandomLevels;
  readonly registers: 'one-sum' | 'many';
  readonly spatial: 'K' | 'C' | 'OX' | 'none';
  readonly tiles: readonly TileSize[];
  readonly profile: 'default' | 'reference-2023';
}

const sizeArb = fc.oneof(fc.constant('full' as const), fc.integer({ min: 1, max: 6 }));
const caseArb: fc.Arbitrary<Case> = fc.record({
  spec: networkArb,
  levels: levelsArb,
  registers: fc.constantFrom('one-sum', 'many'),
  spatial: fc.constantFrom('K', 'C', 'OX', 'none'),
  tiles: fc
    .array(fc.record({ x: sizeArb, y: sizeArb }), { minLength: 1, maxLength: 2 })
    .map((tiles): readonly TileSize[] => [{ x: 'full', y: 'full' }, ...tiles]),
  profile: fc.constantFrom('default', 'default', 'reference-2023'),
});

/** Higher memories cost more, writing more than reading. */
function acceleratorFor({ spec, levels, registers, spatial }: Case): Accelerator {
  const map = 8 * spec.input.width * spec.input.height;
  const hw = acceleratorOf(levelsFor(levels, [map, 2 * map, 5 * map]), registers === 'one-sum' ? 16 : 64);
  return {
    ...hw,
    spatial: spatial === 'none' ? [] : [{ array: 'D1', dims: [spatial] }],
    memories: hw.memories.map((memory, m) => ({
      ...memory,
      // A register is for the outputs of one unit each.
      serves: m === 0 && spatial === 'C' ? ['D1'] : memory.serves,
      read: { bits: 32, granularityBits: 8, energyPj: 4 * 6 ** m },
      write: { bits: 32, granularityBits: 8, energyPj: 5 * 6 ** m },
    })),
  };
}

/** As a run makes them. */
const mappersFor = (hw: Accelerator, profile: Profile): readonly NamedMapper[] =>
  runMappers({ hw, profile, lpfLimit: LPF_LIMIT, given: [], budgeted: false }).mappers.filter(
    ({ unrollings }) => unrollings === 'all',
  );

const valueOf = (objective: Objective, { energyPj, latencyCycles }: Cost): number =>
  objective === 'energy' ? energyPj : objective === 'latency' ? latencyCycles : energyPj * latencyCycles;

const NO_LIMITS: Cost = { energyPj: Infinity, latencyCycles: Infinity };

/** Everything about one case that does not depend on the question asked. */
function setting(one: Case) {
  const workload = networkOf(one.spec);
  const [hw, profile] = [acceleratorFor(one), PROFILES[one.profile]];
  const mappers = mappersFor(hw, profile);
  const search = (objective: Objective, limits = NO_LIMITS, front = false, cut?: Cut) =>
    optimizeSchedule({
      workload,
      hw,
      profile,
      mappers,
      objective,
      limits,
      front,
      settings: { tiles: { sizes: one.tiles, only: true } },
      sinks: cut?.stacks.map((layers) => layers.at(-1)!) ?? [],
      ...(cut === undefined ? {} : { outOfTime: cut.outOfTime }),
      progress: () => cut?.evaluated(),
    });
  return {
    search,
    costs: () => costsOfAllSchedules(workload, hw, profile, mappers, one.tiles, MOST_PLANS),
    workload,
    hw,
    profile,
    mappers,
  };
}

/** A search that is cut, and the stacks there are without it. */
interface Cut {
  readonly stacks: readonly (readonly LayerId[])[];
  readonly outOfTime: () => boolean;
  readonly evaluated: () => void;
}

/** Time is up after so many questions; what is evaluated from then on is counted. */
function clockOf(questions: number) {
  let [left, late] = [questions, 0];
  return {
    outOfTime: () => left-- <= 0,
    evaluated: () => {
      if (left < 0) late++;
    },
    late: () => late,
  };
}

const totalOf = ({ reasons }: ScheduleSearch): Cost => sumOf(reasons.map(({ cost }) => cost));

const sumOf = (costs: readonly Cost[]): Cost => ({
  energyPj: costs.reduce((sum, { energyPj }) => sum + energyPj, 0),
  latencyCycles: costs.reduce((sum, { latencyCycles }) => sum + latencyCycles, 0),
});

const near = (value: number, to: number): boolean => Math.abs(value - to) <= 1e-9 * to;

test(`the search finds the best of all schedules and none is below the bound, ${RUNS} random cases`, () => {
  let [compared, tied] = [0, 0];
  fc.assert(
    fc.property(caseArb, (one) => {
      const { search, costs: all } = setting(one);
      const costs = all();
      if (costs === undefined) return;
      for (const objective of OBJECTIVES) {
        const found = search(objective);
        if (costs.length === 0) {
          expect(found).toBeUndefined();
          continue;
        }
        const best = Math.min(...costs.map((cost) => valueOf(objective, cost)));
        const { proven, leastOfCandidates, bound } = found!.search;
        expect([proven, near(leastOfCandidates, best)]).toEqual([true, true]);
        if (objective !== 'edp') {
          const ties = costs.filter((cost) => near(valueOf(objective, cost), best));
          const other = objective === 'energy' ? 'latencyCycles' : 'energyPj';
          const least = Math.min(...ties.map((cost) => cost[other]));
          expect(near(totalOf(found!.search)[other], least)).toBe(true);
          if (costs.some((cost) => near(valueOf(objective, cost), best) && !near(cost[other], least))) tied++;
        }
        if (bound !== null) expect(valueOf(objective, bound)).toBeLessThanOrEqual(best * (1 + 1e-9));
        compared++;
      }
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
  expect(compared).toBeGreaterThan(RUNS);
  expect(tied).toBeGreaterThan(0);
});

test(`the best within limits and the whole front are those of all schedules, ${RUNS} random cases`, () => {
  let limited = 0;
  fc.assert(
    fc.property(fc.record({ one: caseArb, share: fc.nat(999) }), ({ one, share }) => {
      const { search, costs: all } = setting(one);
      const costs = all();
      if (costs === undefined || costs.length === 0) return;
      const front = undominated(costs);
      const points = search('energy', NO_LIMITS, true)!.search.front!.points;
      expect(points).toHaveLength(front.length);
      points.forEach(({ energyPj, latencyCycles }, i) => {
        expect([near(energyPj, front[i]!.energyPj), near(latencyCycles, front[i]!.latencyCycles)]).toEqual([
          true,
          true,
        ]);
      });
      const [first, last] = [front[0]!, front.at(-1)!];
      const between = (a: number, b: number): number => a + ((b - a) * share) / 999;
      const cap = between(last.latencyCycles, first.latencyCycles) * (1 + 1e-6);
      const allowed = front.filter(({ latencyCycles }) => latencyCycles <= cap);
      for (const objective of ['energy', 'edp'] as const) {
        const found = search(objective, { energyPj: Infinity, latencyCycles: cap })!;
        const best = Math.min(...allowed.map((cost) => valueOf(objective, cost)));
        const value = totalOf(found.search);
        expect([found.withinLimits, found.search.proven]).toEqual([true, true]);
        expect(near(valueOf(objective, value), best)).toBe(true);
      }
      // A limit that a schedule meets exactly does not exclude it.
      const { energyPj, latencyCycles } = points[share % points.length]!;
      const met = [
        search('energy', { energyPj: Infinity, latencyCycles }),
        search('latency', { energyPj, latencyCycles: Infinity }),
      ].map((found) => totalOf(found!.search));
      expect(near(met[0]!.energyPj, energyPj)).toBe(true);
      expect(near(met[1]!.latencyCycles, latencyCycles)).toBe(true);
      const beyond = search('energy', { energyPj: first.energyPj * 0.99, latencyCycles: Infinity })!;
      expect(beyond.withinLimits).toBe(false);
      limited += front.length > 1 ? 1 : 0;
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
  expect(limited).toBeGreaterThan(RUNS / 10);
});

test(`a front is as good as it says whenever its search is cut, ${RUNS / 4} random cases`, () => {
  const kinds = { whole: 0, within: 0, unknown: 0 };
  fc.assert(
    fc.property(caseArb, (one) => {
      const { search, costs: all, workload } = setting(one);
      const costs = all();
      if (costs === undefined || costs.length === 0) return;
      const stacks = [workload.layers.map(({ id }) => id)];
      for (let asked = 0, isWhole = false; !isWhole; asked += 3) {
        const found = search('energy', NO_LIMITS, true, { stacks, ...clockOf(asked) });
        // Where a single stack does not fit there is nothing known before the search.
        if (found === undefined) continue;
        const { within, points } = found.search.front!;
        isWhole = within === 0;
        expect(undominated(points)).toHaveLength(points.length);
        kinds[within === null ? 'unknown' : within === 0 ? 'whole' : 'within']++;
        if (within === null) continue;
        const factor = (1 + within) * (1 + 1e-9);
        const better = costs.filter((cost) =>
          points.every(
            ({ energyPj, latencyCycles }) =>
              energyPj > cost.energyPj * factor || latencyCycles > cost.latencyCycles * factor,
          ),
        );
        expect(better).toEqual([]);
      }
    }),
    { numRuns: RUNS / 4, seed: 20230225 },
  );
  expect(Math.min(...Object.values(kinds))).toBeGreaterThan(0);
});

const ruleArb = fc.constantFrom('auto' as const, 'single-layer' as const, 'one' as const);

const POINT = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };

/** The sum of two maps does not fit the lowest memory beside them, but the next one, which is no larger. */
const NO_LARGER_ABOVE: Case = {
  spec: {
    input: { width: 3, height: 3, channels: 2 },
    nodes: [
      ['a', { op: 'conv', from: 'in', x: POINT, y: POINT }],
      ['b', { op: 'conv', from: 'in', x: POINT, y: { ...POINT, kernel: 3, before: 1, after: 1 } }],
      ['s', { op: 'add', from: ['a', 'b'] }],
      ['c', { op: 'conv', from: 's', x: POINT, y: POINT, channels: 1 }],
    ],
  },
  levels: {
    levels: [
      { operands: ['I', 'O'], size: { bits: 360 } },
      { operands: ['W', 'I', 'O'], size: { bits: 360 } },
    ],
    growing: true,
  },
  registers: 'one-sum',
  spatial: 'K',
  tiles: [
    { x: 'full', y: 'full' },
    { x: 'full', y: 2 },
  ],
  profile: 'default',
};

test(`whenever a search is cut, it evaluates nothing more, and layer by layer is not better; in time it finds the best, ${RUNS} random cases`, () => {
  let [compared, cut, better] = [0, 0, 0];
  const arb = fc.record({
    one: caseArb,
    rule: ruleArb,
    asked: fc.nat(40),
    objective: fc.constantFrom(...OBJECTIVES),
  });
  fc.assert(
    fc.property(arb, ({ one, rule, asked, objective }) => {
      const { search, workload, hw, profile, mappers } = setting(one);
      // A rule that repeats the layers of its first stack cuts behind them all the same.
      const { stacks: planned } = planStacks(workload, { hw, profile }, rule).plan;
      const ids = workload.layers.map(({ id }) => id);
      const cuts = ids.filter((id) => planned.some(({ layers }) => layers.at(-1) === id));
      const stacks = cuts.map((sink, i) =>
        ids.slice(i === 0 ? 0 : ids.indexOf(cuts[i - 1]!) + 1, ids.indexOf(sink) + 1),
      );
      const fixed = mappers.flatMap(({ mapper }): readonly Cost[] => {
        const parts = stacks.map((layers, i) => {
          const handOver = memoryId(hw.memories.at(-1)!.name);
          const tile = { x: 'full', y: 'full' } as const;
          const stack = { id: stackId(i), layers, tile, mode: 'fully-cached' as const, handOver };
          return evaluateStack(workload, stack, hw, profile, mapper);
        });
        const costs = parts.flatMap((part) => (part.kind === 'costed' ? [part.cost.totals] : []));
        return costs.length < parts.length ? [] : [sumOf(costs)];
      });
      if (fixed.length === 0) return;
      const after = (questions: number): { readonly value: number; readonly proven: boolean } => {
        const clock = clockOf(questions);
        const found = search(objective, NO_LIMITS, false, { stacks, ...clock })!;
        expect(clock.late()).toBe(0);
        return { value: valueOf(objective, totalOf(found.search)), proven: found.search.proven };
      };
      const [sooner, later] = [after(asked), after(asked + 20)];
      const best = Math.min(...fixed.map((cost) => valueOf(objective, cost)));
      for (const { value } of [sooner, later]) expect(value).toBeLessThanOrEqual(best * (1 + 1e-9));
      const [whole, unhurried] = [search(objective, NO_LIMITS, false)!, after(Infinity)];
      expect(unhurried.proven).toBe(true);
      expect(near(unhurried.value, valueOf(objective, totalOf(whole.search)))).toBe(true);
      // Of a product no more is known than some corners.
      if (objective !== 'edp') expect(later.value).toBeLessThanOrEqual(sooner.value * (1 + 1e-9));
      compared++;
      if (!sooner.proven) cut++;
      if (later.value < sooner.value * (1 - 1e-9)) better++;
    }),
    {
      numRuns: RUNS + 1,
      seed: 20230223,
      examples: [[{ one: NO_LARGER_ABOVE, rule: 'auto', asked: 0, objective: 'energy' }]],
    },
  );
  expect(compared).toBeGreaterThan(RUNS / 2);
  expect(cut).toBeGreaterThan(RUNS / 8);
  expect(better).toBeGreaterThan(0);
});
