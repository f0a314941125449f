import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticError, type Diagnostic } from '../../../src/diag/diagnostic.js';
import { parseAccelerator } from '../../../src/hw/load.js';
import { ACCELERATOR_SCHEMA } from '../../../src/hw/schema.js';
import { projectFolder } from '../../support/reference.js';

/** Line numbers below refer to this text. */
const GOOD = `schema: defines-accelerator/1
name: tiny
source: made up, 2 B registers
array: { dims: { D1: 4, D2: 2 }, macEnergyPj: 0.5 }
precision: { W: 8, I: 8, O: 8, psum: 16 }
spatial: { D1: [K, G], D2: [C] }
memories:
  - name: reg
    size: 16 bit
    operands: [O]
    serves: [D2]
    read: { bits: 16, energyPj: 0.25 }
    write: { bits: 16, energyPj: 0.5 }
    ports: { r1: [O.toLow], r2: [O.toHigh], w1: [O.fromHigh], w2: [O.fromLow] }
  - name: sram
    size: 1.5 KB
    operands: [I, O]
    serves: all
    read: { bits: 64, granularity: 32, energyPj: 3 }
    write: { bits: 32, energyPj: 4 }
    ports: { r1: [I.toLow, O.toLow, O.toHigh], w1: [I.fromHigh, O.fromHigh, O.fromLow] }
    latencyCycles: 2
  - name: dram
    size: 1 MB
    operands: [I, W, O]
    serves: all
    read: { bits: 64, energyPj: 100 }
    write: { bits: 64, energyPj: 110 }
    ports: { rw1: [I.toLow, W.toLow, O.toLow, O.fromLow] }
`;

