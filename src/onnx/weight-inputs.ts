/**
 * Weights that a model lists as graph inputs without storing them, as stripped models do. A graph input counts as
 * a weight if its shape is fixed and every reader reads it where the operator expects parameters.
 */
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import { graphView } from '../ir/graph-view.js';
import type { Constant, Graph, GraphNode, ValueInfo } from '../ir/tensor.js';

/** Input positions that hold parameters, per operator. */
const PARAMETERS: ReadonlyMap<string, readonly number[]> = new Map(
  Object.entries({
    Conv: [1, 2],
    ConvTranspose: [1, 2],
    ConvInteger: [1],
    Gemm: [1, 2],
    MatMul: [1],
    MatMulInteger: [1],
    BatchNormalization: [1, 2, 3, 4],
    InstanceNormalization: [1, 2],
    LayerNormalization: [1, 2],
    PRelu: [1],
  }),
);

/** Moves such inputs to the initializers (shape only), with a note. At least one input stays to be fed. */
export function adoptWeightInputs(graph: Graph): {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
} {
  const weights = graph.inputs.flatMap((input) => asWeight(input, graph) ?? []);
  if (weights.length === 0 || weights.length === graph.inputs.length) return { graph, diagnostics: [] };
  const names = new Set(weights.map(({ name }) => name));
  const note = diagnostic(
    'DF1020',
    `graph inputs ${[...names].join(', ')} are read only as weights and are taken as such`,
    weights.map(({ name }) => ({ kind: 'onnx', tensor: name })),
    { help: 'store them as initializers' },
  );
  return {
    graph: {
      ...graph,
      inputs: graph.inputs.filter(({ name }) => !names.has(name)),
      initializers: [...graph.initializers, ...weights],
    },
    diagnostics: [note],
  };
}

function asWeight({ name, dtype, shape }: ValueInfo, graph: Graph): Constant | undefined {
  const sizes = shape?.flatMap((dim) => (dim.kind === 'fixed' ? [dim.size] : []));
  if (sizes === undefined || sizes.length !== shape?.length) return undefined;
  const readers = graphView(graph)
    .consumers(name)
    .map((position) => graph.nodes[position]);
  const isOutput = graph.outputs.some((output) => output.name === name);
  const isWeight =
    readers.length > 0 &&
    !isOutput &&
    readers.every((node) => node && readsAsWeight(node, name, sizes.length));
  return isWeight ? { name, dtype, shape: sizes } : undefined;
}

function readsAsWeight(node: GraphNode, tensor: string, rank: number): boolean {
  const positions = node.domain === '' ? PARAMETERS.get(node.opType) : undefined;
  // A stack of matrices on the right of MatMul is as likely an activation (attention scores).
  if (positions === undefined || (node.opType.startsWith('MatMul') && rank !== 2)) return false;
  return node.inputs.every((input, k) => input !== tensor || positions.includes(k));
}
