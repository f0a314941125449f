/**
 * `defines compile`: options to a request, a request to a report. Everything that can be refused before work begins
 * is: options, output places, accelerator and model file, in this order.
 */
import { parseMappings, parsePrecisions } from '../../compile.js';
import { diagnostic, DiagnosticError, type Diagnostic } from '../../diag/diagnostic.js';
import type { PartialIR } from '../../ir/facets.js';
import { readIr } from '../../ir/json.js';
import { describedAccelerator, readAccelerator } from '../../node/builtin.js';
import { readModelFile, readTextFile } from '../../node/files.js';
import type { TextFile } from '../../pass/reproducer.js';
import type { Outcome, Run } from '../command.js';
import { deadline, memoryLimitsOf } from '../limits.js';
import { choiceOf, durationOf, modelSettings, valuePlace, type CompileOptions } from '../options.js';
import { loadPlugins } from '../plugins.js';
import { prepareRun } from '../run-compile.js';
import { pipelineOf } from '../schedule-flags.js';

export const compileCommand: Run<CompileOptions> = async ([model], options, terminal): Promise<Outcome> => {
  checkInputs(model, options);
  const { profile, lpfLimit, ...reading } = modelSettings(options);
  const verify = choiceOf('--verify', options.verify, ['each', 'end', 'off'], 'each');
  const budgetMs = durationOf('--budget', options.budget)?.milliseconds ?? null;
  const from =
    options.fromIr === undefined ? undefined : readIr(readTextFile(options.fromIr), options.fromIr);
  const mapping = textOf(options.mapping);
  const mappings = mapping && parseMappings(mapping.text, mapping.file);
  const precisions = textOf(options.precisionFile);
  const ofLayers = precisions === null ? [] : parsePrecisions(precisions.text, precisions.file);
  if (from !== undefined) checkResumed(options, from);
  const { plugins, registry } = await loadPlugins(options.plugin, terminal);
  const pipeline = pipelineOf(options, registry, model, from);
  const run = prepareRun(options, filesOf(model, options), registry, terminal);
  const description = readAccelerator(options.accelerator ?? '');
  const hw = describedAccelerator(description);
  const memoryLimits = memoryLimitsOf(options.maxMemory, hw.accelerator);
  const request = {
    ...reading,
    // What is not asked for may be in the dump.
    ...(options.profile === undefined ? {} : { profile }),
    ...(options.lpfLimit === undefined ? {} : { lpfLimit }),
    verify,
    ...(model === undefined ? {} : { source: readModelFile(model) }),
    ...(from === undefined ? {} : { from }),
    ...(mappings === null ? {} : { mappings }),
    precisions: ofLayers,
    ...(options.stopAfter === undefined ? {} : { stopAfter: options.stopAfter }),
    ...(budgetMs === null ? {} : { outOfTime: deadline(budgetMs) }),
    plugins,
    hw: hw.accelerator,
    memoryLimits,
    pipeline,
  };
  return run(
    request,
    {
      pipeline,
      plugins: options.plugin ?? [],
      accelerator: description,
      memoryLimits,
      mapping,
      precisions,
      budgetMs,
    },
    hw.diagnostics,
  );
};

const textOf = (file: string | undefined): TextFile | null =>
  file === undefined ? null : { file, text: readTextFile(file) };

/** What is read, as far as it is files. */
const filesOf = (
  model: string | undefined,
  { accelerator, fromIr, mapping, precisionFile, plugin = [] }: CompileOptions,
): readonly string[] =>
  [model, accelerator, fromIr, mapping, precisionFile, ...plugin].filter((file) => file !== undefined);

/** One model, one accelerator. */
function checkInputs(model: string | undefined, { fromIr, accelerator }: CompileOptions): void {
  const problems: Diagnostic[] = [];
  if (model === undefined && fromIr === undefined)
    problems.push(
      diagnostic('DF8001', 'no model given', [], {
        help: 'defines compile <model.onnx> -a <accelerator>; defines networks lists what is built in',
      }),
    );
  if (model !== undefined && fromIr !== undefined)
    problems.push(
      diagnostic(
        'DF8007',
        `the model "${model}" and --from-ir exclude each other`,
        [valuePlace('--from-ir', fromIr)],
        {
          help: 'give one of the two: a run starts from a model or from a dump',
        },
      ),
    );
  if (accelerator === undefined)
    problems.push(
      diagnostic('DF8001', 'no accelerator given', [], {
        help: 'add -a <name|file>; defines accelerators lists what is built in',
      }),
    );
  if (problems.length > 0) throw new DiagnosticError(problems);
}

/** Options that shaped a facet the dump already holds would be shown with numbers they did not make. */
function checkResumed(options: CompileOptions, from: PartialIR): void {
  const unsaid = [
    { key: 'lpf-limit', facet: 'allocs', value: options.lpfLimit },
    { key: 'profile', facet: 'layers', value: options.profile },
  ] as const;
  const shaped = [
    { key: 'dim', facet: 'shapes', value: options.dim },
    { key: 'precision', facet: 'layers', value: options.precision },
    { key: 'spatial', facet: 'layers', value: options.spatial },
    { key: 'precision-file', facet: 'layers', value: options.precisionFile },
    // Where the dump says what it was made with, that is compared.
    ...(from.made?.settings === undefined ? unsaid : []),
  ] as const;
  const late = shaped.filter(({ facet, value }) => value !== undefined && from[facet] !== undefined);
  if (late.length === 0) return;
  throw new DiagnosticError(
    late.map(({ key, facet, value }) =>
      diagnostic(
        'DF8007',
        `--${key} comes too late: the dump holds ${facet} already`,
        [valuePlace(`--${key}`, String(value))],
        {
          help: `start from the model, or from a dump without ${facet}`,
        },
      ),
    ),
  );
}