const failures = (text: string): readonly Diagnostic[] => {
  try {
    parseAccelerator(text, 'tiny.yaml');
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  return [];
};

const brief = (d: Diagnostic): string => {
  const at = d.at[0];
  const place = at?.kind === 'file' ? `${at.file}:${at.line}:${at.column} ${at.pointer ?? '-'}` : 'nowhere';
  return `${d.code} ${place} | ${d.message} | ${d.help ?? '-'}`;
};

const replace = (from: string, to: string): string => {
  expect(GOOD.split(from)).toHaveLength(2); // the edit hits one place
  return GOOD.replace(from, () => to);
};

describe('a good description', () => {
  const { accelerator, diagnostics } = parseAccelerator(GOOD, 'tiny.yaml');

  test('becomes numbers in bits, pJ and cycles', () => {
    expect(diagnostics).toEqual([]);
    expect(accelerator.array).toEqual({
      dims: [
        { name: 'D1', size: 4 },
        { name: 'D2', size: 2 },
      ],
      macEnergyPj: 0.5,
    });
    expect(accelerator.spatial).toEqual([
      { array: 'D1', dims: ['K', 'G'] },
      { array: 'D2', dims: ['C'] },
    ]);
    expect(accelerator.memories.map((m) => [m.id, m.sizeBits, m.latencyCycles])).toEqual([
      ['mem:reg', 16, 1],
      ['mem:sram', 12_288, 2], // 1.5 * 1024 * 8
      ['mem:dram', 8_388_608, 1],
    ]);
    expect(accelerator.memories[1]).toMatchObject({
      operands: ['I', 'O'],
      serves: ['D1', 'D2'],
      read: { bits: 64, granularityBits: 32, energyPj: 3 },
      write: { bits: 32, granularityBits: 32, energyPj: 4 },
    });
    expect(accelerator.memories[2]?.ports).toEqual([
      {
        name: 'rw1',
        kind: 'read-write',
        transfers: [
          { operand: 'I', direction: 'toLow' },
          { operand: 'W', direction: 'toLow' },
          { operand: 'O', direction: 'toLow' },
          { operand: 'O', direction: 'fromLow' },
        ],
      },
    ]);
  });

  test('the example of docs/hardware.md is good too', () => {
    const page = readFileSync(join(projectFolder(), 'docs/hardware.md'), 'utf8');
    const example = /```yaml\n([^`]*)```/.exec(page)?.[1] ?? '';
    expect(parseAccelerator(example, 'docs/hardware.md')).toMatchObject({
      accelerator: { name: 'tiny' },
      diagnostics: [],
    });
  });

  test('may be JSON', () => {
    const json = JSON.stringify({
      ...{ schema: 'defines-accelerator/1', name: 'flat', source: 'made up' },
      array: { dims: { D1: 1 }, macEnergyPj: 1 },
      precision: { W: 8, I: 8, O: 8, psum: 16 },
      spatial: { D1: ['K'] },
      memories: [
        {
          ...{ name: 'dram', size: '1 MB', operands: ['I', 'W', 'O'], serves: 'all' },
          read: { bits: 8, energyPj: 1 },
          write: { bits: 8, energyPj: 1 },
          ports: { rw1: ['I.toLow', 'W.toLow', 'O.toLow', 'O.fromLow'] },
        },
      ],
    });
    expect(parseAccelerator(json, 'flat.json').accelerator.name).toBe('flat');
  });

  test('may use anchors, and errors point to where the text is', () => {
    const text = replace('read: { bits: 64, energyPj: 100 }', 'read: &side { bits: 64, energyPj: 100 }');
    const shared = text.replace('write: { bits: 64, energyPj: 110 }', 'write: *side');
    expect(parseAccelerator(shared, 'tiny.yaml').accelerator.memories[2]?.write.energyPj).toBe(100);
    expect(failures(shared.replace('&side { bits: 64,', '&side { bits: 0,')).map(brief)).toEqual([
      'DF8101 tiny.yaml:27:25 /memories/2/read/bits | 0 must be >= 1 | width of a full access, bits per cycle',
      'DF8101 tiny.yaml:27:25 /memories/2/write/bits | 0 must be >= 1 | width of a full access, bits per cycle',
    ]);
  });

  test('warns of an array dimension that nothing unrolls', () => {
    const { diagnostics: warnings } = parseAccelerator(replace(', D2: [C] }', ' }'), 'tiny.yaml');
    expect(warnings.map((d) => [d.severity, brief(d)])).toEqual([
      [
        'warning',
        'DF8108 tiny.yaml:6:10 /spatial | array dimension D2 may unroll nothing: its 2 units share one loop iteration | list the loop dimensions it may unroll, such as D2: [K]',
      ],
    ]);
  });
});

describe('syntax', () => {
  test.each([
    ['tab', replace('precision: {', '\tprecision: {'), 'DF8100 tiny.yaml:5:1 -'],
    [
      'duplicate key',
      replace('array: {', 'name: again\narray: {'),
      'DF8100 tiny.yaml:4:1 - | map keys must be unique',
    ],
    ['open bracket', replace('[K, G]', '[K, G'), 'DF8100 tiny.yaml:6:'],
    [
      'two documents',
      `${GOOD}---\nname: two\n`,
      'DF8100 tiny.yaml:30:1 - | the text holds several documents, one is expected',
    ],
    [
      'unknown tag',
      replace('name: tiny', 'name: !secret tiny'),
      'DF8100 tiny.yaml:2:7 - | unresolved tag: !secret',
    ],
    ['dangling alias', replace('name: tiny', 'name: *nobody'), 'DF8100 tiny.yaml:1:1 - | unresolved alias'],
  ])('%s', (_, text, expected) => {
    const found = failures(text).map(brief);
    expect(found[0]).toContain(expected);
  });

  test('an alias bomb is refused, not expanded', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    const found = failures(['l0: &l0 [x]', ...levels].join('\n'));
    expect(found.map((d) => d.code)).toEqual(['DF8100']);
    expect(found[0]?.message).toMatch(/alias/);
  });

  test('absurd nesting is a diagnostic', () => {
    expect(failures('['.repeat(20_000)).every((d) => d.code === 'DF8100')).toBe(true);
  });
});

describe('schema', () => {
  test.each([
    [
      '',
      'DF8101 tiny.yaml:1:1 - | nothing is not of type object | an accelerator has schema, name, source, array, precision, spatial, memories and maybe accepts',
    ],
    [
      'just words',
      'DF8101 tiny.yaml:1:1 - | "just words" is not of type object | an accelerator has schema, name, source, array, precision, spatial, memories and maybe accepts',
    ],
    [
      replace('    size: 16 bit\n', ''),
      'DF8101 tiny.yaml:8:5 /memories/0 | key "size" is missing | a memory has name, size, operands, serves, read, write, ports and maybe latencyCycles',
    ],
    [
      replace('latencyCycles', 'latencyCycle'),
      'DF8101 tiny.yaml:22:5 /memories/1/latencyCycle | unknown key "latencyCycle" | did you mean "latencyCycles"?',
    ],
    [
      replace('source: made', 'colour: made'),
      'DF8101 tiny.yaml:1:1 - | key "source" is missing | an accelerator has schema, name, source, array, precision, spatial, memories and maybe accepts',
    ],
    [
      replace('size: 16 bit', 'size: 16'),
      'DF8101 tiny.yaml:9:11 /memories/0/size | 16 is not of type string | size of one instance with its unit: bit, B, KB (1024 B) or MB, such as "64 KB"',
    ],
    [
      replace('size: 16 bit', 'size: 16 kB'),
      'DF8101 tiny.yaml:9:11 /memories/0/size | "16 kB" has the wrong form | size of one instance',
    ],
    [
      replace('operands: [O]', 'operands: [P]'),
      'DF8101 tiny.yaml:10:16 /memories/0/operands/0 | "P" is not allowed here | values: W, I, O',
    ],
    [
      replace('serves: [D2]', 'serves: any'),
      'DF8101 tiny.yaml:11:13 /memories/0/serves | "any" has the wrong form | the array dimensions that share one instance: a list, [] for none, or all',
    ],
    [
      replace('r2: [O.toHigh]', 'r2: [O.toHihg]'),
      'DF8101 tiny.yaml:14:34 /memories/0/ports/r2/0 | "O.toHihg" is not allowed here | did you mean "O.toHigh"?',
    ],
    [
      replace('r1: [I.toLow,', 'r1: [I.toHigh,'),
      'DF8101 tiny.yaml:21:19 /memories/1/ports/r1/0 | "I.toHigh" is not allowed here | did you mean "O.toHigh"? values: W.toLow, W.fromHigh, I.toLow, I.fromHigh, O.toLow',
    ],
    [
      replace('[K, G]', '[K, OZ]'),
      'DF8101 tiny.yaml:6:20 /spatial/D1/1 | "OZ" is not allowed here | did you mean "OY"?',
    ],
    [
      replace('defines-accelerator/1', 'defines-accelerator/2'),
      'DF8101 tiny.yaml:1:9 /schema | "defines-accelerator/2" is not allowed here | write "defines-accelerator/1"',
    ],
    [
      replace('macEnergyPj: 0.5', 'macEnergyPj: .nan'),
      'DF8101 tiny.yaml:4:47 /array/macEnergyPj | NaN is not of type number',
    ],
    [
      replace('energyPj: 0.25', 'energyPj: -1'),
      'DF8101 tiny.yaml:12:33 /memories/0/read/energyPj | -1 must be >= 0',
    ],
    [
      replace('D1: 4,', '1: 4,'),
      'DF8101 tiny.yaml:4:18 /array/dims/1 | unknown key "1" | array dimensions with their sizes, such as { D1: 32, D2: 2 }',
    ],
    [
      replace('latencyCycles: 2', 'latencyCycles: 1e18'),
      'DF8101 tiny.yaml:22:20 /memories/1/latencyCycles | 1000000000000000000 must be <= 1000000 | latency of an access, cycles, from 0 to 1000000; default 1',
    ],
    [replace('W: 8,', 'W: 7.5,'), 'DF8101 tiny.yaml:5:17 /precision/W | 7.5 is not of type integer'],
  ])('case %#', (text, expected) => {
    expect(failures(text).map(brief)[0]).toContain(expected);
  });

  test('everything wrong is said at once, in the order of the text', () => {
    const text = replace('name: tiny', 'name: 7').replace('size: 16 bit', 'sice: 16 bit');
    expect(failures(text).map((d) => brief(d).split(' | ')[0])).toEqual([
      'DF8101 tiny.yaml:2:7 /name',
      'DF8101 tiny.yaml:8:5 /memories/0',
      'DF8101 tiny.yaml:9:5 /memories/0/sice',
    ]);
  });

  test('schemas/accelerator-v1.schema.json is the schema in use (BLESS=1 rewrites it)', () => {
    const file = join(projectFolder(), 'schemas/accelerator-v1.schema.json');
    if (process.env['BLESS'] === '1') writeFileSync(file, `${JSON.stringify(ACCELERATOR_SCHEMA, null, 2)}\n`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ACCELERATOR_SCHEMA);
  });
});

describe('meaning', () => {
  test.each([
    [
      'spatial of an unknown dimension',
      replace('D2: [C]', 'D2: [C], D3: [OX]'),
      'DF8102 tiny.yaml:6:33 /spatial/D3 | the array has no dimension "D3" | did you mean "D1"?',
    ],
    [
      'serves an unknown dimension',
      replace('serves: [D2]', 'serves: [D2, column]'),
      'DF8102 tiny.yaml:11:18 /memories/0/serves/1 | the array has no dimension "column" | array dimensions: D1, D2',
    ],
    [
      'two memories of one name',
      replace('name: sram', 'name: reg'),
      'DF8103 tiny.yaml:15:11 /memories/1/name | two memories are named "reg" (numbers 0 and 1) | rename one of them, such as reg_IO',
    ],
    [
      'a fraction of a bit',
      replace('size: 16 bit', 'size: 16.5 bit'),
      'DF8104 tiny.yaml:9:11 /memories/0/size | "16.5 bit" is no positive whole number of bits',
    ],
    [
      'a size beyond whole numbers',
      replace('size: 16 bit', 'size: 9999999999 MB'),
      'DF8104 tiny.yaml:9:11 /memories/0/size | "9999999999 MB" is more than 9_007_199_254_740_991 bit | write a size such as "64 KB"',
    ],
    [
      'no size',
      replace('size: 16 bit', 'size: 0 B'),
      'DF8104 tiny.yaml:9:11 /memories/0/size | "0 B" is no positive',
    ],
    [
      'granularity above width',
      replace('granularity: 32', 'granularity: 128'),
      'DF8104 tiny.yaml:19:36 /memories/1/read/granularity | granularity 128 bit exceeds the 64 bit of a full access',
    ],
    [
      'instances that grow upwards',
      replace(
        'size: 1.5 KB\n    operands: [I, O]\n    serves: all',
        'size: 1.5 KB\n    operands: [I, O]\n    serves: [D1]',
      ),
      'DF8105 tiny.yaml:18:13 /memories/1/serves | one reg serves D2, but sram above it (O) has an instance per unit of D2 | add D2 to serves',
    ],
    [
      'port of no kind',
      replace('{ r1: [O.toLow]', '{ p1: [O.toLow]'),
      'DF8106 tiny.yaml:14:14 /memories/0/ports/p1 | port "p1" is neither read, write nor read-write',
    ],
    [
      'operand that is not held',
      replace('r1: [O.toLow]', 'r1: [O.toLow, W.toLow]'),
      'DF8106 tiny.yaml:14:28 /memories/0/ports/r1/1 | reg does not hold W | remove W.toLow, or add W to operands',
    ],
    [
      'write on a read port',
      replace('r2: [O.toHigh], w1: [O.fromHigh]', 'r2: [O.fromHigh], w1: [O.toHigh]'),
      'DF8106 tiny.yaml:14:34 /memories/0/ports/r2/0 | O.fromHigh writes, port r2 only reads | move it to a port w.. or rw..',
    ],
    [
      'read on a write port',
      replace('{ r1: [O.toLow], r2', '{ w3: [O.toLow], r2'),
      'DF8106 tiny.yaml:14:19 /memories/0/ports/w3/0 | O.toLow reads, port w3 only writes | move it to a port r.. or rw..',
    ],
    [
      'a transfer on two ports',
      replace('w2: [O.fromLow]', 'w2: [O.fromLow, O.fromHigh]'),
      'DF8106 tiny.yaml:14:79 /memories/0/ports/w2/1 | O.fromHigh is on port w1 already | give each transfer one port',
    ],
    [
      'a transfer without port',
      replace(', w2: [O.fromLow]', ''),
      'DF8106 tiny.yaml:14:5 /memories/0/ports | reg has no port for O.fromLow',
    ],
    [
      'an input without port from above',
      replace('[I.fromHigh, O.fromHigh', '[O.fromHigh'),
      'DF8106 tiny.yaml:21:5 /memories/1/ports | sram has no port for I.fromHigh',
    ],
    [
      'the top without port',
      replace('I.toLow, W.toLow, O.toLow, O.fromLow', 'I.toLow, W.toLow'),
      'DF8106 tiny.yaml:29:5 /memories/2/ports | dram has no port for O.toLow, O.fromLow',
    ],
    [
      'an operand in no memory',
      replace('operands: [I, W, O]', 'operands: [I, O]').replace(' W.toLow,', ''),
      'DF8107 tiny.yaml:7:1 /memories | no memory holds W | add W to the operands of a memory',
    ],
  ])('%s', (_, text, expected) => {
    expect(failures(text).map(brief)[0]).toContain(expected);
  });

  test('tops that differ', () => {
    const text = replace('operands: [I, W, O]', 'operands: [W]').replace(
      'I.toLow, W.toLow, O.toLow, O.fromLow',
      'W.toLow',
    );
    const [found] = failures(text);
    expect(brief(found!)).toContain(
      'DF8107 tiny.yaml:25:15 /memories/2/operands | W, I and O do not end in one shared top memory',
    );
    expect(found?.terms).toEqual(['top of W: dram', 'top of I: sram', 'top of O: sram']);
  });
});
