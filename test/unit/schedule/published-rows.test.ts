/**
 * Published numbers of FSRCNN (HPCA 2023 code, limit 6) from the network that ships with the project: totals of
 * schedules on five accelerators, and for the tile 60x72 every layer and the tile types it was run with.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES } from '../../../src/base/profile.js';
import { compile } from '../../../src/compile.js';
import type { CostSheet } from '../../../src/ir/cost.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { projectFolder } from '../../support/reference.js';

const MODES = ['fully-recompute', 'h-cached-v-recompute', 'fully-cached'] as const;

async function costs(accelerator: string, tile: string, mode: 1 | 2 | 3, lpfLimit = 6): Promise<CostSheet> {
  const file = join(projectFolder(), 'models/networks/fsrcnn.onnx');
  const { ir } = await compile({
    source: { file, bytes: readFileSync(file) },
    hw: loadAccelerator(accelerator).accelerator,
    profile: PROFILES['reference-2023'],
    lpfLimit,
    pipeline: `import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks,choose-tiles{tile=${tile} mode=${MODES[mode - 1]}},tile-stacks,allocate-memory,annotate-cost`,
  });
  return ir.costs!;
}

const relative = (found: number, expected: number): number => Math.abs(found / expected - 1);

type Total = readonly [
  accelerator: string,
  tile: string,
  mode: 1 | 2 | 3,
  energyPj: number,
  latencyCycles: number,
];

const TOTALS: readonly Total[] = [
  ['meta-proto-df', '60x72', 1, 2_361_363_150.545, 22_776_595],
  ['meta-proto-df', '60x72', 2, 2_220_992_385.935, 21_345_958],
  ['meta-proto-df', '60x72', 3, 2_154_699_943.145, 20_187_977],
  ['meta-proto-df', '16x18', 1, 2_338_878_140.785, 29_767_053],
  ['meta-proto-df', '16x18', 2, 1_992_690_071.185, 23_095_923],
  ['meta-proto-df', '16x18', 3, 1_822_760_872.09, 20_523_395],
  ['meta-proto-df', '60x4', 1, 3_089_986_871.185, 41_541_213],
  ['meta-proto-df', '60x4', 2, 2_796_556_279.285, 37_186_248],
  ['meta-proto-df', '60x4', 3, 1_916_351_169.425, 18_889_007],
  ['meta-proto-df', '60x1', 1, 6_569_664_812.785, 134_190_093],
  ['meta-proto-df', '60x1', 2, 5_944_290_866.785, 122_485_593],
  ['meta-proto-df', '60x1', 3, 2_616_690_307.4, 74_612_084],
  ['meta-proto-df', '16x270', 1, 2_512_507_965.985, 25_610_401],
  ['meta-proto-df', '16x270', 2, 2_152_379_961.225, 20_413_091],
  ['meta-proto-df', '16x270', 3, 2_137_808_446.095, 20_304_824],
  ['ascend-like-df', '28x28', 3, 2_276_025_939.565, 25_679_321],
  ['edge-tpu-like-df', '28x28', 3, 1_900_408_238.563, 16_292_827],
  ['tesla-npu-like-df', '28x28', 3, 1_868_007_763.549, 20_142_240],
  ['tpu-like-df', '60x72', 3, 3_477_399_802.927, 57_725_523],
  // Plain TPU-like: every layer its own stack, and everything counted twice (Q1).
  ['tpu-like', 'full', 1, 43_545_750_035.94, 129_449_994],
];

test.each(TOTALS)('%s, tile %s, mode %i', async (accelerator, tile, mode, energyPj, latencyCycles) => {
  const { totals } = await costs(accelerator, tile, mode);
  expect(relative(totals.energyPj, energyPj)).toBeLessThan(1e-9);
  expect(totals.latencyCycles).toBe(latencyCycles);
});

/** Published with three digits after mJ and Mcycles, or with limit 5. */
test.each([
  ['60x18', 1, 6, 2.41893, 26.184295],
  ['60x18', 2, 6, 2.314946, 24.102865],
  ['60x18', 3, 6, 1.979086, 21.149313],
  ['60x270', 1, 6, 14.299601, 33.487918],
  ['60x270', 2, 6, 9.307605, 27.047218],
  ['60x270', 3, 6, 9.268733, 26.903469],
  ['960x540', 1, 5, 21.11353, 29.049427],
] as const)(
  'meta-proto-df, tile %s, mode %i, limit %i',
  async (tile, mode, limit, energyMj, latencyMcycles) => {
    const { totals } = await costs('meta-proto-df', tile, mode, limit);
    expect(totals.energyPj / 1e9).toBeCloseTo(energyMj, 6);
    expect(totals.latencyCycles).toBe(Math.round(latencyMcycles * 1e6));
  },
);

