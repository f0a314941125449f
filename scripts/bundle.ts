/**
 * The command line as few files that load fast, in `dist/bin`: the whole of it as one, with the code that the engine
 * makes of it; what starts that, and what imports for it; the worker threads' code; and the built-in accelerators, parsed and checked. Loading
 * some two hundred modules takes several times as long as a schedule. The library stays as the compiler wrote it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { parseAccelerator } from '../src/hw/load.js';
import { builtinAccelerators, packageRoot, type PreparedAccelerator } from '../src/node/builtin.js';

const root = packageRoot();
const outdir = join(root, 'dist/bin');
const common: BuildOptions = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Names stay, for whoever reads a stack.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
};

rmSync(outdir, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: { defines: 'src/cli/launch.ts', 'mapper-worker': 'src/node/mapper-worker.ts' },
  format: 'esm',
});
const commonjs: BuildOptions = { ...common, outExtension: { '.js': '.cjs' }, format: 'cjs' };
await build({ ...commonjs, entryPoints: { 'import-module': 'src/node/import-module.ts' } });
await build({
  ...commonjs,
  entryPoints: { 'command-line': 'src/cli/main.ts' },
  // It starts its threads from a file of its own.
  external: ['piscina'],
  plugins: [
    {
      name: 'import-module beside the bundle',
      setup: (bundle) =>
        bundle.onResolve({ filter: /\/import-module\.js$/ }, () => ({
          path: './import-module.cjs',
          external: true,
        })),
    },
  ],
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
});

mkdirSync(join(outdir, 'accelerators'));
for (const name of builtinAccelerators()) {
  const file = `models/accelerators/${name}.yaml`;
  const text = readFileSync(join(root, file), 'utf8');
  const prepared: PreparedAccelerator = { text, ...parseAccelerator(text, file) };
  writeFileSync(join(outdir, 'accelerators', `${name}.json`), JSON.stringify(prepared));
}

const keeper = fileURLToPath(new URL('./code-cache.js', import.meta.url));
const { status, stderr } = spawnSync(process.execPath, [keeper, join(outdir, 'command-line.cjs')], {
  encoding: 'utf8',
});
if (status !== 0) throw new Error(`the bundle does not run: ${stderr}`);
