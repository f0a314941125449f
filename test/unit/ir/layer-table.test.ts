/** Layer tables: what they become, and what is said of broken ones. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticError } from '../../../src/diag/diagnostic.js';
import { LAYER_TABLE_SCHEMA } from '../../../src/ir/layer-table.js';
import { channelClashes, parseLayerTable } from '../../../src/ir/load-layers.js';
import { verifyWorkload } from '../../../src/ir/verify/layers.js';
import { projectFolder } from '../../support/reference.js';

const TABLE = `
workload: tiny
layers:
  - { id: -1, equation: input, loop_dim_size: { B: 1, K: 3, OY: 9, OX: 11 }, precision: 8 }
  - id: 0
    equation: O[b][k][oy][ox]+=W[k][c][fy][fx]*I[b][c][ix][iy]
    equation_relations: [ix=2*ox+1*fx, iy=1*oy+2*fy]
    loop_dim_size: { B: 1, K: 4, C: 3, OY: 5, OX: 5, FY: 3, FX: 3 }
    operand_precision: { O: 16, O_final: 8, W: 4, I: 8 }
    operand_source: { W: [], I: [-1] }
    constant_operands: [W]
    spatial_mapping: { D1: [K, 4] }
  - id: 1
    equation: O[b][g][oy][ox]=X[b][g][oy][ox]+Y[b][g][oy][ox]
    loop_dim_size: { B: 1, G: 4, OY: 5, OX: 5 }
    operand_precision: { O: 16, O_final: 8, X: 8, Y: 8 }
    operand_source: { X: [0], Y: [0] }
    constant_operands: []
`;

const failure = (text: string): string => {
  try {
    parseLayerTable(text, 'tiny.yaml');
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const { code, message, at } = error.diagnostics[0]!;
    const place = at[0]?.kind === 'file' ? `${at[0].file}:${at[0].line}` : '';
    return `${code} ${place} ${message}`;
  }
  return 'accepted';
};

test('a table becomes loop nests: regions, precisions, weights, MACs', () => {
  const { name, workload } = parseLayerTable(TABLE, 'tiny.yaml');
  const [conv, add] = workload.layers;
  expect(name).toBe('tiny');
  expect(conv!.loops.map(({ dim, size }) => `${dim}${size}`).join(' ')).toBe('B1 K4 C3 OY5 OX5 FY3 FX3');
  expect(conv!.inputs[1]!.sources[0]!.x).toMatchObject({
    kind: 'window',
    stride: 2,
    dilation: 1,
    kernel: 3,
    before: 0,
  });
  expect(conv!.inputs[1]!.sources[0]!.y).toMatchObject({
    kind: 'window',
    stride: 1,
    dilation: 2,
    kernel: 3,
    before: 0,
  });
  expect(conv!.weightBits).toBe(4 * 3 * 3 * 3 * 4);
  expect(conv!.macs).toBe(4 * 3 * 5 * 5 * 3 * 3);
  expect(conv!.unrolling).toEqual([{ array: 'D1', dim: 'K', size: 4 }]);
  expect(add!.inputs.map(({ name: operand, path }) => `${operand}:${path}`)).toEqual(['X:I', 'Y:I']);
  expect(add!.macs).toBe(0);
  expect(workload.outputs).toEqual(['%1']);
  expect(workload.maps.map((map) => [map.id, map.elementsPerPixel, map.width, map.height])).toEqual([
    ['%input1', 3, 11, 9],
    ['%0', 4, 5, 5],
    ['%1', 4, 5, 5],
  ]);
  expect(verifyWorkload(workload)).toEqual([]);
  expect(channelClashes(workload)).toEqual([]);
});

test('readers that name the channels of a map differently: where it is cut off, all names count, as published', () => {
  const named = (y: string): string =>
    `${TABLE}    operand_source_dimension_mapping: { X: { G: K }, Y: { G: ${y} } }\n`;
  const afterCut = (text: string, channels?: 'own' | 'as-named'): readonly (number | undefined)[] =>
    parseLayerTable(text, 'tiny.yaml', channels).workload.maps.map((map) => map.elementsAfterCut);
  expect(afterCut(named('G'), 'as-named')).toEqual([undefined, 4 * 4, undefined]);
  expect(afterCut(named('K'), 'as-named')).toEqual([undefined, undefined, undefined]);
  expect(afterCut(named('G'))).toEqual([undefined, undefined, undefined]);
});

test('an operand that claims more channels than there are is taken as declared, and told', () => {
  const { workload } = parseLayerTable(TABLE.replace('G: 4', 'G: 8'), 'tiny.yaml');
  expect(channelClashes(workload).map(({ message }) => message)).toEqual([
    '@1.X takes 8 channels of %0, which has 4: taken as declared',
    '@1.Y takes 8 channels of %0, which has 4: taken as declared',
  ]);
});

test.each([
  ['not YAML', 'layers: [', 'DF1030 tiny.yaml:1'],
  [
    'a misspelt key',
    TABLE.replace('operand_precision: { O: 16, O_final: 8, W', 'operand_presicion: { O: 16, O_final: 8, W'),
    'DF1031 tiny.yaml:9',
  ],
  ['a loop dim that does not exist', TABLE.replace('G: 4', 'H: 4'), 'DF1031 tiny.yaml:15'],
  ['a size of zero', TABLE.replace('K: 4, C: 3', 'K: 0, C: 3'), 'DF1031 tiny.yaml:8'],
  [
    'an equation of another form',
    TABLE.replace('+=W[k][c][fy][fx]*I', '+=Z[k][c][fy][fx]*I'),
    'DF1032 tiny.yaml:6',
  ],
  ['a producer that comes later', TABLE.replace('I: [-1]', 'I: [1]'), 'DF1032 tiny.yaml:10'],
  ['no producer', TABLE.replace('I: [-1]', 'I: []'), 'DF1032 tiny.yaml:10'],
  ['no relation for ix', TABLE.replace('ix=2*ox+1*fx, ', ''), 'DF1032 tiny.yaml:7'],
  ['an id used twice', TABLE.replace('id: 1\n', 'id: 0\n'), 'DF1032 tiny.yaml:13'],
  ['a missing precision', TABLE.replace(', Y: 8 }', ' }'), 'DF1032 tiny.yaml:16'],
])('refused: %s', (_, text, expected) => {
  expect(failure(text)).toContain(expected);
});

test('schemas/layers-v1.schema.json is the schema in use (BLESS=1 rewrites it)', () => {
  const file = join(projectFolder(), 'schemas/layers-v1.schema.json');
  if (process.env['BLESS'] === '1') writeFileSync(file, `${JSON.stringify(LAYER_TABLE_SCHEMA, null, 2)}\n`);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(LAYER_TABLE_SCHEMA);
});
