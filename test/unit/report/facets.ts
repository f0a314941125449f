/**
 * A finished schedule made by hand, small enough to add up on paper: two convolutions in one fused stack on three
 * tiles, and a second stack that fits nowhere. All numbers are chosen, none computed.
 */
import { layerId, memoryId, stackId, tensorId } from '../../../src/base/ids.js';
import { PROFILES } from '../../../src/base/profile.js';
import type { Accelerator } from '../../../src/hw/accelerator.js';
import { parseAccelerator } from '../../../src/hw/load.js';
import type { TypeAllocation } from '../../../src/ir/alloc.js';
import type { CopyStepCost, CostTotals, LayerTileCost, TypeCost } from '../../../src/ir/cost.js';
import type { Layer, Workload } from '../../../src/ir/layer.js';
import type { AxisClass, TiledStack } from '../../../src/ir/tile.js';
import type { ReportInput } from '../../../src/report/input.js';

const HARDWARE = `schema: defines-accelerator/1
name: tiny
source: made up
array: { dims: { D1: 4, D2: 2 }, macEnergyPj: 0.5 }
precision: { W: 8, I: 8, O: 8, psum: 16 }
spatial: { D1: [K, G], D2: [C] }
memories:
  - name: sram
    size: 1 KB
    operands: [I, W, O]
    serves: all
    read: { bits: 64, energyPj: 3 }
    write: { bits: 64, energyPj: 4 }
    ports: { rw1: [I.toLow, I.fromHigh, W.toLow, W.fromHigh, O.toLow, O.fromLow, O.toHigh, O.fromHigh] }
  - name: dram
    size: 1 MB
    operands: [I, W, O]
    serves: all
    read: { bits: 64, energyPj: 100 }
    write: { bits: 64, energyPj: 110 }
    ports: { rw1: [I.toLow, W.toLow, O.toLow, O.fromLow] }
`;

export const hw: Accelerator = parseAccelerator(HARDWARE, 'tiny.yaml').accelerator;

const [X, A, Y, Z] = ['x', 'a', 'y', 'z'].map(tensorId) as [never, never, never, never];
export const CONV1 = layerId('conv1');
export const CONV2 = layerId('conv2');
const SOFT = layerId('soft');
const SRAM = memoryId('sram');
const DRAM = memoryId('dram');

const conv = (id: typeof CONV1, from: typeof X, to: typeof X, kernel: number): Layer => ({
  id,
  op: 'Conv',
  kind: 'mac',
  coverage: 'exact',
  src: [],
  loops: [
    { dim: 'B', size: 1 },
    { dim: 'K', size: 4 },
    { dim: 'C', size: 2 },
    { dim: 'OY', size: 2 },
    { dim: 'OX', size: 4 },
    { dim: 'FY', size: kernel },
    { dim: 'FX', size: kernel },
  ],
  output: { map: to, dims: ['B', 'K', 'OY', 'OX'], psumBits: 16, bits: 8 },
  inputs: [
    { name: 'W', path: 'W', bits: 8, dims: ['K', 'C', 'FY', 'FX'], windows: [], sources: [] },
    {
      name: 'I',
      path: 'I',
      bits: 8,
      dims: ['B', 'C'],
      windows: [],
      sources: [{ map: from, elementsPerPixel: 2, x: { kind: 'same' }, y: { kind: 'same' } }],
    },
  ],
  upsample: { x: 1, y: 1 },
  weightBits: 64 * kernel * kernel,
  macs: 64 * kernel * kernel, // K4 x C2 x OY2 x OX4 = 64 per kernel element
  passes: 1,
  postOps: [],
});

const workload: Workload = {
  layers: [
    { ...conv(CONV1, X, A, 3), postOps: [{ op: 'Relu', name: 'r1', parameterBits: 0 }] },
    conv(CONV2, A, Y, 1),
    {
      ...conv(SOFT, Y, Z, 1),
      op: 'Softmax',
      kind: 'vector',
      coverage: 'approximate',
      macs: 0,
      weightBits: 0,
      inputs: conv(SOFT, Y, Z, 1).inputs.slice(1),
      passes: 3,
    },
  ],
  maps: [X, A, Y, Z].map((id) => ({ id, producer: null, elementsPerPixel: 4, width: 4, height: 2, bits: 8 })),
  outputs: [Z],
  aliases: [{ op: 'Flatten', name: 'flat', of: [Y] }],
  macs: 640,
};

