/** The examples of docs/library.md, compiled against the types of the package and run. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../support/reference.js';
import { blocksOf } from '../support/walkthrough.js';

const root = projectFolder();
const folder = mkdtempSync(join(tmpdir(), 'defines-library-'));
const blocks = blocksOf(readFileSync(join(root, 'docs/library.md'), 'utf8'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/defines'));
  symlinkSync(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
  for (const { file, text } of blocks) writeFileSync(join(folder, file), text);
  const options = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node'];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, ...options, ...blocks.map(({ file }) => file)], { cwd: folder });
}, 120_000);

test.each([
  ['compile', 'fsrcnn true true true\n$0 8 true\nfsrcnn on meta-proto-df\n'],
  ['sizes', 'true\nDF8101 true\n524288\n1048576\n'],
  ['threads', 'depfin 8; tpu-like 8\n'],
])('%s', (name, expected) => {
  const model = join(root, 'models/networks/fsrcnn.onnx');
  const printed = execFileSync(process.execPath, [`${name}.mjs`, model], { cwd: folder, encoding: 'utf8' });
  expect(printed).toBe(expected);
});
