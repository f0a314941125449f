/** Changes of a decoded ONNX model that leave it a protobuf and may break everything else. */
import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import Long from 'long';
import { int, ints } from './onnx-draft.js';
import { NAMES, SIZES, shuffled, type Random } from './random.js';

const { AttributeType } = onnxProto.onnx.AttributeProto;

const TYPES = Object.values(AttributeType).filter((type) => typeof type === 'number');

const size = (random: Random): Long => Long.fromString(random.pick(SIZES));
const nodesOf = (model: Onnx.IModelProto): Onnx.INodeProto[] => model.graph?.node ?? [];

/** Every name a node could read. */
const tensorNames = ({ graph }: Onnx.IModelProto): string[] => [
  ...(graph?.input ?? []).map(({ name }) => name ?? ''),
  ...(graph?.initializer ?? []).map(({ name }) => name ?? ''),
  ...(graph?.node ?? []).flatMap(({ output }) => output ?? []),
  '',
];

function dims(random: Random, old: readonly (number | Long)[]): (number | Long)[] {
  const list = [...old];
  const at = random.below(list.length + 1);
  switch (random.below(5)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1:
      list.splice(at, 0, size(random));
      break;
    case 2:
      return Array.from({ length: random.pick([0, 8, 65, 3000]) }, () => random.pick([1, 1, 2]));
    default:
      list[Math.min(at, Math.max(0, list.length - 1))] = size(random);
  }
  return list;
}

type Mutation = (random: Random, model: Onnx.IModelProto) => void;

const inputShape: Mutation = (random, { graph }) => {
  const values = [...(graph?.input ?? []), ...(graph?.output ?? [])];
  if (values.length === 0) return;
  const value = random.pick(values);
  const old = value.type?.tensorType?.shape?.dim?.map(({ dimValue }) => dimValue ?? 1) ?? [];
  const dim = dims(random, old).map((dimValue): Onnx.TensorShapeProto.IDimension =>
    random.chance(0.1) ? { dimParam: random.pick(NAMES) } : random.chance(0.05) ? {} : { dimValue },
  );
  value.type = { tensorType: { elemType: random.chance(0.2) ? random.below(30) : 1, shape: { dim } } };
};
const constantShape: Mutation = (random, { graph }) => {
  const tensors = graph?.initializer ?? [];
  if (tensors.length === 0) return;
  const tensor = random.pick(tensors);
  switch (random.below(4)) {
    case 0:
      tensor.dataType = random.below(30);
      break;
    case 1:
      tensor.int64Data = Array.from({ length: random.below(5) }, () => size(random));
      break;
    case 2:
      tensor.dataLocation = onnxProto.onnx.TensorProto.DataLocation.EXTERNAL;
      tensor.externalData = [
        {
          key: 'location',
          value: random.pick(['w.bin', '../w.bin', '/etc/passwd', 'a/../../b', 'C:\\w', '']),
        },
        { key: 'offset', value: random.pick(SIZES) },
      ];
      break;
    default:
      tensor.dims = dims(random, tensor.dims ?? []);
  }
};
const wiring: Mutation = (random, model) => {
  const nodes = nodesOf(model);
  if (nodes.length === 0) return;
  const node = random.pick(nodes);
  const list = random.chance(0.7) ? (node.input ??= []) : (node.output ??= []);
  const name = random.chance(0.8) ? random.pick(tensorNames(model)) : random.pick(NAMES);
  if (random.chance(0.3)) list.push(name);
  else if (random.chance(0.3)) list.pop();
  else if (list.length > 0) list[random.below(list.length)] = name;
};
const operator: Mutation = (random, model) => {
  const nodes = nodesOf(model);
  if (nodes.length === 0) return;
  const node = random.pick(nodes);
  if (random.chance(0.8)) node.opType = random.pick(OPERATORS);
  else if (random.chance(0.5)) node.name = random.pick(NAMES);
  else node.domain = random.pick(['ai.onnx', 'com.microsoft', ...NAMES]);
};
const ATTRIBUTES = [
  ...[
    'kernel_shape',
    'strides',
    'pads',
    'dilations',
    'group',
    'axis',
    'axes',
    'perm',
    'mode',
    'auto_pad',
    'ceil_mode',
  ],
  ...[
    'keepdims',
    'to',
    'equation',
    'transA',
    'transB',
    'blocksize',
    'num_outputs',
    'split',
    'output_shape',
    'dtype',
  ],
  ...[
    'output_padding',
    'value',
    'start',
    'end',
    'sizes',
    'shape',
    'num_heads',
    'hidden_size',
    'direction',
    'body',
  ],
  ...[
    'then_branch',
    'else_branch',
    'batch_dims',
    'largest',
    'k',
    'count_include_pad',
    'storage_order',
    'shifts',
  ],
] as const;

