/**
 * The composition root: passes, verifiers, mapper and report put together. A model, an accelerator and a pipeline
 * go in; the enriched IR, its report and everything there is to say about it come out. Bad input is an answer with
 * diagnostics; only a bug of ours throws.
 */
import { known } from './base/assert.js';
import { deepFreeze } from './base/freeze.js';
import type { Profile } from './base/profile.js';
import { blamingDump, dumpToBlame } from './blame-dump.js';
import { diagnostic, DiagnosticError, fail, hasErrors, type Diagnostic } from './diag/diagnostic.js';
import type { Accelerator, Precision } from './hw/accelerator.js';
import { limitMemories, type Limited, type MemoryLimit } from './hw/limit.js';
import { FACETS, type PartialIR } from './ir/facets.js';
import type { LayerPrecision } from './ir/layer-precision.js';
import type { GivenInputs, PassRecord } from './ir/provenance.js';
import type { GivenMappings } from './mapping/given.js';
import { parseMappings as readMappings } from './mapping/load-mappings.js';
import { digest } from './node/digest.js';
import { freezing } from './pass/instrument/freeze.js';
import { guarding } from './pass/instrument/guard.js';
import { verifyFacet, verifying, type Verifiers } from './pass/instrument/verify.js';
import { recordOf, runPasses, type Instrument, type PassStatistic } from './pass/manager.js';
import { checkOrder } from './pass/order.js';
import type { ModelSource, PassContext } from './pass/pass.js';
import { findPass, resolvePipeline, type Registry, type Step } from './pass/registry.js';
import { parsePipeline, printPipeline, type PipelineSpec } from './pass/spec.js';
import { registryWith, type Plugin } from './plugin.js';
import { ownRequest } from './request.js';
import type { ReportInput } from './report/input.js';
import type { ScheduleReport } from './report/report.js';
import { scheduleReport } from './report/schedule.js';
import { costedBy, givenInputs, settingsOf, takenOver, wholePipeline, type CostedBy } from './resumed.js';
import { checkGiven, givenForNothing } from './schedule/check-given.js';
import { createEvaluator } from './schedule/evaluator.js';
import { runMappers } from './schedule/run-mappers.js';
import { verifiersFor } from './verifiers.js';

export { costedBy } from './resumed.js';
export { parsePrecisions } from './onnx/layer-precisions.js';
export { REGISTRY, registryWith } from './plugin.js';
export type { Kit, Plugin } from './plugin.js';

/** `file` is the name shown in diagnostics. Throws a DiagnosticError that holds every error found. */
export const parseMappings = (text: string, file: string): GivenMappings => ({
  ...readMappings(text, file),
  digest: digest(text),
});

/** Findings in a dump that are shown. */
const MOST_TERMS = 10;

export interface CompileRequest {
  /** The model file; absent if the run resumes from an IR. */
  readonly source?: ModelSource;
  /** An IR to resume from: what it has is not made again, unless a pass of the pipeline does. */
  readonly from?: PartialIR;
  /** That IR is as a run left it, and nobody can have edited it: what goes wrong behind it is a bug. */
  readonly trusted?: boolean;
  readonly hw: Accelerator;
  /** How much of its memories may be used; default: all of it. */
  readonly memoryLimits?: readonly MemoryLimit[];
  /** Default: that of the IR to resume from, if it says, or `default`. */
  readonly profile?: Profile;
  /** Loop-prime-factor limit of the temporal mapper; null: none. Default: as kept with the profile, or the profile's. */
  readonly lpfLimit?: number | null;
  /** Passes and pipelines besides the built-in ones. */
  readonly plugins?: readonly Plugin[];
  /** The name of a pipeline, or passes: `a,b{option=value},c`. Default: the pipeline `default`. */
  readonly pipeline?: string | PipelineSpec;
  /** The name of the last pass to run. */
  readonly stopAfter?: string;
  readonly dims?: Readonly<Record<string, number>>;
  readonly precision?: Readonly<Partial<Precision>>;
  /** Of single layers; they go before `precision`. */
  readonly precisions?: readonly LayerPrecision[];
  /** Temporal mappings to be scored, or completed, instead of searched. */
  readonly mappings?: GivenMappings;
  /** When the verifiers run: after each pass (the default), at the end, or never. */
  readonly verify?: 'each' | 'end' | 'off';
  /** Around everything, the verifiers included: printers, for example. */
  readonly instruments?: readonly Instrument[];
  /** Around the passes alone. */
  readonly clock?: Instrument;
  readonly progress?: PassContext['progress'];
  /** When a search has to answer with the best it has; default: never. */
  readonly outOfTime?: () => boolean;
}

export interface Compilation {
  /** No errors; infeasible stacks are errors. */
  readonly ok: boolean;
  /** Every pass of the pipeline has run. */
  readonly finished: boolean;
  /** With the facets of all passes that succeeded. */
  readonly ir: PartialIR;
  /** The canonical pipeline string: how to get this result again. */
  readonly pipeline: string;
  /** Present if there are costs, and no error ended the run before its pipeline did. */
  readonly report: ScheduleReport | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly statistics: readonly PassStatistic[];
}

