/**
 * Layer tables (YAML or JSON) to the layers facet. Maps get the sizes their producers state; what the
 * consumers really need is worked out by the pass that calls this.
 */
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import { layerId, tensorId, type LayerId, type TensorId } from '../base/ids.js';
import type { Code } from '../diag/codes.js';
import { diagnostic, DiagnosticError } from '../diag/diagnostic.js';
import { readDocument, type TextDocument } from '../diag/document.js';
import { schemaDiagnostics } from '../diag/schema-errors.js';
import { validatorOf } from '../diag/validator.js';
import {
  LAYER_TABLE_SCHEMA,
  type LayerTable,
  type TableEntry,
  type TableInput,
  type TableLayer,
} from './layer-table.js';
import {
  LOOP_DIMS,
  type FeatureMap,
  type InputOperand,
  type Layer,
  type LoopDim,
  type LoopSize,
  type Region,
  type Source,
  type WindowIndex,
  type Workload,
} from './layer.js';

const validator = validatorOf<LayerTable>(LAYER_TABLE_SCHEMA, {
  allErrors: true,
  verbose: true,
  strict: false,
});

export interface LoadedLayers {
  readonly name: string;
  readonly workload: Workload;
}

/** `file` is the name shown in diagnostics; `channels`: as the profile says. Throws a DiagnosticError. */
export function parseLayerTable(
  text: string,
  file: string,
  channels: Profile['cutChannels'] = 'own',
): LoadedLayers {
  const document = readDocument(text, file, 'DF1030');
  const { value } = document;
  const validate = validator();
  if (!validate(value))
    throw new DiagnosticError(schemaDiagnostics('DF1031', document, validate.errors ?? []));
  const workload = toWorkload(value, document);
  return { name: value.workload, workload: channels === 'own' ? workload : asNamed(workload, value) };
}

const isInput = (entry: TableEntry): entry is TableInput => entry.equation === 'input';
const mapOf = (id: number): TensorId => tensorId(id < 0 ? `input${-id}` : String(id));

function complain(
  document: TextDocument,
  index: number,
  key: string,
  message: string,
  code: Code = 'DF1032',
): never {
  throw new DiagnosticError([diagnostic(code, message, [document.at(['layers', index, key])])]);
}

function toWorkload(table: LayerTable, document: TextDocument): Workload {
  const maps = new Map<number, FeatureMap>();
  const layers: Layer[] = [];
  const read = new Set<number>();
  table.layers.forEach((entry, index) => {
    if (maps.has(entry.id)) complain(document, index, 'id', `layer id ${entry.id} is used twice`);
    requireKeys(entry, index, document);
    if (!isInput(entry)) {
      layers.push(toLayer(entry, index, maps, document));
      for (const id of Object.values(entry.operand_source).flat()) read.add(id);
    }
    maps.set(entry.id, toMap(entry));
  });
  const outputs = table.layers
    .filter((entry) => !isInput(entry) && !read.has(entry.id))
    .map((entry) => mapOf(entry.id));
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0);
  return { layers, maps: [...maps.values()], outputs, aliases: [], origin: 'table', macs };
}

/** Inputs state one precision, layers state it and their producers per operand. */
function requireKeys(entry: TableEntry, index: number, document: TextDocument): void {
  const given: Readonly<Record<string, unknown>> = { ...entry };
  const required = isInput(entry) ? ['precision'] : ['operand_precision', 'operand_source'];
  for (const key of required)
    if (given[key] === undefined) complain(document, index, key, `layer ${entry.id} has no ${key}`);
  if (!isInput(entry) && entry.operand_precision['O'] === undefined)
    complain(document, index, 'operand_precision', 'precision of operand O is missing');
}

const sizesOf = (entry: TableEntry): readonly LoopSize[] =>
  Object.entries(entry.loop_dim_size).map(([dim, size]) => ({ dim: dim as LoopDim, size }));

const product = (sizes: readonly LoopSize[], dims: readonly LoopDim[]): number =>
  sizes.reduce((result, { dim, size }) => (dims.includes(dim) ? result * size : result), 1);

