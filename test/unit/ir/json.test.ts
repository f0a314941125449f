/** The JSON dump: reading is the inverse of writing, and refuses what it does not know, with a place. */
import { compile } from '../../../src/compile.js';
import { readIr, writeIr } from '../../../src/ir/json.js';
import type { PartialIR } from '../../../src/ir/facets.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { diagnosticsThrown } from '../../support/codes.js';
import { input as schedule } from '../report/facets.js';
import { TINY_2CONV } from './tiny-2conv.js';

const { name, workload, stacks, tiles, allocs, costs } = schedule;
const byHand: PartialIR = { name, layers: workload, stacks, tiles, allocs, costs };

test('every facet of a compiled model survives, after every pass', async () => {
  const dumps: PartialIR[] = [];
  await compile({
    source: { file: 'tiny-2conv.onnx', bytes: TINY_2CONV },
    hw: loadAccelerator('meta-proto-df').accelerator,
    instruments: [{ after: ({ ir }) => dumps.push(ir) }],
  });
  expect(dumps.map((ir) => Object.keys(ir).length - 2)).toEqual([1, 1, 2, 3, 4, 4, 5, 6, 7]);
  for (const ir of dumps) expect(readIr(writeIr(ir), 'dump.json')).toEqual(ir);
});

test('so does a schedule made by hand, infeasible stack included', () => {
  expect(readIr(writeIr(byHand), 'dump.json')).toEqual(byHand);
});

test('numbers that JSON does not have survive', () => {
  const ir: PartialIR = {
    name: 'x',
    shapes: {
      tensors: [
        { name: 't', dtype: 'float', shape: [4], constant: true, values: [-Infinity, Infinity, NaN, 1.5] },
      ],
    },
  };
  expect(readIr(writeIr(ir), 'dump.json')).toEqual(ir);
});

test('version first, then name, then facets in their order', () => {
  const written = JSON.parse(writeIr({ stacks, layers: workload, name })) as { facets: object };
  expect(Object.keys(written)).toEqual(['irVersion', 'name', 'facets']);
  expect(Object.keys(written.facets)).toEqual(['layers', 'stacks']);
});

test('a violation has line, column and pointer', () => {
  const text = writeIr({ name, stacks }).replace('"fully-cached"', '"cached"');
  const line = text.split('\n').findIndex((row) => row.includes('"cached"')) + 1;
  expect(diagnosticsThrown(() => readIr(text, 'dump.json'))).toMatchObject([
    {
      code: 'DF8011',
      message: '"cached" is not allowed here',
      at: [{ kind: 'file', file: 'dump.json', line, pointer: '/facets/stacks/stacks/0/mode' }],
    },
  ]);
});

test.each([
  ['{"irVersion": 2, "name": "x", "facets": {}}', 'DF8012', 'the dump has version 2, this program reads 1'],
  ['{"name": "x"}', 'DF8011', 'the file has no irVersion: it is not a dump of the IR'],
  ['[1, 2]', 'DF8011', 'the file has no irVersion: it is not a dump of the IR'],
  ['just text', 'DF8011', 'not a JSON text'],
])('%s is refused', (text, code, message) => {
  expect(diagnosticsThrown(() => readIr(text, 'dump.json'))).toMatchObject([{ code, message }]);
});

test('a text that breaks off is refused at its end', () => {
  const [d] = diagnosticsThrown(() => readIr('{"irVersion": 1,\n"name": "x', 'dump.json'));
  expect(d).toMatchObject({ code: 'DF8011', at: [{ kind: 'file', line: 2 }] });
});
