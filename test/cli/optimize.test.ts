/** `defines compile --optimize`, built and spawned: what is fixed stays, what is searched is never worse, and it says why. */
import { writeFileSync } from 'node:fs';
import { cli, temporaryFolder } from '../support/cli.js';
import { model } from '../support/onnx-model.js';
import type { FeasibleStack, ScheduleReport } from '../../src/report/report.js';
import { schemaErrors } from '../unit/report/schema.js';

const at = temporaryFolder();
const NETWORK = at('three.onnx');
writeFileSync(
  NETWORK,
  model({
    inputs: { x: [1, 4, 48, 48] },
    outputs: ['c'],
    initializers: { w1: { shape: [8, 4, 3, 3] }, w2: { shape: [8, 8, 3, 3] }, w3: { shape: [4, 8, 1, 1] } },
    nodes: [
      { op: 'Conv', in: ['x', 'w1'], out: ['a'] },
      { op: 'Conv', in: ['a', 'w2'], out: ['b'] },
      { op: 'Conv', in: ['b', 'w3'], out: ['c'] },
    ],
  }),
);
const ON_CHIP = ['compile', NETWORK, '-a', 'meta-proto-df', '--lpf-limit', '2'];
const compile = (...more: string[]): { report: ScheduleReport; code: number | null } => {
  const { stdout, code } = cli([...ON_CHIP, '--format', 'json', ...more]);
  return { report: JSON.parse(stdout) as ScheduleReport, code };
};
const energyOf = (...more: string[]): number => compile(...more).report.totals.energyPj;

test('the search is no worse than fixed schedules, and its report follows the schema', () => {
  const { report, code } = compile('--optimize', 'energy', '--pareto');
  expect(code).toBe(0);
  expect(schemaErrors(report)).toEqual([]);
  const { search, totals, stacks } = report;
  for (const fixed of [[], ['--stacks', 'single-layer'], ['--tile', 'fullx1']])
    expect(totals.energyPj).toBeLessThanOrEqual(energyOf(...fixed) * (1 + 1e-9));
  expect([search?.objective, search?.proven]).toEqual(['energy', true]);
  expect(search!.value).toBeCloseTo(search!.leastOfCandidates, 0);
  expect(search!.bound!.value).toBeLessThanOrEqual(search!.value);
  expect(search!.stacks.map(({ stack }) => stack)).toEqual(stacks.map(({ id }) => id));
  // Schedules that tie are sums of the same terms in another order.
  expect(search!.front!.points[0]!.energyPj / totals.energyPj).toBeCloseTo(1, 9);
});

test('what is named is fixed', () => {
  const { report } = compile(
    '--optimize',
    'latency',
    '-t',
    '16x8',
    '-m',
    'fully-recompute',
    '--stacks',
    'single-layer',
  );
  expect(report.stacks.map(({ tile, mode, layers }) => [tile, mode, layers.length])).toEqual(
    report.model.layers.map(() => [{ x: 16, y: 8 }, 'fully-recompute', 1]),
  );
});

test('cuts that are given leave nothing to compare with, and are not said to be the only ones', () => {
  const uncut = compile('--optimize', 'energy', '--stacks', 'one', '-t', '16x8').report;
  expect(uncut.search!.stacks.map(({ cutUp }) => cutUp)).toEqual([
    { kind: 'illegal', why: 'not among the stacks that were to be looked at' },
  ]);
  const { search } = compile('--optimize', 'energy', '--stacks', 'Conv_1', '-t', '16x8').report;
  expect(search!.stacks.map(({ joined }) => joined)).toEqual([
    { kind: 'illegal', why: 'not among the stacks that were to be looked at' },
    null,
  ]);
});

test('the pipeline line gives the same schedule again', () => {
  const { report } = compile('--optimize', 'energy', '--tiles', '+5x7', '--max-latency', '1G');
  const again = compile('--passes', report.pipeline).report;
  expect(again).toEqual(report);
});

