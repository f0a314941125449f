/** The tables of docs/corrections.md that show what each correction changes. */
import { PROFILES, type Profile } from '../../src/base/profile.js';
import { grouped } from '../../src/base/units.js';
import type { CostTotals } from '../../src/ir/cost.js';
import { ALL_CORRECTIONS, corrected, CORRECTIONS, type Correction, type CorrectionName } from './list.js';
import { builtinSchedule, evaluate, tableSchedule, type Schedule } from './measure.js';
import { change, left, millijoule, right, table, type Column } from './table.js';

const REFERENCE = PROFILES['reference-2023'];

interface Network {
  readonly title: string;
  readonly schedule: Schedule;
}

const totals = async (schedule: Schedule, profile: Profile): Promise<CostTotals> =>
  (await evaluate(schedule, profile)).totals;

/** Energy and latency of every network under every profile, against those under `reference-2023`. */
async function changes(
  networks: readonly Network[],
  profiles: readonly (readonly [title: string, profile: Profile])[],
): Promise<{ readonly bases: readonly CostTotals[]; readonly rows: readonly (readonly string[])[] }> {
  const bases: CostTotals[] = [];
  for (const { schedule } of networks) bases.push(await totals(schedule, REFERENCE));
  const rows: string[][] = [];
  for (const [title, profile] of profiles) {
    const row = [title];
    for (const [n, { schedule }] of networks.entries()) {
      const base = bases[n]!;
      const found = await totals(schedule, profile);
      row.push(change(found.energyPj, base.energyPj), change(found.latencyCycles, base.latencyCycles));
    }
    rows.push(row);
  }
  return { bases, rows };
}

const networkColumns = (networks: readonly Network[]): readonly Column[] =>
  networks.flatMap(({ title }) => [right(`${title} energy`), right('latency')]);

const absolute = (bases: readonly CostTotals[]): readonly string[] =>
  bases.flatMap(({ energyPj, latencyCycles }) => [
    `${millijoule(energyPj)} mJ`,
    `${grouped(latencyCycles)} cycles`,
  ]);

const titleOf = ({ quirks, title }: Correction): string => (quirks === '-' ? title : `${title} (${quirks})`);
const alone = (correction: Correction): readonly [string, Profile] => [
  titleOf(correction),
  corrected(correction),
];

/** Layer tables have no pads, no post-operations and no operators: these corrections need a model file. */
const NEEDS_MODEL: readonly Correction[] = [CORRECTIONS.padding, CORRECTIONS.barriers, CORRECTIONS.postOps];

/** Each correction alone on the layer tables. */
export async function layerTables(reference: string): Promise<string> {
  const networks = [
    { title: 'FSRCNN', schedule: tableSchedule(reference, 'Meta_prototype_DF', 'fsrcnn', '60x72') },
    { title: 'MobileNetV1', schedule: tableSchedule(reference, 'Meta_prototype_DF', 'mobilenetv1', '28x28') },
    { title: 'ResNet18', schedule: tableSchedule(reference, 'Meta_prototype_DF', 'resnet18', '28x28') },
  ];
  const { bases, rows } = await changes(networks, [
    ...ALL_CORRECTIONS.filter((correction) => !NEEDS_MODEL.includes(correction)).map(alone),
    ['all together', PROFILES.default],
  ]);
  return table(
    [left('correction'), ...networkColumns(networks)],
    [['`reference-2023`', ...absolute(bases)], ...rows],
  );
}

/** Corrections on the networks as they are; layers and MACs are those that the profile sees. */
export async function modelFiles(): Promise<string> {
  const networks = [
    { title: 'FSRCNN', schedule: builtinSchedule('meta-proto-df', 'fsrcnn', '60x72') },
    { title: 'MobileNetV1', schedule: builtinSchedule('meta-proto-df', 'mobilenetv1', '28x28') },
    { title: 'ResNet18', schedule: builtinSchedule('meta-proto-df', 'resnet18', '28x28') },
  ];
  const shown = [CORRECTIONS.strideExtent, CORRECTIONS.branchDelay, ...NEEDS_MODEL];
  const { bases, rows } = await changes(networks, [...shown.map(alone), ['all together', PROFILES.default]]);
  const corrections = table(
    [left('correction'), ...networkColumns(networks)],
    [['`reference-2023`', ...absolute(bases)], ...rows],
  );
  const finals: CostTotals[] = [];
  for (const { schedule } of networks) finals.push(await totals(schedule, PROFILES.default));
  const seen = table(
    [left('MACs as scheduled'), ...networks.map(({ title }) => right(title))],
    [
      ['`reference-2023`', ...bases.map(({ macs }) => grouped(macs))],
      ['`default`', ...finals.map(({ macs }) => grouped(macs))],
    ],
  );
  return `${corrections}\n\n${seen}`;
}

