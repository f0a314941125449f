/** The summary of an exploration as text: counts, the best point per objective, baselines and the Pareto front. */
import { grouped } from '../base/units.js';
import { sizesText } from '../ir/stack.js';
import {
  BASELINE_NAMES,
  type BestPoint,
  type ExploreSummary,
  type PointSummary,
  type StudySummary,
} from '../explore/summary.js';
import { left, name, plural, printable, right, table } from '../report/text-table.js';
import { cycles, energy, energyUnit, signedPercent, type EnergyUnit } from '../report/text-units.js';

/** A front may be long; all of it: --format json. */
const SHOWN_FRONT = 20;

export function summaryText(summary: ExploreSummary, heading: (line: string) => string): string {
  const sections = summary.studies.map((study) => studyLines(study, heading).join('\n'));
  return sections.length === 0 ? 'no points\n' : `${sections.join('\n\n')}\n`;
}

function studyLines(study: StudySummary, heading: (line: string) => string): readonly string[] {
  const { model, accelerator, profile, lpfLimit, points, evaluated, infeasible, failed } = study;
  const limit =
    lpfLimit === null ? 'no limit on loop prime factors' : `at most ${lpfLimit} loop prime factors`;
  const others = [
    infeasible > 0 ? `${grouped(infeasible)} infeasible` : '',
    failed > 0 ? `${grouped(failed)} failed` : '',
  ].filter((text) => text !== '');
  return [
    heading(`${model} on ${accelerator}`),
    '',
    `profile   ${profile}, ${limit}`,
    ...givenLines(study),
    `points    ${[grouped(points), `${grouped(evaluated)} evaluated`, ...others].join(', ')}`,
    ...(evaluated > 0 ? ['', ...bestTable(study), '', ...frontTable(study)] : []),
  ];
}

/** What tells studies of one model on one accelerator apart. */
function givenLines({ dims, precision, precisionFile }: StudySummary): readonly string[] {
  const pairs = (record: Readonly<Record<string, number>>): readonly string[] =>
    Object.entries(record).map(([key, value]) => `${printable(key)}=${value}`);
  const precisions = [
    ...(Object.keys(precision).length === 0 ? [] : [pairs(precision).join(',')]),
    ...(precisionFile === undefined ? [] : [`of single layers: precision file ${precisionFile}`]),
  ];
  return [
    ...(Object.keys(dims).length === 0 ? [] : [`dims      ${pairs(dims).join(', ')}`]),
    ...(precisions.length === 0 ? [] : [`precision ${precisions.join(', ')}`]),
  ];
}

const POINT_COLUMNS = (unit: EnergyUnit) => [
  name('stacks'),
  left('mode'),
  right('tile'),
  right(`energy ${unit.unit}`),
  right('cycles'),
  right('EDP pJ x cycles'),
];

const pointCells = ({ stacks, mode, tile, energyPj, latencyCycles, edp }: PointSummary, unit: EnergyUnit) => [
  stacks,
  mode,
  sizesText(tile),
  energy(energyPj, unit),
  cycles(latencyCycles),
  edp === 0 ? '-' : edp.toExponential(4),
];

/** Best points first, then what they are compared with. */
function bestTable(study: StudySummary): readonly string[] {
  const unit = unitOf(study);
  const baselines = BASELINE_NAMES.flatMap((baseline) => {
    const point = study.baselines[baseline];
    return point === undefined ? [] : [[baseline, ...pointCells(point, unit)]];
  });
  const rows = study.best.map((best) => [
    `least ${best.objective === 'edp' ? 'EDP' : best.objective}`,
    ...pointCells(best.point, unit),
    ...BASELINE_NAMES.map((baseline) => gainText(best, baseline)),
  ]);
  const gains = BASELINE_NAMES.map((baseline) => right(`vs ${baseline}`));
  return table([left(''), ...POINT_COLUMNS(unit), ...gains], [...rows, ...baselines]);
}

function gainText({ gain }: BestPoint, baseline: (typeof BASELINE_NAMES)[number]): string {
  const times = gain[baseline];
  if (times === undefined) return '';
  return times === 1 ? 'equal' : signedPercent(1 / times - 1);
}

function frontTable(study: StudySummary): readonly string[] {
  const unit = unitOf(study);
  const { front } = study;
  const shown = front.slice(0, SHOWN_FRONT);
  return [
    `Pareto front of energy and latency: ${plural(front.length, 'point')}`,
    ...table(
      POINT_COLUMNS(unit),
      shown.map((point) => pointCells(point, unit)),
      2,
    ),
    ...(front.length > shown.length ? [`  ... and ${front.length - shown.length} more: --format json`] : []),
  ];
}

/** One unit for all energies of a study. */
const unitOf = ({ front }: StudySummary): EnergyUnit => energyUnit(front[0]?.energyPj ?? 0, 1);
