/**
 * What an exploration has found, per model and accelerator: the best point for each objective, the front of points
 * that no other beats in both energy and latency, and what the same network costs without depth-first schedules.
 */
import { known } from '../base/assert.js';
import { ratio } from '../base/ratio.js';
import { comparePoints, type SchedulePoint } from './grid.js';
import { headOrder, type EvaluatedLine, type LineHead, type PointLine } from './line.js';

export const OBJECTIVES = ['energy', 'latency', 'edp'] as const;
export type Objective = (typeof OBJECTIVES)[number];

const VALUE: Readonly<Record<Objective, (line: EvaluatedLine) => number>> = {
  energy: ({ energyPj }) => energyPj,
  latency: ({ latencyCycles }) => latencyCycles,
  edp: ({ edp }) => edp,
};

/** Whole maps; stacks as `compile` cuts them, or every layer for itself. The mode has no say with a single tile. */
const BASELINES = { 'layer-by-layer': 'auto', 'single-layer': 'single-layer' } as const;
export type Baseline = keyof typeof BASELINES;
export const BASELINE_NAMES = Object.keys(BASELINES) as readonly Baseline[];

export const baselinePoint = (name: Baseline): SchedulePoint => ({
  stacks: BASELINES[name],
  mode: 'fully-cached',
  tile: { x: 'full', y: 'full' },
});

export interface PointSummary extends SchedulePoint {
  readonly energyPj: number;
  readonly latencyCycles: number;
  readonly edp: number;
}

export interface BestPoint {
  readonly objective: Objective;
  readonly point: PointSummary;
  /** How many times less than each baseline, by its name. */
  readonly gain: Readonly<Partial<Record<Baseline, number>>>;
}

export interface StudySummary extends Omit<LineHead, 'schema'> {
  readonly points: number;
  readonly evaluated: number;
  readonly infeasible: number;
  readonly failed: number;
  readonly best: readonly BestPoint[];
  readonly baselines: Readonly<Partial<Record<Baseline, PointSummary>>>;
  /** By rising energy. */
  readonly front: readonly PointSummary[];
}

export interface ExploreSummary {
  readonly schema: 'defines-explore-summary/1';
  readonly studies: readonly StudySummary[];
}

/** `baselines`: lines of baseline points that are not among the lines; those that are count as both. */
export function summaryOf(lines: readonly PointLine[], baselines: readonly PointLine[]): ExploreSummary {
  const studies = new Map<string, PointLine[]>();
  for (const line of lines) {
    const study = studies.get(headOrder(line)) ?? [];
    study.push(line);
    studies.set(headOrder(line), study);
  }
  return {
    schema: 'defines-explore-summary/1',
    studies: [...studies.values()].map((study) => studySummary(study, baselines)),
  };
}

function studySummary(lines: readonly PointLine[], baselines: readonly PointLine[]): StudySummary {
  const { key, model, accelerator, profile, lpfLimit, dims, precision, precisionFile } = known(
    lines[0],
    'line',
  );
  const count = (status: PointLine['status']): number =>
    lines.filter((line) => line.status === status).length;
  const evaluated = lines.filter((line) => line.status === 'evaluated');
  const references = baselinesAmong([...lines, ...baselines.filter((line) => line.key === key)]);
  return {
    ...{ key, model, accelerator, profile, lpfLimit, dims, precision },
    ...(precisionFile === undefined ? {} : { precisionFile }),
    points: lines.length,
    evaluated: evaluated.length,
    infeasible: count('infeasible'),
    failed: count('failed'),
    best: evaluated.length === 0 ? [] : OBJECTIVES.map((objective) => best(objective, evaluated, references)),
    baselines: Object.fromEntries([...references].map(([name, line]) => [name, pointSummary(line)])),
    front: frontOf(evaluated).map(pointSummary),
  };
}

function baselinesAmong(lines: readonly PointLine[]): ReadonlyMap<Baseline, EvaluatedLine> {
  return new Map(
    BASELINE_NAMES.flatMap((name) => {
      const line = lines.find((one) => comparePoints(one, baselinePoint(name)) === 0);
      return line?.status === 'evaluated' ? [[name, line] as const] : [];
    }),
  );
}

/** Of equal ones the first. */
function best(
  objective: Objective,
  lines: readonly EvaluatedLine[],
  baselines: ReadonlyMap<Baseline, EvaluatedLine>,
): BestPoint {
  const value = VALUE[objective];
  const least = lines.reduce((found, line) => (value(line) < value(found) ? line : found));
  const gain = [...baselines].map(([name, line]) => [name, ratio(value(line), value(least))]);
  return {
    objective,
    point: pointSummary(least),
    gain: Object.fromEntries(gain) as BestPoint['gain'],
  };
}

/** Lines that no other beats in energy without losing latency, or the other way round; of equal ones the first. */
function frontOf(lines: readonly EvaluatedLine[]): readonly EvaluatedLine[] {
  const sorted = lines.toSorted((a, b) => a.energyPj - b.energyPj || a.latencyCycles - b.latencyCycles);
  let least = Infinity;
  return sorted.filter(({ latencyCycles }) => {
    if (latencyCycles >= least) return false;
    least = latencyCycles;
    return true;
  });
}

const pointSummary = ({ stacks, mode, tile, energyPj, latencyCycles, edp }: EvaluatedLine): PointSummary => ({
  stacks,
  mode,
  tile,
  energyPj,
  latencyCycles,
  edp,
});
