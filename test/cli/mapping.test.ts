/** `--mapping`: from a report to a mapping file and back, as docs/mapping.md tells users to do it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, temporaryFolder } from '../support/cli.js';
import { projectFolder } from '../support/reference.js';
import type { ScheduleReport } from '../../src/report/report.js';

const at = temporaryFolder();
const MAIN = ['compile', 'fsrcnn', '-a', 'meta-proto-df', '-t', '60x72', '-m', 'fully-cached'];
const write = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};

test('a report gives the mapping file that gives the report again', () => {
  const found = JSON.parse(cli([...MAIN, '--format', 'json']).stdout) as ScheduleReport;
  const mappings = found.stacks.flatMap(({ tileTypes }) =>
    tileTypes.flatMap(({ name, layers }) =>
      layers.map(({ layer, temporalMapping }) => ({ layer, tile: name, loops: temporalMapping })),
    ),
  );
  const file = write('given.json', JSON.stringify({ schema: 'defines-mapping/1', mappings }));
  const { code, stdout } = cli([...MAIN, '--format', 'json', '--mapping', file]);
  expect(code).toBe(0);
  const given = JSON.parse(stdout) as ScheduleReport;
  expect(given.mappings).toBe(file);
  expect(given.totals).toEqual(found.totals);
});

/** The mapping files of the page, in order. */
const examples = (): string[] =>
  [
    ...readFileSync(join(projectFolder(), 'docs/mapping.md'), 'utf8').matchAll(
      /```yaml\n(schema[\s\S]*?)```/g,
    ),
  ].map(([, text = '']) => text);

test('the examples of docs/mapping.md do what it says', () => {
  const files = examples().map((text, i) => write(`example-${i}.yaml`, text));
  expect(files).toHaveLength(2);
  const [whole, parts] = files.map((file) => cli([...MAIN, '--mapping', file]));
  expect(whole).toMatchObject({ code: 0 });
  expect(whole?.stdout).toMatch(
    /^mapping {6}--mapping .*example-0.yaml \(sha256 [0-9a-f]{12}\) {3}of 72 layer tiles: 1 given, 0 completed, 71 found$/m,
  );
  expect(whole?.stdout).toMatch(/^ +3 {2}conv3 {2}\[K12 C2 OX4 OY4\] \(given\) O rf_2B, .*: C6 FY3 FX3 \|/m);
  expect(parts).toMatchObject({ code: 0 });
  expect(parts?.stdout).toMatch(/of 72 layer tiles: 9 given, 18 completed, 45 found$/m);
});

test.each([
  ['a missing file', at('none.yaml'), 'DF1001', ['none.yaml', 'does not exist', 'give the path of a file\n']],
  ['broken YAML', write('broken.yaml', 'schema: ['), 'DF6050', ['broken.yaml:1:']],
  ['another schema', write('other.yaml', 'schema: x\nmappings: []'), 'DF6051', ['other.yaml:1:9 /schema']],
  [
    'an unknown layer',
    write('layer.yaml', 'schema: defines-mapping/1\nmappings: [{ layer: conv9, loops: [C] }]'),
    'DF6052',
    ['layer.yaml:2:21 /mappings/0/layer', 'did you mean "conv'],
  ],
])('%s', (_, file, code, mentions) => {
  const ran = cli([...MAIN, '--mapping', file]);
  expect([ran.code, ran.stdout]).toEqual([1, '']);
  expect(ran.stderr).toContain(`error[${code}]`);
  for (const words of mentions) expect(ran.stderr).toContain(words);
  expect(ran.stderr).not.toMatch(/^ +at /m);
});
