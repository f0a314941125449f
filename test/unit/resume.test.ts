/**
 * A run that is interrupted anywhere goes on as if it had not been: for every pass and every network that ships, the
 * pass is run from the JSON dump before it, and must give the dump after it, byte for byte. From one dump to the next
 * that covers every way to split the pipeline; the whole rest of it is run once from the facet of each kind.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, type Compilation, type CompileRequest } from '../../src/compile.js';
import { PROFILES } from '../../src/base/profile.js';
import { readIr, writeIr } from '../../src/ir/json.js';
import { loadAccelerator } from '../../src/node/builtin.js';
import type { Instrument } from '../../src/pass/manager.js';
import { projectFolder } from '../support/reference.js';
import { scheduled, SMALL_HW } from '../support/scheduled.js';

const PASSES = [
  'import-onnx',
  'normalize-graph',
  'infer-shapes',
  'lower-layers',
  'partition-stacks{by=auto}',
  'choose-tiles{tile=28x28 mode=h-cached-v-recompute}',
  'tile-stacks',
  'allocate-memory',
  'annotate-cost',
];
const folder = join(projectFolder(), 'models/networks');
const networks = readdirSync(folder).filter((file) => file.endsWith('.onnx'));
const { accelerator: hw } = loadAccelerator('meta-proto-df');

/** The dump after every pass, and the result. */
async function uninterrupted(
  request: CompileRequest,
): Promise<{ dumps: readonly string[]; result: Compilation }> {
  const dumps: string[] = [];
  const keep: Instrument = { after: ({ ir }) => void dumps.push(writeIr(ir)) };
  const result = await compile({ ...request, pipeline: PASSES.join(','), instruments: [keep] });
  return { dumps, result };
}

/** Without remarks of passes that did not run again. */
const reportOf = ({ report }: Compilation): object => ({ ...report, diagnostics: [] });

const CASES = [
  ...networks.map((file) => [file, PROFILES.default] as const),
  // What a profile decides is the matter of passes, not of dumps: one network will do.
  ['mccnn.onnx', PROFILES['reference-2023']] as const,
];

describe.each(CASES)('%s', (file, profile) => {
  test(`profile ${profile.name}`, async () => {
    const settings = { hw, profile, lpfLimit: 2 };
    const source = { file, bytes: readFileSync(join(folder, file)) };
    const { dumps, result } = await uninterrupted({ ...settings, source });
    expect([result.finished, dumps.length]).toEqual([true, PASSES.length]);
    for (const [i, pass] of PASSES.entries()) {
      if (i === 0) continue;
      const from = readIr(dumps[i - 1]!, 'dump.json');
      const resumed = await compile({ ...settings, from, pipeline: pass });
      expect([pass, resumed.finished]).toEqual([pass, true]);
      expect(writeIr(resumed.ir) === dumps[i]).toBe(true);
    }
    const rest = await compile({
      ...settings,
      from: readIr(dumps[3]!, 'dump.json'),
      pipeline: PASSES.slice(4).join(','),
    });
    expect(writeIr(rest.ir) === dumps.at(-1)).toBe(true);
    expect(reportOf(rest)).toEqual(reportOf(result));
  });
});

test('searches of schedule and unrolling resume as well, and from their results', async () => {
  const passes = PASSES.flatMap((pass) => {
    if (pass === 'lower-layers') return [pass, 'list-unrollings{most=2}'];
    const isTiled = pass.startsWith('choose-tiles');
    return isTiled ? 'optimize-schedule{for=edp tiles=8x8,full pareto=true}' : pass;
  });
  const dumps: string[] = [];
  const keep: Instrument = { after: ({ ir }) => void dumps.push(writeIr(ir)) };
  const settings = { hw: SMALL_HW, lpfLimit: 3 };
  await scheduled(PROFILES.default, { ...settings, pipeline: passes.join(','), instruments: [keep] });
  for (const next of [4, 5, 6, 7]) {
    const from = readIr(dumps[next - 1]!, 'dump.json');
    const late = await compile({ ...settings, from, pipeline: passes.slice(next).join(',') });
    expect(writeIr(late.ir)).toBe(dumps.at(-1));
  }
});

