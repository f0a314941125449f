/** What is printed as JSON is what its schema says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { cli, temporaryFolder } from '../support/cli.js';
import { projectFolder } from '../support/reference.js';

const at = temporaryFolder();

function violations(name: string, text: string): unknown {
  const file = join(projectFolder(), `schemas/${name}-v1.schema.json`);
  const validate = new Ajv2020({ allowUnionTypes: true, allErrors: true }).compile(
    JSON.parse(readFileSync(file, 'utf8')) as object,
  );
  return validate(JSON.parse(text)) ? [] : validate.errors;
}

test.each(['resnet18', 'llama-prefill'])('inspect %s', (network) => {
  const { stdout } = cli(['inspect', network, '--format', 'json']);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'defines-inspect/1', name: network });
  expect(violations('inspect', stdout)).toEqual([]);
});

test('summary of an exploration', () => {
  const grid = ['--tiles', 'full,60x72', '--modes', 'fully-cached', '--lpf-limit', '3', '--threads', '0'];
  const { stdout } = cli(['explore', 'fsrcnn', '-a', 'meta-proto-df', ...grid, '--format', 'json']);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'defines-explore-summary/1' });
  expect(violations('explore-summary', stdout)).toEqual([]);
});

test('difference of two dumps', () => {
  for (const rule of ['one', 'single-layer'])
    cli([
      ...['compile', 'fsrcnn', '-a', 'meta-proto-df', '--stacks', rule, '--format', 'json'],
      ...['--stop-after', 'choose-tiles', '-o', at(`${rule}.json`)],
    ]);
  const { stdout } = cli(['diff', at('one.json'), at('single-layer.json'), '--format', 'json']);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'defines-diff/1', equal: false });
  expect(violations('diff', stdout)).toEqual([]);
});

test.each([
  ['of an option', ['compile', 'fsrcnn', '-a', 'meta-proto-df', '--tile', '0x0']],
  ['of a file', ['compile', 'nothing.onnx', '-a', 'meta-proto-df']],
  ['of the model', ['compile', 'fsrcnn', '-a', 'meta-proto-df', '--stop-after', 'lower-layers']],
])('diagnostics %s', (_, args) => {
  const lines = cli([...args, '--diagnostics', 'json'])
    .stderr.trimEnd()
    .split('\n');
  expect(lines.flatMap((line) => violations('diagnostic', line))).toEqual([]);
});