const axis = (name: string, first: boolean, last: boolean, tile: number, kept: number): AxisClass => {
  const actual = {
    layers: [
      { layer: CONV1, out: tile, inputs: [[], [{ map: X, needed: tile + 2, overlap: first ? 0 : 2 }]] },
      { layer: CONV2, out: tile, inputs: [[], [{ map: A, needed: tile, overlap: 0 }]] },
    ],
    maps: [
      { map: X, fresh: tile + (first ? 2 : 0), held: first ? 0 : 2, kept },
      { map: A, fresh: tile, held: 0, kept: 0 },
      { map: Y, fresh: tile, held: 0, kept: 0 },
    ],
  };
  return { name, count: 1, first, last, tile, actual, cacheView: actual };
};

const fused: TiledStack = {
  stack: stackId(0),
  mode: 'fully-cached',
  layers: [CONV1, CONV2],
  inputs: [X],
  tile: { x: 2, y: 2 },
  grid: { x: 3, y: 1 },
  columns: [axis('first', true, false, 2, 2), { ...axis('later', false, true, 2, 0), count: 2 }],
  rows: [axis('only', true, true, 2, 0)],
  types: [
    { name: 'origin', count: 1, column: 0, row: 0, origin: true },
    { name: 'later.only', count: 2, column: 1, row: 0, origin: false },
  ],
  macs: 1072, // 336 + 2 x 368
  recomputedMacs: 432,
};

const allocation = (type: string, origin: boolean): TypeAllocation => ({
  type,
  aliveBits: 256,
  hCacheBits: 128,
  vCacheBits: 0,
  cornerBits: 0,
  hCache: { read: origin ? null : SRAM, write: origin ? SRAM : null },
  vCache: { read: null, write: null },
  inputLevels: [{ map: X, memory: SRAM }],
  layers: [
    {
      layer: CONV1,
      top: { W: origin ? DRAM : SRAM, I: SRAM, O: SRAM },
      bits: { W: 576, I: 256, O: 128 },
      raised: { I: 0, O: 1 },
      bypass: false,
    },
    {
      layer: CONV2,
      top: { W: origin ? DRAM : SRAM, I: SRAM, O: DRAM },
      bits: { W: 64, I: 128, O: 128 },
      raised: { I: 0, O: 0 },
      bypass: false,
    },
  ],
  copySteps: [],
});

const tileCost = (layer: typeof CONV1, macs: number, energyPj: number, stall: number): LayerTileCost => ({
  layer,
  loops: [
    { dim: 'K', size: 4 },
    { dim: 'C', size: 2 },
    { dim: 'OX', size: 2 },
  ],
  spatial: [
    { array: 'D1', dim: 'K', size: 4 },
    { array: 'D2', dim: 'C', size: 2 },
  ],
  temporal: [
    { dim: 'OX', size: 2, level: { O: SRAM, W: SRAM, I: SRAM } },
    { dim: 'FX', size: 3, level: { O: DRAM, W: DRAM, I: SRAM } },
  ],
  mapping: 'found',
  gap: 0,
  accesses: [
    { operand: 'O', memory: SRAM, readLow: 0, writeLow: 2, readHigh: 1, writeHigh: 0, energyPj: 10 },
    { operand: 'W', memory: DRAM, readLow: 1.5, writeLow: 0, readHigh: 0, writeHigh: 0, energyPj: 20 },
    {
      operand: 'I',
      memory: SRAM,
      readLow: 4,
      writeLow: 0,
      readHigh: 0,
      writeHigh: 0,
      energyPj: energyPj - 30 - macs / 2,
    },
  ],
  macEnergyPj: macs / 2,
  energyPj,
  latency: { compute: macs / 8, stall, onload: 5, offload: 7 },
  macs,
  operations: 0,
});