export async function compile(input: CompileRequest): Promise<Compilation> {
  let start: PartialIR = { name: '' };
  let pipeline = '';
  try {
    const { diagnostics: limits, ...request } = limited(ownRequest(input));
    start = request.from ?? newModule(request);
    const registry = await registryWith(request.plugins ?? []);
    const spec = specOf(registry, request.pipeline);
    pipeline = printPipeline(spec);
    const steps = plannedSteps(registry, spec, start, request);
    const passes = steps.map(({ pass }) => pass);
    const costed = costedBy(request);
    const given = givenInputs(start, passes, request);
    const taken = takenOver(start, passes, request.hw, costed, given);
    pipeline = wholePipeline(taken, pipeline);
    return await run({ ...request, ...costed, given, limits }, taken, steps, pipeline);
  } catch (error) {
    return {
      ok: false,
      finished: false,
      ir: start,
      pipeline,
      report: undefined,
      diagnostics: diagnosticsOf(error, input),
      statistics: [],
    };
  }
}

/** With the part of its memories that may be used for an accelerator, and a note for each. */
function limited(request: CompileRequest): CompileRequest & Pick<Limited, 'diagnostics'> {
  const { accelerator, diagnostics } = limitMemories(request.hw, request.memoryLimits ?? []);
  return { ...request, hw: accelerator, diagnostics };
}

type Settled = CompileRequest &
  CostedBy & {
    readonly given: GivenInputs;
    /** Said of the accelerator before anything runs. */
    readonly limits: readonly Diagnostic[];
  };

/** Bugs of ours go on as what they are, but for what an edited dump may have led to. */
function diagnosticsOf(error: unknown, request: CompileRequest): readonly Diagnostic[] {
  if (error instanceof DiagnosticError) return error.diagnostics;
  const blamed = isEditable(request) ? dumpToBlame(error) : undefined;
  if (blamed === undefined) throw error;
  return [blamed];
}

async function run(
  request: Settled,
  start: PartialIR,
  steps: readonly Step[],
  pipeline: string,
): Promise<Compilation> {
  const { hw, profile, lpfLimit, verify = 'each', mappings } = request;
  for (const shared of [hw, profile, request.dims, request.precision]) deepFreeze(shared);
  const verifiers = verifiersFor(hw, profile, request.from !== undefined);
  if (request.from !== undefined && verify !== 'off') checkStart(start, verifiers);
  const { mappers, counts: mapperCounts } = runMappers({
    hw,
    profile,
    lpfLimit,
    given: mappings?.mappings ?? [],
    budgeted: request.outOfTime !== undefined,
  });
  const { mapper } = known(mappers[0], 'mapper');
  const oracle = createEvaluator(hw, profile, mapper);
  const context = {
    hw,
    profile,
    source: request.source,
    dims: request.dims ?? {},
    precision: request.precision ?? {},
    precisions: request.precisions ?? [],
    mapper,
    mappers,
    mappingsGiven: mappings !== undefined,
    outOfTime: request.outOfTime ?? (() => false),
    budgeted: request.outOfTime !== undefined,
    evaluate: oracle.evaluate,
    progress: request.progress ?? (() => undefined),
  };
  const {
    ir,
    finished,
    diagnostics: found,
    statistics,
  } = await runPasses(steps, start, context, [
    ...(request.instruments ?? []),
    ...(mappings === undefined ? [] : [checkingGiven(mappings, hw, profile)]),
    ...(verify === 'off' ? [] : [verifying(verifiers, verify), freezing]),
    guarding,
    ...(request.clock === undefined ? [] : [request.clock]),
  ]);
  const diagnostics = [...request.limits, ...(isEditable(request) ? blamingDump(found) : found)];
  // The costs that a failed run had until then are not those of its pipeline.
  const report = finished
    ? reportOf(ir, diagnostics, {
        hw,
        profile,
        lpfLimit,
        pipeline,
        mappings: mappings === undefined ? null : { file: mappings.file, digest: mappings.digest },
        given: request.given,
        memoryLimits: request.memoryLimits ?? [],
        ...pluginsOf([...(start.made?.passes ?? []), ...steps.map(recordOf)]),
      })
    : undefined;
  const counted = <K extends string>(
    pass: string,
    counts: Readonly<Record<K, number>>,
  ): readonly PassStatistic[] =>
    Object.entries<number>(counts).map(([name, count]) => ({ index: steps.length, pass, name, count }));
  return {
    ok: !hasErrors(diagnostics),
    finished,
    ir,
    pipeline,
    report,
    diagnostics,
    statistics: [
      ...statistics,
      ...(oracle.counts().evaluated > 0 ? counted('costOf', oracle.counts()) : []),
      ...mapperCounts.flatMap(({ objective, counts }) =>
        counted(objective === 'energy' ? 'mapper' : `mapper (${objective})`, counts()),
      ),
    ],
  };
}

