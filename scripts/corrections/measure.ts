/** Schedules to measure corrections on, and their evaluation. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHardware } from '../../parity/hardware.js';
import { known } from '../../src/base/assert.js';
import type { Profile } from '../../src/base/profile.js';
import { compile } from '../../src/compile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { CostSheet } from '../../src/ir/cost.js';
import type { OverlapMode } from '../../src/ir/stack.js';
import { builtinNetworkFile, loadAccelerator } from '../../src/node/builtin.js';
import { allocateStack } from '../../src/schedule/allocate-stack.js';
import { costStack } from '../../src/schedule/cost-stack.js';
import { tileStack } from '../../src/schedule/tile-stack.js';
import { totalsOfStacks } from '../../src/schedule/totals.js';
import { mapperFor } from './mappers.js';

/** The limit of the published command line. */
export const LPF_LIMIT = 6;

export interface Schedule {
  readonly file: string;
  readonly hw: Accelerator;
  readonly tile: string;
  readonly mode: OverlapMode;
  readonly stacks?: 'auto' | 'one';
  readonly lpfLimit?: number;
}

const FROM_ONNX = 'import-onnx,normalize-graph,infer-shapes,lower-layers';

/** Costs of a schedule, stack by stack as the passes compute them. An infeasible one is an error: no table has one. */
export async function evaluate(schedule: Schedule, profile: Profile): Promise<CostSheet> {
  const { file, hw, tile, mode, stacks: by = 'auto', lpfLimit = LPF_LIMIT } = schedule;
  const importer = file.endsWith('.onnx') ? FROM_ONNX : 'import-layers';
  const { ir, diagnostics } = await compile({
    source: { file, bytes: readFileSync(file) },
    hw,
    profile,
    pipeline: `${importer},partition-stacks{by=${by}},choose-tiles{tile=${tile} mode=${mode}}`,
    verify: 'off',
  });
  const { layers, stacks: plan } = ir;
  if (!layers || !plan) throw new Error(`${file}: ${diagnostics.map(({ message }) => message).join('; ')}`);
  const mapper = mapperFor(hw, profile, lpfLimit);
  const stacks = plan.stacks.map((stack) => {
    const tiled = tileStack(layers, stack, profile);
    const result = allocateStack(layers, tiled, hw, profile, mapper);
    if (result.kind === 'infeasible') throw new Error(`${file}: ${result.reason.layer} fits no level`);
    return costStack(layers, tiled, result.allocation, hw, profile, mapper);
  });
  return { stacks, totals: totalsOfStacks(stacks, hw, profile) };
}

/** A schedule of a layer table of the reference folder; tables name the architecture without its variant. */
export function tableSchedule(
  reference: string,
  accelerator: string,
  network: string,
  tile: string,
  mode: OverlapMode = 'fully-cached',
): Schedule {
  const table = `${accelerator.replace(/_DF$/, '')}__${network}.json`;
  return {
    file: join(reference, 'reference/workloads', table),
    hw: readHardware(join(reference, 'reference/accelerators', `${accelerator}.json`)),
    tile,
    mode,
  };
}

/** A schedule of what ships with the project. */
export const builtinSchedule = (
  accelerator: string,
  network: string,
  tile: string,
  mode: OverlapMode = 'fully-cached',
): Schedule => ({
  file: known(builtinNetworkFile(network), `network ${network}`),
  hw: loadAccelerator(accelerator).accelerator,
  tile,
  mode,
});