function attribute(random: Random, model: Onnx.IModelProto, depth: number): Onnx.IAttributeProto {
  const name = random.chance(0.9) ? random.pick(ATTRIBUTES) : random.pick(NAMES);
  switch (random.below(9)) {
    case 0:
      return { name, type: AttributeType.INT, i: size(random) };
    case 1:
      return {
        name,
        type: AttributeType.INTS,
        ints: Array.from({ length: random.below(9) }, () => size(random)),
      };
    case 2:
      return {
        name,
        type: AttributeType.STRING,
        s: new TextEncoder().encode(random.pick(['SAME_UPPER', 'VALID', 'ij,jk->ik', 'linear', '...'])),
      };
    case 3:
      return { name, type: AttributeType.FLOAT, f: random.pick([0, -1, NaN, Infinity, 1e38]) };
    case 4:
      return {
        name,
        type: AttributeType.TENSOR,
        t: { dims: dims(random, [2]), dataType: random.below(30), int64Data: [size(random)] },
      };
    case 5:
      return depth > 2
        ? int(name, 1)
        : { name, type: AttributeType.GRAPH, g: subgraph(random, model, depth) };
    case 6:
      return { name, refAttrName: random.pick(ATTRIBUTES) };
    case 7:
      return { name, type: random.pick(TYPES) };
    default:
      return random.chance(0.5)
        ? int(name, random.below(5) - 1)
        : ints(
            name,
            Array.from({ length: random.below(6) }, () => random.below(5) - 1),
          );
  }
}

function subgraph(random: Random, model: Onnx.IModelProto, depth: number): Onnx.IGraphProto {
  const names = tensorNames(model);
  const node = Array.from({ length: random.below(3) }, (_, k) => ({
    opType: random.pick(OPERATORS),
    input: [random.pick(names), random.pick(names)],
    output: [`s${depth}_${k}`],
    attribute: random.chance(0.3) ? [attribute(random, model, depth + 1)] : [],
  }));
  return {
    name: 'inner',
    node,
    input: [],
    output: [{ name: random.chance(0.7) ? `s${depth}_0` : random.pick(names) }],
  };
}

