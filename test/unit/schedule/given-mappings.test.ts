/** Mappings given for whole networks: a report's own mappings reproduce it; names and tiles that contradict are said. */
import { compile, parseMappings, type Compilation, type CompileRequest } from '../../../src/compile.js';
import { PROFILES } from '../../../src/base/profile.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { readModelFile } from '../../../src/node/files.js';
import type { MappingEntry } from '../../../src/mapping/mapping-file.js';
import type { ScheduleReport } from '../../../src/report/report.js';
import { model } from '../../support/onnx-model.js';

const PASSES = 'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks';

const request = (
  network: string,
  hw: string,
  tile: string,
  profile: keyof typeof PROFILES = 'default',
): CompileRequest => ({
  source: readModelFile(network),
  hw: loadAccelerator(hw).accelerator,
  profile: PROFILES[profile],
  pipeline: `${PASSES},choose-tiles{tile=${tile}},tile-stacks,allocate-memory,annotate-cost`,
});

const fsrcnn = request('fsrcnn', 'meta-proto-df', '60x72');
const given = (mappings: readonly MappingEntry[]) =>
  parseMappings(JSON.stringify({ schema: 'defines-mapping/1', mappings }), 'given.json');
const compileWith = (mappings: readonly MappingEntry[], base = fsrcnn): Promise<Compilation> =>
  compile({ ...base, mappings: given(mappings) });

const layerTiles = ({ stacks }: ScheduleReport) =>
  stacks.flatMap(({ id, tileTypes }) =>
    tileTypes.flatMap(({ name, layers }) => layers.map((layer) => ({ stack: id, tile: name, ...layer }))),
  );

/** Every mapping of a report, as a file would have it. */
const mappingsOf = (report: ScheduleReport): readonly MappingEntry[] =>
  layerTiles(report).map(({ layer, stack, tile, temporalMapping }) => ({
    layer,
    stack,
    tile,
    loops: temporalMapping,
  }));

const withoutOrigin = (report: ScheduleReport | undefined): unknown =>
  JSON.parse(
    JSON.stringify({ ...report, mappings: null, mappingsDigest: undefined }, (key, value: unknown) =>
      key === 'mapping' ? undefined : value,
    ),
  );

describe('the mappings of a report, given again, give the report again', () => {
  test.each([
    ['fsrcnn', 'meta-proto-df', '60x72', 'default', 72],
    ['fsrcnn', 'meta-proto-df', '60x72', 'reference-2023', 72],
    ['resnet18', 'edge-tpu-like-df', '28x28', 'default', 31],
    ['resnet18', 'meta-proto-df', '28x28', 'reference-2023', undefined], // levels raised where no order fits
    ['resnet18', 'depfin', '28x28', 'default', undefined], // second inputs that pass the lowest memory by
    ['fsrcnn', 'tpu-like', '28x28', 'reference-2023', undefined], // a layer in two stacks (Q1)
  ] as const)('%s on %s, %s, %s', async (network, hw, tile, profile, count) => {
    const base = request(network, hw, tile, profile);
    const found = (await compile(base)).report;
    if (!found) throw new Error('no report');
    const mappings = mappingsOf(found);
    if (count !== undefined) expect(mappings).toHaveLength(count);
    const { report, diagnostics } = await compileWith(mappings, base);
    expect(diagnostics.filter(({ severity }) => severity !== 'note').length).toBe(
      found.diagnostics.filter(({ severity }) => severity !== 'note').length,
    );
    if (!report) throw new Error('no report');
    expect(new Set(layerTiles(report).map(({ mapping }) => mapping))).toEqual(new Set(['given']));
    expect(withoutOrigin(report)).toEqual(withoutOrigin(found));
  });
});

test('one layer is given, the others are searched; the report says which and from where', async () => {
  const { report } = await compileWith(
    [
      { layer: 'conv3', tile: 'inner.inner', loops: ['C6', 'FY3', 'FX3', 'OY18', 'OX5', 'OX3'] },
      { layer: 'conv3', loops: ['OY'] },
    ],
    { ...fsrcnn, profile: PROFILES['reference-2023'] },
  );
  if (!report) throw new Error('no report');
  expect(report.mappings).toBe('given.json');
  const tiles = layerTiles(report);
  const conv3 = tiles.find(({ layer, tile }) => layer === 'conv3' && tile === 'inner.inner');
  expect(conv3).toMatchObject({ mapping: 'given', latencyCycles: 15_336 }); // cost-model.md 9.1
  expect(conv3?.energyPj).toBeCloseTo(754_709.4, 6);
  for (const { layer, tile, mapping, temporalMapping } of tiles) {
    if (layer !== 'conv3') expect(mapping).toBe('found');
    else if (tile !== 'inner.inner') {
      expect(mapping).toBe('completed');
      expect(temporalMapping[0]?.dim).toBe('OY');
    }
  }
});

