/**
 * The command line as a few files: `dist/bin/defines.js`, a chunk per command, and the worker threads' code. Loading
 * some two hundred modules takes several times as long as a schedule. The library stays as the compiler wrote it.
 * Built-in accelerators are parsed and checked here, so that no run has to.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { parseAccelerator } from '../src/hw/load.js';
import { builtinAccelerators, packageRoot, type PreparedAccelerator } from '../src/node/builtin.js';

const outdir = join(packageRoot(), 'dist/bin');
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: packageRoot(),
  entryPoints: { defines: 'src/cli/main.ts', 'mapper-worker': 'src/node/mapper-worker.ts' },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // It starts its threads from a file of its own.
  external: ['piscina'],
  // Names stay, for whoever reads a stack.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  // CommonJS libraries ask for Node's own modules by `require`.
  banner: {
    js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
});

mkdirSync(join(outdir, 'accelerators'));
for (const name of builtinAccelerators()) {
  const file = `models/accelerators/${name}.yaml`;
  const text = readFileSync(join(packageRoot(), file), 'utf8');
  const prepared: PreparedAccelerator = { text, ...parseAccelerator(text, file) };
  writeFileSync(join(outdir, 'accelerators', `${name}.json`), JSON.stringify(prepared));
}
