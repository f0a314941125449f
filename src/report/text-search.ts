/** What a search says, in text: how good the schedule is, why each stack is as it is, and what else there is. */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import { finder } from '../base/finder.js';
import { grouped, groupedDown, sizeText } from '../base/units.js';
import type { EnergyAndLatency } from '../ir/search.js';
import type {
  FeasibleStack,
  NotChosenReport,
  RejectedCutReport,
  ScheduleReport,
  SearchReport,
  StackReasonReport,
  StackReport,
} from './report.js';
import { sumOf } from './text-overview.js';
import { left, plural, right, table, wrap, type TextStyle } from './text-table.js';
import {
  edpText,
  energy,
  energyText,
  energyUnit,
  moreText,
  scaledCycles,
  type EnergyUnit,
} from './text-units.js';

/** Below the totals: what was asked, whether anything could be better, and the bound. */
export function searchLines(report: ScheduleReport): readonly string[] {
  const { search, profile, totals } = report;
  if (search === undefined) return [];
  const { objective, proven, counts, bound } = search;
  const looked = `${grouped(counts.evaluations)} evaluated, of ${plural(counts.stacks, 'legal stack')} with the candidates of each`;
  const kept = isWithin(search, totals);
  const verdict = !kept
    ? `no candidate schedule found is within the limits; this one comes nearest (${looked})`
    : proven
      ? `least ${NAME[objective]} of all candidate schedules${mappingText(report)} (${looked})`
      : `best found in time, NOT PROVEN OPTIMAL; no candidate schedule is below ${valueText(search, search.leastOfCandidates)} (${looked})`;
  return [
    ...wrap('search       ', verdict.split(' ')),
    ...limitLines(search, kept),
    ...wrap(
      'bound        ',
      (bound === null ? `none in the profile ${profile}` : boundText(search, bound)).split(' '),
    ),
  ];
}

function boundText(search: SearchReport, { value, gapPct }: NonNullable<SearchReport['bound']>): string {
  const least = valueText(search, value);
  // Nothing is so many percent of nothing.
  return value === 0 && gapPct > 0
    ? `none above ${least}`
    : `within ${gapPct.toFixed(1)} % of ${least}, which no schedule at all is below`;
}

/** The candidates are made of the mappings found, which may not be the best ones. */
function mappingText({ stacks }: ScheduleReport): string {
  const gaps = stacks.flatMap((stack) =>
    stack.feasible ? stack.tileTypes.flatMap(({ layers }) => layers.map(({ gap }) => gap)) : [],
  );
  const most = Math.max(0, ...gaps);
  return most === 0
    ? ''
    : `, with the mappings found for them: those of this one are at most ${(100 * most).toPrecision(2)} % above the best`;
}

const NAME = { energy: 'energy', latency: 'latency', edp: 'energy x latency' } as const;

const isWithin = ({ limits }: SearchReport, { energyPj, latencyCycles }: ScheduleReport['totals']): boolean =>
  energyPj <= (limits.energyPj ?? Infinity) && latencyCycles <= (limits.latencyCycles ?? Infinity);

function limitLines({ limits }: SearchReport, kept: boolean): readonly string[] {
  const { energyPj, latencyCycles } = limits;
  const texts = [
    ...(energyPj === null ? [] : [`${groupedDown(energyPj)} pJ`]),
    ...(latencyCycles === null ? [] : [`${groupedDown(latencyCycles)} cycles`]),
  ];
  return texts.length === 0 ? [] : [`limits       at most ${texts.join(' and ')}${kept ? '' : ': NOT KEPT'}`];
}

function valueText({ objective }: SearchReport, value: number): string {
  if (objective === 'edp') return edpText(value);
  if (objective === 'latency') return scaledCycles(value);
  return energyText(value, energyUnit(value, 1));
}

const reasonFor = finder((reason: StackReasonReport) => reason.stack);

/** In the section of a stack. */
export function reasonLines(
  { search, stacks }: ScheduleReport,
  stack: FeasibleStack,
  unit: EnergyUnit,
): readonly string[] {
  const reason = search && reasonFor(search.stacks, stack.id);
  if (reason === undefined) return [];
  const facts: readonly (readonly [string, string | null])[] = [
    ['binding', bindingText(reason)],
    [
      'next best',
      reason.nextBest &&
        `${reason.nextBest.tile} ${reason.nextBest.mode}: ${costText(reason.nextBest, stack, unit)}`,
    ],
    ['cut up', reason.cutUp && rejectedText(reason.cutUp, stack, unit)],
    ['with next', reason.joined && rejectedText(reason.joined, withNext(stacks, stack), unit)],
  ];
  return facts.flatMap(([label, text]) =>
    text === null ? [] : wrap(`  ${label.padEnd(12)}`, text.split(' ')),
  );
}

