/**
 * Runs the steps of a pipeline: one loop, and around every pass the hooks of the instruments. A pass sees the
 * facets it declared and nothing else; what it makes drops the facets it leaves stale. The run ends at the first
 * pass that reports an error, with the last good IR. An infeasible stack is a result and no error in this sense: the
 * passes behind go on with the others.
 */
import { InternalError } from '../base/assert.js';
import { CATALOGUE } from '../diag/codes.js';
import { diagnostic, DiagnosticError, type Diagnostic, type Location } from '../diag/diagnostic.js';
import type { Facet, PartialIR } from '../ir/facets.js';
import { staleAfter } from './order.js';
import type { AnyPass, PassContext } from './pass.js';
import type { Step } from './registry.js';

export interface PassEvent {
  /** Position in the pipeline, from 1. */
  readonly index: number;
  readonly pass: AnyPass;
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
export type RunContext = Omit<PassContext, 'diag' | 'stat'>;

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
    const event = { index: position + 1, pass: step.pass, ir };
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
  { pass, options }: Step,
  ir: PartialIR,
  log: PassLog,
  instruments: readonly Instrument[],
): Promise<PartialIR | undefined> {
  try {
    const made = await pass.run(declared(ir, pass), options, log.context());
    if (log.hasFailed()) return undefined;
    const next = advance(ir, pass.makes, made);
    for (const instrument of instruments.toReversed()) {
      instrument.after?.({ ...log.event, ir: next, previous: ir }, log.report);
      if (log.hasFailed()) return undefined;
    }
    return next;
  } catch (error) {
    if (error instanceof DiagnosticError) {
      error.diagnostics.forEach(log.report);
      if (log.hasFailed()) return undefined;
    }
    for (const instrument of instruments) instrument.failed?.(log.event);
    throw new InternalError(`${pass.name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** The facets a pass declared, so that it cannot read others. */
const declared = (ir: PartialIR, pass: AnyPass): PartialIR =>
  Object.fromEntries([
    ['name', ir.name],
    ...(pass.needs as readonly Facet[]).map((facet) => [facet, ir[facet]]),
  ]) as PartialIR;

function advance(ir: PartialIR, facet: Facet, made: unknown): PartialIR {
  const stale = new Set<string>(staleAfter(facet));
  return Object.fromEntries([
    ...Object.entries(ir).filter(([key]) => !stale.has(key)),
    [facet, made],
  ]) as PartialIR;
}

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
    this.diagnostics.push({
      ...d,
      pass: d.pass ?? this.event.pass.name,
      at: d.at.map((at) => this.located(at)),
    });
    this.failed ||= d.severity === 'error' && CATALOGUE[d.code].kind !== 'infeasible';
  };

  hasFailed(): boolean {
    return this.failed;
  }

  context(): PassContext {
    return {
      ...this.run,
      // Importers start from nothing; every other pass reads the IR and not the file.
      source: this.event.pass.needs.length === 0 ? this.run.source : undefined,
      diag: (...details) => this.report(diagnostic(...details)),
      stat: (name, count) => void this.counts.set(name, (this.counts.get(name) ?? 0) + count),
    };
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
