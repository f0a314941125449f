/** The dump of what is known of the model itself: the facets graph and shapes. */
import { unreachable } from '../base/assert.js';
import { grouped } from '../base/units.js';
import { nameText, someOf, table, type Row } from './print-table.js';
import type {
  Attribute,
  Constant,
  Dim,
  Graph,
  GraphNode,
  LocalFunction,
  Shapes,
  ValueInfo,
} from './tensor.js';

/** `ai.onnx:17 com.example:1`, domains in code-unit order. */
export const opsetText = (graph: Graph): string =>
  Object.keys(graph.opsets)
    .sort()
    .map((domain) => `${domain === '' ? 'ai.onnx' : nameText(domain)}:${graph.opsets[domain] ?? 0}`)
    .join(' ');

export function printGraph(graph: Graph): readonly string[] {
  const values = [
    ...graph.inputs.map((value) => valueRow(value, 'input')),
    ...graph.outputs.map((value) => valueRow(value, 'output')),
    ...graph.valueInfo.map((value) => valueRow(value, 'declared')),
    ...graph.initializers.map((constant) => [tensor(constant.name), 'constant', constantText(constant)]),
  ];
  return [
    'graph',
    ...table(values, 2),
    ...table(graph.nodes.map(nodeRow), 2),
    ...graph.functions.flatMap(printFunction),
  ];
}

export function printShapes(shapes: Shapes): readonly string[] {
  const rows = shapes.tensors.map(({ name, dtype, shape, constant, values }): Row => {
    const count = shape.reduce((product, size) => product * size, 1);
    const known = values === undefined ? '' : `{${someOf(values.map(short))}}`;
    const what = constant ? `constant ${known}` : known;
    return [tensor(name), dtype, shapeText(shape), `${grouped(count)} elements`, what];
  });
  return ['shapes', ...table(rows, 2, [3])];
}

const tensor = (name: string): string => (name === '' ? '-' : `%${nameText(name)}`);
/** Enough digits to recognise a number; all of them are in the JSON dump. */
const short = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(6)));
const shapeText = (shape: readonly number[]): string => `[${shape.join(' ')}]`;

const valueRow = ({ name, dtype, shape }: ValueInfo, role: string): Row => [
  tensor(name),
  role,
  `${dtype} ${shape === undefined ? '[...]' : `[${shape.map(dimText).join(' ')}]`}`,
];

function dimText(dim: Dim): string {
  switch (dim.kind) {
    case 'fixed':
      return String(dim.size);
    case 'symbol':
      return nameText(dim.name);
    case 'unknown':
      return '?';
    default:
      return unreachable(dim);
  }
}

function nodeRow(node: GraphNode): Row {
  const domain = node.domain === '' ? '' : `${node.domain}:`;
  const call = `${domain}${node.opType} ${node.inputs.map(tensor).join(' ')} -> ${node.outputs.map(tensor).join(' ')}`;
  const attributes = Object.keys(node.attributes)
    .sort()
    .map((key) => `${key}=${attributeText(node.attributes[key])}`);
  return [`@${nameText(node.name)}`, call, attributes.join(' '), `# node[${node.index}]`];
}

function attributeText(attribute: Attribute | undefined): string {
  if (attribute === undefined) return '';
  switch (attribute.kind) {
    case 'int':
    case 'float':
      return String(attribute.value);
    case 'ints':
    case 'floats':
      return attribute.value.join(',');
    case 'string':
      return nameText(attribute.value);
    case 'strings':
      return attribute.value.map(nameText).join(',');
    case 'tensor':
      return `(${constantText(attribute.value)})`;
    case 'graph':
      return `(graph of ${attribute.value.nodes.length} nodes)`;
    case 'reference':
      return `$${attribute.value}`;
    case 'other':
      return `(${attribute.value})`;
    default:
      return unreachable(attribute);
  }
}

const constantText = ({ dtype, shape, values }: Constant): string =>
  `${dtype} ${shapeText(shape)}${values === undefined ? '' : ` {${someOf(values.map(short))}}`}`;

function printFunction({ domain, name, overload, inputs, outputs, nodes }: LocalFunction): readonly string[] {
  const title = `${domain}:${name}${overload === '' ? '' : `:${overload}`}`;
  return [
    `  function ${nameText(title)} ${inputs.map(tensor).join(' ')} -> ${outputs.map(tensor).join(' ')}`,
    ...table(nodes.map(nodeRow), 4),
  ];
}
