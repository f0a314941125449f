/** A request run and shown: what `compile` and `replay` have in common. */
import { compile, type Compilation, type CompileRequest } from '../compile.js';
import type { Diagnostic, Location } from '../diag/diagnostic.js';
import { settle } from '../hw/own.js';
import { writeIr } from '../ir/json.js';
import { printIr } from '../ir/print.js';
import { checkWritable, writeTextFile } from '../node/files.js';
import { timing, type PassTime } from '../pass/instrument/timing.js';
import { renderJson } from '../report/json.js';
import { renderText } from '../report/text.js';
import type { Registry } from '../pass/registry.js';
import { watching } from './activity.js';
import type { Outcome } from './command.js';
import { choiceOf, STDOUT, valuePlace, type CompileOptions } from './options.js';
import { printInstruments } from './print-flags.js';
import { reproducing, type Inputs } from './reproduce.js';
import { statisticsTable, timesTable } from './tables.js';
import type { Terminal } from './terminal.js';

type Format = 'text' | 'json';

/**
 * Everything that can be refused before work begins is: formats, places for output, names of passes. `read`: the
 * files that the run is made from.
 */
export function prepareRun(
  options: CompileOptions,
  read: readonly string[],
  registry: Registry,
  terminal: Terminal,
): (request: CompileRequest, inputs: Inputs, found?: readonly Diagnostic[]) => Promise<Ran> {
  const format = choiceOf<Format>('--format', options.format, ['text', 'json'], 'text');
  choiceOf('--diagnostics', options.diagnostics, ['text', 'json'], 'text');
  const file = options.output === STDOUT ? undefined : options.output;
  const output = file === undefined ? undefined : outputTo('--output', file, read);
  const reproducer =
    options.reproducer === undefined ? undefined : outputTo('--reproducer', options.reproducer, read);
  const instruments = printInstruments(options, registry, terminal);
  return async (request, inputs, found = []) => {
    const times: PassTime[] = [];
    const progress = terminal.progress();
    const reproduction =
      reproducer && reproducing(request, inputs, reproducer, options.passTimeout !== undefined);
    const result = await compile({
      ...request,
      hw: settle(request.hw),
      ...(options.timePasses === true ? { clock: timing(() => performance.now(), times) } : {}),
      instruments: [watching(terminal.doing), ...instruments, ...(reproduction?.instruments ?? [])],
      progress: progress.report,
    })
      .catch((error: unknown) => {
        throw reproduction?.crashed(error) ?? error;
      })
      .finally(() => {
        progress.stop();
        reproduction?.done();
      });
    if (options.timePasses === true) terminal.err(timesTable(times));
    if (options.passStats === true) terminal.err(statisticsTable(result.statistics));
    const text = render(result, format, output === undefined ? terminal : undefined);
    if (output !== undefined && text !== undefined) output.write(text);
    return {
      ...(output === undefined && text !== undefined ? { text } : {}),
      diagnostics: [...found, ...result.diagnostics, ...(reproduction?.failed(result.diagnostics) ?? [])],
      result,
    };
  };
}

export interface Ran extends Outcome {
  readonly result: Compilation;
}

/** A place to write to, found writable before the work begins. */
export interface Output {
  readonly file: string;
  /** Where the command line names it. */
  readonly at: Location;
  readonly write: (text: string) => void;
}

function outputTo(flag: string, file: string, read: readonly string[]): Output {
  const at = valuePlace(flag, file);
  checkWritable(file, at, read);
  return { file, at, write: (text) => writeTextFile(file, text, at) };
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
