/** The built command line, run by node as a user runs it. `npm test` builds it first. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** A folder for the tests of a file, gone when they are done. */
export function temporaryFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'defines-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return (name) => join(folder, name);
}
