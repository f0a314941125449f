/** The command line: finds the command, loads only what it needs, and turns every ending into an exit code. */
import { DiagnosticError, diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import { diagnosticJson, renderDiagnostics } from '../diag/render.js';
import { brokeOut, takingNotes } from './activity.js';
import type { Outcome, Run } from './command.js';
import { exitCode } from './exit-code.js';
import { answer, givenTask, isolated, type Task } from './isolated.js';
import { durationOf } from './options.js';
import { parseCommandLine } from './program.js';
import { settled } from './settled.js';
import { createTerminal, type ProcessTerminal, type Terminal } from './terminal.js';

const LOADERS: Readonly<Record<string, () => Promise<Run>>> = {
  compile: async () => (await import('./commands/compile.js')).compileCommand,
  explore: async () => (await import('./commands/explore.js')).exploreCommand,
  merge: async () => (await import('./commands/merge.js')).mergeCommand,
  inspect: async () => (await import('./commands/inspect.js')).inspectCommand,
  check: async () => (await import('./commands/check.js')).checkCommand,
  passes: async () => (await import('./commands/passes.js')).passesCommand,
  accelerators: async () => (await import('./commands/accelerators.js')).acceleratorsCommand,
  networks: async () => (await import('./commands/networks.js')).networksCommand,
  explain: async () => (await import('./commands/explain.js')).explainCommand,
  diff: async () => (await import('./commands/diff.js')).diffCommand,
  replay: async () => (await import('./commands/replay.js')).replayCommand,
};

async function main(argv: readonly string[], terminal: ProcessTerminal): Promise<void> {
  const { text, diagnostics, exit } = await outcomeOf(argv, terminal);
  // Even where the command line is not understood, a program that asked for JSON gets JSON.
  const json = argv.some(
    (word, i) => word === '--diagnostics=json' || (word === '--diagnostics' && argv[i + 1] === 'json'),
  );
  const say = (some: readonly Diagnostic[]): void => {
    if (some.length > 0) terminal.err(json ? jsonLines(some) : renderDiagnostics(some, terminal.palette));
  };
  say(diagnostics);
  const complain = (more: readonly Diagnostic[]): void => {
    say(more);
    if (more.length > 0) process.exitCode = exitCode([...diagnostics, ...more]);
  };
  // A timer of a plugin may still go off while the report is written, and after.
  process.on('uncaughtException', (error) => complain(afterwards(error)));
  process.exitCode = exit ?? exitCode(diagnostics);
  if (text !== undefined) complain(await terminal.out(text));
}

const jsonLines = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics.map((d) => `${diagnosticJson(d)}\n`).join('');

async function outcomeOf(argv: readonly string[], terminal: Terminal): Promise<Outcome> {
  try {
    const invocation = parseCommandLine(argv);
    switch (invocation.kind) {
      case 'help':
        return { text: invocation.text, diagnostics: [] };
      case 'version':
        return { text: `${(await import('../node/version.js')).packageVersion()}\n`, diagnostics: [] };
      case 'run': {
        const { passTimeout } = invocation.options as { readonly passTimeout?: string };
        const limit = durationOf('--pass-timeout', passTimeout);
        return limit === undefined
          ? await runTask(invocation, terminal)
          : await isolated(new URL(import.meta.url), invocation, terminal, limit);
      }
    }
  } catch (error) {
    return error instanceof DiagnosticError ? error : bug(error);
  }
}

const notes = takingNotes();

async function runTask({ command, args, options }: Task, terminal: Terminal): Promise<Outcome> {
  const run = await LOADERS[command]?.();
  if (run === undefined) return bug(`no command ${command}`);
  const doing: Terminal['doing'] = (activity) => {
    notes.doing(activity);
    terminal.doing(activity);
  };
  return settled(Promise.resolve(run(args, options, { ...terminal, doing })), notes);
}

/** What breaks out when the command is done. */
function afterwards(error: unknown): readonly Diagnostic[] {
  const d = brokeOut(error, notes.guest());
  return d === undefined ? bug(error).diagnostics : [d];
}

/** Anything else that was thrown is a bug of ours; who hunts it sets DEFINES_DEBUG=1 and sees where it came from. */
function bug(error: unknown): Outcome {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const stack = process.env['DEFINES_DEBUG'] === '1' ? [thrown.stack ?? thrown.message] : [];
  const help = 'report it with the command line and the model; DEFINES_DEBUG=1 shows where it happened';
  return { diagnostics: [diagnostic('DF9001', thrown.message, [], { terms: stack, help })] };
}

const task = givenTask();
if (task === undefined) {
  const terminal = createTerminal(process, () => undefined);
  void main(process.argv.slice(2), terminal);
} else void answer((terminal) => runTask(task, terminal));
