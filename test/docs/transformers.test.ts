/** docs/transformers.md: the rows of its table that are measured fast are measured again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformerTable } from '../../scripts/transformers/table.js';
import { projectFolder } from '../support/reference.js';

const page = readFileSync(join(projectFolder(), 'docs/transformers.md'), 'utf8');
const cells = (line: string): readonly string[] => line.split('|').map((cell) => cell.trim());

test.each(['vit-tiny-block', 'llama-decode'])('%s (npm run docs:transformers)', async (network) => {
  const measured = (await transformerTable([network])).split('\n').at(-1)!;
  const written = page.split('\n').find((line) => line.startsWith(`| ${network} `));
  expect(written && cells(written)).toEqual(cells(measured));
});
