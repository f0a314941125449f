/**
 * `defines compile`: options to a request, a request to a report. Everything that can be refused before work begins
 * is: options, output places, accelerator and model file, in this order.
 */
import { PROFILES, type Profile } from '../../base/profile.js';
import { parseMappings, REGISTRY } from '../../compile.js';
import { diagnostic, DiagnosticError, type Diagnostic } from '../../diag/diagnostic.js';
import { parseAccelerator } from '../../hw/load.js';
import type { PartialIR } from '../../ir/facets.js';
import { readIr } from '../../ir/json.js';
import { readAcceleratorFile } from '../../node/builtin.js';
import { readModelFile, readTextFile } from '../../node/files.js';
import type { Outcome, Run } from '../command.js';
import { choiceOf, dimsOf, lpfLimitOf, precisionOf, valuePlace, type CompileOptions } from '../options.js';
import { prepareRun } from '../run-compile.js';
import { pipelineOf } from '../schedule-flags.js';

export const compileCommand: Run<CompileOptions> = async ([model], options, terminal): Promise<Outcome> => {
  const { accelerator = '' } = options;
  checkInputs(model, options);
  const settings = settingsOf(options);
  const from =
    options.fromIr === undefined ? undefined : readIr(readTextFile(options.fromIr), options.fromIr);
  const mapping =
    options.mapping === undefined
      ? undefined
      : { file: options.mapping, text: readTextFile(options.mapping) };
  const mappings = mapping && parseMappings(mapping.text, mapping.file);
  if (from !== undefined) checkResumed(options, from);
  const pipeline = pipelineOf(options, REGISTRY, model, from);
  const run = prepareRun(options, terminal);
  const description = readAcceleratorFile(accelerator);
  const hw = parseAccelerator(description.text, description.file);
  const request = {
    ...settings,
    ...(model === undefined ? {} : { source: readModelFile(model) }),
    ...(from === undefined ? {} : { from }),
    ...(mappings === undefined ? {} : { mappings }),
    ...(options.stopAfter === undefined ? {} : { stopAfter: options.stopAfter }),
    hw: hw.accelerator,
    pipeline,
  };
  return run(request, { pipeline, accelerator: description, mapping }, hw.diagnostics);
};

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

function settingsOf(options: CompileOptions): {
  readonly profile: Profile;
  readonly lpfLimit?: number | null;
  readonly dims: Readonly<Record<string, number>>;
  readonly precision: ReturnType<typeof precisionOf>;
  readonly verify: 'each' | 'end' | 'off';
} {
  const names = Object.keys(PROFILES) as (keyof typeof PROFILES)[];
  const lpfLimit = lpfLimitOf(options.lpfLimit);
  return {
    profile: PROFILES[choiceOf('--profile', options.profile, names, 'default')],
    ...(lpfLimit === undefined ? {} : { lpfLimit }),
    dims: dimsOf(options.dim),
    precision: precisionOf(options.precision),
    verify: choiceOf('--verify', options.verify, ['each', 'end', 'off'], 'each'),
  };
}