test('levels left open are those that a search for schedules minimises', async () => {
  const conv = { op: 'Conv', attrs: { pads: [1, 1, 1, 1] } };
  const network: CompileRequest = {
    ...fsrcnn,
    source: {
      file: 'two.onnx',
      bytes: model({
        inputs: { x: [1, 8, 56, 56] },
        outputs: ['z'],
        initializers: { v: { shape: [8, 8, 3, 3] }, w: { shape: [8, 8, 3, 3] } },
        nodes: [
          { ...conv, name: 'conv1', in: ['x', 'v'], out: ['y'] },
          { ...conv, name: 'conv2', in: ['y', 'w'], out: ['z'] },
        ],
      }),
    },
  };
  const loops = 'C2 C2 FX3 FY3 OX2 OX7 OY2 OY7'.split(' ');
  const mappings = ['conv1', 'conv2'].map((layer) => ({ layer, loops }));
  const [byEnergy, byLatency] = await Promise.all(
    ['energy', 'latency'].map(async (objective) => {
      const search = `optimize-schedule{for=${objective} tile=full}`;
      const pipeline = `${PASSES},${search},tile-stacks,allocate-memory,annotate-cost`;
      const { ok, report } = await compileWith(mappings, { ...network, pipeline });
      if (!ok || !report) throw new Error('no schedule');
      expect(report.search?.proven).toBe(true);
      return report.totals;
    }),
  );
  expect(byLatency!.latencyCycles).toBeLessThan(byEnergy!.latencyCycles);
  expect(byLatency!.energyPj).toBeGreaterThan(byEnergy!.energyPj);
});

test('a search that given mappings leave nothing says so', async () => {
  const pipeline = `${PASSES},optimize-schedule{tile=full},tile-stacks,allocate-memory,annotate-cost`;
  const tooMuch = { layer: 'conv3', loops: [{ dim: 'OX', level: { O: 'rf_2B' } }] } as const;
  const { diagnostics } = await compileWith([tooMuch], { ...fsrcnn, pipeline });
  const help = diagnostics.find(({ code }) => code === 'DF3050')?.help;
  expect(help).toContain('leave tile, mode and cuts free, and layers without a given mapping; ');
  expect(diagnostics.map(({ code }) => code)).toContain('DF6058');
});

/** Code, JSON pointer, message. */
const findings = ({ diagnostics }: Compilation): readonly string[] =>
  diagnostics
    .filter(({ severity }) => severity !== 'note')
    .map(({ code, message, at }) => {
      const place = at.find(({ kind }) => kind === 'file');
      return `${code} ${place?.kind === 'file' ? (place.pointer ?? '-') : 'nowhere'} ${message}`;
    });

test('everything that contradicts layers and tiles is said at once, and ends the run', async () => {
  const result = await compileWith([
    { layer: 'conv33', loops: [] },
    { layer: 'conv3', tile: 'inner.iner', loops: [] },
    { layer: 'conv3', stack: '$4', loops: [] },
    { layer: 'conv4', loops: ['C5'] },
    { layer: 'conv4', loops: ['C6'] },
    { layer: 'conv5', tile: 'inner.inner', loops: [{ dim: 'C', level: { W: 'sram' } }] },
  ]);
  expect(findings(result)).toEqual([
    'DF6052 /mappings/0/layer there is no layer "conv33"',
    'DF6053 /mappings/1/tile the stack of conv3 has no tile type "inner.iner"',
    'DF6053 /mappings/2/stack conv3 is not in a stack "$4"',
    'DF6055 /mappings/3/loops the loops given for conv4 do not make up its tile: C 5 instead of 6',
    'DF6059 /mappings/4/layer a second mapping is given for conv4 in all tile types',
    'DF6056 /mappings/5/loops/0/level/W there is no memory "sram" for W of conv5',
  ]);
  expect([result.ok, result.finished, result.report]).toEqual([false, false, undefined]);
  const [layer, tile, , sizes] = result.diagnostics.filter(({ severity }) => severity === 'error');
  expect(layer?.help).toBe('did you mean "conv3"?');
  expect(tile?.help).toBe('did you mean "inner.inner"?');
  expect(sizes?.terms).toEqual([
    'C: 12 iterations, 2 at a time on the array, are 6 temporal ones',
    'also in 8 more of 9 tile types',
  ]);
});