test('limits are kept to, and a memory may be limited', () => {
  const free = compile('--optimize', 'energy').report;
  const cap = Math.floor(free.totals.latencyCycles * 0.999);
  const least = compile('--optimize', 'latency').report.totals.latencyCycles;
  const limited = compile('--optimize', 'energy', '--max-latency', String(cap));
  expect(limited.code).toBe(least <= cap ? 0 : 1);
  if (least <= cap) expect(limited.report.totals.latencyCycles).toBeLessThanOrEqual(cap);
  const { report } = compile('--optimize', 'energy', '--max-memory', 'sram_64KB=2KB');
  expect(report.accelerator.memories.find(({ name }) => name === 'sram_64KB')?.sizeBits).toBe(16_384);
  for (const { tileTypes } of report.stacks as readonly FeasibleStack[])
    for (const { operandBits, memoryTop } of tileTypes.flatMap(({ layers }) => layers))
      if (memoryTop.I === 'sram_64KB') expect(operandBits.I).toBeLessThanOrEqual(16_384);
});

test('what was not chosen and would be beyond a limit is told as such, and limits are not rounded up', () => {
  const marks = [10_500.5, 9370].flatMap((cap) => {
    const options = ['--optimize', 'energy', '--max-latency', String(cap)];
    const { report } = compile(...options);
    expect(schemaErrors(report)).toEqual([]);
    expect(report.totals.latencyCycles).toBeLessThanOrEqual(cap);
    const others = report.search!.stacks.flatMap(({ stack, nextBest, cutUp }) => {
      const own = report.stacks.find(({ id }) => id === stack)!.latencyCycles!;
      const left = cap - report.totals.latencyCycles + own;
      return [nextBest, cutUp].flatMap((other) =>
        other && 'latencyCycles' in other ? [{ ...other, isBeyond: other.latencyCycles > left }] : [],
      );
    });
    for (const { beyondLimits, isBeyond } of others) expect(beyondLimits ?? false).toBe(isBeyond);
    const text = cli([...ON_CHIP, ...options]).stdout;
    expect(text.match(/beyond the limits/g)).toHaveLength(others.filter(({ isBeyond }) => isBeyond).length);
    expect(text).toMatch(cap === 9370 ? /at most 9_370 cycles$/m : /at most 10_500\.5 cycles$/m);
    return others.map(({ isBeyond }) => isBeyond);
  });
  expect(new Set(marks).size).toBe(2);
});

test('a search over unrollings is never worse, says what the own ones cost, and the pipeline line repeats it', () => {
  for (const objective of ['energy', 'edp'] as const) {
    const value = ({ totals }: ScheduleReport): number =>
      objective === 'energy' ? totals.energyPj : totals.energyPj * totals.latencyCycles;
    const { report } = compile('--optimize', objective, '--spatial', 'search');
    expect(schemaErrors(report)).toEqual([]);
    const without = value(compile('--optimize', objective).report);
    expect(value(report)).toBeLessThanOrEqual(without * (1 + 1e-9));
    expect(report.search!.bound!.value).toBeLessThanOrEqual(report.search!.value);
    const tiles = (report.stacks as readonly FeasibleStack[]).flatMap(({ tileTypes }) =>
      tileTypes.flatMap(({ layers }) => layers),
    );
    for (const { ownSpatial, energyPj } of objective === 'energy' ? tiles : [])
      expect(energyPj).toBeLessThanOrEqual(ownSpatial!.energyPj * (1 + 1e-9));
    if (objective === 'energy') expect(compile('--passes', report.pipeline).report).toEqual(report);
  }
});

test('out of time, the best so far is reported as not proven', () => {
  const { stdout, code } = cli([...ON_CHIP, '--optimize', 'energy', '--budget', '1ms']);
  expect(code).toBe(0);
  expect(stdout).toContain('NOT PROVEN OPTIMAL');
});

test('limits that nothing keeps to are an answer, with the nearest schedule', () => {
  const { stdout, stderr, code } = cli([...ON_CHIP, '--optimize', 'energy', '--max-latency', '1']);
  expect(code).toBe(1);
  expect(stderr).toContain('error[DF3054]');
  expect(stdout).toContain('NOT KEPT');
});
