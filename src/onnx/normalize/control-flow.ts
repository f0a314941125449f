/**
 * Control flow that is settled before the network runs is replaced by what it does: an If by the branch taken, a Loop
 * or Scan by its iterations one after the other; sequences by the tensors in them (`sequences.ts`). Conditions
 * and trip counts often come from shapes (exporters write `squeeze` as an If on a size), so the walk infers shapes and
 * small values as it goes.
 */
import { grouped } from '../../base/units.js';
import { diagnostic, DiagnosticError, fail, type Diagnostic } from '../../diag/diagnostic.js';
import { definedTensors, tensorsRead } from '../../ir/graph-view.js';
import type { Graph, GraphNode } from '../../ir/tensor.js';
import { graphAttr, intAttr, intsAttr, nodeLocation } from '../attrs.js';
import { inferNode, startWalk } from '../infer.js';
import type { DimBindings } from '../infer-inputs.js';
import { allNodes, subgraphsOf } from '../subgraphs.js';
import {
  axisAttribute,
  gather,
  instantiate,
  number,
  numberOf,
  plainNode,
  refuseBeyond,
  type Folding,
} from './folding.js';
import { freshNames } from './names.js';
import { sequenceExpansion, withoutSequences } from './sequences.js';

export interface WithoutControlFlow {
  readonly graph: Graph;
  /** DF1053: what stays, and why. */
  readonly diagnostics: readonly Diagnostic[];
}

const CONTROL_FLOW: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan']);
const isControlFlow = ({ domain, opType }: GraphNode): boolean => domain === '' && CONTROL_FLOW.has(opType);

const NO_SEQUENCES = { sequences: new Map<string, never>(), absent: new Set<string>() };
const isSettled = (node: GraphNode): boolean =>
  isControlFlow(node) || sequenceExpansion(NO_SEQUENCES, node) !== undefined;

export function foldControlFlow(graph: Graph, dims: DimBindings): WithoutControlFlow {
  if (!graph.nodes.some(isSettled)) return { graph, diagnostics: [] };
  const inner = allNodes(graph.nodes).flatMap(subgraphsOf);
  const folding: Folding = {
    walk: startWalk(graph, dims),
    fresh: freshNames([graph, ...inner].flatMap((one) => [...definedTensors(one)])),
    nodes: [],
    constants: [],
    diagnostics: [],
    sequences: new Map(),
    held: { count: 0 },
    absent: new Set(),
    add: (node) => {
      fold(folding, node);
    },
  };
  for (const node of graph.nodes) fold(folding, node);
  const { nodes, constants, diagnostics } = folding;
  refuseSequences(folding);
  const outputs = withoutSequences(folding, graph.outputs);
  return {
    graph: { ...graph, nodes, outputs, initializers: [...graph.initializers, ...constants] },
    diagnostics,
  };
}

function fold(folding: Folding, node: GraphNode): void {
  const expand = isControlFlow(node) ? expandFlow : sequenceExpansion(folding, node);
  const reason = expand === undefined ? 'plain' : expand(folding, node);
  if (reason === undefined) return;
  if (reason !== 'plain') folding.diagnostics.push(stays(node, reason));
  refuseBeyond(folding, node, 1);
  folding.nodes.push(node);
  inferNode(folding.walk, node);
}

/** Nobody behind this knows sequences. */
function refuseSequences({ nodes, sequences, absent, diagnostics }: Folding): void {
  if (sequences.size + absent.size === 0) return;
  const readers = nodes.flatMap((node) => {
    const read = tensorsRead(node).find((name) => sequences.has(name) || absent.has(name));
    return read === undefined ? [] : [{ node, read }];
  });
  if (readers.length === 0) return;
  const errors = readers.map(({ node, read }) =>
    diagnostic(
      'DF1055',
      `${node.opType} ${node.name} reads "${read}", ${sequences.has(read) ? 'a sequence' : 'an optional value without a content'}`,
      [nodeLocation(node)],
      { help: 'export the model with tensors in place of sequences, or with fixed shapes' },
    ),
  );
  throw new DiagnosticError([...diagnostics, ...errors]);
}

const stays = (node: GraphNode, reason: string): Diagnostic =>
  diagnostic('DF1053', `${node.opType} ${node.name} stays as it is: ${reason}`, [nodeLocation(node)], {
    help:
      node.opType === 'If'
        ? 'make its condition a constant (of a decoder with merged branches: use_cache_branch), or export the branch that is meant alone'
        : 'export the model with fixed shapes, or bind its dimensions with --dim',
  });

/** Undefined: it is replaced. Otherwise why it cannot be. */
function expandFlow(folding: Folding, node: GraphNode): string | undefined {
  switch (node.opType) {
    case 'If':
      return expandIf(folding, node);
    case 'Loop':
      return expandLoop(folding, node);
    default:
      return expandScan(folding, node);
  }
}

function expandIf(folding: Folding, node: GraphNode): string | undefined {
  const condition = numberOf(folding, node.inputs[0]);
  if (condition === undefined) return 'its condition is known only when the network runs';
  const branch = graphAttr(node, condition === 0 ? 'else_branch' : 'then_branch');
  if (branch === undefined) return 'the branch taken is missing';
  instantiate(folding, node, branch, [], node.outputs);
  return undefined;
}

