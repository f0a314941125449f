/** Where filetests are. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../reference.js';

export const FILETESTS = join(projectFolder(), 'test/filetests');

/** All of them, in code-unit order. */
export const filetestFiles = (): readonly string[] =>
  readdirSync(FILETESTS)
    .sort()
    .filter((name) => statSync(join(FILETESTS, name)).isDirectory())
    .flatMap((folder) =>
      readdirSync(join(FILETESTS, folder))
        .filter((file) => file.endsWith('.dft'))
        .sort()
        .map((file) => join(FILETESTS, folder, file)),
    );
