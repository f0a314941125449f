/**
 * `npm run docs:corrections`: measures every correction and rewrites the generated parts of docs/corrections.md.
 * Layer tables and the padded FSRCNN are reference data that does not ship with the project: `DEFINES_REFERENCE`, or a
 * sibling folder `shared`. Without it, the parts that need it stay as they are.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot } from '../src/node/builtin.js';
import { BLOCKS } from './corrections/blocks.js';
import { withGeneratedPart } from './corrections/document.js';

const path = join(packageRoot(), 'docs/corrections.md');
const folder = process.env['DEFINES_REFERENCE'] ?? resolve(packageRoot(), '../shared');
const reference = existsSync(folder) ? folder : undefined;

let document = readFileSync(path, 'utf8');
for (const block of BLOCKS) {
  if (block.needs === 'nothing') document = withGeneratedPart(document, block.name, await block.make());
  else if (reference !== undefined)
    document = withGeneratedPart(document, block.name, await block.make(reference));
  else process.stderr.write(`${block.name}: not remade, there is no reference data\n`);
}
writeFileSync(path, document);