function toMap(entry: TableEntry): FeatureMap {
  const sizes = sizesOf(entry);
  return {
    id: mapOf(entry.id),
    producer: isInput(entry) ? null : layerId(String(entry.id)),
    elementsPerPixel: product(sizes, ['B', 'G', 'K']),
    width: product(sizes, ['OX']),
    height: product(sizes, ['OY']),
    bits: isInput(entry)
      ? entry.precision
      : (entry.operand_precision['O_final'] ?? known(entry.operand_precision['O'], 'O')),
  };
}

interface Equation {
  readonly output: readonly LoopDim[];
  /** Per input operand, its index names in upper case: loop dims, IX and IY. */
  readonly inputs: readonly { readonly name: string; readonly indices: readonly string[] }[];
  readonly accumulates: boolean;
}

function parseEquation(entry: TableLayer, index: number, document: TextDocument): Equation {
  const terms = [...entry.equation.matchAll(/([A-Z])((?:\[[a-z]+\])+)/g)].map((match) => ({
    name: known(match[1], 'operand'),
    indices: [...known(match[2], 'indices').matchAll(/\[([a-z]+)\]/g)].map((part) =>
      known(part[1], 'index').toUpperCase(),
    ),
  }));
  const rebuilt = /^O[^=]*\+?=[A-Z][^*+]*([*+][A-Z][^*+]*)?$/.test(entry.equation.replaceAll(' ', ''));
  const [output, ...inputs] = terms;
  const dims: readonly string[] = LOOP_DIMS;
  const names = inputs.map((input) => input.name).join('');
  const sane =
    output?.name === 'O' &&
    output.indices.every((i) => dims.includes(i)) &&
    ['WI', 'IW', 'XY', 'I'].includes(names);
  if (!rebuilt || !sane) {
    complain(
      document,
      index,
      'equation',
      `"${entry.equation}" is not of the form O[..]+=W[..]*I[..] or O[..]=X[..]+Y[..]`,
    );
  }
  return { output: output.indices as readonly LoopDim[], inputs, accumulates: entry.equation.includes('+=') };
}

function toLayer(
  entry: TableLayer,
  index: number,
  maps: ReadonlyMap<number, FeatureMap>,
  document: TextDocument,
): Layer {
  const loops = sizesOf(entry);
  const equation = parseEquation(entry, index, document);
  const inputs = equation.inputs.map((operand) => toOperand(entry, index, operand, loops, maps, document));
  const weights = inputs.find((input) => input.name === 'W');
  const iterations = loops.reduce((all, loop) => all * loop.size, 1);
  const counted = equation.accumulates && (weights?.bits ?? 0) > 0;
  const psumBits = known(entry.operand_precision['O'], 'precision of O');
  return {
    id: layerId(String(entry.id)),
    op: counted ? 'Conv' : weights ? 'Pool' : 'Add',
    kind: counted ? 'mac' : 'vector',
    coverage: 'exact',
    src: [{ node: index, name: String(entry.id), opType: entry.equation }],
    loops,
    output: {
      map: mapOf(entry.id),
      dims: equation.output,
      psumBits,
      bits: entry.operand_precision['O_final'] ?? psumBits,
    },
    inputs,
    upsample: { x: 1, y: 1 },
    weightBits: weights ? product(loops, weights.dims) * weights.bits : 0,
    macs: counted ? iterations : 0,
    passes: 1,
    postOps: [],
    ...(entry.spatial_mapping && {
      unrolling: Object.entries(entry.spatial_mapping).map(([array, [dim, size]]) => ({ array, dim, size })),
    }),
  };
}

