/** One network on one architecture: layer-by-layer, the best single strategy for all stacks, and the best per stack. */
import { readFileSync } from 'node:fs';
import { known } from '../../src/base/assert.js';
import { PROFILES, type Profile } from '../../src/base/profile.js';
import { compile, type Compilation } from '../../src/compile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { SearchReport } from '../../src/report/report.js';
import { builtinNetworkFile, loadAccelerator } from '../../src/node/builtin.js';
import { OVERLAP_MODES } from '../../src/ir/stack.js';

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
  /** Of the search for the best per stack. */
  readonly seconds: number;
}

/** `budgetMs`: for the search. */
export async function caseStudy(
  architecture: string,
  network: string,
  profile: (typeof PROFILE_NAMES)[number],
  budgetMs: number,
): Promise<CaseStudy> {
  const file = known(builtinNetworkFile(network), `network ${network}`);
  const run = runner(file, loadAccelerator(architecture).accelerator, PROFILES[profile]);
  const layerByLayer = energyOf(await run('partition-stacks{by=auto},choose-tiles'));
  const single = await bestSingle(run);
  const begin = performance.now();
  const searched = await run(
    'partition-stacks{by=auto},optimize-schedule{for=energy}',
    () => performance.now() - begin > budgetMs,
  );
  const seconds = (performance.now() - begin) / 1000;
  const { report } = searched;
  const best = report?.search && {
    energyPj: report.totals.energyPj,
    stacks: report.stacks.length,
    search: report.search,
  };
  return { architecture, network, layerByLayer, single, best, seconds };
}

type Run = (decisions: string, outOfTime?: () => boolean) => Promise<Compilation>;

const runner =
  (file: string, hw: Accelerator, profile: Profile): Run =>
  (decisions, outOfTime = () => false) =>
    compile({
      source: { file, bytes: readFileSync(file) },
      hw,
      profile,
      verify: 'off',
      outOfTime,
      pipeline:
        `import-onnx,normalize-graph,infer-shapes,lower-layers,${decisions},` +
        'tile-stacks,allocate-memory,annotate-cost',
    });

const energyOf = ({ report }: Compilation): number | undefined =>
  report?.totals.complete === true ? report.totals.energyPj : undefined;

async function bestSingle(run: Run): Promise<CaseStudy['single']> {
  let best: CaseStudy['single'];
  for (const tile of SINGLE_TILES)
    for (const mode of OVERLAP_MODES) {
      const energyPj = energyOf(
        await run(`partition-stacks{by=auto},choose-tiles{tile=${tile} mode=${mode}}`),
      );
      if (energyPj !== undefined && energyPj < (best?.energyPj ?? Infinity))
        best = { energyPj, strategy: `${tile} ${mode}` };
    }
  return best;
}
