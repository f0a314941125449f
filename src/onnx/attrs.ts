/**
 * Typed access to a node's attributes. Absent gives the fallback; present with another type is a diagnostic
 * (DF1014) that names node and attribute. normalize-graph has already coerced what is harmless.
 */
import { fail, type Location } from '../diag/diagnostic.js';
import type { Attribute, Constant, Graph, GraphNode } from '../ir/tensor.js';

export const nodeLocation = (node: GraphNode): Extract<Location, { readonly kind: 'onnx' }> => ({
  kind: 'onnx',
  node: node.index,
  name: node.name,
  op: node.opType,
});

type ValueOf<K extends Attribute['kind']> = Extract<Attribute, { readonly kind: K }>['value'];

function attribute<K extends Attribute['kind']>(
  node: GraphNode,
  name: string,
  kind: K,
): ValueOf<K> | undefined {
  const found = Object.hasOwn(node.attributes, name) ? node.attributes[name] : undefined;
  if (found === undefined) return undefined;
  if (found.kind === kind) return found.value as ValueOf<K> | undefined;
  return fail(
    'DF1014',
    `attribute ${name} is of type ${found.kind}, expected ${kind}`,
    [nodeLocation(node)],
    {
      help: `write ${name} as ${kind === 'int' || kind === 'ints' ? 'an' : 'a'} ${kind} attribute`,
    },
  );
}

interface Accessor<T> {
  (node: GraphNode, name: string): T | undefined;
  (node: GraphNode, name: string, fallback: T): T;
}

const accessor = <K extends Attribute['kind']>(kind: K): Accessor<ValueOf<K>> =>
  ((node: GraphNode, name: string, fallback?: ValueOf<K>) =>
    attribute(node, name, kind) ?? fallback) as Accessor<ValueOf<K>>;

export const intAttr: Accessor<number> = accessor('int');
export const intsAttr: Accessor<readonly number[]> = accessor('ints');
export const floatAttr: Accessor<number> = accessor('float');
export const stringAttr: Accessor<string> = accessor('string');
export const tensorAttr: Accessor<Constant> = accessor('tensor');
export const graphAttr: Accessor<Graph> = accessor('graph');
