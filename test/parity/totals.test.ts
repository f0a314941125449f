/**
 * Totals of schedules that the golden files do not hold, obtained by running the published code (February 2023, NumPy 1,
 * limit 6): energy in pJ, latency in cycles without off-loading. Other networks, tiles, modes and accelerators.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHardware } from '../../parity/hardware.js';
import { PROFILES } from '../../src/base/profile.js';
import { compile } from '../../src/compile.js';
import type { CopyStepCost, CostSheet } from '../../src/ir/cost.js';
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
  ['Ascend_like_DF', 'resnet18', '28x14', 2, 3_556_322_343.925, 29_609_845],
  ['Meta_prototype_DF', 'resnet18', '19x23', 3, 2_833_041_535.885, 12_925_682],
  ['TPU_like_DF', 'resnet18', '28x28', 3, 3_601_355_709.883, 20_754_547],
  ['Tesla_NPU_like_DF', 'mccnn', '80x60', 3, 9_160_890_047.841, 51_753_999],
  ['Tesla_NPU_like_DF', 'mobilenetv1', '56x14', 2, 4_685_153_595.8, 8_511_075],
  ['Tesla_NPU_like_DF', 'resnet18', '28x28', 3, 3_621_655_088.265, 13_564_503],
  ['Ascend_like', 'resnet18', '56x28', 3, 5_244_510_094.535, 20_742_254],
  ['Meta_prototype', 'resnet18', '56x28', 2, 4_993_401_130.575, 15_361_369],
  ['TPU_like', 'mccnn', '160x36', 3, 43_407_072_043.84, 129_321_040],
  ['Tesla_NPU_like', 'fsrcnn', '120x90', 3, 2_489_116_894.88, 17_900_985],
  ['Tesla_NPU_like', 'resnet18', '28x28', 2, 4_343_196_290.801, 14_762_013],
  // A map that is cut off has the channels of both its names (Q26).
  ['Edge_TPU_like', 'resnet18', '56x56', 1, 16_066_653_504.6, 27_756_018],
  ['TPU_like', 'resnet18', '28x28', 3, 23_277_740_182.27, 56_480_066],
  // Every layer its own stack, and everything counted twice (Q1).
  ['TPU_like', 'fsrcnn', 'full', 1, 43_545_750_035.94, 129_449_994],
];

/** Energy and latency of data copies alone, which do not depend on mappings: tiles that divide no map, and all modes. */
const COPIES: readonly Row[] = [
  ['Ascend_like_DF', 'mobilenetv1', '16x104', 1, 739_905_504.12, 1_040_138],
  ['Ascend_like_DF', 'mobilenetv1', '7x25', 2, 629_029_022.295, 878_486],
  ['Ascend_like_DF', 'resnet18', '6x25', 3, 291_222_263.27, 414_800],
  ['Edge_TPU_like_DF', 'fsrcnn', '146x249', 3, 147_378_151.98, 202_137],
  ['Edge_TPU_like_DF', 'mobilenetv1', '7x56', 2, 679_526_389.635, 949_563],
  ['Edge_TPU_like_DF', 'resnet18', '16x20', 1, 870_366_902.235, 1_223_511],
  ['Edge_TPU_like_DF', 'resnet18', '7x4', 1, 1_082_800_986.165, 1_552_061],
  ['Edge_TPU_like', 'resnet18', '39x72', 2, 10_758_552_234.825, 15_114_041],
  ['Meta_prototype_DF', 'fsrcnn', '436x27', 1, 785_686_122.8, 1_150_480],
  ['Meta_prototype_DF', 'mobilenetv1', '73x60', 1, 363_760_231.53, 512_834],
  ['Meta_prototype_DF', 'resnet18', '4x21', 3, 305_298_229.8, 540_830],
  ['Meta_prototype_DF', 'resnet18', '7x38', 2, 310_586_006.6, 520_249],
  ['Meta_prototype', 'fsrcnn', '72x72', 2, 59_662_286.92, 126_266],
  ['Meta_prototype', 'fsrcnn', '8x228', 2, 133_149_545.085, 1_298_449],
  ['Meta_prototype', 'mobilenetv1', '19x56', 3, 572_021_096.465, 802_465],
  ['Meta_prototype', 'resnet18', '13x5', 1, 780_704_676.46, 1_378_316],
  ['Meta_prototype', 'resnet18', '56x18', 2, 762_819_183.4, 1_073_424],
  ['TPU_like_DF', 'resnet18', '12x16', 1, 492_177_014.935, 712_887],
  ['TPU_like', 'fsrcnn', '14x60', 2, 5_674_028_969.325, 7_971_101],
  ['TPU_like', 'mobilenetv1', '60x28', 2, 2_853_660_868.2, 4_008_936],
  ['TPU_like', 'resnet18', '17x72', 3, 11_181_547_977.54, 15_681_348],
  ['Tesla_NPU_like_DF', 'mobilenetv1', '67x4', 1, 2_337_998_695.669, 3_291_185],
  ['Tesla_NPU_like_DF', 'resnet18', '27x41', 1, 1_041_867_872.657, 1_469_821],
  ['Tesla_NPU_like', 'mobilenetv1', '15x44', 2, 867_775_528.145, 1_217_953],
];

describeWithReference('totals of the published code', (reference) => {
  const evaluated = async (
    architecture: string,
    network: string,
    tile: string,
    mode: 1 | 2 | 3,
  ): Promise<CostSheet> => {
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
    return ir.costs!;
  };

  test.each(ROWS)('%s %s %s mode %i', async (architecture, network, tile, mode, energyPj, latencyCycles) => {
    const { totals } = await evaluated(architecture, network, tile, mode);
    expect(Math.abs(totals.energyPj / energyPj - 1)).toBeLessThan(1e-9);
    expect(totals.latencyCycles).toBe(latencyCycles);
  });

  test.each(COPIES)(
    'copies of %s %s %s mode %i',
    async (architecture, network, tile, mode, energyPj, latencyCycles) => {
      const { stacks } = await evaluated(architecture, network, tile, mode);
      const types = stacks.flatMap((stack) => stack.types);
      const sum = (of: (step: CopyStepCost) => number): number =>
        types.reduce(
          (all, { count, copySteps }) => all + count * copySteps.reduce((some, step) => some + of(step), 0),
          0,
        );
      expect(Math.abs(sum((step) => step.energyPj) / energyPj - 1)).toBeLessThan(1e-9);
      expect(sum((step) => step.latencyCycles)).toBe(latencyCycles);
    },
  );
});
