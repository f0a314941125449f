/** The built command line, run by node as a user runs it. `npm test` builds it first. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome, Run } from '../../src/cli/command.js';
import { exitCode } from '../../src/cli/exit-code.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { DiagnosticError } from '../../src/diag/diagnostic.js';
import { PLAIN, renderDiagnostics } from '../../src/diag/render.js';
import { projectFolder } from './reference.js';

export const CLI = join(projectFolder(), 'dist/bin/defines.js');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function cli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = projectFolder(),
): Ran {
  if (!existsSync(CLI)) throw new Error('the command line is not built: npm run build');
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, DEFINES_DEBUG: '', ...env },
    maxBuffer: 256 * 1024 * 1024,
  });
  return { code: status, stdout, stderr };
}

const QUIET: Terminal = {
  err: () => undefined,
  palette: PLAIN,
  coloured: false,
  progress: () => ({ report: () => undefined, stop: () => undefined }),
  doing: () => undefined,
  heading: (text) => text,
};

/** A command called as main calls it: without a process of its own, for cases that are many and alike. */
export async function called<O extends object>(
  run: Run<O>,
  args: readonly string[],
  options: O,
): Promise<Ran> {
  const { text = '', diagnostics, exit } = await outcomeOf(() => run(args, options, QUIET));
  return { code: exit ?? exitCode(diagnostics), stdout: text, stderr: renderDiagnostics(diagnostics) };
}

async function outcomeOf(run: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof DiagnosticError) return error;
    throw error;
  }
}

/** A folder for the tests of a file, gone when they are done. */
export function temporaryFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'defines-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return (name) => join(folder, name);
}
