/**
 * DepFiN running FSRCNN line by line, modelled and measured. Nothing is tuned: the description of the chip is that of
 * its makers' own model, the measured latency is one number. Source: KULeuven-MICAS/stream, branch validation.
 */
import { join } from 'node:path';
import { known } from '../../src/base/assert.js';
import { PROFILES, type Profile } from '../../src/base/profile.js';
import { grouped } from '../../src/base/units.js';
import type { CostSheet, LayerLatency } from '../../src/ir/cost.js';
import { loadAccelerator } from '../../src/node/builtin.js';
import { corrected, CORRECTIONS, type CorrectionName } from './list.js';
import { evaluate, type Schedule } from './measure.js';
import { left, right, table } from './table.js';

const MEASURED_CYCLES = 6.18e6;
const ROWS = 540;
const COLUMNS = 960;
const UNITS = { columns: 128, channels: 16 };
const FEATURE_BITS = 8;
const DRAM = 'mem:dram';

const schedule = (reference: string): Schedule => ({
  file: join(reference, 'models/fsrcnn_padded.onnx'),
  hw: loadAccelerator('depfin').accelerator,
  tile: 'fullx1',
  mode: 'fully-cached',
  stacks: 'one',
});

/** Serial arithmetic from the chip's widths: 8 layers after one another, then DRAM at 64 bit per cycle. */
function serialArithmetic(): { compute: number; onload: number; offload: number } {
  const layers = [
    // K, C, kernel columns x rows
    [56, 1, 25],
    [12, 56, 1],
    [12, 12, 9],
    [12, 12, 9],
    [12, 12, 9],
    [12, 12, 9],
    [56, 12, 1],
    [16, 56, 9],
  ] as const;
  const steps = Math.ceil(COLUMNS / UNITS.columns);
  const perRow = layers.reduce(
    (sum, [K, C, taps]) => sum + Math.ceil(K / UNITS.channels) * steps * C * taps,
    0,
  );
  const weights = layers.reduce((sum, [K, C, taps]) => sum + K * C * taps, 0);
  const perCycle = 64 / FEATURE_BITS;
  return {
    compute: perRow * ROWS,
    onload: (COLUMNS * ROWS + weights) / perCycle,
    offload: (16 * COLUMNS * ROWS) / perCycle,
  };
}

/** The latency split of both profiles beside the arithmetic and the measurement. */
export async function depfinLatency(reference: string): Promise<string> {
  const published = await evaluate(schedule(reference), PROFILES['reference-2023']);
  const own = await evaluate(schedule(reference), PROFILES.default);
  const serial = serialArithmetic();
  const part = (name: keyof CostSheet['totals']['latency']): readonly string[] =>
    [published, own].map(({ totals }) => grouped(totals.latency[name]));
  const counted = [published, own].map(({ totals }) => totals.latencyCycles);
  const sum = serial.compute + serial.onload + serial.offload;
  const against = (cycles: number): string => `${(100 * (cycles / MEASURED_CYCLES - 1)).toFixed(1)} %`;
  const energy = [published, own].map(({ totals }) => `${(totals.energyPj / 1e9).toFixed(2)} mJ`);
  const traffic = [published, own].map(dramFeatures);
  return table(
    [left(''), right('`reference-2023`'), right('`default`'), right('serial arithmetic'), right('measured')],
    [
      ['compute', ...part('compute'), grouped(serial.compute), ''],
      ['stall', ...part('stall'), '', ''],
      ['on-load of weights and first inputs', ...part('onload'), '', ''],
      ['copy (input rows from DRAM)', ...part('copy'), grouped(serial.onload), ''],
      ['off-load', ...part('offload'), grouped(serial.offload), ''],
      ['counted latency', ...counted.map((cycles) => grouped(cycles)), grouped(sum), '6_180_000'],
      ['against measured', ...counted.map(against), against(sum), ''],
      ['MACs', ...[published, own].map(({ totals }) => grouped(totals.macs)), '', ''],
      ['array in use while computing', ...[published, own].map(utilisation), '', ''],
      ['energy', ...energy, '', ''],
      ['DRAM, features in', ...traffic.map((one) => grouped(one.in)), grouped(COLUMNS * ROWS), ''],
      ['DRAM, features out', ...traffic.map((one) => grouped(one.out)), grouped(16 * COLUMNS * ROWS), ''],
    ],
  );
}