/** Inputs: trip count, condition, carried values. Body: iteration, condition, carried -> condition, carried, collected. */
function expandLoop(folding: Folding, node: GraphNode): string | undefined {
  const body = graphAttr(node, 'body');
  if (body === undefined) return 'its body is missing';
  const [count = '', condition = ''] = node.inputs;
  const ownEnd = !goesOn(body);
  const trips = count === '' && ownEnd ? Infinity : numberOf(folding, count);
  if (trips === undefined) return 'its trip count is known only when the network runs';
  const start = condition === '' ? 1 : numberOf(folding, condition);
  if (start === undefined) return 'its condition is known only when the network runs';
  const carriedCount = node.inputs.length - 2;
  let carried: readonly string[] = node.inputs.slice(2);
  const collected = body.outputs.slice(1 + carriedCount).map((): string[] => []);
  const rounds = start === 0 ? 0 : trips;
  if (rounds === 0 && collected.length > 0) return 'it collects the results of no iteration';
  // Known before any of it is made, and a body without nodes would go on unseen.
  if (!ownEnd) refuseBeyond(folding, node, rounds * Math.max(1, body.nodes.length));
  const before = lengthsOf(folding);
  for (let round = 0, goes = true; goes && round < rounds; round++) {
    const own = [number(folding, node, round), number(folding, node, 1, 'bool')];
    const results = instantiate(folding, node, body, [...own, ...carried], []);
    carried = results.slice(1, 1 + carriedCount);
    results.slice(1 + carriedCount).forEach((result, i) => collected[i]?.push(result));
    const again = ownEnd ? numberOf(folding, results[0]) : 1;
    if (again === undefined) {
      cutBack(folding, before);
      return 'its body decides when it ends, by what is known only when the network runs';
    }
    goes = again !== 0;
    if (ownEnd && round >= MOST_ROUNDS) refuseRounds(node);
  }
  finish(folding, node, carried, collected, () => 0);
  return undefined;
}

/** A body that works out for itself whether to go on is asked every time: no loop of this many steps is a network's. */
const MOST_ROUNDS = 10_000;

const refuseRounds = (node: GraphNode): never =>
  fail('DF1054', `it goes on for more than ${grouped(MOST_ROUNDS)} iterations`, [nodeLocation(node)], {
    help: 'export the model with fewer iterations, or with the operator that the loop stands for',
  });

type Lengths = Readonly<Record<'nodes' | 'constants' | 'diagnostics', number>>;

const lengthsOf = ({ nodes, constants, diagnostics }: Folding): Lengths => ({
  nodes: nodes.length,
  constants: constants.length,
  diagnostics: diagnostics.length,
});

/** What has been added since is taken away. */
function cutBack({ nodes, constants, diagnostics }: Folding, before: Lengths): void {
  nodes.length = before.nodes;
  constants.length = before.constants;
  diagnostics.length = before.diagnostics;
}

/** Whether the condition that the body hands on is the one it got, or a constant true. */
function goesOn(body: Graph): boolean {
  let name = body.outputs[0]?.name ?? '';
  for (;;) {
    const from = name;
    const maker = body.nodes.find(({ outputs }) => outputs.includes(from));
    if (maker?.opType !== 'Identity' && maker?.opType !== 'Cast') break;
    name = maker.inputs[0] ?? '';
  }
  const constant = body.initializers.find((one) => one.name === name);
  return name === body.inputs[1]?.name || (constant?.values !== undefined && constant.values[0] !== 0);
}

/** Inputs: states, then what is scanned. Body: states, slices -> states, collected. */
function expandScan(folding: Folding, node: GraphNode): string | undefined {
  const body = graphAttr(node, 'body');
  const scanned = intAttr(node, 'num_scan_inputs');
  if (body === undefined || scanned === undefined) return 'its body or its number of inputs is missing';
  if (node.inputs.includes('')) return 'it has the form of operator set 8, with a batch axis';
  const states = node.inputs.length - scanned;
  const axes = intsAttr(node, 'scan_input_axes') ?? [];
  const sources = node.inputs.slice(states).map((tensor, i) => {
    const shape = folding.walk.known.get(tensor)?.shape;
    const axis = axes[i] ?? 0;
    return { tensor, shape, axis: shape && axis < 0 ? axis + shape.length : axis };
  });
  const rounds = sources[0]?.shape?.[sources[0].axis];
  if (rounds === undefined) return 'the length of what it scans is known only when the network runs';
  const backwards = (name: string, i: number): boolean => intsAttr(node, name)?.[i] === 1;
  let carried: readonly string[] = node.inputs.slice(0, states);
  const collected = body.outputs.slice(states).map((): string[] => []);
  for (let round = 0; round < rounds; round++) {
    const slices = sources.map(({ tensor, axis }, i) => {
      const at = backwards('scan_input_directions', i) ? rounds - 1 - round : round;
      const name = folding.fresh(`${node.name}/slice`);
      const inputs = [tensor, number(folding, node, at)];
      folding.add(plainNode(node, 'Gather', inputs, name, axisAttribute(axis)));
      return name;
    });
    const results = instantiate(folding, node, body, [...carried, ...slices], []);
    carried = results.slice(0, states);
    results.slice(states).forEach((result, i) => collected[i]?.push(result));
  }
  const ordered = collected.map((parts, i) =>
    backwards('scan_output_directions', i) ? [...parts].reverse() : parts,
  );
  finish(folding, node, carried, ordered, (i) => intsAttr(node, 'scan_output_axes')?.[i] ?? 0);
  return undefined;
}

function finish(
  folding: Folding,
  node: GraphNode,
  carried: readonly string[],
  collected: readonly (readonly string[])[],
  axis: (i: number) => number,
): void {
  carried.forEach((tensor, i) => {
    const output = node.outputs[i];
    if (output) folding.add(plainNode(node, 'Identity', [tensor], output));
  });
  collected.forEach((parts, i) => {
    const output = node.outputs[carried.length + i];
    if (output) gather(folding, node, parts, axis(i), output);
  });
}
