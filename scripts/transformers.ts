/** `npm run docs:transformers`: measures the transformer layers and rewrites the table of docs/transformers.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/node/builtin.js';
import { withGeneratedPart } from './corrections/document.js';
import { transformerTable } from './transformers/table.js';

const path = join(packageRoot(), 'docs/transformers.md');
writeFileSync(path, withGeneratedPart(readFileSync(path, 'utf8'), 'fused', await transformerTable()));
