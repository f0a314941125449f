/**
 * Shape inference: one forward walk over the nodes in topological order. Afterwards every tensor has a type and
 * a fixed shape, and small values known before the network runs are there. Errors are collected per node;
 * what depends on a node in error is passed over, so that each cause is reported once.
 */
import { diagnostic, DiagnosticError, fail, type Diagnostic } from '../diag/diagnostic.js';
import { tensorsRead } from '../ir/graph-view.js';
import type { Graph, GraphNode, Shapes, TensorInfo } from '../ir/tensor.js';
import { nodeLocation } from './attrs.js';
import { refuseSizes } from './limits.js';
import { checkDeclared, declaredTensors, fixedShape, type Declared } from './infer-declared.js';
import { bindInputs, type DimBindings } from './infer-inputs.js';
import type { Call, Result } from './ops/operator.js';
import { operatorName, operatorOf } from './ops/registry.js';
import { LARGEST } from './ops/values.js';

/** The state of a walk: what is known so far, and what was wrong. */
export interface Walk {
  readonly dims: DimBindings;
  readonly declared: Declared;
  readonly known: Map<string, TensorInfo>;
  readonly diagnostics: Diagnostic[];
}

/** Shapes of all tensors; warnings go to `report`. Throws a DiagnosticError with every error found. */
export function inferTensors(
  graph: Graph,
  dims: DimBindings,
  report: (diagnostic: Diagnostic) => void,
): Shapes {
  const walk = startWalk(graph, dims);
  for (const node of graph.nodes) inferNode(walk, node);
  const tensors = [...walk.known.values()];
  const diagnostics = [...walk.diagnostics, ...checkDeclared(walk.declared, tensors)];
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  diagnostics.filter(({ severity }) => severity !== 'error').forEach(report);
  if (errors.length > 0) throw new DiagnosticError(errors);
  return { tensors };
}

/** Inputs and initializers are known before the first node. */
export function startWalk(graph: Graph, dims: DimBindings): Walk {
  const inputs = bindInputs(graph, dims);
  const initializers = graph.initializers.map((tensor): TensorInfo => ({ ...tensor, constant: true }));
  const known = new Map([...inputs.tensors, ...initializers].map((tensor) => [tensor.name, tensor]));
  for (const { name, shape } of known.values())
    refuseSizes(shape, `"${name}"`, [{ kind: 'onnx', tensor: name }]);
  return { dims, declared: declaredTensors(graph), known, diagnostics: [...inputs.diagnostics] };
}

/** Adds what the node makes, or what is wrong with it. */
export function inferNode(walk: Walk, node: GraphNode): void {
  const inputs = node.inputs.map((name) => walk.known.get(name));
  const read = tensorsRead(node).map((name) => walk.known.get(name));
  // A tensor that is read but not known lies behind an error already reported.
  if (read.includes(undefined)) return;
  const call: Call = { node, inputs };
  const constant = read.every((tensor) => tensor?.constant);
  try {
    resultsOf(walk, call).forEach((result, i) => {
      const name = node.outputs[i];
      if (!name) return;
      refuseSizes(result.shape, `"${name}"`, [nodeLocation(node)]);
      walk.known.set(name, infoOf(name, result, result.constant ?? constant));
    });
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    walk.diagnostics.push(...error.diagnostics);
  }
}

/** A tensor without elements is known, whatever it is computed from. */
function infoOf(name: string, { dtype, shape, values }: Result, computed: boolean): TensorInfo {
  const constant = computed || shape.includes(0);
  const info = { name, dtype, shape, constant };
  return constant && values !== undefined && values.length <= LARGEST ? { ...info, values } : info;
}

/** By the operator's rule; without one, or where the rule needs data, by what the model declares. */
function resultsOf(walk: Walk, call: Call): readonly Result[] {
  const { node } = call;
  const rule = operatorOf(node)?.infer;
  if (rule === undefined) {
    const declared = declaredResults(walk, node);
    if (declared) {
      walk.diagnostics.push(declaredUsed(node, 'there is no shape rule for it'));
      return declared;
    }
    throw new DiagnosticError([
      diagnostic(
        'DF2007',
        `no shape rule for ${operatorName(node)}, and the model declares no fixed shape of its outputs`,
        [nodeLocation(node)],
        {
          help: 'store the shapes of its outputs in the model (value_info), or express it in ONNX operators',
        },
      ),
    ]);
  }
  try {
    const results = rule(call);
    const silent = node.outputs.find((name, i) => name !== '' && results[i] === undefined);
    if (silent === undefined) return results;
    return fail(
      'DF2006',
      `the shape of "${silent}", an output that ${operatorName(node)} rarely has, is not known`,
      [nodeLocation(node)],
    );
  } catch (error) {
    const declared = declaredResults(walk, node);
    if (!(error instanceof DiagnosticError) || !dependsOnData(error) || declared === undefined) throw error;
    walk.diagnostics.push(declaredUsed(node, 'its output shape depends on data'));
    return declared;
  }
}

const dependsOnData = (error: DiagnosticError): boolean =>
  error.diagnostics.every(({ code }) => code === 'DF2006');

function declaredResults(walk: Walk, node: GraphNode): readonly Result[] | undefined {
  const results = node.outputs.map((name) => {
    if (name === '') return { dtype: 'undefined', shape: [] };
    const info = walk.declared.get(name);
    const shape = fixedShape(info, walk.dims);
    return info && shape ? { dtype: info.dtype, shape } : undefined;
  });
  return results.every((result) => result !== undefined) ? results : undefined;
}

const declaredUsed = (node: GraphNode, why: string): Diagnostic =>
  diagnostic('DF2010', `shapes of the outputs of ${operatorName(node)} are taken as declared: ${why}`, [
    nodeLocation(node),
  ]);
