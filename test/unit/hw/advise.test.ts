/** Every warning of `defines check` is given once, at its place, by a description with that one mistake. */
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { reviewAccelerator } from '../../../src/hw/load.js';
import { builtinAccelerators, readAccelerator } from '../../../src/node/builtin.js';

/** Line numbers below refer to this text. */
const GOOD = `schema: defines-accelerator/1
name: tiny
source: made up
array: { dims: { D1: 4, D2: 2 }, macEnergyPj: 0.5 }
precision: { W: 8, I: 8, O: 8, psum: 16 }
spatial: { D1: [K, G], D2: [C] }
memories:
  - name: reg_2B
    size: 2 B
    operands: [O]
    serves: [D2]
    read: { bits: 16, energyPj: 0.25 }
    write: { bits: 16, energyPj: 0.5 }
    ports: { r1: [O.toLow], r2: [O.toHigh], w1: [O.fromHigh], w2: [O.fromLow] }
  - name: sram_1.5KB
    size: 1.5 KB
    operands: [I, O]
    serves: all
    read: { bits: 64, granularity: 32, energyPj: 3 }
    write: { bits: 64, energyPj: 4 }
    ports: { r1: [I.toLow, O.toLow, O.toHigh], w1: [I.fromHigh, O.fromHigh, O.fromLow] }
  - name: dram
    size: 1 MB
    operands: [I, W, O]
    serves: all
    read: { bits: 64, energyPj: 100 }
    write: { bits: 64, energyPj: 110 }
    ports: { rw1: [I.toLow, W.toLow, O.toLow, O.fromLow] }
`;

const review = (text: string): readonly string[] => reviewAccelerator(text, 't.yaml').diagnostics.map(brief);

function brief({ code, severity, at: [at] }: Diagnostic): string {
  return `${severity} ${code} ${at?.kind === 'file' ? `${at.line}:${at.column} ${at.pointer}` : 'nowhere'}`;
}

const edited = (from: string, to: string): string => {
  expect(GOOD.split(from)).toHaveLength(2); // the edit hits one place
  return GOOD.replace(from, () => to);
};

test('a sound description needs no advice', () => {
  expect(review(GOOD)).toEqual([]);
});

test.each([
  ['a name that lies', '  - name: reg_2B', '  - name: reg_64KB', ['warning DF8151 8:11 /memories/0/name']],
  ['a name with another spelling of the size', 'sram_1.5KB', 'sram_1.5K_A', []],
  ['a number in a name that is no size', 'sram_1.5KB', 'l2_bank4', []],
  [
    'a memory smaller than an element',
    '    size: 2 B',
    '    size: 1 B',
    ['warning DF8151 8:11 /memories/0/name', 'warning DF8152 9:11 /memories/0/size'],
  ],
  [
    'an access in bytes',
    'read: { bits: 16, energyPj: 0.25 }',
    'read: { bits: 2, energyPj: 0.03 }',
    ['warning DF8153 12:19 /memories/0/read/bits'],
  ],
  [
    'an odd granularity',
    'granularity: 32',
    'granularity: 48',
    ['warning DF8154 19:36 /memories/1/read/granularity'],
  ],
  [
    'a free memory',
    'write: { bits: 64, energyPj: 110 }',
    'write: { bits: 64, energyPj: 0 }',
    ['warning DF8155 27:34 /memories/2/write/energyPj', 'warning DF8158 27:34 /memories/2/write/energyPj'],
  ],
  ['free arithmetic', 'macEnergyPj: 0.5', 'macEnergyPj: 0', ['warning DF8155 4:47 /array/macEnergyPj']],
  [
    'a port without a transfer',
    'ports: { rw1: [I.toLow',
    'ports: { rw2: [], rw1: [I.toLow',
    ['warning DF8156 28:19 /memories/2/ports/rw2'],
  ],
  [
    'transfers at the top that nothing makes',
    'rw1: [I.toLow, W.toLow, O.toLow, O.fromLow]',
    'rw1: [I.toLow, I.fromHigh, W.toLow, O.toLow, O.fromLow], r1: [O.toHigh]',
    ['warning DF8161 28:29 /memories/2/ports/rw1/1', 'warning DF8161 28:76 /memories/2/ports/r1/0'],
  ],
  [
    'a level no larger than the one below',
    '    size: 1 MB',
    '    size: 1.5 KB',
    ['warning DF8157 23:11 /memories/2/size'],
  ],
  [
    'energy that falls upwards',
    'read: { bits: 64, energyPj: 100 }',
    'read: { bits: 64, energyPj: 2.9 }',
    ['warning DF8158 26:33 /memories/2/read/energyPj'],
  ],
  [
    'a top that is faster than what is below',
    'read: { bits: 64, energyPj: 100 }',
    'read: { bits: 65, energyPj: 100 }',
    ['warning DF8159 26:19 /memories/2/read/bits'],
  ],
  ['narrow partial sums', 'psum: 16', 'psum: 4', ['warning DF8160 5:38 /precision/psum']],
])('%s', (_what, from, to, expected) => {
  expect(review(edited(from, to))).toEqual(expected);
});

test('an accepted warning is a note; one accepted in vain is a warning', () => {
  const named = edited('  - name: reg_2B', '  - name: reg_64KB\n    accepts: [DF8151]');
  expect(review(named)).toEqual(['note DF8151 8:11 /memories/0/name']);
  const vain = edited('  - name: dram', '  - name: dram\n    accepts: [DF8151]');
  expect(review(vain)).toEqual(['warning DF8150 23:15 /memories/2/accepts/0']);
  expect(review(edited('macEnergyPj: 0.5 }', 'macEnergyPj: 0 }\naccepts: [DF8155]'))).toEqual([
    'note DF8155 4:47 /array/macEnergyPj',
  ]);
});

test.each(builtinAccelerators())(
  '%s: every warning is accepted where the published description causes it',
  (name) => {
    const { text, file } = readAccelerator(name);
    const { diagnostics } = reviewAccelerator(text, file);
    expect(diagnostics.filter(({ severity }) => severity !== 'note')).toEqual([]);
  },
);
