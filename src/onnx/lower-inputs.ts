/** How a network input is stored: as its first consumer with a wish wants it, found through what keeps its axes. */
import { graphView } from '../ir/graph-view.js';
import type { Graph, GraphNode, TensorInfo } from '../ir/tensor.js';
import { intsAttr } from './attrs.js';
import type { Layout } from './lower-plan.js';
import { defaultLayout } from './lower-view.js';
import { operatorOf } from './ops/registry.js';

/** How many operators to look ahead. */
const FARTHEST = 16;

export function inputLayout(graph: Graph, tensor: (name: string) => TensorInfo, name: string): Layout {
  const { shape } = tensor(name);
  const view = graphView(graph);
  /** Axis of the input behind each axis of the tensor under consideration. */
  let axes = shape.map((_, axis) => axis);
  let current = name;
  for (let step = 0; step < FARTHEST; step++) {
    const readers = view.consumers(current).map((at) => graph.nodes[at]!);
    for (const node of readers) {
      const wish = wishOf(node, tensor, current);
      if (wish) return { x: wish.x.map((axis) => axes[axis]!), y: wish.y.map((axis) => axes[axis]!) };
    }
    const follower = readers.find((node) => keepsAxes(node, tensor, current));
    if (follower === undefined) break;
    if (follower.opType === 'Transpose') axes = permutation(follower, axes.length).map((axis) => axes[axis]!);
    current = follower.outputs[0]!;
  }
  return defaultLayout(shape);
}

function wishOf(node: GraphNode, tensor: (name: string) => TensorInfo, name: string): Layout | undefined {
  const { wants } = operatorOf(node) ?? {};
  // Those without wishes may have thousands of inputs.
  if (wants === undefined) return undefined;
  const inputs = node.inputs.map((input) => (input === '' ? undefined : tensor(input)));
  return wants({ node, inputs }, node.inputs.indexOf(name));
}

/** Transposed, or of the same shape: then the axes correspond, whatever the operator. */
function keepsAxes(node: GraphNode, tensor: (name: string) => TensorInfo, name: string): boolean {
  const [output] = node.outputs;
  if (output === undefined || output === '' || tensor(output).constant) return false;
  return node.opType === 'Transpose' || tensor(output).shape.join() === tensor(name).shape.join();
}

function permutation(node: GraphNode, rank: number): readonly number[] {
  return intsAttr(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}
