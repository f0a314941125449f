/**
 * Tensors that are only ever needed whole: the side of a matrix product that stays (keys and values of attention),
 * and what such a side is made from by rearranging. How they are laid out does not matter to anybody, so that
 * transposing, joining with cached rows, taking a part and repeating for grouped heads cost nothing: they are read as
 * they lie. Nor do functions by constants, which are applied where they are read.
 */
import { tensorsRead } from '../ir/graph-view.js';
import type { Graph, GraphNode, TensorInfo } from '../ir/tensor.js';
import { isMatrixProduct } from './ops/einsum-product.js';
import { ELEMENTWISE } from './ops/elementwise.js';
import { isStretch } from './ops/gather.js';
import { callOf } from './ops/operator.js';
import { POINTWISE } from './ops/pointwise.js';
import { operatorName } from './ops/registry.js';
import { keepsStored } from './stored.js';

export interface WholeTensors {
  /** Every reader needs it whole; it may leave the network besides. */
  readonly read: ReadonlySet<string>;
  /** It leaves the network, or what does is read where it lies. */
  readonly leaves: ReadonlySet<string>;
}

type Tensors = (name: string) => TensorInfo;

/** The inputs of an operator that it needs whole whatever part of its output is computed. */
const WHOLE_INPUTS: ReadonlyMap<string, readonly number[]> = new Map([
  ['MatMul', [1]],
  ['Einsum', [1]],
  ['MatMulInteger', [1]],
  ['QLinearMatMul', [3]],
  ['com.microsoft:FusedMatMul', [1]],
  ['com.microsoft:FusedMatMulActivation', [1]],
  ['com.microsoft:DynamicQuantizeMatMul', [1]],
  ['com.microsoft:MatMulIntegerToFloat', [1]],
  ['Attention', [1, 2, 4, 5]],
  ['com.microsoft:MultiHeadAttention', [1, 2, 6, 7]],
  ['com.microsoft:GroupQueryAttention', [1, 2, 3, 4]],
]);

/** Operators that only rearrange their inputs, or are left to who reads them. */
const REARRANGING: ReadonlySet<string> = new Set([
  ...['Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Expand', 'Concat', 'Identity'],
  ...['TensorScatter', 'DequantizeLinear'],
]);

/** Operators whose result is another tensor than they read, which is made where it leaves the network. */
const SELECTING: ReadonlySet<string> = new Set(['Slice', 'Split', 'Tile']);

/** What an operator reads is needed whole where its results are; `unless-they-leave`: and none leaves the network. */
function handsOn(node: GraphNode, tensor: Tensors): 'always' | 'unless-they-leave' | 'never' {
  const name = operatorName(node);
  if (REARRANGING.has(name) || keepsStored(node, tensor)) return 'always';
  const changes =
    SELECTING.has(name) ||
    (name === 'Gather' && isStretch(callOf(node, tensor))) ||
    isPointwise(node, tensor);
  return changes ? 'unless-they-leave' : 'never';
}

/** Element by element of one activation, all else being constants. */
function isPointwise(node: GraphNode, tensor: Tensors): boolean {
  const name = operatorName(node);
  if (!Object.hasOwn(POINTWISE, name) && !Object.hasOwn(ELEMENTWISE, name)) return false;
  const [only, ...more] = tensorsRead(node).flatMap((input) => {
    const info = tensor(input);
    return info.constant ? [] : [info];
  });
  const [result = ''] = node.outputs;
  return only !== undefined && more.length === 0 && only.shape.join() === tensor(result).shape.join();
}

export function wholeTensors(graph: Graph, live: readonly GraphNode[], tensor: Tensors): WholeTensors {
  const leaves = new Set(graph.outputs.map(({ name }) => name));
  const whole = new Set<string>();
  const other = new Set<string>();
  const isRead = (name: string): boolean => whole.has(name) || other.has(name) || leaves.has(name);
  for (const node of live.toReversed()) {
    const results = node.outputs.filter(isRead);
    const leave = results.some((name) => leaves.has(name));
    const way = handsOn(node, tensor);
    const passesOn =
      (way === 'always' || (way === 'unless-they-leave' && !leave)) &&
      results.length > 0 &&
      results.every((name) => whole.has(name) && !other.has(name));
    const wholeInputs = wholeInputsOf(node, tensor);
    // Keys and values, old and new, are what an attention hands out besides: as they lie.
    const handsOut = results.some((name) => name !== node.outputs[0]);
    for (const input of tensorsRead(node)) {
      const isWhole = passesOn || wholeInputs.has(input);
      (isWhole ? whole : other).add(input);
      if (isWhole && (passesOn ? leave : handsOut)) leaves.add(input);
    }
  }
  return { read: new Set([...whole].filter((name) => !other.has(name))), leaves };
}

/** Of the inputs that the operator needs whole those that it does not stream too; none if the left side is a constant. */
function wholeInputsOf(node: GraphNode, tensor: Tensors): ReadonlySet<string> {
  const name = operatorName(node);
  const positions = WHOLE_INPUTS.get(name);
  const [streamed = ''] = node.inputs;
  if (positions === undefined || streamed === '' || tensor(streamed).constant) return NONE;
  if (name === 'Einsum' && !isMatrixProduct(callOf(node, tensor))) return NONE;
  const inputs = positions.flatMap((at) => node.inputs[at] ?? []);
  return new Set(inputs.filter((input) => input !== streamed));
}

const NONE: ReadonlySet<string> = new Set();
