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
import { isBranching, resultsOfBranches } from './infer-branches.js';
import { checkDeclared, declaredTensors, fixedShape, symbolsOf, type Declared } from './infer-declared.js';
import { emptyOutputs } from './infer-empty.js';
import { bindInputs, shapeText, unusedBindings, type DimBindings } from './infer-inputs.js';
import type { Call, Result } from './ops/operator.js';
import { operatorName, operatorOf } from './ops/registry.js';
import { LARGEST } from './ops/values.js';

/** The state of a walk: what is known so far, and what was wrong. */
export interface Walk {
  readonly dims: DimBindings;
  readonly declared: Declared;
  readonly known: Map<string, TensorInfo>;
  readonly diagnostics: Diagnostic[];
  /** Names in `dims` that have fixed something. */
  readonly used: Set<string>;
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
  const diagnostics = [
    ...unusedBindings(graph, dims, walk.used),
    ...walk.diagnostics,
    ...emptyOutputs(graph, dims, (name) => walk.known.get(name)),
    ...checkDeclared(walk.declared, tensors),
  ];
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
  const diagnostics = [...inputs.diagnostics];
  return { dims, declared: declaredTensors(graph), known, diagnostics, used: new Set(inputs.used) };
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
  if (rule === undefined) return resultsWithoutRule(walk, node);
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
    if (!(error instanceof DiagnosticError) || !dependsOnData(error)) throw error;
    const declared = declaredResults(walk, node);
    if (declared === undefined) return mostOf(walk, call) ?? refuse(boundByName(walk, node) ?? error);
    walk.diagnostics.push(declaredUsed(node, 'its output shape depends on data'));
    return declared;
  }
}

/** By its branches, if it has two that agree, else by what the model declares. */
function resultsWithoutRule(walk: Walk, node: GraphNode): readonly Result[] {
  const made = isBranching(node) ? resultsOfBranches(walk, node, inferNode) : noRule(node);
  if (!(made instanceof DiagnosticError)) return made;
  const declared = declaredResults(walk, node);
  if (declared === undefined) return refuse(made);
  const why = isBranching(node) ? 'its branches do not make the same' : 'there is no shape rule for it';
  walk.diagnostics.push(declaredUsed(node, why));
  return declared;
}

const noRule = (node: GraphNode): DiagnosticError =>
  new DiagnosticError([
    diagnostic(
      'DF2007',
      `no shape rule for ${operatorName(node)}, and the model declares no fixed shape of its outputs`,
      [nodeLocation(node)],
      {
        help: 'store the shapes of its outputs in the model (value_info), or express it in ONNX operators',
      },
    ),
  ]);

function refuse(error: DiagnosticError): never {
  throw error;
}

/** The largest there can be, with a warning that says how large that is and how to say otherwise. */
function mostOf({ diagnostics, declared, dims }: Walk, call: Call): readonly Result[] | undefined {
  const { node } = call;
  const results = operatorOf(node)?.most?.(call);
  if (results === undefined) return undefined;
  const names = node.outputs
    .flatMap((name) => symbolsOf(declared.get(name)))
    .filter((name) => !Object.hasOwn(dims, name));
  const bind = [...new Set(names)].map((name) => `--dim ${name}=<size>`).join(' ');
  const sizes = results.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
  diagnostics.push(
    diagnostic(
      'DF2151',
      `${operatorName(node)} is taken to give all it can: ${sizes}; how many it gives, the data decides`,
      [nodeLocation(node)],
      {
        help:
          bind === ''
            ? 'store a smaller shape of its outputs in the model (value_info)'
            : `say how many: ${bind}`,
      },
    ),
  );
  return results;
}

const dependsOnData = (error: DiagnosticError): boolean =>
  error.diagnostics.every(({ code }) => code === 'DF2006');

/** Where the model declares a shape with names for what the data decides, the user may say how much that is. */
function boundByName({ declared, dims }: Walk, node: GraphNode): DiagnosticError | undefined {
  const infos = node.outputs.map((name) => declared.get(name));
  const names = infos.flatMap((info) => symbolsOf(info)).filter((name) => !Object.hasOwn(dims, name));
  const all = Object.fromEntries(names.map((name) => [name, 1]));
  const others = infos.some((info, i) => node.outputs[i] !== '' && !fixedShape(info, { ...dims, ...all }));
  if (names.length === 0 || others) return undefined;
  const terms = infos.flatMap((info) => (info?.shape ? [`"${info.name}" is ${shapeText(info.shape)}`] : []));
  const what = 'has as many elements as the data decides, and the model names how many';
  return new DiagnosticError([
    diagnostic('DF2006', `the result of ${operatorName(node)} ${what}`, [nodeLocation(node)], {
      terms,
      help: `bind the most there can be: ${[...new Set(names)].map((name) => `--dim ${name}=<size>`).join(' ')}`,
    }),
  ]);
}

function declaredResults(walk: Walk, node: GraphNode): readonly Result[] | undefined {
  const results = node.outputs.map((name) => {
    if (name === '') return { dtype: 'undefined', shape: [] };
    const info = walk.declared.get(name);
    const shape = fixedShape(info, walk.dims);
    if (shape) symbolsOf(info).forEach((symbol) => walk.used.add(symbol));
    return info && shape ? { dtype: info.dtype, shape } : undefined;
  });
  return results.every((result) => result !== undefined) ? results : undefined;
}

const declaredUsed = (node: GraphNode, why: string): Diagnostic =>
  diagnostic('DF2010', `shapes of the outputs of ${operatorName(node)} are taken as declared: ${why}`, [
    nodeLocation(node),
  ]);
