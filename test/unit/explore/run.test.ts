/** Evaluating points: the same as compiling each of them, whoever solves the mapping problems. */
import { compile } from '../../../src/compile.js';
import { PROFILES } from '../../../src/base/profile.js';
import { known } from '../../../src/base/assert.js';
import type { Farm } from '../../../src/explore/farm.js';
import { pointsOf } from '../../../src/explore/grid.js';
import { lineText, type LineHead, type PointLine } from '../../../src/explore/line.js';
import { answerOf, mapperOf } from '../../../src/explore/mapper.js';
import { runJobs, type Environment, type Job, type Run } from '../../../src/explore/run.js';
import { createSolver, type ResultStore } from '../../../src/explore/solver.js';
import { createStudy } from '../../../src/explore/study.js';
import type { SearchResult } from '../../../src/ir/layer-tile.js';
import { OVERLAP_MODES, type TileSize } from '../../../src/ir/stack.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { readModelFile } from '../../../src/node/files.js';

const PROFILE = PROFILES.default;
const hw = loadAccelerator('meta-proto-df').accelerator;
const HEAD: LineHead = {
  schema: 'defines-explore/1',
  key: '0'.repeat(32),
  model: 'fsrcnn',
  accelerator: hw.name,
  profile: PROFILE.name,
  lpfLimit: 4,
  dims: {},
  precision: {},
};
const TILES: readonly TileSize[] = [
  { x: 60, y: 72 },
  { x: 240, y: 'full' },
];
const GRID = { stacks: ['auto', 'conv3,conv5'], modes: OVERLAP_MODES, tiles: TILES };
const compiled = (pipeline: string) =>
  compile({ source: readModelFile('fsrcnn'), hw, profile: PROFILE, lpfLimit: 4, pipeline });

async function jobsOf(): Promise<readonly Job[]> {
  const { ir } = await compiled('import-onnx,normalize-graph,infer-shapes,lower-layers');
  const setting = { hw, profile: PROFILE, lpfLimit: 4 };
  const { study } = createStudy(HEAD, known(ir.layers, 'layers'), setting, GRID.stacks);
  return pointsOf(GRID).map((point) => ({ study, point }));
}

const environment = (changes: Partial<Environment> = {}): Environment => {
  let time = 0;
  return {
    now: () => time++,
    farm: () => undefined,
    store: () => undefined,
    pause: () => Promise.resolve(),
    stopped: () => false,
    stop: new Promise(() => undefined),
    ...changes,
  };
};

