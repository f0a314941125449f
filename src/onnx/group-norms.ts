/**
 * Group normalization as exporters wrote it before the standard had it: the channels of an image reshaped into groups,
 * an instance normalization of each, and the image again. As the one function of the image that it is, it leaves rows
 * and columns as they are.
 */
import type { GraphNode, TensorInfo } from '../ir/tensor.js';
import type { Compound, CompoundSearch } from './compounds.js';

const isPlain = (node: GraphNode | undefined, opType: string): node is GraphNode =>
  node?.domain === '' && node.opType === opType;

/** By the node that makes their result. */
export function groupNormalizations({
  nodes,
  tensor,
  readers,
}: CompoundSearch): readonly (readonly [GraphNode, Compound])[] {
  if (!nodes.some((node) => isPlain(node, 'InstanceNormalization'))) return [];
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  /** The node behind an input, if nothing else reads what it makes. */
  const behind = (node: GraphNode): GraphNode | undefined => {
    const [input = ''] = node.inputs;
    return readers.get(input) === 1 ? makers.get(input) : undefined;
  };
  return nodes.flatMap((image) => {
    if (!isPlain(image, 'Reshape')) return [];
    const norm = behind(image);
    if (!isPlain(norm, 'InstanceNormalization')) return [];
    const groups = behind(norm);
    if (!isPlain(groups, 'Reshape')) return [];
    const [source = ''] = groups.inputs;
    const [result = ''] = image.outputs;
    if (!isGrouping(tensor(source), tensor(groups.outputs[0] ?? ''), tensor(result))) return [];
    const compound: Compound = {
      ...{ op: 'GroupNormalization', source, result, nodes: [groups, norm, image] },
      axes: tensor(source).shape.flatMap((_, axis) => (axis === 0 ? [] : [axis])),
      passes: 2,
      parameters: norm.inputs.slice(1).filter(Boolean),
    };
    return [[image, compound] as const];
  });
}

/** Batch items stay, channels fall into groups of equal size, and the result is an image as before. */
function isGrouping(image: TensorInfo, groups: TensorInfo, result: TensorInfo): boolean {
  const [batch, channels = 0] = image.shape;
  const [items, count = 0] = groups.shape;
  return (
    !image.constant &&
    image.shape.length >= 3 &&
    image.shape.join() === result.shape.join() &&
    batch === items &&
    channels % count === 0
  );
}
