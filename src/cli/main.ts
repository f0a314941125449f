#!/usr/bin/env node
/** The command line: finds the command, loads only what it needs, and turns every ending into an exit code. */
import { DiagnosticError, diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import { diagnosticJson, renderDiagnostics } from '../diag/render.js';
import type { Outcome, Run } from './command.js';
import { exitCode } from './exit-code.js';
import { parseCommandLine } from './program.js';
import { createTerminal, type Terminal } from './terminal.js';

const LOADERS: Readonly<Record<string, () => Promise<Run>>> = {
  compile: async () => (await import('./commands/compile.js')).compileCommand,
  inspect: async () => (await import('./commands/inspect.js')).inspectCommand,
  passes: async () => (await import('./commands/passes.js')).passesCommand,
  accelerators: async () => (await import('./commands/accelerators.js')).acceleratorsCommand,
  networks: async () => (await import('./commands/networks.js')).networksCommand,
  explain: async () => (await import('./commands/explain.js')).explainCommand,
  diff: async () => (await import('./commands/diff.js')).diffCommand,
  replay: async () => (await import('./commands/replay.js')).replayCommand,
};

async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { text, diagnostics, exit } = await outcomeOf(argv, terminal);
  // Even where the command line is not understood, a program that asked for JSON gets JSON.
  const json = argv.some(
    (word, i) => word === '--diagnostics=json' || (word === '--diagnostics' && argv[i + 1] === 'json'),
  );
  if (diagnostics.length > 0)
    terminal.err(json ? jsonLines(diagnostics) : renderDiagnostics(diagnostics, terminal.palette));
  if (text !== undefined) terminal.out(text);
  return exit ?? exitCode(diagnostics);
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
        const run = await LOADERS[invocation.command]?.();
        return run === undefined
          ? bug(`no command ${invocation.command}`)
          : await run(invocation.args, invocation.options, terminal);
      }
    }
  } catch (error) {
    return error instanceof DiagnosticError ? error : bug(error);
  }
}

/** Anything else that was thrown is a bug of ours; who hunts it sets DEFINES_DEBUG=1 and sees where it came from. */
function bug(error: unknown): Outcome {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const stack = process.env['DEFINES_DEBUG'] === '1' ? [thrown.stack ?? thrown.message] : [];
  const help = 'report it with the command line and the model; DEFINES_DEBUG=1 shows where it happened';
  return { diagnostics: [diagnostic('DF9001', thrown.message, [], { terms: stack, help })] };
}

const terminal = createTerminal(process);
process.exitCode = await main(process.argv.slice(2), terminal);
