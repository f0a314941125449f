/**
 * docs/adding-a-pass.md followed to the letter in an empty folder, with the package as it would be published. What is
 * different: `npm install` takes the packed tarball, and finds its dependencies (copied) and the TypeScript compiler
 * (linked) in this checkout, so that no registry is needed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../support/reference.js';
import { blocksOf, commandsOf, differs } from '../support/walkthrough.js';

const readPage = (path: string): string => readFileSync(join(projectFolder(), path), 'utf8');
const page = readPage('docs/adding-a-pass.md');
const folder = mkdtempSync(join(tmpdir(), 'defines-empty-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface LockedPackage {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** Packs the project as it is built, and puts its dependencies where npm would have put them. */
function pack(): string {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const tarball = execFileSync('npm', args, { cwd: projectFolder(), encoding: 'utf8' }).trim();
  const lock = JSON.parse(readFileSync(join(projectFolder(), 'package-lock.json'), 'utf8')) as LockFile;
  for (const [path, { dev, devOptional }] of Object.entries(lock.packages))
    // Optional packages of other platforms are not there.
    if (path !== '' && dev !== true && devOptional !== true && existsSync(join(projectFolder(), path)))
      cpSync(join(projectFolder(), path), join(folder, path), { recursive: true });
  // Without it npm would look in the registry for the older version that a dependency asks for.
  writeFileSync(join(folder, 'package.json'), overridesOf(readPage('docs/dependencies.md')));
  return `./${tarball}`;
}

/** What the page on dependencies tells the reader to write. */
const overridesOf = (text: string): string =>
  blocksOf(text).find(({ file }) => file === 'overrides')?.text ?? 'no overrides on the page';

/** The command as a reader types it, but for where npm finds the packages. */
function run(command: string, sources: Readonly<Record<string, string>>): string {
  const [, name] = /^npm install (?:--save-dev )?(\S+)$/.exec(command) ?? [];
  const line =
    name === undefined
      ? command
      : `${command.replace(name, `"${sources[name] ?? 'unknown'}"`)} --offline --no-audit --no-fund`;
  const { stdout, error } = spawnSync('bash', ['-c', `${line} 2>&1`], { cwd: folder, encoding: 'utf8' });
  if (error) throw error;
  return stdout;
}

test('every command prints what stands below it', () => {
  const sources = { defines: pack(), typescript: join(projectFolder(), 'node_modules/typescript') };
  let commands = 0;
  for (const block of blocksOf(page)) {
    if (block.language === 'js' && !block.file.startsWith('examples/'))
      writeFileSync(join(folder, block.file), block.text);
    if (block.language !== 'console') continue;
    for (const { command, expected } of commandsOf(block.text)) {
      const printed = run(command, sources);
      const difference = differs(printed, expected);
      if (difference !== undefined)
        throw new Error(`$ ${command}\n${difference}\nprinted at the end:\n${printed.slice(-2000)}`);
      commands++;
    }
  }
  expect(commands).toBeGreaterThan(10);
}, 600_000);

test('the examples on the page are those that ship', () => {
  const shown = blocksOf(page).filter(({ file }) => file.startsWith('examples/'));
  expect(shown.map(({ file }) => file)).toEqual([
    'examples/plugins/cut-at-pools.js',
    'examples/plugins/whole-blocks.js',
    'examples/plugins/merge-greedily.js',
  ]);
  for (const { file, text } of shown) {
    expect(text).toBe(readFileSync(join(projectFolder(), file), 'utf8'));
    expect(text.split('\n').length).toBeLessThan(61);
  }
});
