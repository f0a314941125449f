/** Generated files are fresh. To write them anew: `BLESS=1 npm run jest -- test/arch`. */
import { CATALOGUE } from '../../src/diag/codes.js';
import { IR_SCHEMA } from '../../src/ir/schema/dump.js';
import { REPRODUCER_SCHEMA } from '../../src/pass/reproducer.js';
import { expectFresh } from '../support/generated.js';

const BLOCKS: Readonly<Record<string, string>> = {
  1: 'Import',
  2: 'Shapes and layers',
  3: 'Stacks',
  4: 'Tiles',
  5: 'Allocation',
  6: 'Mapping and cost',
  8: 'Usage, hardware, plugins',
  9: 'Internal',
};

function errorsPage(): string {
  const entries = Object.entries(CATALOGUE).sort(([a], [b]) => (a < b ? -1 : 1));
  const blocks = Object.entries(BLOCKS).flatMap(([digit, title]) => {
    const rows = entries.filter(([code]) => code[2] === digit);
    const texts = rows.map(
      ([code, { kind, severity, title: what, explanation }]) =>
        `### ${code}: ${what}\n\n_${severity}, ${kind}_\n\n${explanation}\n`,
    );
    return rows.length === 0 ? [] : [`## ${digit}xxx ${title}\n`, ...texts];
  });
  return [
    '<!-- Written from src/diag/codes.ts: BLESS=1 npm run jest -- test/arch -->\n',
    '# Diagnostics\n',
    'Every diagnostic has a code that never changes its meaning; `defines explain <code>` prints its entry. The kind says whose matter it is: `invalid` (the input), `unsupported` (a known limit), `infeasible` (a legitimate answer: it does not fit), `usage` (the command line), `interrupted` (the run ended early), `bug` (this program).\n',
    'The exit code of a command follows from its errors: 0 without any; 1 for `invalid`, `unsupported` and `infeasible`, and a model, an accelerator or another file that cannot be read is `invalid`; 2 for `usage`; 130 for `interrupted`; 70 for `bug`. `check` and `diff` answer questions about files: 2 is for a file that they cannot look at.\n',
    ...blocks,
  ].join('\n');
}

test('docs/errors.md', () => {
  expectFresh('docs/errors.md', errorsPage());
});

test('every code belongs to a block', () => {
  expect(Object.keys(CATALOGUE).filter((code) => !(code.charAt(2) in BLOCKS))).toEqual([]);
});

test('schemas/ir-v1.schema.json', () => {
  expectFresh('schemas/ir-v1.schema.json', `${JSON.stringify(IR_SCHEMA, null, 2)}\n`);
});

test('schemas/reproducer-v1.schema.json', () => {
  expectFresh('schemas/reproducer-v1.schema.json', `${JSON.stringify(REPRODUCER_SCHEMA, null, 2)}\n`);
});
