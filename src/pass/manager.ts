/**
 * Runs the steps of a pipeline: one loop, and around every pass the hooks of the instruments. A pass sees the
 * facets it declared and nothing else; what it makes drops the facets it leaves stale. The run ends at the first
 * pass that reports an error, with the last good IR. An infeasible stack is a result and no error in this sense: the
 * passes behind go on with the others.
 */
import { InternalError } from '../base/assert.js';
import { deepFreeze } from '../base/freeze.js';
import { CATALOGUE } from '../diag/codes.js';
import { diagnostic, DiagnosticError, fail, type Diagnostic, type Location } from '../diag/diagnostic.js';
import type { StackDecision, StackEvaluation } from '../ir/evaluation.js';
import { FACETS, type Facet, type PartialIR } from '../ir/facets.js';
import type { Workload } from '../ir/layer.js';
import type { PassRecord } from '../ir/provenance.js';
import { staleAfter } from './order.js';
import { blamed, faultOf, type PluginOrigin } from './origin.js';
import type { AnyPass, PassContext } from './pass.js';
import { diagnosticFault } from './plugin-diagnostic.js';
import type { Step } from './registry.js';

export interface PassEvent {
  /** Position in the pipeline, from 1. */
  readonly index: number;
  readonly pass: AnyPass;
  /** Whose pass it is, if not ours. */
  readonly plugin?: PluginOrigin | undefined;
  /** The IR before the pass (`before`, `failed`) or after it (`after`). */
  readonly ir: PartialIR;
}

/** Something that watches passes. Hooks may report diagnostics; an error ends the run. */
export interface Instrument {
  readonly before?: (event: PassEvent) => void;
  readonly after?: (
    event: PassEvent & { readonly previous: PartialIR },
    report: (d: Diagnostic) => void,
  ) => void;
  readonly failed?: (event: PassEvent) => void;
  /** After the last pass, if none failed. */
  readonly end?: (ir: PartialIR, report: (d: Diagnostic) => void) => void;
}

export interface PassStatistic {
  readonly index: number;
  readonly pass: string;
  readonly name: string;
  readonly count: number;
}

/** What all passes of a run have in common: the context without what belongs to one pass. */
export type RunContext = Omit<PassContext, 'diag' | 'stat' | 'costOf'> & {
  readonly evaluate: (workload: Workload, stack: StackDecision) => StackEvaluation;
};

export interface RunResult {
  /** False: a pass failed, and those behind it did not run. */
  readonly finished: boolean;
  /** With the facets of every pass that succeeded. */
  readonly ir: PartialIR;
  readonly diagnostics: readonly Diagnostic[];
  readonly statistics: readonly PassStatistic[];
}

/**
 * `instruments` are given outermost first: `before` hooks run in this order, `after` hooks in reverse, so that a
 * clock given last measures the pass alone, and a printer given first prints what has been verified.
 */
export async function runPasses(
  steps: readonly Step[],
  start: PartialIR,
  context: RunContext,
  instruments: readonly Instrument[],
): Promise<RunResult> {
  const diagnostics: Diagnostic[] = [];
  const statistics: PassStatistic[] = [];
  let ir = start;
  for (const [position, step] of steps.entries()) {
    const event = { index: position + 1, pass: step.pass, plugin: step.plugin, ir };
    const log = new PassLog(event, context, diagnostics);
    for (const instrument of instruments) instrument.before?.(event);
    const next = await runPass(step, ir, log, instruments);
    statistics.push(...log.statistics());
    if (next === undefined) {
      for (const instrument of instruments) instrument.failed?.(event);
      return { finished: false, ir, diagnostics, statistics };
    }
    ir = next;
  }
  for (const instrument of instruments) instrument.end?.(ir, (d) => diagnostics.push(d));
  return { finished: true, ir, diagnostics, statistics };
}

