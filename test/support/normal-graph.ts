/** Small graphs through import-onnx and normalize-graph, and a short way to look at the result. */
import type { Graph } from '../../src/ir/tensor.js';
import { verifyGraph } from '../../src/ir/verify/graph.js';
import { normalized, type Imported } from './import-model.js';
import { model, type ModelSpec, type NodeSpec } from './onnx-model.js';

export const relu = (from: string, to: string, name = ''): NodeSpec => ({
  op: 'Relu',
  name,
  in: [from],
  out: [to],
});

/** A model from input `x` to output `y`, normalized; the invariants of the facet are checked. */
export async function normal(nodes: readonly NodeSpec[], rest: Partial<ModelSpec> = {}): Promise<Imported> {
  const result = await normalized(model({ inputs: { x: [1, 4] }, outputs: ['y'], nodes, ...rest }));
  expect(verifyGraph(result.graph)).toEqual([]);
  expect(result.graph.functions).toEqual([]);
  return result;
}

/** `Op(a, b) -> c` per node. */
export const lines = ({ nodes }: Pick<Graph, 'nodes'>): string[] =>
  nodes.map(({ opType, inputs, outputs }) => `${opType}(${inputs.join(', ')}) -> ${outputs.join(', ')}`);

/** The numbers of an initializer. */
export const valuesOf = (graph: Graph, tensor: string | undefined): readonly number[] | undefined =>
  graph.initializers.find(({ name }) => name === tensor)?.values;
