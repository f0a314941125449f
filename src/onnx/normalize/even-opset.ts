/**
 * Brings nodes of every operator-set version to the newest form, so that the operator tables know one form only:
 * parameters that were attributes become constant inputs, defaults that changed are written out, renamed operators
 * get their new name. Rewrites look at what a node has rather than at the version wherever that is enough; a second
 * run changes nothing.
 *
 * One notion has no newest form without shapes: Softmax, LogSoftmax and Hardmax up to operator set 12 normalise over
 * all axes from `axis` on. They keep `axis` and get the attribute `coerced` = 1.
 */
import { DTYPES, dtypeNumber } from '../dtype.js';
import type { Attribute, GraphNode } from '../../ir/tensor.js';
import { allNodes, mapSubgraphs } from '../subgraphs.js';
import { freshNames, type FreshName } from './names.js';

/** Makes a Constant node before the rewritten one; gives its tensor. */
type MakeConstant = (name: string, value: Attribute) => string;
type Rewrite = (node: GraphNode, opset: number, constant: MakeConstant) => GraphNode;
type Attributes = GraphNode['attributes'];

const int = (value: number): Attribute => ({ kind: 'int', value });
const string = (value: string): Attribute => ({ kind: 'string', value });

const without = (attributes: Attributes, names: readonly string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));

const drop =
  (...names: readonly string[]): Rewrite =>
  (node) =>
    names.some((name) => Object.hasOwn(node.attributes, name))
      ? { ...node, attributes: without(node.attributes, names) }
      : node;

const inOrder =
  (...rewrites: readonly Rewrite[]): Rewrite =>
  (node, opset, constant) =>
    rewrites.reduce((result, rewrite) => rewrite(result, opset, constant), node);

/** Defaults written out. */
const defaults =
  (attributes: Attributes): Rewrite =>
  (node) => ({ ...node, attributes: { ...attributes, ...node.attributes } });

const upTo =
  (lastOpset: number, rewrite: Rewrite): Rewrite =>
  (node, opset, constant) =>
    opset <= lastOpset ? rewrite(node, opset, constant) : node;

/** Attribute name -> position of the input that took its place. An input that is there already wins. */
const toInputs =
  (positions: Readonly<Record<string, number>>): Rewrite =>
  (node, _opset, constant) => {
    const inputs = [...node.inputs];
    for (const [name, position] of Object.entries(positions)) {
      const value = Object.hasOwn(node.attributes, name) ? node.attributes[name] : undefined;
      if (value === undefined || inputs[position]) continue;
      while (inputs.length < position) inputs.push('');
      inputs[position] = constant(name, value);
    }
    return { ...node, inputs, attributes: without(node.attributes, Object.keys(positions)) };
  };

const rename =
  (name: string, to: string): Rewrite =>
  (node) => {
    const value = Object.hasOwn(node.attributes, name) ? node.attributes[name] : undefined;
    return value ? { ...node, attributes: { ...without(node.attributes, [name]), [to]: value } } : node;
  };

/** A single number as a list of one, which the input that took its place expects. */
const asList =
  (name: string): Rewrite =>
  (node) => {
    const value = node.attributes[name];
    return value?.kind === 'int'
      ? { ...node, attributes: { ...node.attributes, [name]: { kind: 'ints', value: [value.value] } } }
      : node;
  };

const NEAREST_BEFORE_11: Attributes = {
  coordinate_transformation_mode: string('asymmetric'),
  nearest_mode: string('floor'),
};

/** Resize-10 and Upsample have (X, scales); Resize-11 put `roi` between them. */
const scalesThird: Rewrite = (node) => {
  const [x = '', scales] = node.inputs;
  if (scales === undefined || node.inputs.length !== 2) return node;
  return defaults(NEAREST_BEFORE_11)({ ...node, inputs: [x, '', scales] }, 0, () => '');
};

/** Upsample-1 had one scale per spatial axis. */
const scalesFromSides: Rewrite = (node) => {
  const { height_scale: height, width_scale: width } = node.attributes;
  if (height?.kind !== 'float' || width?.kind !== 'float') return node;
  const scales: Attribute = { kind: 'floats', value: [1, 1, height.value, width.value] };
  return { ...node, attributes: { ...without(node.attributes, ['height_scale', 'width_scale']), scales } };
};

const upsample: Rewrite = (node, opset, constant) => {
  const resized = inOrder(scalesFromSides, toInputs({ scales: 1 }), scalesThird)(node, opset, constant);
  return { ...resized, opType: 'Resize' };
};

/** Cast-1 named the type: `FLOAT`. */
const castTarget: Rewrite = (node) => {
  const to = node.attributes['to'];
  if (to?.kind !== 'string') return node;
  const number = dtypeNumber(to.value.toLowerCase());
  return DTYPES[number] ? { ...node, attributes: { ...node.attributes, to: int(number) } } : node;
};

