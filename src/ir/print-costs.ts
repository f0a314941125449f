/** The dump of the consequences that have numbers of their own: the facets allocs and costs. */
import { grouped, sizeText } from '../base/units.js';
import type { MemoryOperand } from '../hw/memory.js';
import type {
  AllocationPlan,
  CacheLevels,
  HandOverAllocation,
  Infeasibility,
  StackAllocation,
  TypeAllocation,
} from './alloc.js';
import type { CostSheet, CostTotals, LayerLatency, LayerTileCost, StackCost, TypeCost } from './cost.js';
import { loopsText } from './print-layers.js';
import { nameText, table, type Row } from './print-table.js';

const PATHS = ['W', 'I', 'O'] as const satisfies readonly MemoryOperand[];

export const printAllocs = (plan: AllocationPlan): readonly string[] => [
  'allocs',
  ...plan.stacks.flatMap(printStackAllocation),
  ...plan.infeasible.flatMap(printInfeasible),
];

const printStackAllocation = ({
  stack,
  weightBits,
  weightLevel,
  handOver,
  types,
}: StackAllocation): readonly string[] => [
  `  ${stack}  weights ${sizeText(weightBits)}  ${weightLevel}`,
  ...table(handOver === undefined ? [] : handOverRows(handOver), 4),
  ...types.flatMap(printTypeAllocation),
];

const handOverRows = ({ output, maps, taken }: HandOverAllocation): readonly Row[] => [
  ['output', 'left in', output],
  ...maps.map(({ map, memory }) => ['beside', nameText(map), memory]),
  ...taken.map(({ memory, bits }) => ['taken', sizeText(bits), memory]),
];

function printTypeAllocation(type: TypeAllocation): readonly string[] {
  const caches: readonly (readonly [string, number, CacheLevels])[] = [
    ['h-cache', type.hCacheBits, type.hCache],
    ['v-cache', type.vCacheBits, type.vCache],
  ];
  const rows: Row[] = [
    ['alive', '', sizeText(type.aliveBits)],
    ...caches.map(([name, bits, { read, write }]) => [
      name,
      '',
      sizeText(bits),
      `read ${read ?? '-'}`,
      `write ${write ?? '-'}`,
    ]),
    ...type.inputLevels.map(({ map, memory }) => ['input', nameText(map), '', memory]),
    ...type.layers.map(({ layer, top, handedOver, beside, raised, bypass }): Row => {
      const levels = PATHS.map((operand) => `${operand} ${top[operand] ?? '-'}`).join('  ');
      const up = raised.I === 0 && raised.O === 0 ? '' : `raised I+${raised.I} O+${raised.O}`;
      const inPlace = handedOver === undefined ? '' : inPlaceText(handedOver);
      const others = (beside ?? []).map(({ memory, bits }) => `beside ${sizeText(bits)} ${memory}`);
      const notes = [up, bypass ? 'bypass' : '', inPlace, ...others].filter(Boolean);
      return ['top', nameText(layer), '', levels, ...notes];
    }),
    ...type.copySteps.flatMap(({ before, copies }) =>
      copies.map(({ why, map, bits, from, to }): Row => [
        'copy',
        `before ${nameText(before)}`,
        sizeText(bits),
        `${from.operand} ${from.memory} -> ${to.operand} ${to.memory}`,
        `${why} ${nameText(map)}`,
      ]),
    ),
  ];
  return [`    ${type.type}`, ...table(rows, 6, [2])];
}

/** What of a layer's data lies in maps that are handed over, and takes no room of its own. */
const inPlaceText = ({ I, O }: { readonly I: number; readonly O: number }): string =>
  `in place I ${sizeText(I)} O ${sizeText(O)}`;

const printInfeasible = ({
  stack,
  type,
  layer,
  memory,
  demandBits,
  boundBits,
  terms,
  levers,
}: Infeasibility): readonly string[] => [
  `  ${stack}  infeasible  ${type}  ${nameText(layer)}  ${memory} holds ${sizeText(boundBits)}, needed ${sizeText(demandBits)}`,
  ...terms.map((term) => `      term  ${term}`),
  ...levers.map((lever) => `      lever  ${lever}`),
];

