/** `npm run docs:plugins`: compares the rules that cut and rewrites their table in docs/adding-a-pass.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/node/builtin.js';
import { withGeneratedPart } from './corrections/document.js';
import { rulesTable } from './plugins/rules.js';

const path = join(packageRoot(), 'docs/adding-a-pass.md');
writeFileSync(path, withGeneratedPart(readFileSync(path, 'utf8'), 'rules', await rulesTable()));
