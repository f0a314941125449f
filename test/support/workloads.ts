/** Small workloads for tests, written by hand: a list of nodes, sizes worked out forwards. */
import { layerId, tensorId } from '../../src/base/ids.js';
import type { FeatureMap, Layer, Region, Share, Source, Workload } from '../../src/ir/layer.js';

export interface AxisSpec {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

export type NodeSpec =
  | {
      readonly op: 'conv' | 'pool';
      /** Several maps: joined along channels. */
      readonly from: string | readonly string[];
      readonly x: AxisSpec;
      readonly y: AxisSpec;
      readonly channels?: number;
      /** Every output pixel has weights of its own. */
      readonly perPixel?: boolean;
      /** How many of its weights exist. */
      readonly share?: Share;
    }
  | { readonly op: 'add'; readonly from: readonly [string, string] }
  | { readonly op: 'upsample'; readonly from: string; readonly factor: number };

export interface NetworkSpec {
  readonly input: { readonly width: number; readonly height: number; readonly channels: number };
  /** Name and node, in topological order; the input map is called `in`. */
  readonly nodes: readonly (readonly [string, NodeSpec])[];
}

export const inputsOf = ({ from }: Pick<NodeSpec, 'from'>): readonly string[] =>
  typeof from === 'string' ? [from] : from;

export const square = (
  kernel: number,
  stride = 1,
  pad = 0,
  dilation = 1,
): Pick<Extract<NodeSpec, { x: AxisSpec }>, 'x' | 'y'> => {
  const axis = { kernel, stride, dilation, before: pad, after: pad };
  return { x: axis, y: axis };
};

export const outputSize = (size: number, { kernel, stride, dilation, before, after }: AxisSpec): number =>
  Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;

const windowOf = (axis: AxisSpec): Region => ({ kind: 'window', ...axis });
const SAME: Region = { kind: 'same' };

export interface MapSize {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

export function networkOf(spec: NetworkSpec): Workload {
  const sizes = new Map<string, MapSize>([['in', spec.input]]);
  const layers = spec.nodes.map(([name, node]) => {
    const { layer, size } = layerOf(name, node, sizes);
    sizes.set(name, size);
    return layer;
  });
  const maps = [...sizes].map(([name, size]): FeatureMap => ({
    id: tensorId(name),
    producer: name === 'in' ? null : layerId(name),
    elementsPerPixel: size.channels,
    width: size.width,
    height: size.height,
    bits: 8,
  }));
  const last = layers.at(-1)!;
  return {
    layers,
    maps,
    outputs: [last.output.map],
    aliases: [],
    macs: layers.reduce((sum, l) => sum + l.macs, 0),
  };
}

function layerOf(
  name: string,
  node: NodeSpec,
  sizes: ReadonlyMap<string, MapSize>,
): { layer: Layer; size: MapSize } {
  const source = (from: string, x: Region, y: Region): Source => ({
    map: tensorId(from),
    elementsPerPixel: sizes.get(from)!.channels,
    x,
    y,
  });
  const base = {
    id: layerId(name),
    coverage: 'exact',
    src: [],
    upsample: { x: 1, y: 1 },
    passes: 1,
    postOps: [],
  } as const;
  const output = { map: tensorId(name), psumBits: 16, bits: 8 };
  if (node.op === 'add') {
    const size = sizes.get(node.from[0])!;
    const dims = ['B', 'G', 'OY', 'OX'] as const;
    return {
      size,
      layer: {
        ...base,
        op: 'Add',
        kind: 'vector',
        weightBits: 0,
        macs: 0,
        loops: [
          { dim: 'B', size: 1 },
          { dim: 'G', size: size.channels },
          { dim: 'OY', size: size.height },
          { dim: 'OX', size: size.width },
        ],
        output: { ...output, dims },
        inputs: (['X', 'Y'] as const).map((operand, i) => ({
          name: operand,
          path: 'I',
          bits: 8,
          dims,
          windows: [],
          sources: [source(node.from[i]!, SAME, SAME)],
        })),
      },
    };
  }
  if (node.op === 'upsample') {
    const from = sizes.get(node.from)!;
    const size = { ...from, width: from.width * node.factor, height: from.height * node.factor };
    const region: Region = { kind: 'scale', mul: 1, div: node.factor, lo: 0, hi: 0 };
    const dims = ['B', 'G', 'OY', 'OX'] as const;
    return {
      size,
      layer: {
        ...base,
        op: 'Resize',
        kind: 'move',
        weightBits: 0,
        macs: 0,
        loops: [
          { dim: 'B', size: 1 },
          { dim: 'G', size: size.channels },
          { dim: 'OY', size: size.height },
          { dim: 'OX', size: size.width },
        ],
        output: { ...output, dims },
        inputs: [
          { name: 'I', path: 'I', bits: 8, dims, windows: [], sources: [source(node.from, region, region)] },
        ],
      },
    };
  }
  const joined = inputsOf(node).map((from) => sizes.get(from)!);
  const inChannels = joined.reduce((sum, from) => sum + from.channels, 0);
  const channels = node.op === 'pool' ? inChannels : (node.channels ?? inChannels);
  const { width, height } = joined[0]!;
  const size = { width: outputSize(width, node.x), height: outputSize(height, node.y), channels };
  const kernel = [
    { dim: 'FY', size: node.y.kernel },
    { dim: 'FX', size: node.x.kernel },
  ] as const;
  const windows = [
    { axis: 'x', out: 'OX', kernel: 'FX', stride: node.x.stride, dilation: node.x.dilation },
    { axis: 'y', out: 'OY', kernel: 'FY', stride: node.y.stride, dilation: node.y.dilation },
  ] as const;
  const products = channels * inChannels * node.x.kernel * node.y.kernel;
  const pixels = size.width * size.height;
  const { exist, of } = node.share ?? { exist: 1, of: 1 };
  return {
    size,
    layer: {
      ...base,
      op: 'Conv',
      kind: 'mac',
      weightBits: (8 * products * (node.perPixel ? pixels : 1) * exist) / of,
      macs: products * pixels,
      loops: [
        { dim: 'B', size: 1 },
        { dim: 'K', size: channels },
        { dim: 'C', size: inChannels },
        { dim: 'OY', size: size.height },
        { dim: 'OX', size: size.width },
        ...kernel,
      ],
      output: { ...output, dims: ['B', 'K', 'OY', 'OX'] },
      inputs: [
        {
          ...{ name: 'W', path: 'W', bits: 8, windows: [], sources: [] },
          dims: node.perPixel ? ['K', 'C', 'OY', 'OX', 'FY', 'FX'] : ['K', 'C', 'FY', 'FX'],
          ...(node.share ? { share: node.share } : {}),
        },
        {
          name: 'I',
          path: 'I',
          bits: 8,
          dims: ['B', 'C'],
          windows,
          sources: inputsOf(node).map((from) => source(from, windowOf(node.x), windowOf(node.y))),
        },
      ],
    },
  };
}