function bindingText({ binding }: StackReasonReport): string {
  if (binding === null) return 'none: all that is live fits the lowest memories';
  const { memory, holds, demandBits, shortBits } = binding;
  const what =
    holds === 'weights' ? 'the weights' : 'all that is live (tile, kept columns and rows, maps handed over)';
  return `${memory} is ${sizeText(shortBits)} short of ${what}: ${sizeText(demandBits)}`;
}

const positions = perObject(
  (stacks: readonly StackReport[]): ReadonlyMap<string, number> =>
    new Map(stacks.map(({ id }, s) => [id, s])),
);

/** What a stack and the one behind it cost. */
function withNext(stacks: readonly StackReport[], { id }: FeasibleStack): EnergyAndLatency {
  const at = known(positions(stacks).get(id), 'stack');
  return sumOf(stacks.slice(at, at + 2));
}

function rejectedText(cut: RejectedCutReport, own: EnergyAndLatency, unit: EnergyUnit): string {
  if (cut.kind === 'illegal') return `rejected: ${cut.why}`;
  const after = cut.sinks.slice(0, -1);
  const where = after.length === 0 ? '' : `after ${after.join(', ')}: `;
  return `rejected: ${where}${cut.exact ? '' : 'at least '}${costText(cut, own, unit)}`;
}

function costText(
  { energyPj, latencyCycles, beyondLimits }: NotChosenReport,
  own: EnergyAndLatency,
  unit: EnergyUnit,
): string {
  return (
    `${energyText(energyPj, unit)} (${moreText(energyPj, own.energyPj)}), ` +
    `${grouped(latencyCycles)} cycles (${moreText(latencyCycles, own.latencyCycles)})${beyondLimits ? ', beyond the limits' : ''}`
  );
}

/** Energy against latency: none of these is better than another in both. */
export function frontSection(
  { search }: ScheduleReport,
  unit: EnergyUnit,
  style: TextStyle,
): readonly string[] {
  if (!search?.front) return [];
  const { points } = search.front;
  const shown = spreadOut(points);
  const rows = shown.map(({ at, point: { energyPj, latencyCycles, chosen, stacks } }) => [
    String(at + 1),
    energy(energyPj, unit),
    grouped(latencyCycles),
    String(stacks.length),
    tilesText(stacks),
    chosen ? 'this schedule' : '',
  ]);
  const columns = [
    right('#'),
    right(`energy ${unit.unit}`),
    right('cycles'),
    right('stacks'),
    left('tile'),
    left(''),
  ];
  return [
    '',
    style.heading(`front of energy against latency (${frontText(search.front)})`),
    ...table(columns, rows, 2),
    ...(rows.length < points.length
      ? [`  ${rows.length} of ${points.length} points, those that stand apart; all of them: --format json`]
      : []),
  ];
}

/** `60x72 fully-cached and 2 others`. */
function tilesText(stacks: Front['points'][number]['stacks']): string {
  const [first = '', ...others] = new Set(stacks.map(({ tile, mode }) => `${tile} ${mode}`));
  return others.length === 0 ? first : `${first} and ${plural(others.length, 'other')}`;
}

type Front = NonNullable<SearchReport['front']>;

function frontText({ within }: Front): string {
  if (within === 0) return 'no candidate schedule is better in both';
  if (within === null) return 'as far as it was found in time';
  return `as far as it was found in time: no candidate schedule is better in both by more than ${100 * within} %`;
}

/** A front may have thousands of points: those shown are at most so many. */
const SHOWN_POINTS = 40;

interface ShownPoint {
  readonly at: number;
  readonly point: Front['points'][number];
}

/** The two ends, the schedule chosen, and of the others those that differ from the one shown before in energy or latency. */
function spreadOut(points: Front['points']): readonly ShownPoint[] {
  for (let apart = 0; ; apart = apart === 0 ? 0.001 : 2 * apart) {
    let last: Front['points'][number] | undefined;
    const shown = points.flatMap((point, at): ShownPoint[] => {
      const differs =
        last === undefined ||
        point.energyPj > last.energyPj * (1 + apart) ||
        point.latencyCycles * (1 + apart) < last.latencyCycles;
      if (!differs && !point.chosen && at < points.length - 1) return [];
      last = point;
      return [{ at, point }];
    });
    if (shown.length <= SHOWN_POINTS) return shown;
  }
}
