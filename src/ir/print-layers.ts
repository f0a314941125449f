/** The dump of the facet layers: loop nests, operands and maps. */
import { unreachable } from '../base/assert.js';
import { grouped, sizeText } from '../base/units.js';
import type {
  FeatureMap,
  InputOperand,
  Layer,
  LoopSize,
  Region,
  Source,
  Unrolling,
  Workload,
} from './layer.js';
import { nameText, table, type Row } from './print-table.js';

export function printLayers(workload: Workload): readonly string[] {
  const heads = table(workload.layers.map(layerRow), 2, [3, 4]);
  return [
    'layers',
    ...workload.layers.flatMap((layer, i) => [heads[i] ?? '', ...details(layer)]),
    '  maps',
    ...table(workload.maps.map(mapRow), 4, [3]),
    `  outputs  ${workload.outputs.map(nameText).join(' ')}`,
    ...table(
      workload.aliases.map(({ op, name, of }) => ['alias', nameText(name), op, of.map(nameText).join(' ')]),
      2,
    ),
    `  total  ${grouped(workload.macs)} MAC`,
  ];
}

export const loopsText = (loops: readonly LoopSize[]): string =>
  loops.map(({ dim, size }) => `${dim}${size}`).join(' ');

const iterations = ({ loops }: Layer): number => loops.reduce((product, { size }) => product * size, 1);

function layerRow(layer: Layer): Row {
  const weights = layer.weightBits === 0 ? '' : `W ${sizeText(layer.weightBits)}`;
  const work =
    layer.kind === 'mac' ? `${grouped(layer.macs)} MAC` : `${grouped(iterations(layer))} operations`;
  return [
    nameText(layer.id),
    layer.op,
    loopsText(layer.loops),
    weights,
    work,
    `${layer.kind} ${layer.coverage}`,
  ];
}

function details(layer: Layer): readonly string[] {
  const { output, upsample } = layer;
  const psum = output.psumBits === output.bits ? '' : ` psum ${output.psumBits} bit`;
  const grown = upsample.x === 1 && upsample.y === 1 ? '' : ` upsample ${upsample.x}x${upsample.y}`;
  const rows: Row[] = [
    ...layer.inputs.flatMap(inputRows),
    ['O', `${output.bits} bit${psum}`, `[${output.dims.join(' ')}]${grown}`, `-> ${nameText(output.map)}`],
    ...layer.postOps.map(({ op, name, parameterBits }): Row => [
      'post',
      op,
      parameterBits === 0 ? '' : sizeText(parameterBits),
      nameText(name),
    ]),
    ...(layer.passes === 1 ? [] : [['passes', String(layer.passes)]]),
    ...(layer.unrolling === undefined ? [] : [['unrolled', unrollingText(layer.unrolling)]]),
    ...(layer.otherUnrollings ?? []).map((other): Row => ['or', unrollingText(other)]),
    ...layer.src.map(({ node, name, opType }): Row => [
      'from',
      opType,
      `node[${node}]`,
      JSON.stringify(name),
    ]),
  ];
  return table(rows, 4);
}

const unrollingText = (unrolling: readonly Unrolling[]): string =>
  unrolling.map(({ array, dim, size }) => `${array}:${dim}${size}`).join(' ');

function inputRows(operand: InputOperand): readonly Row[] {
  const windows = operand.windows.map((w) => `${w.stride}*${w.out}+${w.dilation}*${w.kernel}`);
  const share = operand.share ? ` ${operand.share.exist} of ${operand.share.of}` : '';
  const index = `[${[...operand.dims, ...windows].join(' ')}]${share}`;
  const path = operand.path === operand.name ? '' : ` on ${operand.path}`;
  const head = [operand.name, `${operand.bits} bit${path}`, index];
  if (operand.sources.length === 0) return [head];
  return operand.sources.map((source, i) => [...(i === 0 ? head : ['', '', '']), `<- ${sourceText(source)}`]);
}

const sourceText = ({ map, elementsPerPixel, first, x, y, share }: Source): string => {
  const from = first === undefined ? '' : ` from ${first}`;
  const part = share === undefined ? '' : `  share ${share}`;
  return `${nameText(map)} ${elementsPerPixel}${from} per pixel  x ${regionText(x)}  y ${regionText(y)}${part}`;
};

function regionText(region: Region): string {
  switch (region.kind) {
    case 'same':
    case 'full':
      return region.kind;
    case 'window': {
      const { kernel, stride, dilation, before, after } = region;
      return `window(k${kernel} s${stride} d${dilation} pad ${before},${after})`;
    }
    case 'scale': {
      const { mul, div, lo, hi, border } = region;
      const within = border ? ` border ${border.near},${border.far}` : '';
      return `scale(*${mul} /${div} ${lo}..${hi}${within})`;
    }
    default:
      return unreachable(region);
  }
}

function mapRow({ id, producer, elementsPerPixel, elementsAfterCut, width, height, bits }: FeatureMap): Row {
  const size = sizeText(elementsPerPixel * width * height * bits);
  const from = producer === null ? 'input' : `of ${nameText(producer)}`;
  const cut = elementsAfterCut === undefined ? '' : ` (${elementsAfterCut} after a cut)`;
  return [nameText(id), `${bits} bit`, `${width}x${height} x ${elementsPerPixel}${cut}`, size, from];
}

/** Weights are shown where the layers facet is there to know them. */
