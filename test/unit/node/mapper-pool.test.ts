/** The pool of worker threads: what happens to the others when a worker dies. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { Answer, MapperSetting } from '../../../src/explore/mapper.js';
import type { LayerTileProblem } from '../../../src/ir/layer-tile.js';
import { openMapperPool } from '../../../src/node/mapper-pool.js';
import { temporaryFolder } from '../../support/cli.js';
import { projectFolder } from '../../support/reference.js';

const WORKER = pathToFileURL(join(projectFolder(), 'test/support/dying-worker.mjs'));
const at = temporaryFolder();
/** The worker notes in a file that it has died; the only field of a setting that it reads. */
const setting = (file: string): MapperSetting => ({ lpfLimit: file }) as unknown as MapperSetting;
const problem = (passes: number): LayerTileProblem => ({ passes }) as unknown as LayerTileProblem;
const found = (passes: number): Answer =>
  ({ kind: 'found', result: passes, milliseconds: 0 }) as unknown as Answer;

async function solve(file: string, passes: readonly number[]): Promise<readonly Answer[]> {
  const pool = openMapperPool(2, WORKER);
  try {
    return await pool.solve(setting(at(file)), passes.map(problem));
  } finally {
    await pool.close();
  }
}

test('answers come in the order of the problems', async () => {
  expect(await solve('order', [3, 1, 2])).toEqual([3, 1, 2].map(found));
});

test('a batch whose worker died is tried once more', async () => {
  expect(await solve('once', [1, 13, 2])).toEqual([1, 13, 2].map(found));
});

test('a problem that kills twice gets a diagnostic; the others of its batch get their answers', async () => {
  const [first, second, third] = await solve('twice', [1, 666, 2]);
  expect([first, third]).toEqual([1, 2].map(found));
  expect(second).toMatchObject({ kind: 'failed', diagnostics: [{ code: 'DF8204', severity: 'error' }] });
});

test('a pool that is closed ends what is under way, and tries nothing again', async () => {
  const pool = openMapperPool(1, WORKER);
  const dies = pool.solve(setting(at('closed')), [problem(7777), problem(1)]);
  const ended = expect(dies).rejects.toThrow();
  while (!existsSync(at('closed'))) await new Promise((resolve) => setTimeout(resolve, 5));
  await pool.close();
  await ended;
});

test('a worker that cannot start is no reason to wait for ever', async () => {
  const pool = openMapperPool(1, pathToFileURL(at('absent.mjs')));
  const answers = await pool.solve(setting(at('none')), [problem(1), problem(2)]);
  expect(answers.map(({ kind }) => kind)).toEqual(['failed', 'failed']);
  await pool.close();
});
