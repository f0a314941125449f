/**
 * `defines compile`: options to a request, a request to a report. Everything that can be refused before work begins
 * is: options, output places, accelerator and model file, in this order.
 */
import { diagnostic, DiagnosticError, type Diagnostic } from '../../diag/diagnostic.js';
import { compile, parseMappings, type Compilation } from '../../compile.js';
import type { PartialIR } from '../../ir/facets.js';
import { readIr, writeIr } from '../../ir/json.js';
import { printIr } from '../../ir/print.js';
import { limitMemories } from '../../hw/limit.js';
import { loadAccelerator } from '../../node/builtin.js';
import { checkWritable, readModelFile, readTextFile, writeTextFile } from '../../node/files.js';
import { timing, type PassTime } from '../../pass/instrument/timing.js';
import { renderJson } from '../../report/json.js';
import { renderText } from '../../report/text.js';
import { watching } from '../activity.js';
import type { Outcome, Run } from '../command.js';
import { precisionsOf } from '../lower-model.js';
import { memoryLimitsOf } from '../limits.js';
import {
  choiceOf,
  durationOf,
  modelSettings,
  valuePlace,
  type CompileOptions,
  type ModelSettings,
} from '../options.js';
import { loadPlugins } from '../plugins.js';
import { printInstruments } from '../print-flags.js';
import { pipelineOf } from '../schedule-flags.js';
import { statisticsTable, timesTable } from '../tables.js';
import type { Terminal } from '../terminal.js';

type Format = 'text' | 'json';

export const compileCommand: Run<CompileOptions> = async ([model], options, terminal): Promise<Outcome> => {
  const { accelerator = '' } = options;
  checkInputs(model, options);
  const format = choiceOf<Format>('--format', options.format, ['text', 'json'], 'text');
  const settings = settingsOf(options);
  const budget = durationOf('--budget', options.budget);
  const from =
    options.fromIr === undefined ? undefined : readIr(readTextFile(options.fromIr), options.fromIr);
  const mappings =
    options.mapping === undefined ? undefined : parseMappings(readTextFile(options.mapping), options.mapping);
  const precisions = precisionsOf(options);
  if (from !== undefined) checkResumed(options, from);
  const { plugins, registry } = await loadPlugins(options.plugin, terminal);
  const pipeline = pipelineOf(options, registry, model, from);
  const output = options.output === undefined ? undefined : outputTo(options.output);
  const instruments = printInstruments(options, registry, terminal);
  const hw = loadAccelerator(accelerator);
  const limited = limitMemories(hw.accelerator, memoryLimitsOf(options.maxMemory, hw.accelerator));
  const times: PassTime[] = [];
  const progress = terminal.progress();
  const result = await compile({
    ...settings,
    ...(model === undefined ? {} : { source: readModelFile(model) }),
    ...(from === undefined ? {} : { from }),
    ...(mappings === undefined ? {} : { mappings }),
    precisions,
    ...(options.stopAfter === undefined ? {} : { stopAfter: options.stopAfter }),
    ...(options.timePasses === true ? { clock: timing(() => performance.now(), times) } : {}),
    plugins,
    ...(budget === undefined ? {} : { outOfTime: deadline(budget.milliseconds) }),
    hw: limited.accelerator,
    pipeline,
    instruments: [watching(terminal.doing), ...instruments],
    progress: progress.report,
  }).finally(progress.stop);
  if (options.timePasses === true) terminal.err(timesTable(times));
  if (options.passStats === true) terminal.err(statisticsTable(result.statistics));
  const text = render(result, format, output === undefined ? terminal : undefined);
  if (output !== undefined && text !== undefined) output(text);
  return {
    ...(output === undefined && text !== undefined ? { text } : {}),
    diagnostics: [...hw.diagnostics, ...limited.diagnostics, ...result.diagnostics],
  };
};

/** Counted from the start of the program, as the user waits. */
const deadline =
  (budgetMs: number): (() => boolean) =>
  () =>
    performance.now() > budgetMs;

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
  const shaped = [
    { key: 'dim', facet: 'shapes', value: options.dim },
    { key: 'precision', facet: 'layers', value: options.precision },
    { key: 'spatial', facet: 'layers', value: options.spatial },
    { key: 'precision-file', facet: 'layers', value: options.precisionFile },
    { key: 'lpf-limit', facet: 'allocs', value: options.lpfLimit },
    { key: 'profile', facet: 'layers', value: options.profile },
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

const settingsOf = (
  options: CompileOptions,
): ModelSettings & { readonly verify: 'each' | 'end' | 'off' } => ({
  ...modelSettings(options),
  verify: choiceOf('--verify', options.verify, ['each', 'end', 'off'], 'each'),
});

function outputTo(file: string): (text: string) => void {
  const at = valuePlace('--output', file);
  checkWritable(file, at);
  return (text) => {
    writeTextFile(file, text, at);
  };
}

/** The report; of a pipeline that ends before there is one, the IR. After an error that ended it, nothing. */
function render(result: Compilation, format: Format, terminal: Terminal | undefined): string | undefined {
  const { report, ir, finished } = result;
  if (report !== undefined)
    return format === 'json'
      ? renderJson(report)
      : renderText(report, terminal && { heading: terminal.heading });
  if (!finished) return undefined;
  return format === 'json' ? writeIr(ir) : printIr(ir);
}
