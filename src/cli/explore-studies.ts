/** What an exploration evaluates: the model read as far as its layers, once per accelerator, and its points. */
import { compile, REGISTRY } from '../compile.js';
import { diagnostic, DiagnosticError, fail, type Diagnostic } from '../diag/diagnostic.js';
import { pointsOf, type Grid } from '../explore/grid.js';
import { circumstancesText, inOrder, precisionsText } from '../explore/key.js';
import { headOrder, type LineHead } from '../explore/line.js';
import type { Job } from '../explore/run.js';
import { createStudy, type CreatedStudy, type Study } from '../explore/study.js';
import { BASELINE_NAMES, baselinePoint } from '../explore/summary.js';
import type { Accelerator } from '../hw/accelerator.js';
import { settle } from '../hw/own.js';
import { loadAccelerator } from '../node/builtin.js';
import { digest } from '../node/digest.js';
import type { LayerPrecision } from '../ir/layer-precision.js';
import { readModelFile } from '../node/files.js';
import type { ModelSource } from '../pass/pass.js';
import { printPipeline, type PipelineSpec } from '../pass/spec.js';
import { wordsOf, type ExploreOptions } from './explore-options.js';
import { precisionsOf } from './lower-model.js';
import { checkRule, valuePlace, type ModelSettings } from './options.js';
import { pipelineOf } from './schedule-flags.js';

export interface Exploration {
  readonly studies: readonly Study[];
  /** Every point of every study, in the order of lines. */
  readonly jobs: readonly Job[];
  /** What the points are compared with. */
  readonly baselines: readonly Job[];
  /** Warnings and notes: errors are thrown. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Digits of a key: enough that no two inputs share one. */
const KEY_DIGITS = 32;
/** Of a precision file: read by people too. */
const FILE_DIGITS = 16;
const BASELINE_POINTS = BASELINE_NAMES.map(baselinePoint);

export async function explorationOf(
  model: string,
  options: ExploreOptions,
  settings: ModelSettings,
  grid: Omit<Grid, 'stacks'>,
): Promise<Exploration> {
  const names = wordsOf('--accelerator', options.accelerator, ',');
  if (names.length === 0)
    fail('DF8001', 'no accelerator given', [], {
      help: 'add -a <name|file>, or several with commas; defines accelerators lists what is built in',
    });
  const rules = options.stacks === undefined ? ['auto'] : wordsOf('--stacks', options.stacks, ';');
  for (const rule of rules) checkRule(options.stacks?.find((value) => value.includes(rule)) ?? rule, rule);
  const loaded = names.map((name) => loadAccelerator(name));
  checkNames(
    names,
    loaded.map(({ accelerator }) => accelerator),
  );
  const source = readModelFile(model);
  const precisions = precisionsOf(options);
  const importer = pipelineOf({ pipeline: 'layers' }, REGISTRY, model, undefined);
  const found: StudyOf[] = [];
  for (const { accelerator } of loaded)
    found.push(await studyOf({ ...settings, source, hw: accelerator, precisions }, importer, rules));
  // The same accelerator under two names is one study.
  const byKey = new Map(found.map((one) => [one.study.head.key, one]));
  const created = [...byKey.values()].sort((a, b) =>
    headOrder(a.study.head) < headOrder(b.study.head) ? -1 : 1,
  );
  return {
    studies: created.map(({ study }) => study),
    jobs: created.flatMap(({ study, rules: stacks }) =>
      pointsOf({ ...grid, stacks }).map((point) => ({ study, point })),
    ),
    baselines: created.flatMap(({ study }) => BASELINE_POINTS.map((point) => ({ study, point }))),
    diagnostics: once([
      ...loaded.flatMap(({ diagnostics }) => diagnostics),
      ...found.flatMap(({ diagnostics }) => diagnostics),
    ]),
  };
}

/** Lines tell accelerators apart by name: two of one name could not be continued, merged or read. */
function checkNames(options: readonly string[], accelerators: readonly Accelerator[]): void {
  const problems = accelerators.flatMap((hw, i): readonly Diagnostic[] => {
    const first = accelerators.findIndex(({ name }) => name === hw.name);
    if (JSON.stringify(accelerators[first]) === JSON.stringify(hw)) return [];
    const [one = '', other = ''] = [options[first], options[i]];
    return [
      diagnostic(
        'DF8208',
        `${one} and ${other} describe two accelerators of one name, "${hw.name}"`,
        [valuePlace('--accelerator', other)],
        { help: 'give one of them another name: results are told apart by it' },
      ),
    ];
  });
  if (problems.length > 0) throw new DiagnosticError(problems);
}

interface StudyOf extends CreatedStudy {
  readonly diagnostics: readonly Diagnostic[];
}

interface StudyRequest extends ModelSettings {
  readonly source: ModelSource;
  readonly hw: Accelerator;
  readonly precisions: readonly LayerPrecision[];
}

async function studyOf(
  request: StudyRequest,
  importer: PipelineSpec,
  rules: readonly string[],
): Promise<StudyOf> {
  const { ir, ok, diagnostics } = await compile({ ...request, hw: settle(request.hw), pipeline: importer });
  if (!ok || ir.layers === undefined) throw new DiagnosticError(diagnostics);
  const { source, hw, profile, lpfLimit, dims, precision, precisions } = request;
  const circumstances = {
    modelDigest: digest(source.bytes),
    importer: printPipeline(importer),
    hw,
    profile,
    lpfLimit,
    dims,
    precision,
    precisions,
  };
  const head: LineHead = {
    schema: 'defines-explore/1',
    key: digest(circumstancesText(circumstances), KEY_DIGITS),
    model: ir.name,
    accelerator: hw.name,
    profile: profile.name,
    lpfLimit,
    dims: inOrder(dims),
    precision: inOrder(precision),
    ...(precisions.length === 0 ? {} : { precisionFile: digest(precisionsText(precisions), FILE_DIGITS) }),
  };
  const created = createStudy(head, ir.layers, { hw, profile, lpfLimit }, rules);
  const study = withBaselines(created.study);
  const cuts = created.added.map(({ stacks, after }) =>
    diagnostic(
      'DF3003',
      `--stacks ${stacks}: also cut after ${after.join(', ')}: the next layer needs a whole map`,
    ),
  );
  return { ...created, study, diagnostics: [...diagnostics, ...cuts] };
}

/** Baselines have stack rules of their own. */
function withBaselines({ head, workload, setting, stacks }: Study): Study {
  const rules = BASELINE_POINTS.map((point) => point.stacks);
  const { study } = createStudy(head, workload, setting, rules);
  return { ...study, stacks: new Map([...study.stacks, ...stacks]) };
}

/** Accelerators share what is to be said about the model. */
const once = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] => [
  ...new Map(diagnostics.map((d) => [JSON.stringify(d), d])).values(),
];
