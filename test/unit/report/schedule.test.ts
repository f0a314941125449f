import { PROFILES } from '../../../src/base/profile.js';
import { coverageOf } from '../../../src/report/coverage.js';
import { renderJson } from '../../../src/report/json.js';
import type { FeasibleStack, ScheduleReport } from '../../../src/report/report.js';
import { scheduleReport } from '../../../src/report/schedule.js';
import { input } from './facets.js';
import { schemaErrors } from './schema.js';

const report = scheduleReport(input);
const stack = report.stacks[0] as FeasibleStack;
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

test('is valid against its schema', () => {
  expect(schemaErrors(report)).toEqual([]);
});

test('the schema is closed: a missing and an unknown key are errors', () => {
  const { pipeline, ...rest } = report;
  expect(schemaErrors(rest)).toHaveLength(1);
  expect(schemaErrors({ ...rest, pipeline, colour: 1 })).toHaveLength(1);
  expect(schemaErrors({ ...report, stacks: [{ ...stack, mode: 'sometimes' }] })).not.toEqual([]);
});

test('totals: sums, product and what the profile counts', () => {
  expect(report.totals).toMatchObject({
    energyPj: 1766,
    latencyCycles: 178,
    edp: 314_348, // 1766 pJ x 178 cycles
    macs: 1072,
    latency: { compute: 134, stall: 2, onload: 30, offload: 42, copy: 12 },
    latencyCounted: ['compute', 'stall', 'onload', 'copy'],
    complete: false, // $1 fits nowhere
    energy: {
      mac: 536,
      memory: { sram: { W: 0, I: 684, O: 60, copy: 16 }, dram: { W: 120, I: 0, O: 0, copy: 350 } },
    },
  });
  const counting = scheduleReport({ ...input, profile: PROFILES.default });
  expect(counting.totals.latencyCounted).toEqual(['compute', 'stall', 'onload', 'offload', 'copy']);
});

test('totals follow the key names that are public', () => {
  expect(Object.keys(report)).toEqual([
    'schema',
    'model',
    'accelerator',
    'profile',
    'pipeline',
    'lpfLimit',
    'mappings',
    'totals',
    'coverage',
    'stacks',
    'diagnostics',
  ]);
  expect(report).toMatchObject({
    schema: 'defines-report/1',
    model: { name: 'two-convs', macs: 640 },
    accelerator: { name: 'tiny' },
    profile: 'reference-2023',
  });
});

test('a part is a layer with the copies before it, over all tiles', () => {
  expect(
    stack.parts.map(({ part, kind, energyPj, latencyCycles }) => [part, kind, energyPj, latencyCycles]),
  ).toEqual([
    ['x', 'input', 312, 9], // 3 tiles x 104 pJ, 3 x 3 cycles
    ['conv1', 'layer', 1100, 139], // 400 + 2 x 350 pJ; (38 + 2 + 5) + 2 x (42 + 0 + 5)
    ['conv2', 'layer', 354, 30], // 3 x 100 + 54 pJ of a copy; (4 + 5) x 3 + 3
  ]);
  expect(sumOf(stack.parts.map((part) => part.energyPj))).toBe(stack.energyPj);
  expect(sumOf(stack.parts.map((part) => part.latencyCycles))).toBe(stack.latencyCycles);
});

test('every split adds up to its sum', () => {
  const costs = [
    report.totals,
    stack,
    ...stack.parts,
    ...stack.tileTypes,
    ...stack.tileTypes.flatMap((type) => type.layers),
  ];
  for (const { energyPj, energy, latencyCycles, latency } of costs) {
    const memories = Object.values(energy.memory).flatMap((split) => Object.values(split));
    expect(energy.mac + sumOf(memories)).toBeCloseTo(energyPj, 9);
    expect(latency.compute + latency.stall + latency.onload + latency.copy).toBe(latencyCycles);
  }
});

test('a tile type: sizes, caches, copies', () => {
  const [origin, last] = stack.tileTypes;
  expect(origin).toMatchObject({
    count: 1,
    origin: true,
    tile: { x: 2, y: 2 },
    energyPj: 658,
    inputs: [{ map: 'x', fresh: { x: 4, y: 4 }, memory: 'sram' }],
    cache: {
      columns: [{ map: 'x', columns: 2 }],
      rows: [],
      levels: { columns: { read: null, write: 'sram' }, rows: { read: null, write: null } },
      columnBits: 128,
    },
  });
  expect(origin?.copies).toEqual([
    { bits: 64, from: 'dram', to: 'sram', why: 'stack-input', map: 'x', before: 'x', energyPj: 104 },
    { bits: 32, from: 'sram', to: 'dram', why: 'h-cache-write', map: 'x', before: 'conv2', energyPj: 54 },
  ]);
  expect(last?.layers[0]?.inputs).toEqual([
    { operand: 'I', map: 'x', needed: { x: 4, y: 4 }, cached: { x: 2, y: 0 } },
  ]);
});

