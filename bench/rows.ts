/** What is measured: parts of the compiler in this process, and the built command line as whole processes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { known } from '../src/base/assert.js';
import { PROFILES, type Profile } from '../src/base/profile.js';
import { compile } from '../src/compile.js';
import { pointsOf, type Grid } from '../src/explore/grid.js';
import { answerOf, mapperOf, type MapperSetting } from '../src/explore/mapper.js';
import { runJobs, type Environment } from '../src/explore/run.js';
import { createSolver } from '../src/explore/solver.js';
import { createStudy, type Study } from '../src/explore/study.js';
import type { PartialIR } from '../src/ir/facets.js';
import type { LayerTileMapper } from '../src/ir/layer-tile.js';
import { OVERLAP_MODES } from '../src/ir/stack.js';
import { loadAccelerator, packageRoot } from '../src/node/builtin.js';
import { readModelFile } from '../src/node/files.js';
import { allocateStack } from '../src/schedule/allocate-stack.js';
import { tileStack } from '../src/schedule/tile-stack.js';
import { timeFunction, timeProcess, type Box, type Times } from './measure.js';
import type { Counts } from './results.js';

export interface Row {
  readonly name: string;
  readonly run: () => Promise<{ readonly times: Times; readonly counts: Counts }>;
}

const LAYERS = 'import-onnx,normalize-graph,infer-shapes,lower-layers';
const SCHEDULE = 'partition-stacks,choose-tiles{tile=60x72},tile-stacks,allocate-memory,annotate-cost';
const hw = loadAccelerator('meta-proto-df').accelerator;
const reference: Profile = PROFILES['reference-2023'];

/** The grid of the main figure of the published work. */
const XS = [1, 4, 16, 60, 240, 960];
const YS = [1, 4, 18, 72, 270, 540];
const GRID: Grid = {
  stacks: ['auto'],
  modes: OVERLAP_MODES,
  tiles: XS.flatMap((x) => YS.map((y) => ({ x, y }))),
};

export function rows(box: Box, processBox: Box): readonly Row[] {
  return [
    passRow('import', 'resnet18', '', 'import-onnx', box),
    passRow('shape inference', 'resnet18', 'import-onnx,normalize-graph', 'infer-shapes', box),
    passRow('lowering', 'resnet18', 'import-onnx,normalize-graph,infer-shapes', 'lower-layers', box),
    tilingRow(box),
    allocationRow(box),
    mappingRow(box),
    compileRow(box),
    ...([6, 8, null] as const).map((limit) => gridRow(reference, limit, box)),
    gridRow(PROFILES.default, PROFILES.default.lpfLimit, box),
    ...commandRows(processBox),
  ];
}

/** One pass, from the facets that it needs. */
function passRow(title: string, model: string, before: string, pass: string, box: Box): Row {
  return {
    name: `${title}, ${model}`,
    run: async () => {
      const source = readModelFile(model);
      const from = before === '' ? undefined : (await compile({ source, hw, pipeline: before })).ir;
      const request = {
        source,
        hw,
        pipeline: pass,
        verify: 'off',
        ...(from === undefined ? {} : { from }),
      } as const;
      const { statistics } = await compile(request);
      const counts = Object.fromEntries(
        statistics.filter((one) => one.pass === pass).map(({ name, count }) => [name, count]),
      );
      return { times: await timeFunction(() => compile(request), box), counts };
    },
  };
}

async function studyOf(profile: Profile, lpfLimit: number | null): Promise<Study> {
  const { ir } = await compile({ source: readModelFile('fsrcnn'), hw, profile, pipeline: LAYERS });
  const setting: MapperSetting = { hw, profile, lpfLimit };
  const head = {
    schema: 'defines-explore/1',
    key: '',
    model: 'fsrcnn',
    accelerator: hw.name,
    dims: {},
    precision: {},
  } as const;
  return createStudy({ ...head, profile: profile.name, lpfLimit }, layersOf(ir), setting, GRID.stacks).study;
}

const layersOf = (ir: PartialIR) => known(ir.layers, 'layers');

/** The stacks of the study with the tile that costs the most to tile. */
const smallTiles = (study: Study) =>
  known(study.stacks.get('auto'), 'stacks').map((stack) => ({
    ...stack,
    tile: { x: 4, y: 4 },
    mode: 'fully-cached' as const,
  }));

const tilingRow = (box: Box): Row => ({
  name: 'tiling, fsrcnn 4x4',
  run: async () => {
    const study = await studyOf(PROFILES.default, 6);
    const tile = () => smallTiles(study).map((stack) => tileStack(study.workload, stack, PROFILES.default));
    const counts = { 'tile types': tile().reduce((sum, { types }) => sum + types.length, 0) };
    return { times: await timeFunction(tile, box), counts };
  },
});

/** With a mapper that knows all answers. */
const allocationRow = (box: Box): Row => ({
  name: 'allocation, fsrcnn 4x4',
  run: async () => {
    const study = await studyOf(PROFILES.default, 6);
    const { mapper } = createSolver(study, () => performance.now());
    let questions = 0;
    const counted: LayerTileMapper = (problem) => {
      questions++;
      return mapper(problem);
    };
    const tiled = smallTiles(study).map((stack) => tileStack(study.workload, stack, PROFILES.default));
    const allocate = (ask: LayerTileMapper) =>
      tiled.map((one) => allocateStack(study.workload, one, hw, PROFILES.default, ask));
    allocate(counted);
    return { times: await timeFunction(() => allocate(mapper), box), counts: { questions } };
  },
});

