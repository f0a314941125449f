/**
 * The well-formedness of a model's graph: every tensor read is defined, once, and the nodes have an order.
 * Subgraphs may read what the graphs around them define; function bodies only their own inputs.
 */
import { closest } from '../base/closest.js';
import { known } from '../base/assert.js';
import { diagnostic, type Diagnostic, type Location } from '../diag/diagnostic.js';
import { definedTensors, nodeOrder } from '../ir/graph-view.js';
import type { Graph, GraphNode, LocalFunction } from '../ir/tensor.js';
import { nodeLocation } from './attrs.js';
import { mapSubgraphs } from './subgraphs.js';

export interface Ordered {
  /** Nodes in topological order, file order kept where it can be. */
  readonly graph: Graph;
  /** DF1016, DF1017, DF1018, DF1022, DF1041: errors all. With any of them the order means nothing. */
  readonly diagnostics: readonly Diagnostic[];
}

export function orderGraph(graph: Graph): Ordered {
  const found: Diagnostic[] = [];
  if (graph.outputs.length === 0)
    found.push(
      diagnostic('DF1022', 'the graph declares no outputs', [], {
        help: 'declare the result tensors as graph outputs',
      }),
    );
  const functions = graph.functions.map((body) => orderFunction(body, graph, found));
  return { graph: { ...orderNodes(graph, new Set(), '', found), functions }, diagnostics: found };
}

/** A body is checked as a graph whose only surroundings are its formal inputs. */
function orderFunction(body: LocalFunction, model: Graph, found: Diagnostic[]): LocalFunction {
  const untyped = (name: string): Graph['inputs'][number] => ({ name, dtype: 'undefined' });
  const asGraph: Graph = {
    ...model,
    nodes: body.nodes,
    inputs: body.inputs.map(untyped),
    outputs: body.outputs.map(untyped),
    initializers: [],
    valueInfo: [],
    functions: [],
  };
  return { ...body, nodes: orderNodes(asGraph, new Set(), ` in local function ${body.name}`, found).nodes };
}

function orderNodes(graph: Graph, outer: ReadonlySet<string>, where: string, found: Diagnostic[]): Graph {
  const own = definedTensors(graph);
  const scope = outer.size === 0 ? own : new Set([...outer, ...own]);
  const nodes = graph.nodes.map((node) =>
    mapSubgraphs(node, (inner, name) =>
      orderNodes(inner, scope, `${where} in ${name} of ${nodeText(node)}`, found),
    ),
  );
  const inner = { ...graph, nodes };
  const mistakes = [
    ...nameless(inner, where),
    ...(definitions(inner) === own.size ? [] : duplicates(inner, where)),
    ...dangling(inner, scope, where),
  ];
  for (const mistake of mistakes) found.push(mistake);
  const { order, cycle } = nodeOrder(inner);
  if (cycle.length > 0) found.push(cycleFound(inner, cycle, where));
  return { ...inner, nodes: order.map((position) => known(nodes[position], 'ordered node')) };
}

export const nodeText = ({ index, name, opType }: GraphNode): string =>
  `node[${index}] ${name === '' ? '' : `"${name}" `}(${opType})`;

const tensorLocation = (tensor: string): Location => ({ kind: 'onnx', tensor });

/** '' stands for an absent operand, so that nothing can be called that. */
function nameless({ inputs, initializers, outputs }: Graph, where: string): Diagnostic[] {
  const lists = Object.entries({ input: inputs, initializer: initializers, output: outputs });
  return lists.flatMap(([what, tensors]) =>
    tensors.flatMap(({ name }, k) =>
      name === ''
        ? [
            diagnostic('DF1041', `${what} ${k} of the graph has no name${where}`, [], {
              help: 'name it, or remove it',
            }),
          ]
        : [],
    ),
  );
}

/** What gives a tensor its value. */
type Definer = 'a graph input' | 'an initializer' | GraphNode;

const definerText = (by: Definer): string => (typeof by === 'string' ? by : nodeText(by));

/** How often the graph defines something; absent outputs have no name. */
const definitions = ({ inputs, initializers, nodes }: Graph): number =>
  nodes.reduce(
    (count, { outputs }) => outputs.reduce((sum, name) => (name === '' ? sum : sum + 1), count),
    inputs.length + initializers.length,
  );

function duplicates(graph: Graph, where: string): Diagnostic[] {
  const first = new Map<string, Definer>();
  const found: Diagnostic[] = [];
  const define = (name: string, by: Definer): void => {
    const other = first.get(name);
    if (name === '') return;
    if (other === undefined) {
      first.set(name, by);
      return;
    }
    const at = typeof by === 'string' ? tensorLocation(name) : { ...nodeLocation(by), tensor: name };
    const message = `tensor ${name} is defined twice${where}: by ${definerText(other)} and by ${definerText(by)}`;
    found.push(diagnostic('DF1017', message, [at], { help: 'rename one of the two' }));
  };
  for (const { name } of graph.inputs) define(name, 'a graph input');
  for (const { name } of graph.initializers) define(name, 'an initializer');
  for (const node of graph.nodes) for (const name of node.outputs) define(name, node);
  return found;
}

/** Suggestions cost a comparison with every tensor; a model with more mistakes than this has another problem. */
const SUGGESTIONS = 10;

function dangling(graph: Graph, scope: ReadonlySet<string>, where: string): Diagnostic[] {
  const missing = (tensor: string): boolean => tensor !== '' && !scope.has(tensor);
  const reads = [
    ...graph.nodes
      .filter(({ inputs }) => inputs.some(missing))
      .flatMap((node) =>
        node.inputs
          .filter(missing)
          .map((tensor) => ({ tensor, reader: nodeText(node), at: { ...nodeLocation(node), tensor } })),
      ),
    ...graph.outputs
      .filter(({ name }) => missing(name))
      .map(({ name }) => ({ tensor: name, reader: 'the list of outputs', at: tensorLocation(name) })),
  ];
  return reads.map(({ tensor, reader, at }, k) => {
    const meant = k < SUGGESTIONS ? closest(tensor, [...scope]) : undefined;
    const help = meant === undefined ? 'define it, or remove what reads it' : `did you mean ${meant}?`;
    return diagnostic('DF1016', `${reader} reads tensor ${tensor}, which nothing defines${where}`, [at], {
      help,
    });
  });
}

/** How many nodes of a cycle are spelt out. */
const SHOWN = 8;

function cycleFound(graph: Graph, cycle: readonly number[], where: string): Diagnostic {
  const nodes = cycle.map((position) => known(graph.nodes[position], 'node of a cycle'));
  const shown = nodes.slice(0, SHOWN).map(nodeText);
  const round = nodes.length > SHOWN ? [...shown, `${nodes.length - SHOWN} more`] : shown;
  const message = `the graph has a cycle of ${nodes.length} node${nodes.length === 1 ? '' : 's'}${where}`;
  return diagnostic('DF1018', message, nodes.slice(0, 1).map(nodeLocation), {
    terms: [[...round, `back to ${shown[0] ?? ''}`].join(' -> ')],
    help: 'cut one of these edges; write loops with Loop or Scan',
  });
}
