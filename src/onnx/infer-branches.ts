/**
 * An If of which only the run tells the branch: its outputs are known where both branches make the same. Otherwise the
 * diagnostic says what each makes.
 */
import { diagnostic, DiagnosticError, type Diagnostic } from '../diag/diagnostic.js';
import { capturedTensors } from '../ir/graph-view.js';
import type { Graph, GraphNode, TensorInfo } from '../ir/tensor.js';
import { graphAttr, nodeLocation } from './attrs.js';
import type { Walk } from './infer.js';
import { declaredTensors } from './infer-declared.js';
import type { Result } from './ops/operator.js';

interface Branch {
  readonly name: string;
  /** In the order of the outputs of the node; undefined: not known. */
  readonly outputs: readonly (TensorInfo | undefined)[];
  readonly diagnostics: readonly Diagnostic[];
}

export const isBranching = ({ domain, opType }: GraphNode): boolean => domain === '' && opType === 'If';

/** What both branches make; where they differ, what says so. `infer` adds what a node makes to a walk. */
export function resultsOfBranches(
  walk: Walk,
  node: GraphNode,
  infer: (walk: Walk, node: GraphNode) => void,
): readonly Result[] | DiagnosticError {
  const branches = ['then_branch', 'else_branch'].map((name): Branch => {
    const graph = graphAttr(node, name);
    return graph ? branchOf(walk, name, graph, infer) : { name, outputs: [], diagnostics: [] };
  });
  const [one, other] = branches.map(({ outputs }) => outputs) as [Branch['outputs'], Branch['outputs']];
  const results = node.outputs.flatMap((_, i): readonly Result[] => {
    const [a, b] = [one[i], other[i]];
    const alike = a?.dtype === b?.dtype && a?.shape.join() === b?.shape.join();
    return a && alike ? [{ dtype: a.dtype, shape: a.shape }] : [];
  });
  if (results.length < node.outputs.length) return branchesDiffer(node, branches);
  walk.diagnostics.push(...branches.flatMap(({ diagnostics }) => diagnostics));
  return results;
}

/** A walk of its own over a branch, which sees what it reads from around it. */
function branchOf(
  walk: Walk,
  name: string,
  graph: Graph,
  infer: (walk: Walk, node: GraphNode) => void,
): Branch {
  const captured = capturedTensors(graph).flatMap((tensor) => walk.known.get(tensor) ?? []);
  const constants = graph.initializers.map((tensor): TensorInfo => ({ ...tensor, constant: true }));
  const inner: Walk = {
    ...walk,
    declared: declaredTensors(graph),
    known: new Map([...captured, ...constants].map((tensor) => [tensor.name, tensor])),
    diagnostics: [],
  };
  for (const one of graph.nodes) infer(inner, one);
  return {
    name,
    outputs: graph.outputs.map((output) => inner.known.get(output.name)),
    diagnostics: inner.diagnostics,
  };
}

const branchesDiffer = (node: GraphNode, branches: readonly Branch[]): DiagnosticError =>
  new DiagnosticError([
    diagnostic(
      'DF2007',
      `the branches of If ${node.name} do not make the same shapes, and the model declares no fixed shape of its outputs`,
      [nodeLocation(node)],
      {
        terms: branches.map(branchText),
        help: 'store the shapes of its outputs in the model (value_info), or export the branch that is used',
      },
    ),
  ]);

function branchText({ name, outputs, diagnostics }: Branch): string {
  const cause = diagnostics.find(({ severity }) => severity === 'error');
  const made = outputs.map((tensor) =>
    tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'not known',
  );
  return `${name}: ${made.join(', ') || 'missing'}${cause ? ` (${cause.message})` : ''}`;
}
