/**
 * Runs a file of the bundle as most users do, and keeps what the engine has compiled on the way: the command line,
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

/** Several networks in one: what only some have, such as residuals, pools and searches of some length, is compiled too. */
const RUNS = [
  'compile fsrcnn -a meta-proto-df -t 60x72 -m fully-cached',
  'compile resnet18 -a meta-proto-df --stacks single-layer',
];

process.on('exit', () => {
  writeFileSync(cacheFileOf(file), script.codeCache());
});
const use = USES[basename(file)];
if (use === undefined)
  for (const run of RUNS) {
    process.argv = [node, file, ...run.split(' ')];
    script.run();
  }
else use(script.run());
