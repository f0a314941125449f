/**
 * All stacks of a network, a line for each, but for sequences that come again and again, such as the layers of an
 * encoder: the first one is there line by line, and one line stands for all that follow it directly.
 */
import { grouped } from '../base/units.js';
import type { ScheduleReport, StackReport } from './report.js';
import { linesOf } from './repeats.js';
import { numbering, ranges } from './text-numbers.js';
import { left, name, right, table } from './text-table.js';
import { energy, extent, percent, type EnergyUnit } from './text-units.js';

/** `first`: of every stack the first one that it is like. */
export function overview(
  { model, stacks, totals }: ScheduleReport,
  first: readonly number[],
  unit: EnergyUnit,
): readonly string[] {
  const number = numbering(model);
  const columns = [
    left('stack'),
    left('like'),
    left('#'),
    name('layers'),
    right('tile'),
    right('grid'),
    left('mode'),
    right(`energy ${unit.unit}`),
    right('share'),
    right('cycles'),
    right('share'),
  ];
  const rows = linesOf(first).map(({ from, to, like }) => {
    const members = stacks.slice(from, to);
    const all = (text: (stack: StackReport) => string): string => theOnly(members.map(text));
    return [
      idsText(members),
      like === undefined ? '' : likeText(stacks.slice(like.from, like.to), members.length),
      ranges(members.flatMap(({ layers }) => layers.map((layer) => Number(number(layer))))).join(', '),
      layersText(members),
      all((stack) => extent(stack.tile) + (stack.heads === undefined ? '' : `xh${stack.heads.tile}`)),
      all((stack) => extent(stack.grid)),
      all((stack) => stack.mode),
      ...costCells(members, totals, unit),
    ];
  });
  return table(columns, rows, 2);
}

function costCells(
  members: readonly StackReport[],
  totals: ScheduleReport['totals'],
  unit: EnergyUnit,
): readonly string[] {
  if (members.some((stack) => !stack.feasible)) return ['infeasible'];
  const { energyPj, latencyCycles } = sumOf(members);
  return [
    energy(energyPj, unit),
    percent(energyPj, totals.energyPj),
    grouped(latencyCycles),
    percent(latencyCycles, totals.latencyCycles),
  ];
}

/** What stacks cost together; those that are infeasible cost nothing. */
export function sumOf(stacks: readonly StackReport[]): {
  readonly energyPj: number;
  readonly latencyCycles: number;
} {
  let [energyPj, latencyCycles] = [0, 0];
  for (const stack of stacks) {
    energyPj += stack.energyPj ?? 0;
    latencyCycles += stack.latencyCycles ?? 0;
  }
  return { energyPj, latencyCycles };
}

/** `$3`, `$3-$8`: neighbours. */
function idsText(stacks: readonly StackReport[]): string {
  const [one, last] = [stacks[0]?.id ?? '', stacks.at(-1)?.id ?? ''];
  return one === last ? one : `${one}-${last}`;
}

/** `$0-$2 x 11`: that sequence eleven times. */
function likeText(sequence: readonly StackReport[], count: number): string {
  const times = count / sequence.length;
  return idsText(sequence) + (times === 1 ? '' : ` x ${grouped(times)}`);
}

const layersText = (stacks: readonly StackReport[]): string => {
  const [one = '', last = ''] = [stacks[0]?.layers[0], stacks.at(-1)?.layers.at(-1)];
  return one === last ? one : `${one} .. ${last}`;
};

/** What all say, or nothing. */
const theOnly = ([text = '', ...others]: readonly string[]): string =>
  others.every((other) => other === text) ? text : '';