interface Case {
  readonly title: string;
  readonly schedule: Schedule;
  /** Each a row; more than one name: these together. */
  readonly corrections: readonly (readonly CorrectionName[])[];
}

/** Schedules in which corrections act that do nothing, or little, in those above. */
const cases = (reference: string): readonly Case[] => {
  const meta = (network: string, tile: string, mode?: Schedule['mode']): Schedule =>
    tableSchedule(reference, 'Meta_prototype_DF', network, tile, mode);
  return [
    {
      title: 'FSRCNN, tpu-like, full, fully-recompute',
      schedule: tableSchedule(reference, 'TPU_like', 'fsrcnn', 'full', 'fully-recompute'),
      corrections: [['firstCut'], ['weightCapacity']],
    },
    { title: 'FSRCNN, 4x72', schedule: meta('fsrcnn', '4x72'), corrections: [['cacheLevels']] },
    {
      title: 'MobileNetV1, 4x14',
      schedule: meta('mobilenetv1', '4x14'),
      corrections: [['cacheLevels'], ['alive', 'cacheLevels'], ['residents']],
    },
    {
      title: 'MobileNetV1, 7x7, h-cached-v-recompute',
      schedule: meta('mobilenetv1', '7x7', 'h-cached-v-recompute'),
      corrections: [['alive'], ['cacheLevels'], ['alive', 'cacheLevels']],
    },
    {
      title: 'FSRCNN, 41x72, array of 3 columns',
      schedule: withArraySide(meta('fsrcnn', '41x72'), 'D3', 3),
      corrections: [['counts']],
    },
    {
      title: 'ResNet18, 28x28, fully-recompute',
      schedule: meta('resnet18', '28x28', 'fully-recompute'),
      corrections: [['branchDelay']],
    },
    {
      title: 'the same, from the model file',
      schedule: builtinSchedule('meta-proto-df', 'resnet18', '28x28', 'fully-recompute'),
      corrections: [['branchDelay']],
    },
    {
      title: 'ResNet18, edge-tpu-like, 56x56, fully-recompute',
      schedule: tableSchedule(reference, 'Edge_TPU_like', 'resnet18', '56x56', 'fully-recompute'),
      corrections: [['cutChannels']],
    },
  ];
};

const withArraySide = (schedule: Schedule, side: string, size: number): Schedule => ({
  ...schedule,
  hw: {
    ...schedule.hw,
    array: {
      ...schedule.hw.array,
      dims: schedule.hw.array.dims.map((dim) => (dim.name === side ? { ...dim, size } : dim)),
    },
  },
});

export async function whereTheyAct(reference: string): Promise<string> {
  const rows: string[][] = [];
  for (const { title, schedule, corrections } of cases(reference)) {
    const base = await totals(schedule, REFERENCE);
    rows.push([title, '`reference-2023`', ...absolute([base])]);
    for (const names of corrections) {
      const found = await totals(schedule, corrected(...names.map((name) => CORRECTIONS[name])));
      rows.push([
        '',
        names.map((name) => CORRECTIONS[name].quirks).join(', '),
        change(found.energyPj, base.energyPj),
        change(found.latencyCycles, base.latencyCycles),
      ]);
    }
  }
  return table([left('schedule'), left('corrections'), right('energy'), right('latency')], rows);
}

const LIMITS = [5, 6, 7];

/** One layer as a whole map, and the network it is in, against the limit of the search. */
export async function searchLimits(reference: string): Promise<string> {
  const schedule = tableSchedule(reference, 'Ascend_like_DF', 'mobilenetv1', 'full');
  const rows: string[][] = [];
  for (const lpfLimit of LIMITS) {
    const row = [String(lpfLimit)];
    for (const profile of [REFERENCE, PROFILES.default]) {
      const { stacks, totals: all } = await evaluate({ ...schedule, lpfLimit }, profile);
      const layers = stacks.flatMap(({ types }) => types).flatMap((type) => type.layers);
      const energyPj = layers.find(({ layer }) => layer === '@6')?.energyPj ?? NaN;
      row.push(millijoule(energyPj), millijoule(all.energyPj));
    }
    rows.push(row);
  }
  return table(
    [
      right('limit'),
      right('layer 6, `reference-2023`, mJ'),
      right('network'),
      right('layer 6, `default`, mJ'),
      right('network'),
    ],
    rows,
  );
}
