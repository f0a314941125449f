/** One network on one architecture: layer-by-layer, the best single strategy for all stacks, and the best per stack. */
import { readFileSync } from 'node:fs';
import { known } from '../../src/base/assert.js';
import { PROFILES, type Profile } from '../../src/base/profile.js';
import { compile } from '../../src/compile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { Workload } from '../../src/ir/layer.js';
import { OVERLAP_MODES, parseTile, type OverlapMode } from '../../src/ir/stack.js';
import { createMapper } from '../../src/mapping/mapper.js';
import { builtinNetworkFile, loadAccelerator } from '../../src/node/builtin.js';
import { planStacks } from '../../src/planning/rules.js';
import type { SearchReport } from '../../src/report/report.js';
import { evaluateStack } from '../../src/schedule/evaluate-stack.js';
import { memoised } from '../../src/schedule/memo.js';
import { totalsOfStacks } from '../../src/schedule/totals.js';

export const NETWORKS = ['fsrcnn', 'mccnn', 'dmcnnvd', 'mobilenetv1', 'resnet18'] as const;
export const ARCHITECTURES = [
  'meta-proto-df',
  'tpu-like-df',
  'edge-tpu-like-df',
  'ascend-like-df',
  'tesla-npu-like-df',
  'depfin',
] as const;
export const PROFILE_NAMES = ['default', 'reference-2023'] as const;

/** Tiles of the published exploration, the full map besides: each for all stacks alike, in each mode. */
const SINGLE_TILES = [
  '4x4',
  '4x18',
  '4x72',
  '16x18',
  '60x18',
  '60x72',
  'fullx1',
  'fullx4',
  'fullx18',
] as const;

export interface CaseStudy {
  readonly architecture: string;
  readonly network: string;
  /** pJ; undefined: infeasible. */
  readonly layerByLayer: number | undefined;
  readonly single: { readonly energyPj: number; readonly strategy: string } | undefined;
  readonly best:
    { readonly energyPj: number; readonly stacks: number; readonly search: SearchReport } | undefined;
  /** Processor time of the search for the best per stack. */
  readonly seconds: number;
}

/** Loop prime factors of the mapper, at most: as published, and so few that the table is written in minutes. */
const LPF_LIMITS = { default: 5, 'reference-2023': 6 } as const;

/** `budgetMs`: for the search, processor time: how busy the machine is makes no difference. */
export async function caseStudy(
  architecture: string,
  network: string,
  profile: (typeof PROFILE_NAMES)[number],
  budgetMs: number,
): Promise<CaseStudy> {
  const file = known(builtinNetworkFile(network), `network ${network}`);
  const setting: Setting = {
    hw: loadAccelerator(architecture).accelerator,
    profile: PROFILES[profile],
    lpfLimit: LPF_LIMITS[profile],
  };
  const request = { ...setting, source: { file, bytes: readFileSync(file) }, verify: 'off' as const };
  const { ir } = await compile({ ...request, pipeline: READING });
  const fixed = fixedSchedules(known(ir.layers, 'layers'), setting);
  const layerByLayer = fixed('full', 'fully-cached');
  const single = SINGLE_TILES.flatMap((tile) =>
    OVERLAP_MODES.map((mode) => ({ strategy: `${tile} ${mode}`, energyPj: fixed(tile, mode) })),
  ).reduce<CaseStudy['single']>(
    (best, { strategy, energyPj }) =>
      energyPj !== undefined && energyPj < (best?.energyPj ?? Infinity) ? { strategy, energyPj } : best,
    undefined,
  );
  const begin = process.cpuUsage();
  const spentMs = (): number => {
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / 1000;
  };
  const { report } = await compile({
    ...request,
    outOfTime: () => spentMs() > budgetMs,
    pipeline: `${READING},partition-stacks{by=auto},optimize-schedule{for=energy},tile-stacks,allocate-memory,annotate-cost`,
  });
  const seconds = spentMs() / 1000;
  const best = report?.search && {
    energyPj: report.totals.energyPj,
    stacks: report.stacks.length,
    search: report.search,
  };
  return { architecture, network, layerByLayer, single, best, seconds };
}

const READING = 'import-onnx,normalize-graph,infer-shapes,lower-layers';

interface Setting {
  readonly hw: Accelerator;
  readonly profile: Profile;
  readonly lpfLimit: number;
}

/** Energy of the stacks of the weight rule with one tile and mode for all; undefined: infeasible. */
function fixedSchedules(
  workload: Workload,
  setting: Setting,
): (tile: string, mode: OverlapMode) => number | undefined {
  const { hw, profile, lpfLimit } = setting;
  const { mapper } = memoised(createMapper(hw, profile, { lpfLimit }));
  const { stacks } = planStacks(workload, setting, 'auto').plan;
  return (tile, mode) => {
    const results = stacks.map((stack) =>
      evaluateStack(workload, { ...stack, tile: parseTile(tile), mode }, hw, profile, mapper),
    );
    const costed = results.flatMap((result) => (result.kind === 'costed' ? [result.cost] : []));
    return costed.length < results.length ? undefined : totalsOfStacks(costed, hw, profile).energyPj;
  };
}
