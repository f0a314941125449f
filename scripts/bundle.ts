/**
 * The command line as few files that load fast, in `dist/bin`: the whole of it as one, with the code that the engine
 * makes of it; what starts that, and what imports for it; libraries that few runs need; the worker threads' code; and
 * the built-in accelerators and the schemas, parsed and compiled. Loading some two hundred modules takes several times
 * as long as a schedule, and every byte of a file counts. The library stays as the compiler wrote it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { parseAccelerator } from '../src/hw/load.js';
import { builtinAccelerators, packageRoot, type PreparedAccelerator } from '../src/node/builtin.js';
import { SCRIPT_HEAD, SCRIPT_TAIL } from '../src/node/cached-script.js';
import { deferred, deferredModule, fileBeside } from './deferred.js';
import { preparedSchemas } from './prepare-schemas.js';

/** Libraries of which a run on built-in networks and accelerators uses nothing, by their files. */
const LIBRARIES = {
  'later/ajv': 'ajv/dist/2020.js',
  'later/cli-progress': 'cli-progress',
  'later/import-meta-resolve': 'import-meta-resolve',
  'later/yaml': 'yaml',
};
const SCHEMAS = 'later/schemas';

const root = packageRoot();
const outdir = join(root, 'dist/bin');
/** Every file of the bundle stands for the one that starts it: a thread starts there too. */
const IMPORT_META_URL =
  "const importMetaUrl=require('node:url').pathToFileURL(require('node:path').join(__dirname,'defines.js')).href;";
const common: BuildOptions = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Names stay, for whoever reads a stack.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: IMPORT_META_URL },
};
/** For files that are run by cached-script.ts. */
const scripts: BuildOptions = {
  ...common,
  banner: { js: SCRIPT_HEAD + IMPORT_META_URL },
  footer: { js: SCRIPT_TAIL },
};

rmSync(outdir, { recursive: true, force: true });
mkdirSync(join(outdir, 'later'), { recursive: true });
// The engine loads CommonJS faster.
writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
await build({
  ...common,
  entryPoints: {
    defines: 'src/cli/launch.ts',
    'mapper-worker': 'src/node/mapper-worker.ts',
    'import-module': 'src/node/import-module.ts',
  },
});
const schemas = join(outdir, `${SCHEMAS}.js`);
writeFileSync(schemas, preparedSchemas());
await build({ ...scripts, entryPoints: { [SCHEMAS]: schemas }, allowOverwrite: true });
const libraries = Object.entries(LIBRARIES).map(([file, module]) => ({ file, module }));
const entryPoints = libraries.map(({ file, module }) => ({
  in: fileURLToPath(import.meta.resolve(module)),
  out: file,
}));
await build({ ...scripts, entryPoints });
await build({
  ...scripts,
  entryPoints: { 'command-line': 'src/cli/main.ts' },
  // It starts its threads from a file of its own.
  external: ['piscina'],
  plugins: [
    deferred([
      ...(await Promise.all(
        libraries.map(({ file, module }) => deferredModule(module, fileBeside(`${file}.js`))),
      )),
      await deferredModule('node:child_process', "require('node:child_process')"),
      { filter: /\/prepared-schemas\.js$/, names: ['PREPARED'], load: fileBeside(`${SCHEMAS}.js`) },
    ]),
    {
      name: 'import-module beside the bundle',
      setup: (bundle) =>
        bundle.onResolve({ filter: /\/import-module\.js$/ }, () => ({
          path: './import-module.js',
          external: true,
        })),
    },
  ],
});

mkdirSync(join(outdir, 'accelerators'));
for (const name of builtinAccelerators()) {
  const file = `models/accelerators/${name}.yaml`;
  const text = readFileSync(join(root, file), 'utf8');
  const prepared: PreparedAccelerator = { text, ...parseAccelerator(text, file) };
  writeFileSync(join(outdir, 'accelerators', `${name}.json`), JSON.stringify(prepared));
}

const keeper = fileURLToPath(new URL('./code-cache.js', import.meta.url));
for (const name of ['command-line', SCHEMAS, ...Object.keys(LIBRARIES)]) {
  const file = join(outdir, `${name}.js`);
  const { status, stderr } = spawnSync(process.execPath, [keeper, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} does not run: ${stderr}`);
}
