/**
 * What the search prunes with: no bound of a stack, and none of a candidate after any look, is above what it then costs.
 * Random small networks on shipped accelerators, whose arrays they do not fill evenly, in both profiles. Seeds are fixed.
 */
import fc from 'fast-check';
import { PROFILES } from '../../src/base/profile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { TileSize } from '../../src/ir/stack.js';
import { createMapper } from '../../src/mapping/mapper.js';
import { loadAccelerator } from '../../src/node/builtin.js';
import { boundsOf } from '../../src/optimize/bounds.js';
import { legalStretches } from '../../src/optimize/stretches.js';
import { searchSpace } from '../../src/optimize/space.js';
import { memoised } from '../../src/schedule/memo.js';
import { unrollingsOf } from '../../src/schedule/layer-problem.js';
import { sparseNetworkArb, tileArb } from '../support/random-networks.js';
import { networkOf, type NetworkSpec } from '../support/workloads.js';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 300);
const ACCELERATORS = ['meta-proto-df', 'edge-tpu-like-df', 'tpu-like', 'depfin'].map(
  (name) => loadAccelerator(name).accelerator,
);
/** Of least energy, and in `default` also of least latency: no bound of cycles may be above that. */
const MAPPERS = new Map(
  ACCELERATORS.flatMap((hw) =>
    (['default', 'reference-2023'] as const).map((name) => {
      const objectives = name === 'default' ? (['energy', 'latency'] as const) : (['energy'] as const);
      return [
        `${hw.name} ${name}`,
        objectives.map((objective) => ({
          name: objective,
          unrollings: 'all' as const,
          mapper: memoised(createMapper(hw, PROFILES[name], { lpfLimit: 2, objective })).mapper,
        })),
      ];
    }),
  ),
);

interface Setting {
  readonly hw: Accelerator;
  readonly name: 'default' | 'reference-2023';
  readonly tile: TileSize;
}

const settingArb: fc.Arbitrary<Setting> = fc.record({
  hw: fc.constantFrom(...ACCELERATORS),
  name: fc.constantFrom('default', 'reference-2023'),
  tile: tileArb,
});

/** Bounds of every candidate of the picked stacks, look by look, against what it costs; how many rose on the way. */
function checkBounds(spec: NetworkSpec, setting: Setting, picks: readonly number[] | 'all'): number {
  const { hw, name, tile } = setting;
  const [workload, profile] = [networkOf(spec), PROFILES[name]];
  const { edges } = searchSpace({
    workload,
    hw,
    profile,
    mappers: MAPPERS.get(`${hw.name} ${name}`)!,
    bounds: boundsOf(workload, hw, profile, (layer) => unrollingsOf(layer, hw), 'both'),
    stretches: legalStretches(workload, profile.barriers, []),
    cuts: [],
    settings: { tiles: { sizes: [{ x: 'full', y: 'full' }, tile], only: true } },
    unroll: { x: 1, y: 1 },
    listed: () => undefined,
    evaluated: () => undefined,
  });
  let rose = 0;
  for (const { lazy } of picks === 'all' ? edges : picks.map((pick) => edges[pick % edges.length]!))
    lazy.all().forEach((_, at) => {
      const bounds = [lazy.bound];
      for (let { open } = lazy.all()[at]!; open; { open } = lazy.all()[at]!) {
        bounds.push(open);
        lazy.learn(at);
      }
      for (const { energyPj, latencyCycles } of lazy.all()[at]!.points) {
        const above = bounds.filter(
          (bound) => bound.energyPj > energyPj * (1 + 1e-9) || bound.latencyCycles > latencyCycles,
        );
        expect(above).toEqual([]);
      }
      if (bounds.at(-1)!.energyPj > (bounds[1]?.energyPj ?? Infinity)) rose++;
    });
  return rose;
}

test(`no bound of a stack or of its candidates is above their cost, ${RUNS} random cases`, () => {
  let rose = 0;
  fc.assert(
    fc.property(fc.record({ spec: sparseNetworkArb, setting: settingArb, pick: fc.nat() }), (one) => {
      rose += checkBounds(one.spec, one.setting, [one.pick]);
    }),
    { numRuns: RUNS, seed: 20230223 },
  );
  expect(rose).toBeGreaterThan(RUNS / 2);
});

test('a stack that reads every other pixel is not charged with what other readers need', () => {
  const every2nd = { kernel: 1, stride: 2, dilation: 1, before: 0, after: 0 };
  const all = { kernel: 3, stride: 2, dilation: 1, before: 1, after: 1 };
  const spec: NetworkSpec = {
    input: { width: 28, height: 28, channels: 32 },
    nodes: [
      ['a', { op: 'conv', from: 'in', x: all, y: all, channels: 32 }],
      ['b', { op: 'conv', from: 'in', x: every2nd, y: every2nd, channels: 32 }],
      ['s', { op: 'add', from: ['a', 'b'] }],
    ],
  };
  for (const name of ['default', 'reference-2023'] as const)
    checkBounds(spec, { hw: ACCELERATORS[0]!, name, tile: { x: 28, y: 4 } }, 'all');
});

test('weights are not charged with more than those that exist', () => {
  const taps = { kernel: 3, stride: 1, dilation: 1, before: 1, after: 1 };
  const spec: NetworkSpec = {
    input: { width: 4, height: 4, channels: 64 },
    nodes: [['a', { op: 'conv', from: 'in', x: taps, y: taps, channels: 256, share: { exist: 9, of: 16 } }]],
  };
  for (const hw of ACCELERATORS)
    for (const name of ['default', 'reference-2023'] as const)
      checkBounds(spec, { hw, name, tile: { x: 4, y: 2 } }, 'all');
});