describe('a mapping that does not fit', () => {
  test('between the levels chosen is an infeasible stack, never another mapping', async () => {
    const result = await compileWith([
      { layer: 'conv3', tile: 'inner.inner', loops: [{ dim: 'OX', level: { O: 'rf_2B' } }] },
    ]);
    // 15 columns of unfinished sums, 16 bit each, in a register of 2 bytes.
    expect(findings(result)).toEqual([
      'DF6058 /mappings/0/loops the mapping given for conv3 does not fit: rf_2B holds 2 B, 30 B are needed (28 B short)',
    ]);
    const { finished, ok, report } = result;
    expect([finished, ok]).toEqual([true, false]);
    expect(report?.stacks[0]).toMatchObject({
      feasible: false,
      infeasible: [
        {
          tileType: 'inner.inner',
          layer: 'conv3',
          memory: 'rf_2B',
          demandBits: 240,
          boundBits: 16,
          gapBits: 224,
          levers: ['keep fewer loops of O in rf_2B: move them further out, or name a higher memory'],
        },
      ],
    });
  });

  test('nor are levels raised for it', async () => {
    const loops = [{ dim: 'C', level: { I: 'sram_1MB_A' } }] as const;
    expect(findings(await compileWith([{ layer: 'conv4', tile: 'inner.inner', loops }]))).toEqual([
      'DF6056 /mappings/0/loops/0/level/I I of conv4 lies no higher than sram_64KB in this tile, not in sram_1MB_A',
    ]);
  });

  test('nor does the second input of an addition pass the lowest memory by for it', async () => {
    // The whole map, 64 channels x 56 x 56 of a byte, is 200_704 B.
    const loops = ['G', 'OY', { dim: 'OX', level: { Y: 'sram_64KB' } }] as const;
    const base = request('resnet18', 'meta-proto-df', 'full');
    expect(findings(await compileWith([{ layer: 'layer1.0.add', loops }], base))).toEqual([
      'DF6058 /mappings/0/loops the mapping given for layer1.0.add does not fit: sram_64KB holds 65_536 B, 200_704 B are needed (135_168 B short)',
    ]);
  });

  test('the weights come from the top in the first tile only', async () => {
    const loops = [{ dim: 'C', level: { W: 'dram' } }] as const;
    expect(findings(await compileWith([{ layer: 'conv4', tile: 'origin', loops }]))).toEqual([]);
    expect(findings(await compileWith([{ layer: 'conv4', tile: 'inner.inner', loops }]))).toEqual([
      'DF6056 /mappings/0/loops/0/level/W W of conv4 lies no higher than sram_32KB in this tile, not in dram',
    ]);
  });
});

test('a layer that does not run in a tile type', async () => {
  // The outer layer reads columns j-5, j and j+5 of six: for its first three all that there are. The inner layer has
  // made them for the first tile, and the second finds them kept.
  const bytes = model({
    inputs: { x: [1, 4, 6, 6] },
    outputs: ['y'],
    initializers: { w1: { shape: [4, 4, 1, 1] }, w2: { shape: [4, 4, 1, 3] } },
    nodes: [
      { op: 'Conv', name: 'inner', in: ['x', 'w1'], out: ['a'] },
      {
        op: 'Conv',
        name: 'outer',
        in: ['a', 'w2'],
        out: ['y'],
        attrs: { dilations: [1, 5], pads: [0, 5, 0, 5] },
      },
    ],
  });
  const base = { ...request('fsrcnn', 'meta-proto-df', '3x6'), source: { file: 'two.onnx', bytes } };
  const { report } = await compile(base);
  const types = report?.stacks[0]?.tileTypes.map(({ name, layers }) => [name, layers.length]);
  expect(types).toEqual([
    ['origin', 2],
    ['last.all', 1],
  ]);
  const result = await compileWith([{ layer: 'inner', tile: 'last.all', loops: [] }], base);
  expect(findings(result)).toEqual([
    'DF6054 /mappings/0/tile inner does not run in tile type last.all: tiles before have left all of it',
  ]);
  expect(result.diagnostics.at(-1)?.help).toBe('it runs in origin');
});

describe('a mapping that nothing uses is a warning', () => {
  test('because each tile type has its own', async () => {
    const types = (await compile(fsrcnn)).report?.stacks[0]?.tileTypes.map(({ name }) => name) ?? [];
    const result = await compileWith([
      { layer: 'conv3', loops: ['C'] },
      ...types.map((tile) => ({ layer: 'conv3', tile, loops: ['C', 'FY'] })),
    ]);
    expect(findings(result)).toEqual([
      'DF6060 /mappings/0/layer the mapping of conv3 for all tile types is not used: each has its own',
    ]);
    expect(result.ok).toBe(true);
  });

  test('because nothing is mapped', async () => {
    const result = await compileWith([{ layer: 'conv3', loops: ['C'] }], {
      ...fsrcnn,
      stopAfter: 'tile-stacks',
    });
    expect(findings(result)).toEqual(['DF6060 - 1 given mappings are not used: no pass maps layers']);
    expect(result.ok).toBe(true);
  });
});

test('levels of a dump are not open to every mapping that is given later', async () => {
  const { ir } = await compile({ ...fsrcnn, stopAfter: 'allocate-memory' });
  const { source: _model, ...rest } = fsrcnn;
  const resumed = { ...rest, from: ir, pipeline: 'annotate-cost' };
  const late = await compileWith(
    [{ layer: 'conv4', loops: [{ dim: 'OX', level: { O: 'rf_2B' } }] }],
    resumed,
  );
  expect(findings(late)[0]).toMatch(
    /^DF6061 .* a mapping is given that the memory levels allocated before rule out/,
  );
  expect(late.report).toBeUndefined();
  const { report } = await compileWith([{ layer: 'conv4', loops: ['C', 'FY', 'FX'] }], resumed);
  if (!report) throw new Error('no report');
  expect(layerTiles(report).filter(({ mapping }) => mapping === 'completed')).toHaveLength(9);
});
