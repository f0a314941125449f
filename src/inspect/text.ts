/** An inspection for people: what is in the model, what is modelled how, and what can be fused. */
import { grouped, sizeText } from '../base/units.js';
import type { Graph, ValueInfo } from '../ir/tensor.js';
import { LAYER_COVERAGES, sharesOf } from '../report/coverage.js';
import type { CoverageReport, OperatorCoverage } from '../report/report.js';
import { extra, left, name, plural, printable, right, table, wrap } from '../report/text-table.js';
import { percent } from '../report/text-units.js';
import { deepest } from './fusion.js';
import type { Inspection, MapSize, SymbolicDim } from './inspection.js';

export function inspectionText(found: Inspection, { inputs, outputs }: Graph): string {
  const shape = (id: string): string => {
    const tensor = found.tensors[id];
    return tensor === undefined ? `${id} ?` : `${id} ${tensor.dtype} [${tensor.shape.join(' ')}]`;
  };
  const weightBits = found.layers.reduce((sum, layer) => sum + layer.weightBits, 0);
  const { featureMaps, fusion } = found;
  return text([
    `${found.name}   ${plural(found.layers.length, 'layer')}   ${grouped(found.macs)} MAC   weights ${sizeText(weightBits)}`,
    ...inputs.map((input) => `input   ${shape(input.name)}`),
    ...outputs.map((output) => `output  ${shape(output.name)}`),
    ...symbolLines(found.symbols),
    `parameters    ${grouped(found.parameters)}`,
    `feature maps  ${grouped(featureMaps.count)}, together ${sizeText(featureMaps.bits)}${featureMaps.largest === null ? '' : `, largest ${featureMaps.largest.map} ${mapText(featureMaps.largest)} = ${sizeText(featureMaps.largest.bits)}`}`,
    '',
    ...operatorTable(found.operators),
    '',
    ...layerTable(found),
    '',
    ...coverageLines(found),
    ...(fusion.length === 0 ? [] : ['', ...fusionLines(found)]),
  ]);
}

/** What can be said of a model whose sizes are open: the rest needs --dim. */
export const openModelText = (
  model: string,
  operators: Inspection['operators'],
  symbols: readonly SymbolicDim[],
  { inputs, outputs }: Graph,
): string =>
  text([
    `${model}   sizes are open`,
    ...inputs.map((input) => `input   ${declaredText(input)}`),
    ...outputs.map((output) => `output  ${declaredText(output)}`),
    ...symbolLines(symbols),
    '',
    ...operatorTable(operators),
  ]);

const text = (lines: readonly string[]): string => `${lines.map(printable).join('\n')}\n`;

const declaredText = ({ name: id, dtype, shape }: ValueInfo): string => {
  const dims = shape?.map((dim) =>
    dim.kind === 'fixed' ? dim.size : dim.kind === 'symbol' ? dim.name : '?',
  );
  return dims === undefined ? `${id} ${dtype}` : `${id} ${dtype} [${dims.join(' ')}]`;
};

const symbolLines = (symbols: readonly SymbolicDim[]): readonly string[] =>
  symbols.map(
    ({ name: symbol, axes, size }) =>
      `symbol  ${symbol} = ${size ?? `?, bind it with --dim ${symbol}=<size>`}   (${axes.join(', ')})`,
  );

const operatorTable = (operators: Inspection['operators']): readonly string[] =>
  table(
    [left('operator in the file'), right('count')],
    Object.entries(operators).map(([op, n]) => [op, String(n)]),
  );

/** Columns x rows x elements per pixel. */
const mapText = ({ width, height, elementsPerPixel }: MapSize): string =>
  `${width}x${height}x${elementsPerPixel}`;