export const printCosts = (sheet: CostSheet): readonly string[] => [
  'costs',
  ...sheet.stacks.flatMap(printStackCost),
  `  total  ${totalsText(sheet.totals)}`,
  ...memoryRows(sheet.totals, 4),
];

const energyText = (pj: number): string => `${grouped(pj, 3)} pJ`;
const cyclesText = (cycles: number): string => `${grouped(cycles)} cycles`;

const printStackCost = ({ stack, types, totals }: StackCost): readonly string[] => [
  `  ${stack}  ${totalsText(totals)}`,
  ...memoryRows(totals, 4),
  ...types.flatMap(printTypeCost),
];

const totalsText = (totals: CostTotals): string =>
  [
    energyText(totals.energyPj),
    cyclesText(totals.latencyCycles),
    `${latencyText(totals.latency)} copy ${grouped(totals.latency.copy)}`,
    `${grouped(totals.macs)} MAC`,
    `${grouped(totals.operations)} operations`,
    `array ${energyText(totals.macEnergyPj)}`,
  ].join('  ');

const latencyText = ({ compute, stall, onload, offload }: LayerLatency): string =>
  `compute ${grouped(compute)} stall ${grouped(stall)} onload ${grouped(onload)} offload ${grouped(offload)}`;

const memoryRows = ({ memory }: CostTotals, indent: number): readonly string[] =>
  table(
    memory.map(({ memory: id, energyPj }) => [
      id,
      ...[...PATHS, 'copy' as const].map((part) => `${part} ${energyText(energyPj[part])}`),
    ]),
    indent,
    [1, 2, 3, 4],
  );

function printTypeCost({
  type,
  count,
  layers,
  copySteps,
  energyPj,
  latencyCycles,
}: TypeCost): readonly string[] {
  const copies = copySteps.flatMap((step) =>
    step.copies.map(({ why, map, bits, from, to, energyPj: copyPj }): Row => [
      'copy',
      `before ${nameText(step.before)}`,
      sizeText(bits),
      energyText(copyPj),
      `${from} -> ${to}`,
      `${why} ${nameText(map)}`,
    ]),
  );
  const steps = copySteps.map((step): Row => [
    'step',
    `before ${nameText(step.before)}`,
    cyclesText(step.latencyCycles),
    energyText(step.energyPj),
  ]);
  return [
    `    ${type} x ${grouped(count)}  ${energyText(energyPj)}  ${cyclesText(latencyCycles)}`,
    ...table([...copies, ...steps], 6, [2, 3]),
    ...layers.flatMap(printLayerCost),
  ];
}

function printLayerCost(cost: LayerTileCost): readonly string[] {
  const work = `${grouped(cost.macs)} MAC  ${grouped(cost.operations)} operations  array ${energyText(cost.macEnergyPj)}`;
  const gap = cost.gap === 0 ? '' : `  gap ${(100 * cost.gap).toPrecision(2)} %`;
  const origin = (cost.mapping === 'found' ? '' : `  mapping ${cost.mapping}`) + gap;
  const rows: Row[] = [
    ['loops', loopsText(cost.loops)],
    ['spatial', cost.spatial.map(({ array, dim, size }) => `${array}:${dim}${size}`).join(' ')],
    ...cost.temporal.map(({ dim, size, level }) => [
      'temporal',
      `${dim}${size}`,
      Object.entries(level)
        .map(([operand, memory]) => `${operand} ${memory}`)
        .join(' '),
    ]),
    ...cost.accesses.map(({ operand, memory, readLow, writeLow, readHigh, writeHigh, energyPj }) => [
      'access',
      operand,
      `${memory} to low ${readLow} from low ${writeLow} to high ${readHigh} from high ${writeHigh}`,
      energyText(energyPj),
    ]),
  ];
  return [
    `      ${nameText(cost.layer)}  ${energyText(cost.energyPj)}  ${latencyText(cost.latency)}  ${work}${origin}`,
    ...table(rows, 8),
  ];
}
