/**
 * A CommonJS file run with the code that the engine has compiled before: `<file>.cache`, written by the build. The
 * engine itself refuses code of another version of itself or of other settings, and compiles the file as it would
 * have done without. Such a file cannot import modules while it runs (import-module.ts).
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';

export interface CachedScript {
  /** Gives what the file exports. */
  readonly run: () => object;
  /** What the engine has compiled so far, for the next time. */
  readonly codeCache: () => Uint8Array;
}

export const cacheFileOf = (file: string): string => `${file}.cache`;

type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
  folder: string,
) => void;

/**
 * Work done by a function, in bytes of its code, after which the engine thinks of optimising it: over four times what
 * it takes by itself. A run lasts seconds and is spread over a thousand functions; optimising each as soon as it is
 * warm takes as long as the work itself (docs/performance.md). Measured with Node 20; later engines are left alone.
 */
const OPTIMISE_AFTER = 300_000;

/** The parameters of a CommonJS module: a script is a function expression of these, as the build writes it. */
export const SCRIPT_HEAD = '(function(exports,require,module,__filename,__dirname){';
export const SCRIPT_TAIL = '})';

export function loadScript(file: string): CachedScript {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString(`--interrupt-budget=${OPTIMISE_AFTER}`);
  const cache = cacheFileOf(file);
  // A bundle is plain ASCII, which is read fastest.
  const script = new vm.Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}),
  });
  return {
    run: () => {
      const module = { exports: {} };
      const start = script.runInThisContext() as Wrapped;
      start(module.exports, createRequire(file), module, file, dirname(file));
      return module.exports;
    },
    codeCache: () => script.createCachedData(),
  };
}
