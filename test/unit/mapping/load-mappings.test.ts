/** Mapping files: both forms of a loop, both syntaxes, and every complaint with its place. */
import { DiagnosticError } from '../../../src/diag/diagnostic.js';
import { parseMappings } from '../../../src/mapping/load-mappings.js';
import { MAPPING_SCHEMA } from '../../../src/mapping/mapping-file.js';
import { expectFresh } from '../../support/generated.js';

const HEAD = 'schema: defines-mapping/1\nmappings:\n';

function complaints(text: string): readonly string[] {
  try {
    parseMappings(text, 'm.yaml');
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ code, message, at: [place], help }) =>
      place?.kind === 'file'
        ? `${code} ${place.line}:${place.column} ${place.pointer ?? '-'} | ${message} | ${help ?? '-'}`
        : code,
    );
  }
  return [];
}

test('loops are short or as in a report, entries for one tile type or for all', () => {
  const text = `${HEAD}  - layer: conv3
    stack: $1
    tile: inner.inner
    loops: [C6, { dim: FY, size: 3, level: { O: rf_2B, W: rf_1B } }, OX, { dim: K }]
  - { layer: 4, loops: [] }
`;
  const { file, mappings } = parseMappings(text, 'm.yaml');
  expect(file).toBe('m.yaml');
  expect(mappings.map(({ layer, stack, tile }) => [layer, stack, tile])).toEqual([
    ['conv3', '$1', 'inner.inner'],
    ['4', undefined, undefined], // layer tables number their layers
  ]);
  expect(mappings[0]?.loops.map(({ dim, size }) => [dim, size])).toEqual([
    ['C', 6],
    ['FY', 3],
    ['OX', undefined],
    ['K', undefined],
  ]);
  expect(mappings[0]?.loops[1]?.levels).toEqual([
    {
      operand: 'O',
      memory: 'rf_2B',
      at: { kind: 'file', file: 'm.yaml', line: 6, column: 49, pointer: '/mappings/0/loops/1/level/O' },
    },
    {
      operand: 'W',
      memory: 'rf_1B',
      at: { kind: 'file', file: 'm.yaml', line: 6, column: 59, pointer: '/mappings/0/loops/1/level/W' },
    },
  ]);
});

test('JSON is YAML', () => {
  const json = JSON.stringify({
    schema: 'defines-mapping/1',
    mappings: [{ layer: 'a', loops: [{ dim: 'B', size: 2, level: {} }] }],
  });
  expect(parseMappings(json, 'm.json').mappings[0]?.loops[0]).toMatchObject({
    dim: 'B',
    size: 2,
    levels: [],
  });
});

const LOOP = 'a loop such as C6 (C: all that is left of it), or { dim: C, size: 6, level: { W: rf_1B } }';

test.each([
  [
    'schema: [',
    [
      'DF6050 1:10 - | flow sequence in block collection must be sufficiently indented and end with a ] | correct the text at this place',
    ],
  ],
  ['- C6', ['DF6051 1:1 - | a list is not of type object | a mapping file has schema and mappings']],
  [
    `${HEAD}  []`,
    [
      'DF6051 3:3 /mappings | an empty list must NOT have fewer than 1 items | a list of mappings, at most one per layer and tile type',
    ],
  ],
  [
    'schema: defines-mapping/2\nmappings: [{ layer: a, loops: [] }]',
    ['DF6051 1:9 /schema | "defines-mapping/2" is not allowed here | write "defines-mapping/1"'],
  ],
  [
    `${HEAD}  - { layer: a, lops: [C6] }`,
    [
      'DF6051 3:5 /mappings/0 | key "loops" is missing | a mapping has layer, maybe tile and stack, and loops',
      'DF6051 3:17 /mappings/0/lops | unknown key "lops" | did you mean "loops"?',
    ],
  ],
  [
    `${HEAD}  - { layer: a, loops: [X3] }`,
    [`DF6051 3:25 /mappings/0/loops/0 | "X3" has the wrong form | ${LOOP}`],
  ],
  [
    `${HEAD}  - { layer: a, loops: [C0] }`,
    [`DF6051 3:25 /mappings/0/loops/0 | "C0" has the wrong form | ${LOOP}`],
  ],
  [
    `${HEAD}  - { layer: a, loops: [5] }`,
    [`DF6051 3:25 /mappings/0/loops/0 | 5 is not of type string or object | ${LOOP}`],
  ],
  [
    `${HEAD}  - { layer: a, loops: [{ dim: FZ, size: 1.5 }] }`,
    [
      'DF6051 3:32 /mappings/0/loops/0/dim | "FZ" is not allowed here | did you mean "FY"? values: B, G, K, C, OY, OX, FY, FX',
      'DF6051 3:42 /mappings/0/loops/0/size | 1.5 is not of type integer | iterations, at least 1; absent: all that the other loops of the dimension leave',
    ],
  ],
  [
    `${HEAD}  - { layer: a, loops: [{ dim: C, level: { V: rf } }] }`,
    ['DF6051 3:44 /mappings/0/loops/0/level/V | unknown key "V" | keys: O, W, I, X, Y'],
  ],
])('%j', (text, expected) => {
  expect(complaints(text)).toEqual(expected);
});

test('schemas/mapping-v1.schema.json is the schema in use (BLESS=1 rewrites it)', () => {
  expectFresh('schemas/mapping-v1.schema.json', `${JSON.stringify(MAPPING_SCHEMA, null, 2)}\n`);
});
