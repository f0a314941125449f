/** Reference data (goldens, tables, real models) lives outside the project: `DEFINES_REFERENCE`, or a sibling `shared`. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

export const projectFolder = (): string => PROJECT;

export function referenceFolder(): string | undefined {
  const folder = process.env['DEFINES_REFERENCE'] ?? resolve(PROJECT, '../shared');
  return existsSync(folder) ? folder : undefined;
}

/** A suite that needs the reference data: skipped, by name, where the folder is absent. */
export function describeWithReference(name: string, suite: (folder: string) => void): void {
  const folder = referenceFolder();
  if (folder === undefined)
    describe.skip(`${name} (skipped: no reference data; set DEFINES_REFERENCE)`, () => test.todo(name));
  else describe(name, () => suite(folder));
}