describe('another accelerator', () => {
  const settings = { hw: SMALL_HW, lpfLimit: 3 };
  const dear = {
    ...SMALL_HW,
    memories: SMALL_HW.memories.map((memory) => ({
      ...memory,
      read: { ...memory.read, energyPj: 10 * memory.read.energyPj },
    })),
  };
  const wide = { ...SMALL_HW, precision: { ...SMALL_HW.precision, W: 2 * SMALL_HW.precision.W } };
  const renamed = { ...SMALL_HW, name: 'renamed', source: 'elsewhere' };
  const searched = PASSES.map((pass) => (pass.startsWith('choose') ? 'optimize-schedule{tiles=8x8}' : pass));
  const listed = PASSES.flatMap((pass) => (pass === 'lower-layers' ? [pass, 'list-unrollings'] : [pass]));
  const codesOf = async (
    passes: readonly string[],
    done: number,
    hw: CompileRequest['hw'],
    { made, ...rest }: { readonly made?: boolean; readonly pipeline?: string } = {},
  ): Promise<readonly (string | undefined)[]> => {
    const early = await scheduled(PROFILES.default, {
      ...settings,
      pipeline: passes.slice(0, done).join(','),
    });
    const { made: _, ...unmarked } = early.ir;
    const from = readIr(writeIr(made === false ? unmarked : early.ir), 'dump.json');
    const pipeline = passes.slice(done).join(',') || [];
    const late = await compile({ ...settings, hw, from, pipeline, ...rest });
    return late.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  };

  test.each([
    ['decisions', PASSES, 6],
    ['tiles', PASSES, 7],
  ])('takes over %s', async (_, passes, done) => {
    expect(await codesOf(passes, done, dear)).toEqual([]);
  });

  test.each([
    ['listed unrollings', listed, 5, dear],
    ['results of a search', searched, 6, dear],
    ['levels', PASSES, 8, dear],
    ['costs', PASSES, 9, dear],
    ['layers of another precision', PASSES, 4, wide],
  ])('is refused %s', async (_, passes, done, hw) => {
    expect(await codesOf(passes, done, hw)).toEqual(['DF8014']);
  });

  test('is told from another name, and from what is made again', async () => {
    expect(await codesOf(PASSES, 9, renamed)).toEqual([]);
    expect(await codesOf(PASSES, 9, dear, { pipeline: PASSES.slice(6).join(',') })).toEqual([]);
  });

  test('a dump that does not say what it was made for is taken as it is', async () => {
    expect(await codesOf(PASSES, 9, dear, { made: false })).toEqual([]);
  });
});

describe('another profile or limit', () => {
  const settings = { hw: SMALL_HW, lpfLimit: 3 };
  const searched = PASSES.map((pass) => (pass.startsWith('choose') ? 'optimize-schedule{tiles=8x8}' : pass));
  const reference = { profile: PROFILES['reference-2023'], lpfLimit: 3 };
  const codesOf = async (
    passes: readonly string[],
    done: number,
    asked: Pick<CompileRequest, 'profile' | 'lpfLimit'>,
    rest = passes.slice(done),
  ): Promise<readonly string[]> => {
    const pipeline = passes.slice(0, done).join(',');
    const early = await scheduled(PROFILES.default, { ...settings, pipeline });
    const from = readIr(writeIr(early.ir), 'dump.json');
    const late = await compile({ hw: SMALL_HW, from, pipeline: rest.join(',') || [], ...asked });
    return late.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  };

  test.each([
    ['a profile', PASSES, 3, reference],
    ['a limit', PASSES, 7, { lpfLimit: 2 }],
    ['what it says itself', PASSES, 9, { profile: PROFILES.default, lpfLimit: 3 }],
    ['nothing', PASSES, 9, {}],
  ])('is taken: %s', async (_, passes, done, asked) => {
    expect(await codesOf(passes, done, asked)).toEqual([]);
  });

  test.each([
    ['layers of another profile', PASSES, 4, reference],
    ['results of a search with another limit', searched, 6, { lpfLimit: 2 }],
    ['levels of another limit', PASSES, 8, { lpfLimit: 2 }],
  ])('is refused: %s', async (_, passes, done, asked) => {
    expect(await codesOf(passes, done, asked)).toEqual(['DF8015']);
  });

  test('what is made again is made anew', async () => {
    expect(await codesOf(PASSES, 9, { lpfLimit: 2 }, PASSES.slice(7))).toEqual([]);
  });

  test('of a profile that is not known', async () => {
    const { ir } = await scheduled(PROFILES.default, { ...settings, pipeline: PASSES.slice(0, 3).join(',') });
    const made = { ...ir.made!, settings: { profile: 'mine', lpfLimit: null } };
    const late = await compile({ hw: SMALL_HW, from: { ...ir, made }, pipeline: [] });
    expect(late.diagnostics.map(({ code }) => code)).toEqual(['DF8015']);
    expect(late.diagnostics[0]?.message).toContain('"mine"');
  });
});

test('a layer table resumes as well, and so does a run that ends early', async () => {
  const table = [
    'workload: tiny',
    'layers:',
    '  - { id: -1, equation: input, loop_dim_size: { B: 1, K: 3, OY: 9, OX: 11 }, precision: 8 }',
    '  - id: 0',
    '    equation: O[b][k][oy][ox]+=W[k][c][fy][fx]*I[b][c][ix][iy]',
    '    equation_relations: [ix=1*ox+1*fx, iy=1*oy+1*fy]',
    '    loop_dim_size: { B: 1, K: 4, C: 3, OY: 7, OX: 9, FY: 3, FX: 3 }',
    '    operand_precision: { O: 16, O_final: 8, W: 8, I: 8 }',
    '    operand_source: { W: [], I: [-1] }',
    '    constant_operands: [W]',
  ].join('\n');
  const source = { file: 'tiny.yaml', bytes: new TextEncoder().encode(table) };
  const rest = 'partition-stacks,choose-tiles{tile=3x3},tile-stacks,allocate-memory,annotate-cost';
  const whole = await compile({ hw, source, pipeline: `import-layers,${rest}` });
  const early = await compile({ hw, source, pipeline: `import-layers,${rest}`, stopAfter: 'choose-tiles' });
  expect(Object.keys(early.ir)).toEqual(['name', 'layers', 'stacks', 'made']);
  const from = readIr(writeIr(early.ir), 'dump.json');
  const late = await compile({ hw, from, pipeline: 'tile-stacks,allocate-memory,annotate-cost' });
  expect(writeIr(late.ir)).toBe(writeIr(whole.ir));
});