/** Per layer: sums over all tiles, then energy and latency of one tile of four types. */
const ROWS: Readonly<Record<string, readonly (readonly [energyPj: number, latencyCycles: number])[]>> = {
  conv1: [
    [157_988_006.75, 2_061_827],
    [1_096_937.025, 13_517],
    [824_506.2, 10_680],
    [1_500_402.96, 19_980],
    [1_276_387.2, 16_650],
  ],
  conv2: [
    [106_735_014.3, 950_838],
    [714_257.58, 6_300],
    [556_074.6, 5_208],
    [1_014_483.96, 9_114],
    [862_650, 7_644],
  ],
  conv3: [
    [92_790_799.47, 1_881_657],
    [640_781.73, 10_809],
    [461_211.3, 9_240],
    [855_337.32, 17_424],
    [754_709.4, 15_336],
  ],
  conv4: [
    [90_769_441.53, 1_876_491],
    [585_855.57, 10_809],
    [362_197.8, 8_911],
    [786_590.28, 17_391],
    [754_709.4, 15_336],
  ],
  conv7: [
    [102_665_565.1, 835_205],
    [534_387.46, 3_695],
    [453_918.6, 3_760],
    [884_771.52, 7_320],
    [848_847.6, 6_894],
  ],
  conv8: [
    [1_319_587_954.88, 8_397_027],
    [6_220_425.48, 35_514],
    [5_486_218.44, 35_111],
    [10_991_734.4, 69_954],
    [10_991_734.4, 69_954],
  ],
};
const TYPES = ['origin', 'inner.first', 'first.inner', 'inner.inner'];

test('60x72 fully cached, layer by layer and type by type', async () => {
  const { types } = (await costs('meta-proto-df', '60x72', 3)).stacks[0]!;
  for (const [name, [sum, ...each]] of Object.entries(ROWS)) {
    const tiles = types.map((type) => {
      const layer = type.layers.find((one) => one.layer === `@${name}`)!;
      const { compute, stall, onload } = layer.latency;
      return {
        name: type.type,
        count: type.count,
        energyPj: layer.energyPj,
        cycles: compute + stall + onload,
      };
    });
    const total = tiles.reduce((all, tile) => all + tile.count * tile.energyPj, 0);
    expect(relative(total, sum![0])).toBeLessThan(1e-9);
    expect(tiles.reduce((all, tile) => all + tile.count * tile.cycles, 0)).toBe(sum![1]);
    for (const [i, type] of TYPES.entries()) {
      const tile = tiles.find((one) => one.name === type)!;
      expect(relative(tile.energyPj, each[i]![0])).toBeLessThan(1e-9);
      expect(tile.cycles).toBe(each[i]![1]);
    }
  }
});

test('60x72 fully cached, the copies that bring the input', async () => {
  const { types } = (await costs('meta-proto-df', '60x72', 3)).stacks[0]!;
  const steps = types.map((type) => ({ type, step: type.copySteps.find((one) => one.before === '%input')! }));
  const total = steps.reduce((sum, { type, step }) => sum + type.count * step.energyPj, 0);
  expect(relative(total, 49_149_466)).toBeLessThan(1e-9);
  expect(steps.reduce((sum, { type, step }) => sum + type.count * step.latencyCycles, 0)).toBe(75_941);
  const four = TYPES.map((name) => steps.find(({ type }) => type.type === name)!.step);
  expect(four.map((step) => [Number(step.energyPj.toFixed(1)), step.latencyCycles])).toEqual([
    [337_378.8, 521],
    [273_255, 422],
    [485_300.9, 750],
    [393_487.2, 608],
  ]);
});