const copyStep = (before: CopyStepCost['before'], bits: number, energyPj: number): CopyStepCost => ({
  before,
  copies: [
    {
      why: before === X ? 'stack-input' : 'h-cache-write',
      map: X,
      bits,
      from: before === X ? DRAM : SRAM,
      to: before === X ? SRAM : DRAM,
      energyPj,
      energyByMemory: [
        { memory: DRAM, energyPj: energyPj - 4 },
        { memory: SRAM, energyPj: 4 },
      ],
    },
  ],
  energyPj,
  latencyCycles: 3,
});

// origin: conv1 400 pJ, 38 + 2 + 5 cycles; conv2 100 pJ, 4 + 0 + 5; copies 104 + 54 pJ, 3 + 3 cycles.
const origin: TypeCost = {
  type: 'origin',
  count: 1,
  layers: [tileCost(CONV1, 304, 400, 2), tileCost(CONV2, 32, 100, 0)],
  copySteps: [
    copyStep(X, 64, 104),
    { before: CONV1, copies: [], energyPj: 0, latencyCycles: 0 },
    copyStep(CONV2, 32, 54),
  ],
  energyPj: 658,
  latencyCycles: 60,
};
// later: conv1 350 pJ, 42 + 0 + 5 cycles; conv2 100 pJ; one copy.
const later: TypeCost = {
  type: 'later.only',
  count: 2,
  layers: [tileCost(CONV1, 336, 350, 0), tileCost(CONV2, 32, 100, 0)],
  copySteps: [copyStep(X, 64, 104)],
  energyPj: 554,
  latencyCycles: 59,
};

const totals: CostTotals = {
  energyPj: 1766, // 658 + 2 x 554
  latencyCycles: 178, // 60 + 2 x 59
  latency: { compute: 134, stall: 2, onload: 30, offload: 42, copy: 12 },
  macs: 1072,
  operations: 0,
  macEnergyPj: 536,
  memory: [
    { memory: SRAM, energyPj: { W: 0, I: 684, O: 60, copy: 16 } },
    { memory: DRAM, energyPj: { W: 120, I: 0, O: 0, copy: 350 } },
  ],
};

export const input: ReportInput = {
  name: 'two-convs',
  workload,
  stacks: {
    by: 'hand',
    stacks: [
      { id: stackId(0), layers: [CONV1, CONV2], tile: { x: 2, y: 2 }, mode: 'fully-cached', handOver: DRAM },
      {
        id: stackId(1),
        layers: [SOFT],
        tile: { x: 'full', y: 'full' },
        mode: 'fully-cached',
        handOver: DRAM,
      },
    ],
  },
  tiles: {
    stacks: [
      fused,
      {
        ...fused,
        stack: stackId(1),
        layers: [SOFT],
        inputs: [Y],
        tile: { x: 4, y: 2 },
        grid: { x: 1, y: 1 },
        types: [],
        macs: 0,
        recomputedMacs: 0,
      },
    ],
  },
  allocs: {
    stacks: [
      {
        stack: stackId(0),
        weightBits: 640,
        weightLevel: SRAM,
        types: [allocation('origin', true), allocation('later.only', false)],
      },
    ],
    infeasible: [
      {
        stack: stackId(1),
        type: 'origin',
        layer: SOFT,
        memory: SRAM,
        demandBits: 10_000,
        boundBits: 8192,
        terms: ['@soft.I 1250 elements x 8 bit'],
        levers: ['sram: 1_250 B instead of 1_024 B'],
      },
    ],
  },
  costs: { stacks: [{ stack: stackId(0), types: [origin, later], totals }], totals },
  hw,
  profile: PROFILES['reference-2023'],
  pipeline: 'import-onnx,choose-tiles{tile=2x2 mode=fully-cached},annotate-cost',
  lpfLimit: 6,
  given: {},
  memoryLimits: [],
  mappings: null,
  diagnostics: [
    {
      code: 'DF9001',
      severity: 'warning',
      message: 'only a test',
      at: [
        { kind: 'onnx', file: 'm.onnx', node: 1, name: 'n', op: 'Conv', opset: 17, tensor: 't' },
        { kind: 'file', file: 'f.yaml', line: 1, column: 2, pointer: '/a' },
        { kind: 'spec', text: 'a,b', offset: 1, length: 1 },
        { kind: 'ir', pass: 'p', facet: 'tiles', id: '$0' },
      ],
      terms: ['1 + 1'],
      help: 'nothing to do',
      pass: 'p',
    },
  ],
};
