/** A stack in the text report: the decision, its layers, its tile types, and two of them in full. */
import { known } from '../base/assert.js';
import { finder } from '../base/finder.js';
import { grouped, sizeText } from '../base/units.js';
import { partsOf } from '../ir/heads.js';
import type {
  AcceleratorReport,
  FeasibleStack,
  InfeasibleStack,
  ModelLayer,
  PartReport,
  ScheduleReport,
  StackReport,
  TileTypeReport,
} from './report.js';
import { briefEnergyTable, latencyWords } from './text-cost.js';
import { sumOf } from './text-overview.js';
import { reasonLines } from './text-search.js';
import { numbering, ranges, type Numbering } from './text-numbers.js';
import {
  extra,
  itemName,
  itemNumber,
  left,
  name,
  plural,
  right,
  table,
  wrap,
  type TextStyle,
} from './text-table.js';
import { tileTypeDetail, weightsStay } from './text-tile.js';
import {
  addedTo,
  cycles,
  energy,
  energyText,
  energyUnit,
  extent,
  loopsText,
  ofAll,
  percent,
  type EnergyUnit,
} from './text-units.js';

/** `alike`: this stack and all that are like it. */
export function stackSection(
  report: ScheduleReport,
  alike: readonly StackReport[],
  unit: EnergyUnit,
  style: TextStyle,
): readonly string[] {
  const stack = known(alike[0], 'stack');
  const heading = style.heading(
    `stack ${stack.id}   ${plural(stack.layers.length, 'layer')}   tile ${extent(stack.tile)}   ${gridText(stack)} = ${plural(tilesOf(stack), 'tile')}   ${stack.mode}`,
  );
  return [
    heading,
    ...alikeLines(report, alike, unit),
    ...(stack.feasible
      ? feasibleLines(report, stack, unit, style)
      : [...layerTable(report, stack, unit), ...infeasibleLines(stack)]),
  ];
}

/** How many stacks the section is about, and what they cost together; the names of the others are in the overview. */
function alikeLines(
  { totals }: ScheduleReport,
  alike: readonly StackReport[],
  unit: EnergyUnit,
): readonly string[] {
  if (alike.length === 1) return [];
  const { energyPj, latencyCycles } = sumOf(alike);
  return wrap('  alike       ', [
    `${grouped(alike.length)} stacks, equal but for names;`,
    `together ${energyText(energyPj, unit)}${ofAll(energyPj, totals.energyPj)},`,
    `${grouped(latencyCycles)} cycles${ofAll(latencyCycles, totals.latencyCycles)}`,
  ]);
}

/** `grid 1x32`, and where heads are tiled `grid 1x32 for 2 of 32 heads x 16`. */
const gridText = ({ grid, heads }: StackReport): string =>
  `grid ${extent(grid)}${heads === undefined ? '' : ` for ${heads.tile} of ${plural(heads.of, 'head')} x ${partsOf({ heads })}`}`;

/** In all parts. */
const tilesOf = ({ grid, heads }: StackReport): number =>
  grid.x * grid.y * partsOf(heads === undefined ? {} : { heads });

function feasibleLines(
  report: ScheduleReport,
  stack: FeasibleStack,
  unit: EnergyUnit,
  style: TextStyle,
): readonly string[] {
  const { totals } = report;
  const shown = detailedTypes(stack.tileTypes);
  const hidden = stack.tileTypes.length - shown.length;
  const tileUnit = energyUnit(Math.max(...stack.tileTypes.map((type) => type.energyPj)), 4);
  return [
    `  energy      ${energyText(stack.energyPj, unit)}${ofAll(stack.energyPj, totals.energyPj)}`,
    ...wrap('  latency     ', [
      `${grouped(stack.latencyCycles)} cycles${ofAll(stack.latencyCycles, totals.latencyCycles)}`,
      ...latencyWords(stack, totals.latencyCounted),
    ]),
    `  weights     ${weightsText(stack, report.accelerator)}`,
    `  recomputed  ${grouped(stack.recomputedMacs)} MAC${addedTo(stack.macs - stack.recomputedMacs, stack.recomputedMacs)}`,
    ...reasonLines(report, stack, unit),
    '',
    // A single stack's energy by memory is the network's, which stands above.
    ...(report.stacks.length > 1 ? [...briefEnergyTable(stack, report.accelerator, unit), ''] : []),
    ...layerTable(report, stack, unit),
    '',
    ...typeTable(stack, tileUnit),
    ...(hidden > 0
      ? [`  in full below: ${shown.map((type) => type.name).join(', ')}; every one: --format json`]
      : []),
    ...shown.flatMap((type) => ['', ...tileTypeDetail(report, stack, type, tileUnit, style)]),
  ];
}

const layerNamed = finder((layer: ModelLayer) => layer.layer);
const partNamed = finder((part: PartReport) => part.part);

