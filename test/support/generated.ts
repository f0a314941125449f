/** Files that are written from the sources: `BLESS=1 npm run jest -- test/arch` writes them anew. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFolder } from './reference.js';

/** Fails if the file is not what the sources say. CI never blesses. */
export function expectFresh(path: string, content: string): void {
  const file = join(projectFolder(), path);
  if (process.env['BLESS'] === '1' && process.env['CI'] === undefined) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  expect(readFileSync(file, 'utf8')).toBe(content);
}
