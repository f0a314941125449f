/** A model as it is put together: nodes one after the other, each on the result of the one before. */
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import type { Random } from './random.js';

const { AttributeType } = onnxProto.onnx.AttributeProto;

export interface Draft {
  readonly random: Random;
  readonly nodes: Onnx.INodeProto[];
  readonly initializers: Onnx.ITensorProto[];
  /** The tensor under construction. */
  name: string;
  shape: number[];
  count: number;
}

export const ints = (name: string, values: readonly number[]): Onnx.IAttributeProto => ({
  name,
  type: AttributeType.INTS,
  ints: [...values],
});
export const int = (name: string, value: number): Onnx.IAttributeProto => ({
  name,
  type: AttributeType.INT,
  i: value,
});
export const text = (name: string, value: string): Onnx.IAttributeProto => ({
  name,
  type: AttributeType.STRING,
  s: new TextEncoder().encode(value),
});

const fresh = (draft: Draft, stem: string): string => `${stem}${draft.count++}`;

export function constant(
  draft: Draft,
  dims: readonly number[],
  fields: Partial<Onnx.ITensorProto> = {},
): string {
  const name = fresh(draft, 'w');
  draft.initializers.push({ name, dims: [...dims], dataType: 1, ...fields });
  return name;
}
export const numbers = (draft: Draft, values: readonly number[]): string =>
  constant(draft, [values.length], { dataType: 7, int64Data: [...values] });

export function add(
  draft: Draft,
  opType: string,
  inputs: readonly string[],
  shape: readonly number[],
  attribute: readonly Onnx.IAttributeProto[] = [],
): void {
  const output = fresh(draft, 't');
  const name = draft.random.chance(0.7) ? `${opType}_${draft.count}` : '';
  draft.nodes.push({
    opType,
    name,
    input: [draft.name, ...inputs],
    output: [output],
    attribute: [...attribute],
  });
  draft.name = output;
  draft.shape = [...shape];
}
