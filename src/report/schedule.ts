/** Facets to report: gathers what the passes decided and computed, by name, for people and programs. */
import { bareName } from '../base/ids.js';
import { arrayUnits, instancesOf, type Accelerator } from '../hw/accelerator.js';
import { withinItems } from '../ir/items.js';
import type { Layer, Workload } from '../ir/layer.js';
import { costOfTotals, countedParts } from './cost-sum.js';
import { coverageOf } from './coverage.js';
import type { ReportInput } from './input.js';
import type {
  AcceleratorReport,
  ModelLayer,
  ModelReport,
  ScheduleReport,
  StackReport,
  Totals,
} from './report.js';
import { searchReport } from './search-report.js';
import { stackReports } from './stack-report.js';
import { loopDimsOf } from './tile-type-report.js';

export function scheduleReport(input: ReportInput): ScheduleReport {
  const stacks = stackReports(input);
  const workload = withinItems(input.workload, input.tiles.stacks);
  return {
    schema: 'defines-report/1',
    model: modelReport(input.name, workload),
    accelerator: acceleratorReport(input.hw),
    profile: input.profile.name,
    pipeline: input.pipeline,
    lpfLimit: input.lpfLimit,
    mappings: input.mappings?.file ?? null,
    ...(input.mappings?.digest === undefined ? {} : { mappingsDigest: input.mappings.digest }),
    ...input.given,
    ...(input.memoryLimits.length === 0
      ? {}
      : { memoryLimits: input.memoryLimits.map(({ name: memory, sizeBits }) => ({ memory, sizeBits })) }),
    ...(input.plugins === undefined ? {} : { plugins: input.plugins }),
    totals: totalsReport(input, stacks),
    ...(input.stacks.search ? { search: searchReport(input.stacks.search, input.costs.totals) } : {}),
    coverage: coverageOf(workload),
    stacks,
    diagnostics: input.diagnostics,
  };
}

function totalsReport({ costs, profile }: ReportInput, stacks: readonly StackReport[]): Totals {
  const cost = costOfTotals(costs.totals);
  return {
    energyPj: cost.energyPj,
    latencyCycles: cost.latencyCycles,
    macs: costs.totals.macs,
    operations: costs.totals.operations,
    edp: cost.energyPj * cost.latencyCycles,
    latency: cost.latency,
    latencyCounted: countedParts(profile),
    energy: cost.energy,
    complete: stacks.every(({ feasible }) => feasible),
  };
}

const modelReport = (name: string, workload: Workload): ModelReport => ({
  name,
  macs: workload.macs,
  weightBits: workload.layers.reduce((sum, layer) => sum + layer.weightBits, 0),
  layers: workload.layers.map(modelLayer),
  aliases: workload.aliases.map(({ op, name: alias, of }) => ({ op, name: alias, of: of.map(bareName) })),
});

const modelLayer = (layer: Layer): ModelLayer => ({
  layer: bareName(layer.id),
  op: layer.op,
  kind: layer.kind,
  coverage: layer.coverage,
  loopDims: loopDimsOf(layer.loops),
  inputs: layer.inputs.flatMap((operand) => operand.sources.map((source) => bareName(source.map))),
  output: bareName(layer.output.map),
  weightBits: layer.weightBits,
  macs: layer.macs,
  passes: layer.passes,
  postOps: layer.postOps.map(({ op, name, parameterBits }) => ({ op, name, parameterBits })),
});

const acceleratorReport = (hw: Accelerator): AcceleratorReport => ({
  name: hw.name,
  source: hw.source,
  array: Object.fromEntries(hw.array.dims.map(({ name, size }) => [name, size])),
  units: arrayUnits(hw),
  memories: hw.memories.map((memory) => ({
    name: memory.name,
    sizeBits: memory.sizeBits,
    instances: instancesOf(hw, memory),
    operands: memory.operands,
  })),
});
