/**
 * What is in a model, before any schedule: operators, shapes, MACs, parameters, sizes of feature maps, symbolic
 * dimensions, how faithfully each operator is modelled, and what can be fused. `defines inspect --format json`.
 */
import { bareName } from '../base/ids.js';
import { finder } from '../base/finder.js';
import type { FeatureMap, Layer, Workload } from '../ir/layer.js';
import type { Graph, Shapes, TensorInfo, ValueInfo } from '../ir/tensor.js';
import { coverageOf } from '../report/coverage.js';
import type { CoverageReport } from '../report/report.js';
import { fusibleStacks, type FusibleStack } from './fusion.js';

export interface Inspection {
  readonly name: string;
  /** Nodes of the file by operator, in code-unit order. */
  readonly operators: Readonly<Record<string, number>>;
  readonly macs: number;
  /** Elements of constants that the network computes with; shapes and axes aside. */
  readonly parameters: number;
  /** Open dimensions of the inputs, with the size they are bound to. */
  readonly symbols: readonly SymbolicDim[];
  readonly layers: readonly LayerSummary[];
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype: string }>>;
  readonly outputs: Readonly<Record<string, { readonly shape: readonly number[] }>>;
  /** Of all feature maps, network inputs included. */
  readonly featureMaps: { readonly count: number; readonly bits: number; readonly largest: MapSize | null };
  readonly coverage: CoverageReport;
  readonly fusion: readonly FusibleStack[];
}

export interface SymbolicDim {
  readonly name: string;
  /** Where it occurs: `<input>.<axis>`. */
  readonly axes: readonly string[];
  /** null: not bound, so that nothing behind it is known. */
  readonly size: number | null;
}

export interface MapSize {
  readonly map: string;
  readonly width: number;
  readonly height: number;
  readonly elementsPerPixel: number;
  readonly bits: number;
}

interface LayerSummary {
  readonly name: string;
  readonly op: string;
  readonly loopDims: Readonly<Record<string, number>>;
  readonly macs: number;
  readonly weightBits: number;
  readonly output: MapSize;
  readonly coverage: Layer['coverage'];
  readonly postOps: readonly string[];
}

/** Of a model that could be lowered. */
export interface Inspected {
  readonly name: string;
  /** As the file has it, before anything is evened out. */
  readonly file: Graph;
  readonly graph: Graph;
  readonly shapes: Shapes;
  readonly layers: Workload;
  readonly dims: Readonly<Record<string, number>>;
}

const mapById = finder((map: FeatureMap) => map.id);
const tensorByName = finder((tensor: TensorInfo) => tensor.name);

export function inspectModel({ name, file, graph, shapes, layers, dims }: Inspected): Inspection {
  const maps = layers.maps.map(sizeOf);
  return {
    name,
    operators: countOperators(file),
    macs: layers.macs,
    parameters: countParameters(graph, shapes),
    symbols: symbolicDims(file, dims),
    layers: layers.layers.map((layer) => summaryOf(layer, layers)),
    tensors: Object.fromEntries(shapes.tensors.map((tensor) => [tensor.name, brief(tensor)])),
    outputs: Object.fromEntries(
      graph.outputs.map(({ name: id }) => [id, { shape: tensorByName(shapes.tensors, id)?.shape ?? [] }]),
    ),
    featureMaps: {
      count: maps.length,
      bits: maps.reduce((sum, { bits }) => sum + bits, 0),
      largest: maps.reduce<MapSize | null>((best, map) => (best && best.bits >= map.bits ? best : map), null),
    },
    coverage: coverageOf(layers),
    fusion: fusibleStacks(layers),
  };
}

const brief = ({ shape, dtype }: TensorInfo) => ({ shape, dtype });

const sizeOf = ({ id, width, height, elementsPerPixel, bits }: FeatureMap): MapSize => ({
  map: bareName(id),
  width,
  height,
  elementsPerPixel,
  bits: width * height * elementsPerPixel * bits,
});

function summaryOf(layer: Layer, { maps }: Workload): LayerSummary {
  const map = mapById(maps, layer.output.map);
  return {
    name: bareName(layer.id),
    op: layer.op,
    loopDims: Object.fromEntries(layer.loops.map(({ dim, size }) => [dim, size])),
    macs: layer.macs,
    weightBits: layer.weightBits,
    output: map
      ? sizeOf(map)
      : { map: bareName(layer.output.map), width: 0, height: 0, elementsPerPixel: 0, bits: 0 },
    coverage: layer.coverage,
    postOps: layer.postOps.map(({ op }) => op),
  };
}

export function countOperators({ nodes }: Graph): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { domain, opType } of nodes) {
    const operator = domain === '' ? opType : `${domain}:${opType}`;
    counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Types of shapes, axes and conditions; parameters are numbers of other types. */
const NO_PARAMETERS: ReadonlySet<string> = new Set(['int64', 'bool', 'string']);

/** Constants that a node reads which computes something; each once, however often it is read. */
function countParameters({ nodes }: Graph, { tensors }: Shapes): number {
  const known = (name: string): TensorInfo | undefined => tensorByName(tensors, name);
  const read = new Set(
    nodes
      .filter(({ outputs }) => outputs.some((name) => known(name)?.constant === false))
      .flatMap(({ inputs }) => inputs),
  );
  return [...read].reduce((sum, name) => {
    const tensor = known(name);
    const counts = tensor?.constant === true && !NO_PARAMETERS.has(tensor.dtype);
    return counts ? sum + tensor.shape.reduce((product, size) => product * size, 1) : sum;
  }, 0);
}

/** Symbols by name, then nameless dimensions by place. */
export function symbolicDims(
  { inputs }: Graph,
  dims: Readonly<Record<string, number>>,
): readonly SymbolicDim[] {
  const axes = new Map<string, string[]>();
  for (const input of inputs)
    openAxes(input).forEach(({ name, place }) => {
      const others = axes.get(name);
      if (others === undefined) axes.set(name, [place]);
      else others.push(place);
    });
  return [...axes].map(([name, places]) => {
    const bound = [name, ...places].find((key) => Object.hasOwn(dims, key));
    return { name, axes: places, size: bound === undefined ? null : (dims[bound] ?? null) };
  });
}

const openAxes = ({ name, shape }: ValueInfo): readonly { readonly name: string; readonly place: string }[] =>
  (shape ?? []).flatMap((dim, axis) => {
    const place = `${name}.${axis}`;
    return dim.kind === 'fixed' ? [] : [{ name: dim.kind === 'symbol' ? dim.name : place, place }];
  });