const layerTable = ({ layers }: Inspection): readonly string[] =>
  table(
    [
      right('#'),
      name('layer'),
      left('operator'),
      left('loops'),
      right('MACs'),
      right('weights'),
      right('map'),
      right('size'),
      left('model'),
      extra('post-operations'),
    ],
    layers.map((layer, k) => [
      String(k + 1),
      layer.name,
      layer.op,
      Object.entries(layer.loopDims)
        .map(([dim, size]) => `${dim}${size}`)
        .join(' '),
      layer.macs === 0 ? '-' : grouped(layer.macs),
      layer.weightBits === 0 ? '-' : sizeText(layer.weightBits),
      mapText(layer.output),
      sizeText(layer.output.bits),
      layer.coverage,
      layer.postOps.length > 4
        ? `${layer.postOps.slice(0, 3).join(' ')} ... ${layer.postOps.length} in all`
        : layer.postOps.join(' '),
    ]),
  );

const MODELLED: Readonly<Record<OperatorCoverage['coverage'], string>> = {
  exact: 'modelled exactly',
  approximate: 'approximate in order, reads or arithmetic',
  generic: 'not modelled: one visit to the largest output, every input read once',
  'post-operation': 'on the output of a layer, not charged',
  alias: 'views, free',
};

const HOW = { exact: 'exactly', approximate: 'approximately', generic: 'not at all' } as const;

/** `54.5 % are modelled exactly, 45.5 % approximately`: what there is none of is left out. */
function sharesText(coverage: CoverageReport, what: 'macs' | 'iterations'): string {
  const shares = sharesOf(coverage, what);
  return LAYER_COVERAGES.filter((kind) => kind === 'exact' || shares[kind] > 0)
    .map((kind) => `${percent(shares[kind], 100)}${kind === 'exact' ? ' are modelled' : ''} ${HOW[kind]}`)
    .join(', ');
}

function sharesLines(coverage: CoverageReport): readonly string[] {
  const iterations = `all loop iterations ${sharesText(coverage, 'iterations')}`;
  if (coverage.operators.every(({ macs }) => macs === 0)) return [`coverage  of ${iterations}`];
  const macs = coverage.uncounted.length === 0 ? 'the MACs' : 'the MACs that are known';
  return [`coverage  of ${macs} ${sharesText(coverage, 'macs')}`, `          of ${iterations}`];
}

/** Every operator that runs, by how it is modelled. */
function coverageLines({ coverage }: Inspection): readonly string[] {
  const kinds = Object.keys(MODELLED) as OperatorCoverage['coverage'][];
  return [
    ...sharesLines(coverage),
    ...(coverage.uncounted.length === 0 ? [] : wrap('  MACs not known: ', coverage.uncounted, ', ')),
    ...kinds.flatMap((kind) => {
      const rows = coverage.operators.filter((row) => row.coverage === kind);
      const words = rows.map(({ op, count }) => `${op} ${count}`);
      return rows.length === 0 ? [] : wrap(`  ${MODELLED[kind]}: `, words, ', ');
    }),
  ];
}

function fusionLines({ fusion, layers }: Inspection): readonly string[] {
  const numbers = new Map(layers.map((layer, k) => [layer.name, k + 1]));
  const most = deepest(fusion).layers.length;
  const rows = fusion.map((stack) => {
    const [first = '', last = ''] = [stack.layers[0], stack.layers.at(-1)];
    const range = `${numbers.get(first) ?? ''}${stack.layers.length > 1 ? `-${numbers.get(last) ?? ''}` : ''}`;
    return [
      range,
      stack.layers.length === 1 ? first : `${first} .. ${last}`,
      String(stack.layers.length),
      stack.weightBits === 0 ? '-' : sizeText(stack.weightBits),
      stack.ends?.because ?? 'the network ends',
    ];
  });
  return [
    `fusion  at most ${plural(most, 'layer')} in one stack; ${plural(fusion.length, 'stack')} cannot be avoided (weights that do not fit cut further)`,
    ...table([left('#'), name('layers'), right('depth'), right('weights'), name('ends because')], rows),
  ];
}
