/**
 * Tensors that are only ever needed whole: the side of a matrix product that stays (keys and values of attention),
 * and what such a side is made from by rearranging. How they are laid out does not matter to anybody, so that
 * transposing, joining with cached rows and repeating for grouped heads cost nothing: they are read as they lie.
 */
import { tensorsRead } from '../ir/graph-view.js';
import type { Graph, GraphNode, TensorInfo } from '../ir/tensor.js';

export interface WholeTensors {
  /** Every reader needs it whole; it may leave the network besides. */
  readonly read: ReadonlySet<string>;
  readonly leaves: ReadonlySet<string>;
}

/** The inputs of an operator that it needs whole whatever part of its output is computed. */
const WHOLE_INPUTS: ReadonlyMap<string, readonly number[]> = new Map([
  ['MatMul', [1]],
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

/** Operators that only rearrange or convert their inputs. */
const REARRANGING: ReadonlySet<string> = new Set([
  ...['Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Expand', 'Concat', 'Identity', 'Cast'],
  'TensorScatter',
  ...['QuantizeLinear', 'DequantizeLinear'],
]);

export function wholeTensors(
  graph: Graph,
  live: readonly GraphNode[],
  tensor: (name: string) => TensorInfo,
): WholeTensors {
  const leaves = new Set(graph.outputs.map(({ name }) => name));
  const whole = new Set<string>();
  const other = new Set<string>();
  for (const node of [...live].reverse()) {
    const name = node.domain === '' ? node.opType : `${node.domain}:${node.opType}`;
    const [result = ''] = node.outputs;
    const passesOn = REARRANGING.has(name) && whole.has(result) && !other.has(result);
    const wholeInputs = WHOLE_INPUTS.get(name);
    const isWhole = (input: string): boolean =>
      passesOn || (wholeInputs ?? []).some((at) => node.inputs[at] === input);
    // The left side of a product streams, unless it is a constant.
    const streamed = node.inputs[0] ?? '';
    const streams = wholeInputs !== undefined && streamed !== '' && !tensor(streamed).constant;
    for (const input of tensorsRead(node)) {
      const seen = (streams || passesOn) && isWhole(input) && (passesOn || input !== streamed);
      (seen ? whole : other).add(input);
    }
  }
  return { read: new Set([...whole].filter((name) => !other.has(name))), leaves };
}
