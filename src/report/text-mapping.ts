/** How the loops of each layer are ordered and laid over memories and the array, a line for each. */
import { perObject } from '../base/bounded-map.js';
import type { OperandName } from '../ir/cost.js';
import type { Unrolling } from '../ir/layer.js';
import { inFewerLines, likeText, MOST_ROWS, rangeText } from './repeated-rows.js';
import type { Stretch } from './repeats.js';
import type { LayerTileReport, TemporalLoopReport } from './report.js';
import type { Numbering } from './text-numbers.js';
import { printable, wrap } from './text-table.js';
import { moreText, percent } from './text-units.js';

/** Line by line; in long lists those that come again are one line. */
export function mappingSection(layers: readonly LayerTileReport[], number: Numbering): readonly string[] {
  const label = mappingLabel(layers, number);
  const lineOf = (at: number): readonly string[] => mappingLines(layers[at]!, label(layers[at]!));
  const between = ({ from, to }: Stretch): string =>
    rangeText(number(layers[from]!.layer), number(layers[to - 1]!.layer));
  const folded = (): readonly string[] =>
    inFewerLines(layers.map((layer) => mappingWords(layer).join(' '))).flatMap((line) =>
      line.like === undefined || line.to === line.from + 1
        ? lineOf(line.from)
        : [`    ${between(line)}  ${likeText(between(line.like), { ...line, like: line.like })}`],
    );
  return [
    '    mapping: [unrolled on the array], loops from the innermost; |: from here on an operand lies in a higher memory',
    ...(layers.length > MOST_ROWS ? folded() : layers.flatMap((_, at) => lineOf(at))),
  ];
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
  const words = mappingWords(layer);
  if (label.name === undefined)
    return [label.number + printable(layer.layer), ...wrap(' '.repeat(label.number.length), words)];
  return wrap(label.number + label.name, words);
}

const mappingWords = (layer: LayerTileReport): readonly string[] => [
  unrolled(layer.spatialMapping),
  ...ownText(layer),
  ...(layer.mapping === 'found' ? [] : [`(${layer.mapping})`]),
  ...(layer.gap === 0 ? [] : [`(at most ${(100 * layer.gap).toPrecision(2)} % above the best)`]),
  ...(layer.operandBits.W === 0 ? unweighted : segments)(layer.temporalMapping),
];

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
  const text =
    `(not ${own}: energy ${moreText(ownSpatial.energyPj, energyPj)}, cycles ${moreText(ownSpatial.latencyCycles, latencyCycles)}, ` +
    `use ${percent(ownSpatial.utilization, 1)})`;
  return text.split(' ');
}

/** `[K32 OX3.89]`: a fraction is the loop size divided by a whole number of iterations. */
const unrolled = perObject(
  (mapping: readonly Unrolling[]): string =>
    `[${mapping.map(({ dim, size }) => `${dim}${Number.isInteger(size) ? size : size.toFixed(2)}`).join(' ')}]`,
);

/** Layers that are alike share their mapping. */
const segmentsOf = (shown: (operand: OperandName) => boolean) =>
  perObject((loops: readonly TemporalLoopReport[]) => loopWords(loops, shown));
const segments = segmentsOf(() => true);
/** Without weights, or with a kernel of 0 bits: these lie nowhere. */
const unweighted = segmentsOf((operand) => operand !== 'W');

function loopWords(
  loops: readonly TemporalLoopReport[],
  shown: (operand: OperandName) => boolean,
): readonly string[] {
  if (loops.length === 0) return ['no loops: everything in one cycle'];
  const words: string[] = [];
  let before: TemporalLoopReport['level'] = {};
  for (const { dim, size, level } of loops) {
    const moved = (Object.keys(level) as OperandName[]).filter(
      (operand) => shown(operand) && level[operand] !== before[operand],
    );
    if (moved.length > 0) {
      if (words.length > 0) words.push('|');
      words.push(`${moved.map((operand) => `${operand} ${level[operand]}`).join(', ')}:`);
    }
    words.push(`${dim}${size}`);
    before = level;
  }
  return words;
}