function toOperand(
  entry: TableLayer,
  index: number,
  { name, indices }: Equation['inputs'][number],
  loops: readonly LoopSize[],
  maps: ReadonlyMap<number, FeatureMap>,
  document: TextDocument,
): InputOperand {
  const windows = indices.flatMap((i) =>
    i === 'IX' || i === 'IY' ? [windowIndex(entry, index, i, document)] : [],
  );
  const dims = indices.filter((i): i is LoopDim => i !== 'IX' && i !== 'IY');
  const bits = entry.operand_precision[name];
  if (bits === undefined)
    complain(document, index, 'operand_precision', `precision of operand ${name} is missing`);
  const region = (axis: 'x' | 'y'): Region => {
    const window = windows.find((w) => w.axis === axis);
    if (!window) return { kind: 'same' };
    const { stride, dilation, kernel } = window;
    return { kind: 'window', stride, dilation, kernel: product(loops, [kernel]), before: 0, after: 0 };
  };
  const sources = (entry.operand_source[name] ?? []).map((id): Source => {
    if (!maps.has(id))
      complain(
        document,
        index,
        'operand_source',
        `operand ${name} comes from ${id}, which is no earlier layer`,
      );
    const elementsPerPixel = product(
      loops,
      dims.filter((dim) => dim !== 'OX' && dim !== 'OY'),
    );
    return { map: mapOf(id), elementsPerPixel, x: region('x'), y: region('y') };
  });
  if (name !== 'W' && sources.length === 0)
    complain(document, index, 'operand_source', `operand ${name} has no producer`);
  return { name: name as InputOperand['name'], path: name === 'W' ? 'W' : 'I', bits, dims, windows, sources };
}

function windowIndex(
  entry: TableLayer,
  index: number,
  name: 'IX' | 'IY',
  document: TextDocument,
): WindowIndex {
  const axis = name === 'IX' ? 'x' : 'y';
  const relation = (entry.equation_relations ?? []).find((text) => text.trim().startsWith(`i${axis}`));
  const match = /=\s*(\d+)\*o([xy])\s*\+\s*(\d+)\*f([xy])/.exec(relation ?? '');
  if (!match)
    return complain(
      document,
      index,
      'equation_relations',
      `no relation says how i${axis} follows from o${axis} and f${axis}`,
    );
  return {
    axis,
    out: match[2] === 'x' ? 'OX' : 'OY',
    kernel: match[4] === 'x' ? 'FX' : 'FY',
    stride: Number(match[1]),
    dilation: Number(match[3]),
  };
}

/** Operands that claim more elements per pixel than their producer makes; taken as declared. */
export function channelClashes({
  layers,
  maps,
}: Workload): readonly { readonly layer: LayerId; readonly message: string }[] {
  const elements = new Map(maps.map((map) => [map.id, map.elementsPerPixel]));
  return layers.flatMap((layer) =>
    layer.inputs.flatMap((input) =>
      input.sources.flatMap((source) => {
        const made = known(elements.get(source.map), 'map');
        if (source.elementsPerPixel <= made) return [];
        const message = `${layer.id}.${input.name} takes ${source.elementsPerPixel} channels of ${source.map}, which has ${made}: taken as declared`;
        return [{ layer: layer.id, message }];
      }),
    ),
  );
}

/** Maps whose readers call its channels by different names have the channels of all names, once cut off (Q26). */
function asNamed(workload: Workload, { layers }: LayerTable): Workload {
  const named = new Map<TensorId, Map<string, number>>();
  for (const entry of layers) {
    if (isInput(entry)) continue;
    for (const [operand, mapping] of Object.entries(entry.operand_source_dimension_mapping ?? {}))
      for (const id of entry.operand_source[operand] ?? []) {
        const sizes = named.get(mapOf(id)) ?? new Map<string, number>();
        named.set(mapOf(id), sizes);
        for (const [own, name] of Object.entries(mapping)) {
          const size = entry.loop_dim_size[own as LoopDim];
          if (size !== undefined && CHANNELS.includes(name))
            sizes.set(name, Math.min(size, sizes.get(name) ?? size));
        }
      }
  }
  const maps = workload.maps.map((map) => {
    const sizes = [...(named.get(map.id)?.values() ?? [])];
    return sizes.length < 2 ? map : { ...map, elementsAfterCut: sizes.reduce((all, size) => all * size) };
  });
  return { ...workload, maps };
}

const CHANNELS: readonly string[] = ['G', 'K', 'C'] satisfies LoopDim[];
