/** Accelerators whose energies are all 0, as studies of latency have them: every number of a report is one. */
import { ratio } from '../../../src/base/ratio.js';
import { PROFILES } from '../../../src/base/profile.js';
import type { Accelerator } from '../../../src/hw/accelerator.js';
import { readIr, writeIr } from '../../../src/ir/json.js';
import type { ScheduleReport } from '../../../src/report/report.js';
import { renderText } from '../../../src/report/text.js';
import { PIPELINE, scheduled, SMALL_HW } from '../../support/scheduled.js';
import { schemaErrors } from './schema.js';

const FREE: Accelerator = {
  ...SMALL_HW,
  array: { ...SMALL_HW.array, macEnergyPj: 0 },
  memories: SMALL_HW.memories.map((memory) => ({
    ...memory,
    read: { ...memory.read, energyPj: 0 },
    write: { ...memory.write, energyPj: 0 },
  })),
};
const searched = (objective: string): string =>
  PIPELINE.replace('choose-tiles{tile=8x8}', `optimize-schedule{for=${objective} tiles=8x8}`);
const written = (report: unknown): ScheduleReport => JSON.parse(JSON.stringify(report)) as ScheduleReport;
const gapsOf = ({ stacks }: ScheduleReport): readonly unknown[] =>
  stacks.flatMap(({ tileTypes }) => tileTypes.flatMap(({ layers }) => layers.map(({ gap }) => gap)));

test.each([
  [PROFILES.default, PIPELINE],
  [PROFILES['reference-2023'], PIPELINE],
  [PROFILES.default, searched('energy')],
  [PROFILES.default, searched('latency')],
  [PROFILES.default, searched('edp')],
])('profile $name, %#', async (profile, pipeline) => {
  const { report, ir } = await scheduled(profile, { hw: FREE, pipeline });
  const json = written(report);
  expect(schemaErrors(json)).toEqual([]);
  expect(new Set(gapsOf(json))).toEqual(new Set([0]));
  expect(json.search?.bound?.gapPct ?? 0).toBeGreaterThanOrEqual(0);
  expect(renderText(report!)).not.toMatch(/NaN|Infinity/);
  expect(readIr(writeIr(ir), 'dump.json').costs).toEqual(ir.costs);
});

test('above a bound of 0, a schedule is by as much as a number can say, and the text says that there is none', async () => {
  const { report } = await scheduled(PROFILES.default, { pipeline: searched('energy') });
  const bound = { ...report!.search!.bound!, energyPj: 0, value: 0, gapPct: Number.MAX_VALUE };
  expect(renderText({ ...report!, search: { ...report!.search!, bound } })).toContain(
    'bound        none above 0 pJ\n',
  );
});

test('a ratio is a number that JSON has', () => {
  expect([ratio(0, 0), ratio(3, 2), ratio(0, 2)]).toEqual([1, 1.5, 0]);
  expect(JSON.parse(JSON.stringify(ratio(5, 0)))).toBe(Number.MAX_VALUE);
});
