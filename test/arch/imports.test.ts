/** The rules of .dependency-cruiser.cjs bite: a small tree that breaks each of them once. (CI runs them on src.) */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectFolder } from '../support/reference.js';

const FILES: Readonly<Record<string, string>> = {
  'src/base/a.ts': "import { b } from '../diag/b.js';\nexport const a = b;\n",
  'src/diag/b.ts': "import { readFileSync } from 'node:fs';\nexport const b = readFileSync;\n",
  'src/ir/c.ts': "import { d } from '../hw/memory.js';\nexport const c = d;\n",
  'src/ir/types.ts': "import type { D } from '../hw/memory.js';\nexport type C = D;\n",
  'src/hw/memory.ts': 'export const d = 1;\nexport type D = number;\n',
  'src/cost/e.ts': "import type { F } from '../mapping/f.js';\nexport type E = F;\n",
  'src/mapping/f.ts': "import type { E } from '../cost/e.js';\nexport type F = E | number;\n",
  'src/kit.ts': "export { run } from './cli/main.js';\n",
  'src/cli/main.ts': "export { y as run } from './other.js';\n",
  'src/cli/other.ts': "import { run } from './main.js';\nexport const y = (): unknown => run;\n",
  'passes/one.ts':
    "import { d } from '../src/hw/memory.js';\nimport { two } from './two.js';\nexport const one = [d, two];\n",
  'passes/two.ts': 'export const two = 2;\n',
};

test('every rule of direction reports its violation, and only those', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imports-'));
  try {
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    for (const path of ['.dependency-cruiser.cjs', 'tsconfig.json'])
      cpSync(join(projectFolder(), path), join(folder, path));
    symlinkSync(join(projectFolder(), 'node_modules'), join(folder, 'node_modules'));
    expect(violations(folder)).toEqual([
      'base-imports-only-itself: src/base/a.ts',
      'cost-imports-only-analysis-hw-ir-diag-base: src/cost/e.ts',
      'ir-imports-types-of-hw-only: src/ir/c.ts',
      'kit-shows-no-shell: src/kit.ts',
      'no-cycles: src/cli/main.ts',
      'node-only-in-cli-and-node: src/diag/b.ts',
      'passes-do-not-know-each-other: passes/one.ts',
      'passes-import-the-kit-only: passes/one.ts',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function violations(folder: string): readonly string[] {
  const depcruise = join(projectFolder(), 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [depcruise, 'src', 'passes', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { summary } = JSON.parse(run(args, folder)) as {
    readonly summary: {
      readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    };
  };
  return summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`).sort();
}

function run(args: readonly string[], cwd: string): string {
  try {
    return execFileSync(process.execPath, args, { cwd, encoding: 'utf8' });
  } catch (error) {
    // Violations are an exit code; the report is on stdout all the same.
    return (error as { readonly stdout: string }).stdout;
  }
}