/** The layer of most operations, alone. */
const mappingRow = (box: Box): Row => ({
  name: 'mapping of one layer, fsrcnn conv8 60x72',
  run: async () => {
    const study = await studyOf(PROFILES.default, 6);
    const point = { stacks: 'auto', mode: 'fully-cached', tile: { x: 60, y: 72 } } as const;
    const { problem } = known(
      createSolver(study, () => 0)
        .open(point)
        .at(-1),
      'problem',
    );
    const search = mapperOf(study.setting);
    return { times: await timeFunction(() => answerOf(search, problem, () => 0), box), counts: {} };
  },
});

const compileRow = (box: Box): Row => ({
  name: 'compile fsrcnn 60x72, in process',
  run: async () => {
    const request = { source: readModelFile('fsrcnn'), hw, pipeline: `${LAYERS},${SCHEDULE}` };
    const { statistics } = await compile(request);
    const counts = Object.fromEntries(
      statistics.filter(({ pass }) => pass === 'mapper').map(({ name, count }) => [name, count]),
    );
    return { times: await timeFunction(() => compile(request), box), counts };
  },
});

const limitText = (limit: number | null): string => (limit === null ? 'no limit' : `limit ${limit}`);

/** All points by one solver, threads apart. */
const gridRow = (profile: Profile, limit: number | null, box: Box): Row => ({
  name: `grid of 108, ${profile.name} ${limitText(limit)}, in process`,
  run: async () => {
    const study = await studyOf(profile, limit);
    const jobs = pointsOf(GRID).map((point) => ({ study, point }));
    let counts: Counts = {};
    let cut: { readonly samplesMs: readonly []; readonly note: string } | undefined;
    const evaluate = async (): Promise<void> => {
      if (cut !== undefined) return;
      const { lines, counts: counted } = runJobs(jobs, until(performance.now() + box.milliseconds));
      const done = { evaluated: 0, infeasible: 0, failed: 0 };
      for await (const { status } of lines) done[status]++;
      const points = done.evaluated + done.infeasible + done.failed;
      const { searched, shared } = counted();
      if (points === jobs.length)
        counts = { ...done, 'distinct problems': searched, 'answers from memory': shared };
      else
        cut = {
          samplesMs: [],
          note: `cut after ${box.milliseconds / 1000} s: ${points} of ${jobs.length} points`,
        };
    };
    const times = await timeFunction(evaluate, box);
    return { times: { ...times, ...cut }, counts };
  },
});

const until = (deadline: number): Environment => ({
  now: () => performance.now(),
  farm: () => undefined,
  store: () => undefined,
  pause: () => Promise.resolve(),
  stopped: () => performance.now() > deadline,
  // Without helpers nothing is waited for.
  stop: new Promise(() => undefined),
});

/** The built command line: start-up, one schedule, the grid, whole networks, a large matrix product. */
function commandRows(box: Box): readonly Row[] {
  const chip = ['-a', 'meta-proto-df'];
  const published = ['--profile', 'reference-2023'];
  const grid = ['explore', 'fsrcnn', ...chip, '--tiles', `${XS.join(',')}x${YS.join(',')}`];
  const noLimit = ['--lpf-limit', 'none'];
  return (
    [
      ['start-up: --version', ['--version']],
      ['start-up: accelerators', ['accelerators']],
      ['compile fsrcnn 60x72', ['compile', 'fsrcnn', ...chip, '-t', '60x72']],
      ['compile resnet18 14x14', ['compile', 'resnet18', ...chip, '-t', '14x14']],
      ['compile mobilenetv1 14x14', ['compile', 'mobilenetv1', ...chip, '-t', '14x14']],
      ['resnet18 layer by layer, no limit', ['compile', 'resnet18', ...chip, ...noLimit]],
      ['matrix product 4096x4096x14336, no limit', ['compile', matrixProduct(), ...chip, ...noLimit]],
      ['grid of 108, reference-2023 limit 6', [...grid, ...published, '--lpf-limit', '6']],
      ['grid of 108, reference-2023 limit 8', [...grid, ...published, '--lpf-limit', '8']],
      ['grid of 108, reference-2023 no limit', [...grid, ...published, ...noLimit]],
      ['grid of 108, default', grid],
      ['grid of 108, default no limit', [...grid, ...noLimit]],
    ] as const
  ).map(([name, args]) => ({
    name: `command: ${name}`,
    run: () => Promise.resolve({ times: timeProcess([commandFile(), ...args], box), counts: {} }),
  }));
}

/** What `bin` in package.json names. */
function commandFile(): string {
  const { bin } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    readonly bin: { readonly defines: string };
  };
  return join(packageRoot(), bin.defines);
}

/** A layer table: rows of the product as rows of a map. */
function matrixProduct(): string {
  const file = join(tmpdir(), 'defines-bench-matrix-product.json');
  const [M, N, K] = [4096, 14336, 4096];
  const table = {
    workload: 'matrix product',
    layers: [
      { id: -1, equation: 'input', loop_dim_size: { B: 1, K, OY: M }, precision: 8 },
      {
        id: 0,
        equation: 'O[b][k][oy]+=W[k][c]*I[b][c][oy]',
        loop_dim_size: { B: 1, K: N, C: K, OY: M },
        operand_precision: { O: 16, O_final: 8, W: 8, I: 8 },
        operand_source: { W: [], I: [-1] },
        constant_operands: ['W'],
      },
    ],
  };
  writeFileSync(file, JSON.stringify(table));
  return file;
}