/** Equal parts had to be inferred from the outputs until `num_outputs` came. */
const equalParts: Rewrite = (node) =>
  node.inputs[1] ? node : defaults({ num_outputs: int(node.outputs.length) })(node, 0, () => '');

/** Operator sets 1 to 5 let nodes overwrite their inputs. */
const withoutInPlace = drop('consumed_inputs');

const softmax = inOrder(upTo(12, defaults({ axis: int(1), coerced: int(1) })), defaults({ axis: int(-1) }));
const reduce = toInputs({ axes: 1 });
/** A legacy `axis` stays: where it leads depends on shapes. */
const broadcast = upTo(6, drop('broadcast'));

const REWRITES: Readonly<Record<string, Rewrite>> = {
  Add: broadcast,
  And: broadcast,
  BatchNormalization: inOrder(drop('is_test'), (node) =>
    node.attributes['spatial']?.value === 1 ? drop('spatial')(node, 0, () => '') : node,
  ),
  Cast: castTarget,
  Clip: toInputs({ min: 1, max: 2 }),
  Concat: upTo(3, defaults({ axis: int(1) })),
  DFT: upTo(19, inOrder(defaults({ axis: int(1) }), toInputs({ axis: 2 }))),
  Div: broadcast,
  // Up to operator set 9 the mask was of the input's type.
  Dropout: inOrder(drop('is_test'), toInputs({ ratio: 1 }), upTo(9, defaults({ numeric_mask: int(1) }))),
  Equal: broadcast,
  Gemm: broadcast,
  Greater: broadcast,
  Hardmax: softmax,
  Less: broadcast,
  LogSoftmax: softmax,
  Mul: broadcast,
  Or: broadcast,
  Pad: inOrder(rename('paddings', 'pads'), toInputs({ pads: 1, value: 2 })),
  Pow: broadcast,
  ReduceL1: reduce,
  ReduceL2: reduce,
  ReduceLogSum: reduce,
  ReduceLogSumExp: reduce,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceSum: reduce,
  ReduceSumSquare: reduce,
  Reshape: toInputs({ shape: 1 }),
  Resize: scalesThird,
  Scatter: (node) => ({ ...node, opType: 'ScatterElements' }),
  Slice: toInputs({ starts: 1, ends: 2, axes: 3 }),
  Softmax: softmax,
  Split: inOrder(toInputs({ split: 1 }), equalParts),
  Squeeze: toInputs({ axes: 1 }),
  Sub: broadcast,
  TopK: inOrder(asList('k'), toInputs({ k: 1 })),
  Unsqueeze: toInputs({ axes: 1 }),
  Upsample: upsample,
  Xor: broadcast,
};

/**
 * The nodes in newest form, with Constant nodes for parameters that became inputs. `opset` is the version of the ONNX
 * domain the nodes are written in; `taken` are tensor names beside theirs.
 */
export function evenOpset(
  nodes: readonly GraphNode[],
  opset: number,
  taken: () => Iterable<string>,
): readonly GraphNode[] {
  // Few nodes need a name, and to know those that are taken takes a look at all.
  let names: FreshName | undefined;
  const fresh: FreshName = (wanted) => {
    names ??= freshNames([
      ...taken(),
      ...allNodes(nodes).flatMap(({ inputs, outputs }) => [...inputs, ...outputs]),
    ]);
    return names(wanted);
  };
  const evenNodes = (list: readonly GraphNode[]): readonly GraphNode[] => {
    const evened: GraphNode[] = [];
    for (const node of list) evenNode(node, evened);
    return evened;
  };
  const evenNode = (node: GraphNode, evened: GraphNode[]): void => {
    const inner = mapSubgraphs(node, (graph) => ({ ...graph, nodes: evenNodes(graph.nodes) }));
    const rewrite = Object.hasOwn(REWRITES, node.opType) ? REWRITES[node.opType] : undefined;
    const isOld = rewrite !== undefined || Object.hasOwn(node.attributes, 'consumed_inputs');
    if (node.domain !== '' || !isOld) {
      evened.push(inner);
      return;
    }
    const constant: MakeConstant = (name, value) => {
      const tensor = fresh(`${node.outputs[0] ?? node.name}_${name}`);
      evened.push(constantNode(node, tensor, value));
      return tensor;
    };
    // Behind the constants that it reads.
    const newest = inOrder(withoutInPlace, ...(rewrite ? [rewrite] : []))(inner, opset, constant);
    evened.push(newest);
  };
  return evenNodes(nodes);
}

const constantNode = ({ index }: GraphNode, tensor: string, value: Attribute): GraphNode => ({
  index,
  name: tensor,
  opType: 'Constant',
  domain: '',
  inputs: [],
  outputs: [tensor],
  attributes: { [`value_${value.kind}`]: value },
});
