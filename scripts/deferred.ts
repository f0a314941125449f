/**
 * A plugin for bundles: modules that few runs need are left out and loaded when something of them is first used.
 * What imports one gets an object with a getter per export, so source files import as ever.
 */
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** Modules as they are imported, with the name of the file in `later` that has them; undefined: the engine's own. */
export type Deferred = Readonly<Record<string, string | undefined>>;

/** Entry points for the files in `later`. */
export const laterFiles = (modules: Deferred): Record<string, string> =>
  Object.fromEntries(
    Object.entries(modules).flatMap(([module, name]) =>
      name === undefined ? [] : [[`later/${name}`, fileURLToPath(import.meta.resolve(module))]],
    ),
  );

export const deferred = (modules: Deferred): Plugin => ({
  name: 'deferred modules',
  setup: (bundle) => {
    const filter = new RegExp(`^(${Object.keys(modules).join('|')})$`);
    bundle.onResolve({ filter }, ({ path, namespace }) =>
      namespace === NAMESPACE ? { path, external: true } : { path, namespace: NAMESPACE },
    );
    bundle.onLoad({ filter: /./, namespace: NAMESPACE }, async ({ path }) => {
      const name = modules[path];
      const names = Object.keys((await import(path)) as object).filter((key) => key !== 'default');
      const contents = getters(names, name === undefined ? `require('${path}')` : loading(name));
      return { contents, resolveDir: fileURLToPath(new URL('../../', import.meta.url)) };
    });
  },
});

const NAMESPACE = 'deferred';

/** With the code that the engine has made of it, like the bundle itself. */
const loading = (name: string): string =>
  `require('./src/node/cached-script.ts').loadScript(require('node:path').join(__dirname, 'later/${name}.js')).run()`;

const getters = (names: readonly string[], load: string): string => `
let loaded;
const load = () => (loaded ??= ${load});
module.exports = {
${names.map((name) => `  get ${name}() { return load().${name}; },`).join('\n')}
};`;