/** The run starts from an IR that may be anything, and is asked to look at it. */
const isEditable = ({ from, trusted = false, verify = 'each' }: CompileRequest): boolean =>
  from !== undefined && !trusted && verify !== 'off';

/** Holds given mappings against the tiles as soon as there are any. */
function checkingGiven(mappings: GivenMappings, hw: Accelerator, profile: Profile): Instrument {
  let checked: PartialIR['tiles'];
  let used = false;
  return {
    after: ({ ir: { layers, tiles }, pass }, report) => {
      used ||= pass.makes === 'allocs' || pass.makes === 'costs';
      if (!layers || !tiles || tiles === checked) return;
      checked = tiles;
      checkGiven(layers, tiles, hw, profile, mappings).forEach(report);
    },
    end: (_ir, report) => {
      if (!used) report(givenForNothing(mappings));
    },
  };
}

const newModule = (request: CompileRequest): PartialIR => ({
  name: modelName(request.source?.file ?? ''),
  made: { accelerator: request.hw, settings: settingsOf(costedBy(request)), passes: [] },
});

/** `models/networks/fsrcnn.onnx` -> `fsrcnn`. */
const modelName = (file: string): string =>
  (file.split(/[/\\]/).at(-1) ?? '').replace(/\.(onnx|yaml|yml|json)$/, '');

function specOf(registry: Registry, pipeline: CompileRequest['pipeline'] = 'default'): PipelineSpec {
  if (typeof pipeline === 'object') return pipeline;
  const named = registry.pipelines.find(({ name }) => name === pipeline);
  return parsePipeline(named?.spec ?? pipeline);
}

/** The steps to run, all of them legal. */
function plannedSteps(
  registry: Registry,
  spec: PipelineSpec,
  start: PartialIR,
  { source, stopAfter }: CompileRequest,
): readonly Step[] {
  const steps = resolvePipeline(registry, spec);
  const present = FACETS.filter((facet) => start[facet] !== undefined);
  const problems = [
    ...checkOrder(steps, present, registry),
    ...(source === undefined ? checkNoImporter(steps) : []),
  ];
  if (problems.length > 0) throw new DiagnosticError(problems);
  return stopAfter === undefined ? steps : stepsUpTo(registry, spec, steps, stopAfter);
}

function stepsUpTo(
  registry: Registry,
  spec: PipelineSpec,
  steps: readonly Step[],
  stopAfter: string,
): readonly Step[] {
  const at = {
    kind: 'spec',
    text: `--stop-after ${stopAfter}`,
    offset: '--stop-after '.length,
    length: stopAfter.length,
  } as const;
  const last = steps.findLastIndex(({ pass }) => pass === findPass(registry, stopAfter, [at]));
  if (last >= 0) return steps.slice(0, last + 1);
  return fail('DF8008', `${stopAfter} is not a pass of this pipeline`, [at], {
    help: `the pipeline is ${printPipeline(spec)}`,
  });
}

const checkNoImporter = (steps: readonly Step[]): readonly Diagnostic[] =>
  steps
    .filter(({ pass }) => pass.needs.length === 0)
    .map(({ pass, at }) =>
      diagnostic('DF8003', `${pass.name} reads a model file, and the run starts from an IR`, [at], {
        help: 'leave it out, or give a model in place of the dump',
      }),
    );

/** A dump may have been edited: what a verifier finds in it is the file's matter, not a pass's. */
function checkStart(start: PartialIR, verifiers: Verifiers): void {
  const found = FACETS.flatMap((facet) =>
    start[facet] === undefined ? [] : verifyFacet(verifiers, start, facet),
  );
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  fail('DF8013', `the IR to start from breaks ${errors.length} invariants`, [], {
    terms: errors.slice(0, MOST_TERMS).map(({ code, message }) => `${code}: ${message}`),
    help: 'make the dump again, or mend what the terms name',
  });
}

/** Each plugin once, in the order of its first pass. */
function pluginsOf(passes: readonly PassRecord[]): Pick<ReportInput, 'plugins'> {
  const plugins = new Map(passes.flatMap(({ plugin }) => (plugin ? [[plugin.name, plugin]] : [])));
  return plugins.size === 0 ? {} : { plugins: [...plugins.values()] };
}

function reportOf(
  { name, layers, stacks, tiles, allocs, costs }: PartialIR,
  diagnostics: readonly Diagnostic[],
  run: Pick<
    ReportInput,
    'hw' | 'profile' | 'lpfLimit' | 'pipeline' | 'mappings' | 'given' | 'memoryLimits' | 'plugins'
  >,
): ScheduleReport | undefined {
  if (!layers || !stacks || !tiles || !allocs || !costs) return undefined;
  const remarks = diagnostics.filter(({ severity }) => severity !== 'error');
  return scheduleReport({
    name,
    workload: layers,
    stacks,
    tiles,
    allocs,
    costs,
    ...run,
    diagnostics: remarks,
  });
}
