/** Names that are there, once each, and depend on nothing but the graph. */
import type { Graph } from '../../ir/tensor.js';
import { mapSubgraphs, withParts } from '../subgraphs.js';

/** Gives out a name, with `_2`, `_3`, ... behind it where it is taken. */
export type FreshName = (wanted: string) => string;

export function freshNames(taken: Iterable<string>): FreshName {
  const used = new Set(taken);
  const next = new Map<string, number>();
  return (wanted) => {
    let name = wanted;
    let count = next.get(wanted) ?? 2;
    while (used.has(name)) name = `${wanted}_${count++}`;
    next.set(wanted, count);
    used.add(name);
    return name;
  };
}

/**
 * Nameless nodes are called after operator and position in the file (`Conv_7`); of namesakes the first keeps the
 * name. Each graph and subgraph for itself.
 */
export function uniqueNodeNames(graph: Graph): Graph {
  const first = new Set<string>();
  const keeps = graph.nodes.map(({ name }) => {
    if (name === '' || first.has(name)) return false;
    first.add(name);
    return true;
  });
  let fresh: FreshName | undefined;
  const nodes = graph.nodes.map((node, k) => {
    const inner = mapSubgraphs(node, uniqueNodeNames);
    if (keeps[k]) return inner;
    fresh ??= freshNames(first);
    return { ...inner, name: fresh(node.name || `${node.opType}_${node.index}`) };
  });
  return withParts(graph, nodes);
}