/** The IR after one pass and the hooks that may reject it; undefined if an error was reported. */
async function runPass(
  step: Step,
  ir: PartialIR,
  log: PassLog,
  instruments: readonly Instrument[],
): Promise<PartialIR | undefined> {
  const { pass, options, plugin } = step;
  try {
    const made = await pass.run(declared(ir, pass), options, log.context());
    if (log.hasFailed()) return undefined;
    const next = advance(ir, step, made);
    for (const instrument of instruments.toReversed()) {
      instrument.after?.({ ...log.event, ir: next, previous: ir }, log.report);
      if (log.hasFailed()) return undefined;
    }
    return next;
  } catch (error) {
    if (error instanceof DiagnosticError && (plugin === undefined || error.diagnostics.every(isSound))) {
      error.diagnostics.forEach(log.report);
      if (log.hasFailed()) return undefined;
    }
    if (plugin !== undefined) {
      log.report(faultOf(error, `pass ${pass.name}`, plugin));
      return undefined;
    }
    for (const instrument of instruments) instrument.failed?.(log.event);
    throw new InternalError(`${pass.name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

const isSound = (d: Diagnostic): boolean => diagnosticFault(d) === undefined;

/** Thrown where the plugin said it, so that the trace has the place. */
function sound(d: Diagnostic): Diagnostic {
  const fault = diagnosticFault(d);
  if (fault !== undefined) throw new TypeError(`ctx.diag: ${fault}`);
  return d;
}

function frozen<T>(value: T): T {
  deepFreeze(value);
  return value;
}

/** The facets a pass declared; the others are there to say that they are not. */
function declared(ir: PartialIR, pass: AnyPass): PartialIR {
  const needs = pass.needs as readonly Facet[];
  const view = Object.fromEntries([
    ['name', ir.name],
    ...needs.map((facet) => [facet, ir[facet]]),
  ]) as PartialIR;
  for (const facet of FACETS)
    if (!needs.includes(facet))
      Object.defineProperty(view, facet, { get: () => undeclared(pass, facet, ir) });
  return Object.freeze(view);
}

const undeclared = (pass: AnyPass, facet: Facet, ir: PartialIR): never =>
  fail('DF8313', `${pass.name} reads the facet ${facet} without declaring it`, [], {
    help:
      `add '${facet}' to its needs` +
      (ir[facet] === undefined ? '; it is not there, or stale, at this place of the pipeline' : ''),
  });

function advance({ made, ...ir }: PartialIR, step: Step, facet: unknown): PartialIR {
  const { makes } = step.pass;
  const stale = new Set<string>(staleAfter(makes));
  const record = made && { ...made, passes: [...made.passes, recordOf(step)] };
  return Object.fromEntries([
    ...Object.entries(ir).filter(([key]) => !stale.has(key)),
    [makes, facet],
    ...(record === undefined ? [] : [['made', record]]),
  ]) as PartialIR;
}

export const recordOf = ({ pass, plugin, text }: Step): PassRecord => ({
  pass: text,
  makes: pass.makes,
  ...(plugin === undefined ? {} : { plugin: { name: plugin.name, file: plugin.file ?? null } }),
});

/** What one pass reports while it runs: diagnostics get its name and the model's file, counts add up. */
class PassLog {
  private failed = false;
  private readonly counts = new Map<string, number>();

  constructor(
    readonly event: PassEvent,
    private readonly run: RunContext,
    private readonly diagnostics: Diagnostic[],
  ) {}

  readonly report = (d: Diagnostic): void => {
    const { pass, plugin } = this.event;
    this.diagnostics.push({
      ...blamed(d, plugin),
      pass: d.pass ?? pass.name,
      at: d.at.map((at) => this.located(at)),
    });
    this.failed ||= d.severity === 'error' && CATALOGUE[d.code].kind !== 'infeasible';
  };

  hasFailed(): boolean {
    return this.failed;
  }

  context(): PassContext {
    const { evaluate, mapper, ...run } = this.run;
    const { pass, plugin, ir } = this.event;
    const workload = (pass.needs as readonly Facet[]).includes('layers') ? ir.layers : undefined;
    return Object.freeze<PassContext>({
      ...run,
      // Importers start from nothing; every other pass reads the IR and not the file.
      source: pass.needs.length === 0 ? this.run.source : undefined,
      // Answers are shared by all who ask; ours only read them.
      mapper: plugin === undefined ? mapper : (...question) => frozen(mapper(...question)),
      costOf: (stack: StackDecision) => evaluate(workload ?? undeclared(pass, 'layers', ir), stack),
      diag: (...details: Parameters<PassContext['diag']>) => {
        const said = diagnostic(...details);
        this.report(plugin === undefined ? said : sound(said));
      },
      stat: (name: string, count: number) => void this.counts.set(name, (this.counts.get(name) ?? 0) + count),
    });
  }

  statistics(): readonly PassStatistic[] {
    const { index, pass } = this.event;
    return [...this.counts].map(([name, count]) => ({ index, pass: pass.name, name, count }));
  }

  private located(at: Location): Location {
    const file = this.run.source?.file;
    return at.kind === 'onnx' && at.file === undefined && file !== undefined ? { ...at, file } : at;
  }
}
