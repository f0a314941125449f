/**
 * What a dequantization hides: data movement and dequantization keep the stored type, so that int4 weights behind a
 * DequantizeLinear are int4, and have their scales beside them.
 */
import type { DType, Graph, GraphNode, TensorInfo } from '../ir/tensor.js';
import { stringAttr } from './attrs.js';

/** A tensor of a float type as it is stored. */
export interface Stored {
  /** Element types; more than one where parts differ. */
  readonly types: readonly DType[];
  /** Of constants: scales and zero points, where there is one per channel or per block. */
  readonly parameters: readonly { readonly op: 'scale' | 'zero point'; readonly name: string }[];
  /** The numbers that elements can be, where it is the same ones for all of them. */
  readonly grid?: Grid | undefined;
}

/** A scale times what a type holds: what a quantization rounds to. One that is there already it leaves as it is. */
export interface Grid {
  readonly dtype: DType;
  readonly scale: TensorInfo;
  /** Undefined: zero. */
  readonly zeroPoint: TensorInfo | undefined;
}

type Tensors = (name: string) => TensorInfo;

/** Tensors behind a dequantization, by name. */
export function storedTensors(graph: Graph, tensor: Tensors): ReadonlyMap<string, Stored> {
  const stored = new Map<string, Stored>();
  for (const node of graph.nodes) {
    const isDequantized = node.opType === 'DequantizeLinear';
    const kept = (isDequantized ? node.inputs.slice(0, 1) : keptInputs(node, tensor)).filter(
      (name) => name !== '',
    );
    if (!isDequantized && !kept.some((name) => stored.has(name))) continue;
    const parts = kept.map((name) => stored.get(name) ?? { types: [tensor(name).dtype], parameters: [] });
    const own = isDequantized ? parametersOf(node, tensor) : [];
    const all: Stored = {
      types: [...new Set(parts.flatMap(({ types }) => types))],
      parameters: distinct([...parts.flatMap(({ parameters }) => parameters), ...own]),
      grid: isDequantized ? gridOf(node, tensor) : addsNothing(node, tensor) ? commonGrid(parts) : undefined,
    };
    for (const name of node.outputs) if (name !== '' && isFloat(tensor(name).dtype)) stored.set(name, all);
  }
  return stored;
}

function parametersOf(
  { inputs: [data = '', scale = '', zeroPoint = ''] }: GraphNode,
  tensor: Tensors,
): Stored['parameters'] {
  const named = [
    { op: 'scale', name: scale },
    { op: 'zero point', name: zeroPoint },
  ] as const;
  const isTable = (name: string): boolean => name !== '' && tensor(name).shape.some((size) => size > 1);
  return tensor(data).constant ? named.filter(({ name }) => isTable(name)) : [];
}

function gridOf({ inputs: [data = '', scale = '', zeroPoint = ''] }: GraphNode, tensor: Tensors): Grid {
  return {
    dtype: tensor(data).dtype,
    scale: tensor(scale),
    zeroPoint: zeroPoint === '' ? undefined : tensor(zeroPoint),
  };
}

function commonGrid([first, ...others]: readonly Stored[]): Grid | undefined {
  const grid = first?.grid;
  return grid && others.every((other) => other.grid && isSameGrid(grid, other.grid)) ? grid : undefined;
}

/** Of one scale for all elements: with one per channel, moving elements may take them to another's place. */
export const isSameGrid = (a: Grid, b: Grid): boolean =>
  a.dtype === b.dtype &&
  a.scale.shape.every((size) => size === 1) &&
  isSame(a.scale, b.scale) &&
  (a.zeroPoint && b.zeroPoint
    ? isSame(a.zeroPoint, b.zeroPoint)
    : [a.zeroPoint, b.zeroPoint].every((point) => point === undefined || isSame(point, ZERO)));

const ZERO = { name: '', values: [0] };

/** By their numbers; where those are not read, one tensor is the same as itself. */
const isSame = (a: Pick<TensorInfo, 'name' | 'values'>, b: Pick<TensorInfo, 'name' | 'values'>): boolean =>
  a.name === b.name || (a.values !== undefined && a.values.join() === b.values?.join());

/** Each tensor once: parts of one that are joined again have the same. */
const distinct = (parameters: Stored['parameters']): Stored['parameters'] => [
  ...new Map(parameters.map((one) => [one.name, one])).values(),
];

/** Inputs whose elements the outputs are made of, unchanged. An interpolation makes new ones. */
function keptInputs(node: GraphNode, tensor: Tensors): readonly string[] {
  if (node.opType === 'Concat') return node.inputs;
  const isKept =
    node.opType === 'Resize'
      ? stringAttr(node, 'mode', 'nearest') === 'nearest'
      : KEEPS_ELEMENTS.has(node.opType) || keepsStored(node, tensor);
  return isKept ? node.inputs.slice(0, 1) : [];
}

const KEEPS_ELEMENTS: ReadonlySet<string> = new Set([
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Slice', 'Expand', 'Tile', 'Pad', 'Gather'],
  ...['Split', 'CenterCropPad', 'DepthToSpace', 'SpaceToDepth', 'MaxPool', 'GlobalMaxPool', 'Relu'],
]);

/** Nothing but elements of the input, or zeros, which are on every grid. */
function addsNothing({ opType, inputs }: GraphNode, tensor: Tensors): boolean {
  const padding = opType === 'Pad' ? (inputs[2] ?? '') : '';
  return padding === '' || tensor(padding).values?.join() === '0';
}

/** Types that stand for "some number": they take the accelerator's precision. */
const FLOATS: ReadonlySet<DType> = new Set(['float', 'float16', 'bfloat16', 'double']);

export const isFloat = (dtype: DType): boolean => FLOATS.has(dtype);

/** A Cast to the type that there is, or between floats, which are all stored alike: nothing changes. */
export function keepsStored({ domain, opType, inputs, outputs }: GraphNode, tensor: Tensors): boolean {
  if (domain !== '' || (opType !== 'Cast' && opType !== 'CastLike')) return false;
  const [[input = ''], [output = '']] = [inputs, outputs];
  if (input === '' || output === '') return false;
  const [from, to] = [tensor(input).dtype, tensor(output).dtype];
  return from === to || (isFloat(from) && isFloat(to));
}
