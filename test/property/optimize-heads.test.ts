/**
 * Heads in the search against every schedule there is: random small attention, with and without the projection that
 * mixes heads, on random accelerators; and what the search finds by itself, below every tile of heads that is tried.
 * Seeds are fixed.
 */
import fc from 'fast-check';
import { compile } from '../../src/compile.js';
import { PROFILES } from '../../src/base/profile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { Workload } from '../../src/ir/layer.js';
import type { TileSize } from '../../src/ir/stack.js';
import { createMapper } from '../../src/mapping/mapper.js';
import { optimizeSchedule, type Optimized } from '../../src/optimize/search.js';
import type { CandidateSettings } from '../../src/optimize/tile-candidates.js';
import { memoised } from '../../src/schedule/memo.js';
import { costsOfAllSchedules } from '../support/every-schedule.js';
import { model } from '../support/onnx-model.js';
import { acceleratorOf, levelsArb, levelsFor, type RandomLevels } from '../support/random-accelerators.js';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 25);
const MOST_PLANS = 200;

interface Case {
  readonly groups: number;
  readonly shared: number;
  readonly rows: number;
  readonly keys: number;
  readonly depth: number;
  readonly mask: boolean;
  readonly projected: boolean;
  readonly levels: RandomLevels;
  readonly tileRows: number;
  readonly objective: 'energy' | 'latency';
}

const caseArb: fc.Arbitrary<Case> = fc.record({
  groups: fc.constantFrom(1, 2, 3, 4),
  shared: fc.constantFrom(1, 2),
  rows: fc.integer({ min: 1, max: 6 }),
  keys: fc.integer({ min: 1, max: 6 }),
  depth: fc.constantFrom(1, 2, 4),
  mask: fc.boolean(),
  projected: fc.boolean(),
  levels: levelsArb,
  tileRows: fc.integer({ min: 1, max: 6 }),
  objective: fc.constantFrom('energy', 'latency'),
});

/** The sizes of memories follow from those of scores and keys. */
function acceleratorFor({ levels, groups, shared, rows, keys, depth }: Case): Accelerator {
  const [scores, values] = [8 * groups * shared * rows * keys, 8 * groups * keys * depth];
  const hw = acceleratorOf(levelsFor(levels, [scores, scores + values, 3 * (scores + values)]), 16);
  return {
    ...hw,
    spatial: [{ array: 'D1', dims: ['G', 'OY'] }],
    memories: hw.memories.map((memory, m) => ({
      ...memory,
      read: { bits: 32, granularityBits: 8, energyPj: 4 * 6 ** m },
      write: { bits: 32, granularityBits: 8, energyPj: 5 * 6 ** m },
      // Inputs go down, and only down.
      ports: memory.ports.map((port) => ({
        ...port,
        transfers: port.transfers.filter(
          ({ operand, direction }) => operand === 'O' || direction === 'toLow' || direction === 'fromHigh',
        ),
      })),
    })),
  };
}

async function workloadOf(one: Case, hw: Accelerator): Promise<Workload> {
  const { groups, shared, rows, keys, depth, mask, projected } = one;
  const bytes = model({
    opset: 23,
    inputs: {
      q: [1, rows, groups * shared * depth],
      k: [1, keys, groups * depth],
      v: [1, keys, groups * depth],
      ...(mask ? { m: [rows, keys] } : {}),
    },
    outputs: [projected ? 'z' : 'y'],
    initializers: { w: { shape: [groups * shared * depth, 2] } },
    nodes: [
      {
        op: 'Attention',
        in: ['q', 'k', 'v', ...(mask ? ['m'] : [])],
        out: ['y'],
        attrs: { q_num_heads: groups * shared, kv_num_heads: groups },
      },
      ...(projected ? [{ op: 'MatMul', in: ['y', 'w'], out: ['z'] }] : []),
    ],
  });
  const pipeline = 'import-onnx,normalize-graph,infer-shapes,lower-layers';
  const { ir } = await compile({ source: { file: 'attention.onnx', bytes }, hw, pipeline });
  return ir.layers!;
}

test(`the search finds the best of all schedules, heads included, ${RUNS} random cases`, async () => {
  let [compared, byHeads, better] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(caseArb, async (one) => {
      const hw = acceleratorFor(one);
      const workload = await workloadOf(one, hw);
      const mapper = memoised(createMapper(hw, PROFILES.default, { lpfLimit: 2 })).mapper;
      const mappers = [{ name: 'energy', unrollings: 'all' as const, mapper }];
      const heads = one.groups * one.shared;
      const parts = Array.from({ length: heads - 1 }, (_, i) => i + 1).filter((h) => heads % h === 0);
      const tiles = [undefined, ...parts].flatMap((h): TileSize[] =>
        (['full', one.tileRows] as const).map((y) => ({
          x: 'full',
          y,
          ...(h === undefined ? {} : { heads: h }),
        })),
      );
      const all = costsOfAllSchedules(workload, hw, PROFILES.default, mappers, tiles, MOST_PLANS);
      if (all === undefined || all.length === 0) return;
      const field = one.objective === 'energy' ? 'energyPj' : 'latencyCycles';
      const best = Math.min(...all.map((cost) => cost[field]));
      const search = (settings: CandidateSettings): Optimized | undefined =>
        optimizeSchedule({
          workload,
          hw,
          profile: PROFILES.default,
          mappers,
          objective: one.objective,
          limits: { energyPj: Infinity, latencyCycles: Infinity },
          front: false,
          settings,
          sinks: [],
          progress: () => undefined,
        });
      const given = search({ tiles: { sizes: tiles, only: true } })!;
      expect(given.search.proven).toBe(true);
      expect(given.search.leastOfCandidates / best).toBeCloseTo(1, 9);
      expect(given.search.bound![field]).toBeLessThanOrEqual(best * (1 + 1e-9));
      // By itself it looks at all numbers of heads, with whole maps among the tiles.
      const whole = costsOfAllSchedules(
        workload,
        hw,
        PROFILES.default,
        mappers,
        tiles.filter(({ y }) => y === 'full'),
        MOST_PLANS,
      )!;
      const own = search({})!;
      expect(own.search.bound![field]).toBeLessThanOrEqual(own.search.leastOfCandidates * (1 + 1e-9));
      if (whole.length > 0)
        expect(own.search.leastOfCandidates).toBeLessThanOrEqual(
          Math.min(...whole.map((cost) => cost[field])) * (1 + 1e-9),
        );
      compared++;
      if (own.stacks.some(({ tile }) => tile.heads !== undefined)) byHeads++;
      // Or nothing fits that takes all heads at a time.
      const without = search({
        tiles: { sizes: tiles.filter((tile) => tile.heads === undefined), only: true },
      });
      if (best < (without?.search.leastOfCandidates ?? Infinity) * (1 - 1e-9)) better++;
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
  expect(compared).toBeGreaterThan(RUNS / 2);
  expect([byHeads, better].every((count) => count > 0)).toBe(true);
});