async function linesOf({ lines }: Run): Promise<readonly PointLine[]> {
  const found: PointLine[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

/** Answers late and out of turn. */
const slowFarm = (asked: string[] = []): Farm => ({
  solve: async (setting, problems) => {
    await new Promise((resolve) => setTimeout(resolve, 5 * (asked.length % 3)));
    asked.push(...problems.map((problem) => JSON.stringify(problem)));
    const search = mapperOf(setting);
    return structuredClone(problems.map((problem) => answerOf(search, problem, () => 0)));
  },
});

test('a point costs what compiling it costs', async () => {
  const lines = await linesOf(runJobs(await jobsOf(), environment()));
  expect(lines).toHaveLength(12);
  for (const line of lines) {
    const cuts = line.stacks === 'auto' ? 'by=auto' : `cuts=${line.stacks}`;
    const tile = `tile=${line.tile.x}x${line.tile.y} mode=${line.mode}`;
    const { ir } = await compiled(
      `import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{${cuts}},choose-tiles{${tile}},tile-stacks,allocate-memory,annotate-cost`,
    );
    const { energyPj, latencyCycles, macs } = known(ir.costs, 'costs').totals;
    expect(line).toMatchObject({ status: 'evaluated', energyPj, latencyCycles, macs });
  }
});

test('helpers change nothing, and are asked about every problem once', async () => {
  const jobs = await jobsOf();
  const alone = runJobs(jobs, environment());
  const expected = (await linesOf(alone)).map(lineText);
  const asked: string[] = [];
  const helped = runJobs(jobs, environment({ farm: () => Promise.resolve(slowFarm(asked)) }));
  expect((await linesOf(helped)).map(lineText)).toEqual(expected);
  expect(new Set(asked).size).toBe(asked.length);
  // Nearly all problems can be told in advance.
  expect(asked.length).toBeGreaterThan(0.9 * helped.counts().searched);
  expect(helped.counts().searched).toBe(alone.counts().searched);
});

test('helpers may join half-way, and know what is known by then', async () => {
  const jobs = await jobsOf();
  const alone = runJobs(jobs, environment());
  const expected = (await linesOf(alone)).map(lineText);
  const late = environment({
    farm: ({ done }) => (done < 6 ? undefined : Promise.resolve(slowFarm())),
  });
  const run = runJobs(jobs, late);
  expect((await linesOf(run)).map(lineText)).toEqual(expected);
  expect(run.counts().searched).toBe(alone.counts().searched);
});

test('a store is asked first and told what was found; nothing is searched twice', async () => {
  const jobs = await jobsOf();
  const results = new Map<string, SearchResult>();
  const store: ResultStore = {
    get: (key) => results.get(key),
    put: (key, result) => void results.set(key, result),
  };
  const first = runJobs(jobs, environment({ store: () => store }));
  const expected = (await linesOf(first)).map(lineText);
  expect(first.counts()).toMatchObject({ searched: results.size, stored: 0 });
  for (const farm of [undefined, Promise.resolve(slowFarm())]) {
    const again = runJobs(jobs, environment({ store: () => store, farm: () => farm }));
    expect((await linesOf(again)).map(lineText)).toEqual(expected);
    expect(again.counts()).toMatchObject({ searched: 0, stored: results.size });
  }
});

test('a problem without an answer fails the points that need it, and no others', async () => {
  const jobs = await jobsOf();
  const lost = {
    kind: 'failed',
    diagnostics: [{ code: 'DF8204', severity: 'error', message: 'died', at: [] }],
  } as const;
  const whole = slowFarm();
  const farm: Farm = {
    solve: async (setting, problems) => {
      const answers = await whole.solve(setting, problems);
      // Whole rows of the map: only tiles of full height have them.
      return problems.map(({ loops }, i) =>
        loops.some(({ dim, size }) => dim === 'OY' && size >= 540) ? lost : known(answers[i], 'answer'),
      );
    },
  };
  const lines = await linesOf(runJobs(jobs, environment({ farm: () => Promise.resolve(farm) })));
  for (const line of lines) {
    if (line.tile.y !== 'full') expect(line.status).toBe('evaluated');
    else expect(line).toMatchObject({ status: 'failed', diagnostics: [{ code: 'DF8204', message: 'died' }] });
  }
});

test('a wish to stop is heard before the next point', async () => {
  const jobs = await jobsOf();
  let seen = 0;
  const lines = await linesOf(runJobs(jobs, environment({ stopped: () => ++seen > 8 })));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(jobs.length);
});

test('a wish to stop does not wait for helpers, and keeps the point whose answers have come', async () => {
  const jobs = await jobsOf();
  const expected = (await linesOf(runJobs(jobs, environment()))).map(lineText);
  const { study, point } = known(jobs[0], 'job');
  const needed = createSolver(study, () => 0).open(point).length;
  let wish: () => void = () => undefined;
  const stop = new Promise<void>((resolve) => (wish = resolve));
  let [asked, wished] = [0, false];
  // The wish comes with the last answers that the first point needs; all others never come.
  const farm: Farm = {
    solve: (setting, problems) => {
      if (asked >= needed) return new Promise(() => undefined);
      asked += problems.length;
      if (asked >= needed) {
        wished = true;
        wish();
      }
      const search = mapperOf(setting);
      return Promise.resolve(problems.map((problem) => answerOf(search, problem, () => 0)));
    },
  };
  // Heard between points, and only while helpers are waited for.
  for (const stopped of [() => wished, () => false]) {
    [asked, wished] = [0, false];
    const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const helped = environment({ farm: () => Promise.resolve(farm), stopped, stop, pause });
    expect((await linesOf(runJobs(jobs, helped))).map(lineText)).toEqual(expected.slice(0, 1));
  }
});

test('a farm that breaks is heard of', async () => {
  const broken: Farm = { solve: () => Promise.reject(new Error('no farm')) };
  const run = runJobs(await jobsOf(), environment({ farm: () => Promise.resolve(broken) }));
  await expect(linesOf(run)).rejects.toThrow('no farm');
});
