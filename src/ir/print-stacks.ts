/** The dump of the facet stacks: the decisions, and what a search says beside them. */
import { grouped, groupedDown, sizeText } from '../base/units.js';
import { nameText, table, type Row } from './print-table.js';
import type {
  Alternative,
  BindingMemory,
  EnergyAndLatency,
  Front,
  RejectedCut,
  ScheduleSearch,
  StackReason,
} from './search.js';
import { tileText, type Stack, type StackPlan } from './stack.js';
import type { Workload } from './layer.js';

export function printStacks(plan: StackPlan, workload: Workload | undefined): readonly string[] {
  const weightBits = new Map(workload?.layers.map((layer) => [layer.id, layer.weightBits]));
  const decisions = decisionCells(plan.stacks);
  const rows = plan.stacks.map(({ id, layers }, i): Row => {
    const bits = layers.reduce((sum, layer) => sum + (weightBits.get(layer) ?? 0), 0);
    return [id, workload === undefined ? '' : `W ${sizeText(bits)}`, ...(decisions[i] ?? [])];
  });
  return [`stacks  by ${plan.by}`, ...table(rows, 2, [1]), ...(plan.search ? printSearch(plan.search) : [])];
}

/** Tile, mode, hand-over memory, what mappings are chosen for where that was decided, and layers. */
function decisionCells(stacks: readonly Omit<Stack, 'id'>[]): readonly Row[] {
  const isMapped = stacks.some(({ mappedFor }) => mappedFor !== undefined);
  return stacks.map(({ tile, mode, handOver, mappedFor, layers }) => [
    `tile ${tileText(tile)}`,
    `mode ${mode}`,
    `hand-over ${handOver}`,
    ...(isMapped ? [mappedFor === undefined ? '' : `mapped for ${mappedFor}`] : []),
    layers.map(nameText).join(' '),
  ]);
}

function printSearch(search: ScheduleSearch): readonly string[] {
  const { objective, proven, leastOfCandidates, bound, counts, reasons } = search;
  const rows: Row[] = [
    ['verdict', `${proven ? 'proven' : 'time was up'}, candidates from ${grouped(leastOfCandidates, 3)}`],
    ...(bound === null ? [] : [['bound', costText(bound)]]),
    ...limitRows(search.limits),
    ['looked at', countsText(counts)],
  ];
  return [
    `  search  ${objective}`,
    ...table(rows, 4),
    ...reasons.flatMap(printReason),
    ...printFront(search.front),
  ];
}

const countsText = ({ stacks, placedStacks, evaluations }: ScheduleSearch['counts']): string =>
  `${grouped(stacks)} stacks, ${grouped(placedStacks)} with a place, ${grouped(evaluations)} evaluations`;

const costText = ({ energyPj, latencyCycles }: EnergyAndLatency): string =>
  `${grouped(energyPj, 3)} pJ  ${grouped(latencyCycles)} cycles`;

const limitRows = ({ energyPj, latencyCycles }: ScheduleSearch['limits']): readonly Row[] => [
  ...(energyPj === null ? [] : [['limit', `${groupedDown(energyPj)} pJ`]]),
  ...(latencyCycles === null ? [] : [['limit', `${groupedDown(latencyCycles)} cycles`]]),
];

const printReason = ({ stack, cost, binding, nextBest, cutUp, joined }: StackReason): readonly string[] => [
  `    ${stack}  ${costText(cost)}`,
  ...(binding === null ? [] : [`      binding    ${bindingText(binding)}`]),
  ...(nextBest === null
    ? []
    : [
        `      next best  ${costText(nextBest)}  tile ${tileText(nextBest.tile)}  mode ${nextBest.mode}${beyondText(nextBest)}`,
      ]),
  ...(cutUp === null ? [] : [`      cut up     ${cutText(cutUp)}`]),
  ...(joined === null ? [] : [`      joined     ${cutText(joined)}`]),
];

const bindingText = ({ memory, holds, demandBits, boundBits }: BindingMemory): string =>
  `${memory} holds ${sizeText(boundBits)}, ${holds} need ${sizeText(demandBits)}`;

function cutText(cut: RejectedCut): string {
  if (cut.kind === 'illegal') return `illegal: ${cut.why}`;
  return `${costText(cut)}${cut.exact ? '' : ' at least'}  ${cut.sinks.map(nameText).join(' ')}${beyondText(cut)}`;
}

const beyondText = ({ beyondLimits }: Pick<Alternative, 'beyondLimits'>): string =>
  beyondLimits ? '  beyond the limits' : '';

const frontText = ({ within }: Front): string =>
  within === null ? 'as known' : within === 0 ? 'complete' : `within ${100 * within} %`;

const printFront = (front: ScheduleSearch['front']): readonly string[] =>
  front === null
    ? []
    : [
        `    front  ${frontText(front)}`,
        ...front.points.flatMap((point) => [
          `      ${costText(point)}`,
          ...table(decisionCells(point.stacks), 8),
        ]),
      ];