const attributes: Mutation = (random, model) => {
  const nodes = nodesOf(model);
  if (nodes.length === 0) return;
  const node = random.pick(nodes);
  const list = (node.attribute ??= []);
  if (list.length > 0 && random.chance(0.3)) list.splice(random.below(list.length), 1);
  else if (list.length > 0 && random.chance(0.4))
    list[random.below(list.length)] = attribute(random, model, 0);
  else list.push(attribute(random, model, 0));
};
const order: Mutation = (random, { graph }) => {
  if (!graph) return;
  const nodes = graph.node ?? [];
  if (random.chance(0.4)) graph.node = shuffled(random, nodes);
  else if (random.chance(0.5) && nodes.length > 0)
    graph.node = [...nodes, structuredClone(random.pick(nodes))];
  else if (random.chance(0.5)) graph.node = nodes.slice(random.below(nodes.length + 1));
  else
    graph.output = random.chance(0.3)
      ? []
      : [{ name: random.pick(nodes.flatMap(({ output }) => output ?? []).concat('x')) }];
};
const header: Mutation = (random, model) => {
  if (random.chance(0.4)) model.opsetImport = [{ domain: random.pick(NAMES), version: size(random) }];
  else if (random.chance(0.5)) model.opsetImport = [{ domain: '', version: random.below(30) }];
  else if (random.chance(0.3)) model.irVersion = size(random);
  else if (random.chance(0.3)) model.graph = null;
};
/** A local function around some operator, called by some nodes, perhaps by itself. */
const localFunction: Mutation = (random, model) => {
  const nodes = nodesOf(model);
  const name = random.pick(['F', 'Conv', '__proto__']);
  const body = {
    opType: random.chance(0.2) ? name : random.pick(OPERATORS),
    domain: random.chance(0.2) ? 'f' : '',
    input: ['a'],
    output: ['b'],
  };
  model.functions = [
    ...(model.functions ?? []),
    {
      name,
      domain: 'f',
      input: ['a'],
      output: [random.pick(['b', 'a', ''])],
      node: [body],
      opsetImport: [{ domain: '', version: 17 }],
    },
  ];
  if (nodes.length > 0) Object.assign(random.pick(nodes), { opType: name, domain: 'f' });
};

const MUTATIONS: readonly Mutation[] = [
  ...[inputShape, inputShape, constantShape, constantShape, wiring, wiring, operator, operator],
  ...[attributes, attributes, attributes, order, header, localFunction],
];

/** Zero to three changes, in place. */
export function mutateModel(random: Random, model: Onnx.IModelProto): void {
  for (let count = random.below(4); count > 0; count--) random.pick(MUTATIONS)(random, model);
}

const OPERATORS = [
  ...[
    'Conv',
    'ConvTranspose',
    'ConvInteger',
    'QLinearConv',
    'MaxPool',
    'AveragePool',
    'LpPool',
    'GlobalAveragePool',
  ],
  ...[
    'Gemm',
    'MatMul',
    'MatMulInteger',
    'QLinearMatMul',
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Pow',
    'Min',
    'Max',
    'Where',
  ],
  ...[
    'Relu',
    'Clip',
    'LeakyRelu',
    'PRelu',
    'Gelu',
    'Sigmoid',
    'Cast',
    'Erf',
    'Softmax',
    'LayerNormalization',
    'LRN',
  ],
  ...[
    'BatchNormalization',
    'InstanceNormalization',
    'GroupNormalization',
    'RMSNormalization',
    'ReduceSum',
    'ArgMax',
  ],
  ...[
    'Reshape',
    'Flatten',
    'Squeeze',
    'Unsqueeze',
    'Transpose',
    'Concat',
    'Split',
    'Slice',
    'Gather',
    'GatherElements',
  ],
  ...[
    'GatherND',
    'ScatterND',
    'Expand',
    'Tile',
    'Pad',
    'Resize',
    'Upsample',
    'DepthToSpace',
    'SpaceToDepth',
    'Shape',
  ],
  ...[
    'Size',
    'ConstantOfShape',
    'Constant',
    'Range',
    'EyeLike',
    'RandomNormal',
    'RandomNormalLike',
    'Einsum',
    'TopK',
  ],
  ...[
    'LSTM',
    'GRU',
    'RNN',
    'If',
    'Loop',
    'Scan',
    'NonZero',
    'NonMaxSuppression',
    'Attention',
    'RotaryEmbedding',
  ],
  ...[
    'QuantizeLinear',
    'DequantizeLinear',
    'DynamicQuantizeLinear',
    'CumSum',
    'OneHot',
    'Identity',
    'Dropout',
  ],
  ...['SequenceConstruct', 'Nonsense', 'constructor', '__proto__'],
] as const;
