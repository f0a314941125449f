/** One tile type in full: where its data lies, what is copied, what each layer costs and how its loops are ordered. */
import { perObject } from '../base/bounded-map.js';
import { finder } from '../base/finder.js';
import { grouped, sizeText } from '../base/units.js';
import { MEMORY_OPERANDS, type MemoryOperand } from '../hw/memory.js';
import type { OperandName } from '../ir/cost.js';
import type { Unrolling } from '../ir/layer.js';
import type {
  CacheReport,
  FeasibleStack,
  LayerTileReport,
  ModelLayer,
  ScheduleReport,
  TemporalLoopReport,
  TileTypeReport,
} from './report.js';
import { numbering, type Numbering } from './text-numbers.js';
import { extra, left, name, plural, printable, right, table, wrap, type TextStyle } from './text-table.js';
import { count, cycles, energy, extent, percent, type EnergyUnit } from './text-units.js';

export function tileTypeDetail(
  report: ScheduleReport,
  stack: FeasibleStack,
  type: TileTypeReport,
  unit: EnergyUnit,
  style: TextStyle,
): readonly string[] {
  const tiles = stack.tileTypes.reduce((sum, { count: of }) => sum + of, 0);
  const number = numbering(report.model);
  const label = mappingLabel(type.layers, number);
  return [
    style.heading(
      `  tile type ${type.name}   ${grouped(type.count)} of ${plural(tiles, 'tile')}   ${extent(type.tile)}   ${energy(type.energyPj, unit)} ${unit.unit} and ${cycles(type.latencyCycles)} cycles each${type.origin ? '   brings the weights' : ''}`,
    ),
    ...placeLines(type),
    ...placeTable(type, report),
    ...copyTable(type, number, unit),
    '',
    ...costTable(type, number, unit),
    '',
    '    mapping: [unrolled on the array], loops from the innermost; |: from here on an operand lies in a higher memory',
    ...type.layers.flatMap((layer) => mappingLines(layer, label(layer))),
  ];
}

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
    right('#'),
    name('layer'),
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
  if (top === null || size === undefined) return '-';
  const share = (100 * operandBits[operand]) / size;
  return share < 0.5 ? top : `${top} ${share.toFixed(0)} %`;
}

function copyTable({ copies }: TileTypeReport, number: Numbering, unit: EnergyUnit): readonly string[] {
  if (copies.length === 0) return [];
  const columns = [
    right('#'),
    name('copies before'),
    left('why'),
    name('map'),
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
    right('#'),
    name('layer'),
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

/** Names up to this length share a column. */
const NAME_COLUMN = 24;

interface MappingLabel {
  readonly number: string;
  /** The name, padded to the width of the names that share a column; undefined: it is too long and stands above. */
  readonly name: string | undefined;
}

function mappingLabel(
  layers: readonly LayerTileReport[],
  number: Numbering,
): (layer: LayerTileReport) => MappingLabel {
  const widest = (widths: readonly number[]): number => widths.reduce((a, b) => Math.max(a, b), 0);
  const digits = widest(layers.map(({ layer }) => number(layer).length));
  const width = widest(layers.map(({ layer }) => (layer.length <= NAME_COLUMN ? layer.length : 0)));
  return ({ layer }) => ({
    number: `    ${number(layer).padStart(digits)}  `,
    name: layer.length > NAME_COLUMN ? undefined : `${printable(layer.padEnd(width))}  `,
  });
}

/** `conv2  [K32 C2]  W rf_1B, I sram, O rf_2B: C2 FX3 | O sram: OX15 OY18 | W dram: K3`. */
function mappingLines(layer: LayerTileReport, label: MappingLabel): readonly string[] {
  const words = [
    unrolled(layer.spatialMapping),
    ...ownText(layer),
    ...(layer.mapping === 'found' ? [] : [`(${layer.mapping})`]),
    ...(layer.gap === 0 ? [] : [`(at most ${(100 * layer.gap).toPrecision(2)} % above the best)`]),
    ...segments(layer.temporalMapping),
  ];
  if (label.name === undefined)
    return [label.number + printable(layer.layer), ...wrap(' '.repeat(label.number.length), words)];
  return wrap(label.number + label.name, words);
}

/** `(not [K32 C2]: energy +3.1 %, cycles +12.0 %, use 2.3 %)`: what the accelerator's own unrolling would come to. */
function ownText({
  ownSpatial,
  spatialMapping,
  energyPj,
  latencyCycles,
}: LayerTileReport): readonly string[] {
  if (ownSpatial === undefined) return [];
  const own = unrolled(ownSpatial.spatialMapping);
  if (own === unrolled(spatialMapping)) return ['(own)'];
  const more = (value: number, chosen: number): string =>
    `${value >= chosen ? '+' : ''}${((100 * (value - chosen)) / chosen).toFixed(1)} %`;
  const text =
    `(not ${own}: energy ${more(ownSpatial.energyPj, energyPj)}, cycles ${more(ownSpatial.latencyCycles, latencyCycles)}, ` +
    `use ${percent(ownSpatial.utilization, 1)})`;
  return text.split(' ');
}

/** `[K32 OX3.89]`: a fraction is the loop size divided by a whole number of iterations. */
const unrolled = perObject(
  (mapping: readonly Unrolling[]): string =>
    `[${mapping.map(({ dim, size }) => `${dim}${Number.isInteger(size) ? size : size.toFixed(2)}`).join(' ')}]`,
);

/** Layers that are alike share their mapping. */
const segments = perObject((loops: readonly TemporalLoopReport[]): readonly string[] => {
  if (loops.length === 0) return ['no loops: everything in one cycle'];
  const words: string[] = [];
  let before: TemporalLoopReport['level'] = {};
  for (const { dim, size, level } of loops) {
    const moved = (Object.keys(level) as OperandName[]).filter(
      (operand) => level[operand] !== before[operand],
    );
    if (moved.length > 0) {
      if (words.length > 0) words.push('|');
      words.push(`${moved.map((operand) => `${operand} ${level[operand]}`).join(', ')}:`);
    }
    words.push(`${dim}${size}`);
    before = level;
  }
  return words;
});
