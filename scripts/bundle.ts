/**
 * The command line as few files that load fast, in `dist/bin`: the whole of it as one, with the code that the engine
 * makes of it; what starts that, and what imports for it; libraries that few runs need; the worker threads' code; and
 * the built-in accelerators, parsed and checked. Loading some two hundred modules takes several times as long as a
 * schedule, and every byte of a file counts. The library stays as the compiler wrote it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { parseAccelerator } from '../src/hw/load.js';
import { deferred, laterFiles, type Deferred } from './deferred.js';
import { SCRIPT_HEAD, SCRIPT_TAIL } from '../src/node/cached-script.js';
import { builtinAccelerators, packageRoot, type PreparedAccelerator } from '../src/node/builtin.js';

const root = packageRoot();
const outdir = join(root, 'dist/bin');
/** Nothing of these is used by a run on built-in networks and accelerators. */
const LATER: Deferred = {
  'ajv/dist/2020.js': 'ajv',
  'cli-progress': 'cli-progress',
  'import-meta-resolve': 'import-meta-resolve',
  yaml: 'yaml',
  'node:child_process': undefined,
};
const IMPORT_META_URL = "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;";
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

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
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
const scripts: BuildOptions = {
  ...common,
  banner: { js: SCRIPT_HEAD + IMPORT_META_URL },
  footer: { js: SCRIPT_TAIL },
};
await build({ ...scripts, entryPoints: laterFiles(LATER) });
await build({
  ...scripts,
  entryPoints: { 'command-line': 'src/cli/main.ts' },
  // It starts its threads from a file of its own.
  external: ['piscina'],
  plugins: [
    deferred(LATER),
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
for (const name of ['command-line', ...Object.keys(laterFiles(LATER))]) {
  const file = join(outdir, `${name}.js`);
  const { status, stderr } = spawnSync(process.execPath, [keeper, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} does not run: ${stderr}`);
}
