/**
 * Runs a file of the bundle once as most users do, and keeps what the engine has compiled on the way: the command line,
 * or a library that it loads later. The first argument is the file.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type * as Ajv from 'ajv/dist/2020.js';
import type * as Yaml from 'yaml';
import { compilerOptions, THOROUGH } from '../src/diag/validator.js';
import { ACCELERATOR_SCHEMA } from '../src/hw/schema.js';
import { cacheFileOf, loadScript } from '../src/node/cached-script.js';
import { packageRoot } from '../src/node/builtin.js';

const [node = '', , file = ''] = process.argv;
const script = loadScript(file);

/** How files of the bundle are used most, by name. */
const USES: Readonly<Record<string, (exports: object) => void>> = {
  'ajv.js': (exports) => {
    const { Ajv2020 } = exports as typeof Ajv;
    new Ajv2020(compilerOptions(THOROUGH)).compile(ACCELERATOR_SCHEMA);
  },
  'yaml.js': (exports) => {
    const { parseDocument } = exports as typeof Yaml;
    const folder = join(packageRoot(), 'models/accelerators');
    for (const name of readdirSync(folder)) parseDocument(readFileSync(join(folder, name), 'utf8'));
  },
};

process.argv = [node, file, ...'compile fsrcnn -a meta-proto-df -t 60x72 -m fully-cached'.split(' ')];
process.on('exit', () => {
  writeFileSync(cacheFileOf(file), script.codeCache());
});
const exports = script.run();
USES[basename(file)]?.(exports);
