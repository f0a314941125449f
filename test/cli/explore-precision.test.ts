/** Explorations that differ in a precision file alone can be told apart, in lines and in headings. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { PointLine } from '../../src/explore/line.js';
import { cli, temporaryFolder } from '../support/cli.js';

const at = temporaryFolder();

test('lines have the digest of what the file says, headings name it', () => {
  writeFileSync(at('bits.yaml'), 'schema: defines-precision/1\nlayers: [{ layer: conv1, W: 2 }]\n');
  writeFileSync(at('same.yaml'), 'schema: defines-precision/1\nlayers:\n  - { W: 2, layer: conv1 }\n');
  const explore = (name: string, ...more: string[]): PointLine => {
    const grid = ['--tiles', '60x72', '--modes', 'fully-cached', '--lpf-limit', '3', '--threads', '0'];
    const { code } = cli(['explore', 'fsrcnn', '-a', 'meta-proto-df', ...grid, '-o', at(name), ...more]);
    expect(code).toBe(0);
    return JSON.parse(readFileSync(at(name), 'utf8')) as PointLine;
  };
  const plain = explore('plain.jsonl');
  const own = explore('own.jsonl', '--precision-file', at('bits.yaml'), '--precision', 'I=4');
  expect(plain).not.toHaveProperty('precisionFile');
  expect(own.precisionFile).toMatch(/^[0-9a-f]{16}$/);
  expect(explore('same.jsonl', '--precision-file', at('same.yaml')).precisionFile).toBe(own.precisionFile);

  const { stdout } = cli(['merge', at('plain.jsonl'), at('own.jsonl')]);
  expect(stdout).toContain(`\nprecision I=4, of single layers: precision file ${own.precisionFile}\n`);
  expect(stdout.match(/^fsrcnn on meta-proto-df$/gm)).toHaveLength(2);
});
