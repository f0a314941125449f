/**
 * Attributes stored in another type than the operator defines, read as what they clearly mean: a list of one for a
 * number, a whole float for an integer, a number for a list. From operator set 2 on ONNX gives such a name the
 * same type wherever it occurs, so that the table needs no operators.
 */
import { match, P } from 'ts-pattern';
import { diagnostic, type Diagnostic, type Location } from '../../diag/diagnostic.js';
import type { Attribute, GraphNode } from '../../ir/tensor.js';
import { nodeLocation } from '../attrs.js';
import { mapSubgraphs } from '../subgraphs.js';

type NumberKind = 'int' | 'ints' | 'float' | 'floats';

const NAMES: Readonly<Record<NumberKind, string>> = {
  int:
    'allowzero antialias axis batch_axis batch_dims block_size blocksize ceil_mode count_include_pad end ' +
    'detect_negative detect_positive exclude_outside exclusive group hidden_size k keepdims largest ' +
    'noop_with_empty_axes num_groups num_outputs p reverse saturate select_last_index size sorted spatial start stash_type ' +
    'storage_order time_axis training_mode transA transB upper',
  ints: 'axes dilations ends kernel_shape output_padding output_shape pads paddings perm split starts strides',
  float: 'alpha beta bias cubic_coeff_a epsilon gamma lambd max min momentum ratio',
  floats: 'scales',
};

const EXPECTED: ReadonlyMap<string, NumberKind> = new Map(
  (Object.keys(NAMES) as NumberKind[]).flatMap((kind) =>
    NAMES[kind].split(' ').map((name) => [name, kind] as const),
  ),
);

/** How many nodes a warning points at. */
const SHOWN = 4;

/** The nodes with such attributes corrected, and one DF1015 per attribute and pair of types. */
export function coerceAttributes(nodes: readonly GraphNode[]): {
  readonly nodes: readonly GraphNode[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const places = new Map<string, Location[]>();
  const coerceNode = (node: GraphNode): GraphNode => {
    if (node.domain !== '' || isBare(node)) return node;
    const changed = Object.entries(node.attributes).flatMap(([name, attribute]): [string, Attribute][] => {
      const kind = EXPECTED.get(name);
      const better = kind && kind !== attribute.kind ? coerced(attribute, kind) : undefined;
      if (better === undefined) return [];
      const what = `attribute ${name} is stored as ${attribute.kind} and read as ${better.kind}`;
      const others = places.get(what);
      if (others === undefined) places.set(what, [nodeLocation(node)]);
      else others.push(nodeLocation(node));
      return [[name, better]];
    });
    const corrected =
      changed.length === 0
        ? node
        : { ...node, attributes: { ...node.attributes, ...Object.fromEntries(changed) } };
    return mapSubgraphs(corrected, (graph) => ({ ...graph, nodes: graph.nodes.map(coerceNode) }));
  };
  const corrected = nodes.map(coerceNode);
  const diagnostics = [...places].map(([what, at]) =>
    diagnostic('DF1015', `${what} in ${at.length} node${at.length === 1 ? '' : 's'}`, at.slice(0, SHOWN)),
  );
  return { nodes: corrected, diagnostics };
}

function isBare({ attributes }: GraphNode): boolean {
  for (const name in attributes) if (Object.hasOwn(attributes, name)) return false;
  return true;
}

/** The attribute as `kind`, or undefined where that would be a guess. */
function coerced(attribute: Attribute, kind: NumberKind): Attribute | undefined {
  const numbers = match(attribute)
    .with({ kind: P.union('int', 'float') }, ({ value }) => [value])
    .with({ kind: P.union('ints', 'floats') }, ({ value }) => value)
    .with({ kind: 'tensor' }, ({ value }) => value.values)
    .otherwise(() => undefined);
  if (numbers === undefined) return undefined;
  const [first] = numbers;
  const whole = numbers.every(Number.isInteger);
  const single = numbers.length === 1 && first !== undefined;
  switch (kind) {
    case 'int':
      return single && whole ? { kind, value: first } : undefined;
    case 'float':
      return single ? { kind, value: first } : undefined;
    case 'ints':
      return whole ? { kind, value: numbers } : undefined;
    case 'floats':
      return { kind, value: numbers };
  }
}