const utilisation = ({ totals }: CostSheet): string =>
  `${((100 * totals.macs) / (totals.latency.compute * UNITS.columns * UNITS.channels)).toFixed(1)} %`;

/** Features that cross the DRAM boundary: copies of maps, and what the last layer writes. */
function dramFeatures({ stacks }: CostSheet): { in: number; out: number } {
  let [inBits, outBits] = [0, 0];
  for (const { count, copySteps, layers } of stacks.flatMap(({ types }) => types)) {
    for (const { from, to, bits } of copySteps.flatMap(({ copies }) => copies)) {
      if (from === DRAM) inBits += count * bits;
      if (to === DRAM) outBits += count * bits;
    }
    for (const { operand, memory, writeLow } of layers.flatMap(({ accesses }) => accesses))
      if (operand === 'O' && memory === DRAM) outBits += count * writeLow * 64;
  }
  return { in: inBits / FEATURE_BITS, out: outBits / FEATURE_BITS };
}

const PARTS = ['compute', 'stall', 'onload', 'offload'] as const satisfies readonly (keyof LayerLatency)[];

/** One row of the map in steady state, layer by layer, in `default`. */
export async function depfinRow(reference: string): Promise<string> {
  const { stacks } = await evaluate(schedule(reference), PROFILES.default);
  const types = stacks.flatMap(({ types: all }) => all);
  const regular = known(types.toSorted((a, b) => b.count - a.count)[0], 'tile type');
  const rows = regular.layers.map(({ layer, loops, spatial, latency }) => [
    layer.replace('@custom_added_', ''),
    loops
      .filter(({ size }) => size > 1)
      .map(({ dim, size }) => `${dim}${size}`)
      .join(' '),
    spatial.map(({ dim, size }) => `${dim} ${size}`).join(', '),
    ...PARTS.map((part) => grouped(latency[part])),
  ]);
  const sums = PARTS.map((part) => regular.layers.reduce((sum, { latency }) => sum + latency[part], 0));
  return table(
    [left('layer'), left('loops'), left('on the array'), ...PARTS.map((part) => right(part))],
    [...rows, ['sum', '', '', ...sums.map((sum) => grouped(sum))]],
  );
}

/** From one profile to the other, correction by correction, each on top of those before. */
export async function depfinSteps(reference: string): Promise<string> {
  const order: readonly CorrectionName[] = ['offload', 'padding', 'boundaries'];
  const steps: (readonly [string, Profile])[] = [
    ['`reference-2023`', PROFILES['reference-2023']],
    [
      'off-loading counted, as if ports were not shared',
      corrected({ ...CORRECTIONS.offload, fields: ['offloadCounted'] }),
    ],
    ...order.map((name, i): readonly [string, Profile] => [
      CORRECTIONS[name].title,
      corrected(...order.slice(0, i + 1).map((one) => CORRECTIONS[one])),
    ]),
    ['all others (`default`)', PROFILES.default],
  ];
  const rows: string[][] = [];
  let before = NaN;
  for (const [title, profile] of steps) {
    const { latencyCycles } = (await evaluate(schedule(reference), profile)).totals;
    const difference = latencyCycles - before;
    const shown = Number.isNaN(before) ? '' : `${difference > 0 ? '+' : ''}${grouped(difference)}`;
    rows.push([title, grouped(latencyCycles), shown]);
    before = latencyCycles;
  }
  return table([left('with'), right('counted cycles'), right('difference')], rows);
}
