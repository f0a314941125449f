/** The version in package.json: the nearest one above this file, so that it is right in dist/ and in the sources. */
import { existsSync, readFileSync } from 'node:fs';

export function packageVersion(): string {
  let folder = new URL('./', import.meta.url);
  while (!existsSync(new URL('package.json', folder)) && folder.pathname !== '/')
    folder = new URL('../', folder);
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