test('an activation that stays on the weight path is read whole', () => {
  const [conv1, conv2, soft] = input.workload.layers;
  const stationary = { ...conv2!.inputs[0]!, sources: conv1!.inputs[1]!.sources };
  const layers = [conv1!, { ...conv2!, inputs: [stationary, conv2!.inputs[1]!] }, soft!];
  const found = scheduleReport({ ...input, workload: { ...input.workload, layers } })
    .stacks[0] as FeasibleStack;
  expect(found.tileTypes[0]?.layers[1]?.inputs).toEqual([
    { operand: 'W', map: 'x', needed: { x: 4, y: 2 }, cached: { x: 0, y: 0 } },
    { operand: 'I', map: 'a', needed: { x: 2, y: 2 }, cached: { x: 0, y: 0 } },
  ]);
});

test('a layer tile: levels, loops, accesses, utilisation', () => {
  expect(stack.tileTypes[0]?.layers[0]).toMatchObject({
    layer: 'conv1',
    loopDims: { K: 4, C: 2, OX: 2 },
    memoryTop: { W: 'dram', I: 'sram', O: 'sram' },
    operandBits: { W: 576, I: 256, O: 128 },
    raised: { I: 0, O: 1 },
    spatialMapping: [
      { array: 'D1', dim: 'K', size: 4 },
      { array: 'D2', dim: 'C', size: 2 },
    ],
    temporalMapping: [
      { dim: 'OX', size: 2, level: { O: 'sram', W: 'sram', I: 'sram' } },
      { dim: 'FX', size: 3, level: { O: 'dram', W: 'dram', I: 'sram' } },
    ],
    mapping: 'found',
    latencyCycles: 45, // 304 / 8 compute + 2 stall + 5 on-load; off-load is not counted
    utilization: 304 / (8 * 40), // of 8 units in 38 + 2 cycles
  });
  expect(stack.tileTypes[0]?.layers[0]?.accesses[0]).toEqual({
    operand: 'O',
    memory: 'sram',
    wordsToLow: 0,
    wordsFromLow: 2,
    wordsToHigh: 1,
    wordsFromHigh: 0,
    energyPj: 10,
  });
});

test('an infeasible stack is a result: demand, bound, gap, terms, levers', () => {
  expect(report.stacks[1]).toMatchObject({
    id: '$1',
    feasible: false,
    energyPj: null,
    tileTypes: [],
    infeasible: [
      {
        layer: 'soft',
        memory: 'sram',
        demandBits: 10_000,
        boundBits: 8192,
        gapBits: 1808,
        levers: [expect.any(String)],
      },
    ],
  });
});

test('coverage: nothing is silently free', () => {
  const { macsExactPct, iterationsExactPct, operators } = coverageOf(input.workload);
  expect(macsExactPct).toBe(100);
  expect(iterationsExactPct).toBeCloseTo((100 * (576 + 64)) / (576 + 64 + 64)); // the softmax has 64 iterations
  expect(operators).toEqual([
    { op: 'Conv', coverage: 'exact', count: 2, macs: 640, iterations: 640 },
    { op: 'Softmax', coverage: 'approximate', count: 1, macs: 0, iterations: 64 },
    { op: 'Relu', coverage: 'post-operation', count: 1, macs: 0, iterations: 0 },
    { op: 'Flatten', coverage: 'alias', count: 1, macs: 0, iterations: 0 },
  ]);
});

test('coverage: of MACs that nobody knows none are claimed', () => {
  const [conv, ...others] = input.workload.layers;
  const unknown = { ...conv!, op: 'acme:Mystery', coverage: 'generic', macs: 0, unknownMacs: true } as const;
  const some = coverageOf({ ...input.workload, layers: [unknown, ...others] });
  expect([some.macsExactPct, some.uncounted]).toEqual([100, ['acme:Mystery']]);
  const none = coverageOf({ ...input.workload, layers: [unknown] });
  expect([none.macsExactPct, none.uncounted]).toEqual([0, ['acme:Mystery']]);
});

test('an empty network is covered completely', () => {
  expect(coverageOf({ ...input.workload, layers: [], aliases: [] })).toEqual({
    macsExactPct: 100,
    iterationsExactPct: 100,
    uncounted: [],
    operators: [],
  });
});

test('JSON: the same bytes each time, keys in order, a final newline', () => {
  const text = renderJson(report);
  expect(renderJson(scheduleReport(input))).toBe(text);
  expect(text.endsWith('}\n')).toBe(true);
  expect(JSON.parse(text) as ScheduleReport).toEqual(report);
  expect(text.indexOf('"schema"')).toBeLessThan(text.indexOf('"totals"'));
});
