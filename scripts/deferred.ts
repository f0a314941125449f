/**
 * A plugin for bundles: modules that few runs need are left out and loaded when something of them is first used.
 * What imports one gets an object with a getter per export, so source files import as ever.
 */
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

export interface DeferredModule {
  /** What it is imported as, and what it exports. */
  readonly filter: RegExp;
  readonly names: readonly string[];
  /** An expression that loads it. */
  readonly load: string;
}

/** What a module is imported as, exactly. */
export async function deferredModule(path: string, load: string): Promise<DeferredModule> {
  const names = Object.keys((await import(path)) as object).filter((name) => name !== 'default');
  return { filter: new RegExp(`^${path}$`), names, load };
}

/** A file beside the bundle, with the code that the engine has made of it, like the bundle itself. */
export const fileBeside = (file: string): string =>
  `require('./src/node/cached-script.ts').loadScript(require('node:path').join(__dirname, '${file}')).run()`;

export const deferred = (modules: readonly DeferredModule[]): Plugin => ({
  name: 'deferred modules',
  setup: (bundle) => {
    modules.forEach(({ filter, names, load }, i) => {
      const namespace = `deferred-${i}`;
      bundle.onResolve({ filter }, ({ path, namespace: from }) =>
        from === namespace ? { path, external: true } : { path, namespace },
      );
      bundle.onLoad({ filter: /./, namespace }, () => ({
        contents: getters(names, load),
        resolveDir: fileURLToPath(new URL('../../', import.meta.url)),
      }));
    });
  },
});

const getters = (names: readonly string[], load: string): string => `
let loaded;
const load = () => (loaded ??= ${load});
module.exports = {
${names.map((name) => `  get ${name}() { return load().${name}; },`).join('\n')}
};`;
