/** One tile type in full: where its data lies, what is copied, what each layer costs and how its loops are ordered. */
import { finder } from '../base/finder.js';
import { grouped, sizeText } from '../base/units.js';
import { MEMORY_OPERANDS, type MemoryOperand } from '../hw/memory.js';
import type {
  AcceleratorReport,
  CacheReport,
  FeasibleStack,
  LayerTileReport,
  ModelLayer,
  ScheduleReport,
  TileTypeReport,
} from './report.js';
import { mappingSection } from './text-mapping.js';
import { numbering, type Numbering } from './text-numbers.js';
import {
  extra,
  itemName,
  itemNumber,
  left,
  plural,
  right,
  table,
  wrap,
  type TextStyle,
} from './text-table.js';
import { count, cycles, energy, energyText, extent, percent, type EnergyUnit } from './text-units.js';

export function tileTypeDetail(
  report: ScheduleReport,
  stack: FeasibleStack,
  type: TileTypeReport,
  unit: EnergyUnit,
  style: TextStyle,
): readonly string[] {
  const tiles = stack.tileTypes.reduce((sum, { count: of }) => sum + of, 0);
  const number = numbering(report.model);
  return [
    style.heading(
      `  tile type ${type.name}   ${grouped(type.count)} of ${plural(tiles, 'tile')}   ${extent(type.tile)}   ${energyText(type.energyPj, unit)} and ${cycles(type.latencyCycles)} cycles each${type.origin && weightsStay(stack, report.accelerator) ? '   brings the weights' : ''}`,
    ),
    ...placeLines(type),
    ...placeTable(type, report),
    ...copyTable(type, number, unit),
    '',
    ...costTable(type, number, unit),
    '',
    ...mappingSection(type.layers, number),
  ];
}

/** Whether the first tile brings the weights further than where they come from. */
export const weightsStay = ({ weights }: FeasibleStack, { memories }: AcceleratorReport): boolean =>
  weights.bits > 0 && weights.level !== memories.findLast(({ operands }) => operands.includes('W'))?.name;

function placeLines({ aliveBits, cache, inputs }: TileTypeReport): readonly string[] {
  const use = (bits: number, { read, write }: { read: string | null; write: string | null }): string => {
    const parts = [read && `read from ${read}`, write && `written to ${write}`].filter(
      (part) => part !== null,
    );
    return `${sizeText(bits)}${parts.length > 0 ? `, ${parts.join(', ')}` : ''}`;
  };
  return [
    `    alive at most  ${sizeText(aliveBits)} of activations`,
    ...(cache.columnBits > 0 ? [`    kept columns   ${use(cache.columnBits, cache.levels.columns)}`] : []),
    ...(cache.rowBits > 0 ? [`    kept rows      ${use(cache.rowBits, cache.levels.rows)}`] : []),
    ...inputs.flatMap(({ map, fresh, memory }) =>
      wrap('    stack input    ', [`${map}:`, extent(fresh), 'new,', 'in', memory]),
    ),
  ];
}

const columnsKept = finder((entry: CacheReport['columns'][number]) => entry.map);
const rowsKept = finder((entry: CacheReport['rows'][number]) => entry.map);
const layerNamed = finder((layer: ModelLayer) => layer.layer);

/** Sizes and levels. Kept columns and rows are those of the layer's output. */
function placeTable(type: TileTypeReport, { model, accelerator }: ScheduleReport): readonly string[] {
  const kept = (map: string): string => {
    const columns = columnsKept(type.cache.columns, map)?.columns ?? 0;
    const rows = rowsKept(type.cache.rows, map)?.rows ?? 0;
    return columns + rows === 0 ? '' : `${columns} col ${rows} row`;
  };
  const number = numbering(model);
  const columns = [
    itemNumber('#'),
    itemName('layer'),
    right('output'),
    right('input'),
    right('from cache'),
    left('top W (used)'),
    left('top I (used)'),
    left('top O (used)'),
    right('keeps'),
  ];
  const inputRows = type.inputs.flatMap(({ map, fresh, memory }) =>
    kept(map) === '' ? [] : [['', map, extent(fresh), '', '', '', memory, '', kept(map)]],
  );
  const rows = type.layers.map((layer) => {
    const maps = layer.inputs.filter((input) => input.operand !== 'W');
    return [
      number(layer.layer),
      layer.layer,
      extent(layer.output),
      maps.map((input) => extent(input.needed)).join(' '),
      maps.every((input) => input.cached.x + input.cached.y === 0)
        ? ''
        : maps.map((input) => extent(input.cached)).join(' '),
      ...MEMORY_OPERANDS.map((operand) => place(layer, operand, accelerator)),
      kept(layerNamed(model.layers, layer.layer)?.output ?? ''),
    ];
  });
  return ['', ...table(columns, [...inputRows, ...rows], 4)];
}

/** The memory and how much of one instance the operand takes: `sram_64KB 42 %`. */
function place(
  { memoryTop, operandBits }: LayerTileReport,
  operand: MemoryOperand,
  { memories }: ScheduleReport['accelerator'],
): string {
  const top = memoryTop[operand];
  const size = memories.find((memory) => memory.name === top)?.sizeBits;
  // Windows of a pool are a kernel of 0 bits, which lies nowhere.
  if (top === null || size === undefined || operandBits[operand] === 0) return '-';
  const share = (100 * operandBits[operand]) / size;
  return share < 0.5 ? top : `${top} ${share.toFixed(0)} %`;
}

function copyTable({ copies }: TileTypeReport, number: Numbering, unit: EnergyUnit): readonly string[] {
  if (copies.length === 0) return [];
  const columns = [
    itemNumber('#'),
    itemName('copies before'),
    left('why'),
    itemName('map'),
    right('bits'),
    left('from'),
    left('to'),
    right(unit.unit),
  ];
  const rows = copies.map((copy) => [
    copy.why === 'stack-input' ? '' : number(copy.before),
    copy.before,
    copy.why,
    copy.map,
    grouped(copy.bits),
    copy.from,
    copy.to,
    energy(copy.energyPj, unit),
  ]);
  return ['', ...table(columns, rows, 4)];
}

function costTable(type: TileTypeReport, number: Numbering, unit: EnergyUnit): readonly string[] {
  const columns = [
    itemNumber('#'),
    itemName('layer'),
    right(unit.unit),
    right('share'),
    right('cycles'),
    right('compute'),
    right('stall'),
    right('on-load'),
    right('off-load'),
    extra('MACs'),
    right('use'),
  ];
  const rows = type.layers.map((layer) => [
    number(layer.layer),
    layer.layer,
    energy(layer.energyPj, unit),
    percent(layer.energyPj, type.energyPj),
    cycles(layer.latencyCycles),
    ...[layer.latency.compute, layer.latency.stall, layer.latency.onload, layer.latency.offload].map(cycles),
    count(layer.macs + layer.operations),
    percent(layer.utilization, 1),
  ]);
  return table(columns, rows, 4);
}