/** Sums over all tiles: each layer with the copies before it. */
function layerTable(report: ScheduleReport, stack: StackReport, unit: EnergyUnit): readonly string[] {
  const layers = stack.layers.flatMap((layer) => layerNamed(report.model.layers, layer) ?? []);
  const parts = stack.feasible ? stack.parts : [];
  const number = numbering(report.model);
  const costs = (part: string): readonly string[] => {
    const found = partNamed(parts, part);
    if (!found || !stack.feasible) return [];
    const copies = Object.values(found.energy.memory).reduce((sum, { copy }) => sum + copy, 0);
    return [
      energy(found.energyPj, unit),
      percent(found.energyPj, stack.energyPj),
      energy(copies, unit),
      cycles(found.latencyCycles),
      percent(found.latencyCycles, stack.latencyCycles),
    ];
  };
  const columns = [
    itemNumber('#'),
    itemName('layer'),
    name('operator'),
    left('loops'),
    right('weights'),
    right(`energy ${unit.unit}`),
    right('share'),
    extra('copies'),
    right('cycles'),
    right('share'),
  ];
  const inputs = parts.filter((part) => part.kind === 'input' && part.energyPj > 0);
  const rows = [
    ...inputs.map(({ part }) => ['', part, '(stack input)', '', '', ...costs(part)]),
    ...layers.map((layer) => [
      number(layer.layer),
      layer.layer,
      layer.op,
      loopsText(layer.loopDims),
      layer.weightBits > 0 ? sizeText(layer.weightBits) : '',
      ...costs(layer.layer),
    ]),
  ];
  return [...table(columns, rows, 2), ...postOpLines(layers, number)];
}

/** Layers by what runs on their outputs, such as `bias, Relu   1-4, 6`. */
function postOpLines(layers: readonly ModelLayer[], number: Numbering): readonly string[] {
  const groups = new Map<string, number[]>();
  for (const { layer, postOps } of layers) {
    const ops = postOps.map((post) => post.op).join(', ');
    if (ops === '') continue;
    const others = groups.get(ops);
    if (others === undefined) groups.set(ops, [Number(number(layer))]);
    else others.push(Number(number(layer)));
  }
  return [...groups].flatMap(([ops, numbers]) =>
    wrap(
      `  then on the output: ${ops} of ${numbers.length === 1 ? 'layer' : 'layers'} `,
      ranges(numbers),
      ', ',
    ),
  );
}

function typeTable(stack: FeasibleStack, unit: EnergyUnit): readonly string[] {
  const columns = [
    name('tile type'),
    right('count'),
    right('tile'),
    right(`${unit.unit} each`),
    right('share'),
    right('cycles each'),
    extra('share'),
    right('compute'),
    right('stall'),
    right('on-load'),
    right('off-load'),
    right('copy'),
  ];
  const rows = stack.tileTypes.map((type) => [
    type.name,
    grouped(type.count),
    extent(type.tile),
    energy(type.energyPj, unit),
    percent(type.count * type.energyPj, stack.energyPj),
    cycles(type.latencyCycles),
    percent(type.count * type.latencyCycles, stack.latencyCycles),
    ...[
      type.latency.compute,
      type.latency.stall,
      type.latency.onload,
      type.latency.offload,
      type.latency.copy,
    ].map(cycles),
  ]);
  return table(columns, rows, 2);
}

/** The origin, which brings the weights, and the type most of the other tiles are of. */
function detailedTypes(types: readonly TileTypeReport[]): readonly TileTypeReport[] {
  const others = types.filter((type) => !type.origin);
  const most = Math.max(...others.map((type) => type.count));
  const frequent = others.find((type) => type.count === most);
  return types.filter((type) => type.origin || type === frequent);
}

const infeasibleLines = (stack: InfeasibleStack): readonly string[] =>
  stack.infeasible.flatMap(({ layer, tileType, memory, demandBits, boundBits, gapBits, terms, levers }) => [
    '',
    ...wrap(
      '  infeasible: ',
      `${layer} in tile type ${tileType} needs ${sizeText(demandBits)} in ${memory}, which holds ${sizeText(boundBits)} (${sizeText(gapBits)} short)`.split(
        ' ',
      ),
    ),
    ...terms.flatMap((term) => wrap('    demand  ', term.split(' '))),
    ...levers.flatMap((lever) => wrap('    lever   ', lever.split(' '))),
  ]);

/** Weights, where they stay once the first tile has brought them, and where the output goes. */
function weightsText(stack: FeasibleStack, accelerator: AcceleratorReport): string {
  const { weights, grid, handOver } = stack;
  const { bits, level, pickedBits } = weights;
  const stay =
    grid.x * grid.y === 1
      ? ''
      : weightsStay(stack, accelerator)
        ? `, kept in ${level} after the first tile`
        : `, read from ${level} by every tile`;
  const kept = bits > 0 ? [sizeText(bits) + stay] : [];
  const picked = pickedBits > 0 ? [`${sizeText(pickedBits)}, of which each tile reads its own rows`] : [];
  return `${[...kept, ...picked].join('; ') || 'none'}   output left in ${handOver}`;
}
