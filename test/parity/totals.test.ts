/**
 * Totals of schedules that the golden files do not hold, obtained by running the published code (February 2023, limit
 * 6): energy in pJ, latency in cycles without off-loading. Other networks, tiles, modes and accelerators.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHardware } from '../../parity/hardware.js';
import { PROFILES } from '../../src/base/profile.js';
import { compile } from '../../src/compile.js';
import { describeWithReference } from '../support/reference.js';

const MODES = ['fully-recompute', 'h-cached-v-recompute', 'fully-cached'] as const;

type Row = readonly [
  architecture: string,
  network: string,
  tile: string,
  mode: 1 | 2 | 3,
  energyPj: number,
  latencyCycles: number,
];

const ROWS: readonly Row[] = [
  ['Ascend_like_DF', 'fsrcnn', '28x28', 3, 2_276_025_939.565, 25_679_321],
  ['Ascend_like_DF', 'mobilenetv1', '28x28', 3, 3_823_944_037.84, 6_894_482],
  ['Edge_TPU_like_DF', 'fsrcnn', '28x28', 3, 1_900_408_238.563, 16_292_827],
  ['Edge_TPU_like_DF', 'mobilenetv1', '28x28', 3, 3_891_405_365.675, 6_243_316],
  ['Edge_TPU_like_DF', 'resnet18', '28x28', 3, 2_802_527_051.265, 13_427_469],
  ['Tesla_NPU_like_DF', 'fsrcnn', '28x28', 3, 1_868_007_763.549, 20_142_240],
  ['Tesla_NPU_like_DF', 'mobilenetv1', '28x28', 3, 3_982_258_366.941, 7_261_551],
  ['Meta_prototype_DF', 'resnet18', '112x112', 3, 6_577_521_158.24, 14_615_411],
  ['Meta_prototype_DF', 'resnet18', '28x28', 3, 2_771_064_066.055, 12_752_013],
  ['Meta_prototype_DF', 'resnet18', '14x14', 2, 3_252_579_165.785, 16_687_587],
  ['Meta_prototype_DF', 'resnet18', '7x7', 1, 6_656_837_468.165, 38_616_330],
  ['Meta_prototype_DF', 'mobilenetv1', '112x112', 3, 3_908_162_100.295, 6_512_571],
  ['Meta_prototype_DF', 'mobilenetv1', '14x14', 2, 3_325_190_750.47, 6_953_917],
  ['Meta_prototype_DF', 'mobilenetv1', '7x7', 1, 3_485_398_306.66, 12_541_391],
  ['Meta_prototype_DF', 'mccnn', '60x72', 1, 8_883_396_757.4, 57_967_364],
  ['Meta_prototype_DF', 'mccnn', '60x72', 3, 8_570_587_370.66, 53_455_471],
  ['Meta_prototype_DF', 'fsrcnn', '60x72', 1, 2_361_363_150.545, 22_776_595],
  ['Meta_prototype_DF', 'fsrcnn', '60x72', 2, 2_220_992_385.935, 21_345_958],
  ['Meta_prototype_DF', 'fsrcnn', '60x72', 3, 2_154_699_943.145, 20_187_977],
  ['Meta_prototype_DF', 'fsrcnn', '60x1', 1, 6_569_664_812.785, 134_190_093],
  ['Meta_prototype_DF', 'fsrcnn', '60x1', 2, 5_944_290_866.785, 122_485_593],
  ['Meta_prototype_DF', 'fsrcnn', '60x1', 3, 2_616_690_307.4, 74_612_084],
  ['Meta_prototype_DF', 'fsrcnn', '16x270', 1, 2_512_507_965.985, 25_610_401],
  ['Meta_prototype_DF', 'fsrcnn', '16x270', 2, 2_152_379_961.225, 20_413_091],
  ['Meta_prototype_DF', 'fsrcnn', '16x270', 3, 2_137_808_446.095, 20_304_824],
  ['TPU_like_DF', 'fsrcnn', '60x72', 3, 3_477_399_802.927, 57_725_523],
  ['TPU_like_DF', 'mccnn', '60x72', 3, 11_061_038_235.28, 60_004_656],
  ['TPU_like_DF', 'dmcnnvd', '60x72', 3, 44_621_039_123.078, 292_843_815],
  ['TPU_like_DF', 'dmcnnvd', '16x18', 1, 197_264_054_491.056, 1_356_845_088],
  // Every layer its own stack, and everything counted twice (Q1).
  ['TPU_like', 'fsrcnn', 'full', 1, 43_545_750_035.94, 129_449_994],
];

describeWithReference('totals of the published code', (reference) => {
  test.each(ROWS)('%s %s %s mode %i', async (architecture, network, tile, mode, energyPj, latencyCycles) => {
    const table = join(
      reference,
      'reference/workloads',
      `${architecture.replace('_DF', '')}__${network}.json`,
    );
    const { ir } = await compile({
      source: { file: table, bytes: readFileSync(table) },
      hw: readHardware(join(reference, 'reference/accelerators', `${architecture}.json`)),
      profile: PROFILES['reference-2023'],
      pipeline: `import-layers,partition-stacks,choose-tiles{tile=${tile} mode=${MODES[mode - 1]}},tile-stacks,allocate-memory,annotate-cost`,
    });
    const totals = ir.costs!.totals;
    expect(Math.abs(totals.energyPj / energyPj - 1)).toBeLessThan(1e-9);
    expect(totals.latencyCycles).toBe(latencyCycles);
  });
});
