/** Schema of the facets graph and shapes. */
import {
  object,
  list,
  record,
  constant,
  ref,
  union,
  STRING,
  BOOLEAN,
  INTEGER,
  COUNT,
  ANY_NUMBER,
  type Schema,
} from './builders.js';
import type * as Tensor from '../tensor.js';

const dim = union(
  object<Extract<Tensor.Dim, { kind: 'fixed' }>>({ kind: constant('fixed'), size: COUNT }),
  object<Extract<Tensor.Dim, { kind: 'symbol' }>>({ kind: constant('symbol'), name: STRING }),
  object<Extract<Tensor.Dim, { kind: 'unknown' }>>({ kind: constant('unknown'), stated: INTEGER }, 'stated'),
);
const valueInfo = object<Tensor.ValueInfo>({ name: STRING, dtype: STRING, shape: list(dim) }, 'shape');
const constantTensor = object<Tensor.Constant>(
  { name: STRING, dtype: STRING, shape: list(COUNT), values: list(ANY_NUMBER) },
  'values',
);
const attributeValue: Readonly<Record<Tensor.Attribute['kind'], Schema>> = {
  int: INTEGER,
  ints: list(INTEGER),
  float: ANY_NUMBER,
  floats: list(ANY_NUMBER),
  string: STRING,
  strings: list(STRING),
  tensor: ref('constant'),
  graph: ref('graph'),
  reference: STRING,
  other: STRING,
};
const attribute = union(
  ...Object.entries(attributeValue).map(([kind, value]) =>
    object<Tensor.Attribute>({ kind: constant(kind), value }),
  ),
);
const node = object<Tensor.GraphNode>(
  {
    index: COUNT,
    name: STRING,
    opType: STRING,
    domain: STRING,
    overload: STRING,
    inputs: list(STRING),
    outputs: list(STRING),
    attributes: record(ref('attribute')),
  },
  'overload',
);
const localFunction = object<Tensor.LocalFunction>({
  domain: STRING,
  name: STRING,
  overload: STRING,
  opsets: record(COUNT),
  inputs: list(STRING),
  outputs: list(STRING),
  attributeDefaults: record(ref('attribute')),
  nodes: list(ref('node')),
});
const graph = object<Tensor.Graph>({
  name: STRING,
  irVersion: COUNT,
  opsets: record(COUNT),
  nodes: list(ref('node')),
  inputs: list(ref('valueInfo')),
  outputs: list(ref('valueInfo')),
  initializers: list(ref('constant')),
  valueInfo: list(ref('valueInfo')),
  functions: list(localFunction),
});
const tensorInfo = object<Tensor.TensorInfo>(
  { name: STRING, dtype: STRING, shape: list(COUNT), constant: BOOLEAN, values: list(ANY_NUMBER) },
  'values',
);

/** Recursive parts and those used more than once go by name. */
export const MODEL_DEFS = { attribute, constant: constantTensor, graph, node, valueInfo };
export const SHAPES = object<Tensor.Shapes>({ tensors: list(tensorInfo) });
