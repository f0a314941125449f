/**
 * Lowering: one walk over the live nodes turns the graph into a feed-forward network of loop nests. Nodes whose
 * outputs are known before the run vanish; pointwise operations join the layer that makes their input where
 * nothing else sees it; views cost nothing and are resolved into the regions their readers need.
 */
import { known, unreachable } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import { diagnostic, DiagnosticError, type Diagnostic } from '../diag/diagnostic.js';
import { tensorsRead } from '../ir/graph-view.js';
import type { Layer, Workload } from '../ir/layer.js';
import type { Graph, GraphNode, Shapes, TensorInfo } from '../ir/tensor.js';
import { addEach, addLayers, addViews } from './lower-layer.js';
import type { LowerCall, Plan } from './lower-plan.js';
import { notesOn } from './lower-notes.js';
import { addPointwise } from './lower-pointwise.js';
import {
  bitsOf,
  freeLayout,
  plainName,
  readBits,
  startLowering,
  viewOf,
  type LoweringOptions,
  type LoweringState,
} from './lower-state.js';
import type { Compound } from './compounds.js';
import { lowerUnknown } from './ops/generic.js';
import { statisticsLayer } from './ops/normalization.js';
import { operatorOf } from './ops/registry.js';

/** The network as layers. Warnings and notes go to `report`; throws a DiagnosticError where nothing is left to run. */
export function lowerGraph(
  graph: Graph,
  shapes: Shapes,
  options: LoweringOptions,
  report: (diagnostic: Diagnostic) => void,
): Workload {
  const state = startLowering(graph, shapes, options);
  for (const node of state.live) lowerNode(state, node);
  const workload = finish(state);
  if (workload.layers.length === 0) throw new DiagnosticError([nothingToRun(graph)]);
  notesOn(state, workload).forEach(report);
  return workload;
}

function lowerNode(state: LoweringState, node: GraphNode): void {
  const call = callOf(state, node);
  const compound = state.compounds.get(node);
  const plan = compound ? compoundPlan(call, compound) : (operatorOf(node)?.lower ?? lowerUnknown)(call);
  switch (plan.kind) {
    case 'layers':
      addLayers(state, call, plan);
      break;
    case 'each':
      addEach(state, call, plan.outputs);
      break;
    case 'pointwise':
      addPointwise(state, call, plan);
      break;
    case 'views':
      addViews(state, call, plan.views);
      break;
    default:
      unreachable(plan);
  }
}

/** A function of one tensor, whatever nodes it is made of: as the one operator it is. */
function compoundPlan(call: LowerCall, { axes, passes }: Compound): Plan {
  const constants = call.node.inputs.slice(1).map((_, i) => i + 1);
  if (axes.length === 0)
    return { kind: 'pointwise', input: 0, parameters: constants.map((input) => ({ input })) };
  return statisticsLayer(
    call,
    axes,
    passes,
    constants.map((input) => ({ input, postOp: 'parameter' })),
  );
}

function callOf(state: LoweringState, node: GraphNode): LowerCall {
  const inputs = node.inputs.map((name) => (name === '' ? undefined : state.tensor(name)));
  const own = state.options.ofLayer(plainName(node.name));
  const isActivation = (tensor: TensorInfo | undefined): boolean => tensor !== undefined && !tensor.constant;
  const read = tensorsRead(node);
  // Of most nodes it is their inputs, as they stand.
  const captured =
    read === node.inputs
      ? []
      : read.filter((name) => !node.inputs.includes(name) && isActivation(state.tensor(name)));
  return {
    node,
    inputs,
    outputs: node.outputs.map((name) => (name === '' ? ABSENT : state.tensor(name))),
    view: (input) => viewOf(state, known(node.inputs[input], 'input')),
    isActivation: (input) => isActivation(inputs[input]),
    bits: (input, path) => {
      const name = known(node.inputs[input], 'input');
      return own[path] ?? (path === 'I' ? readBits(state, name) : bitsOf(state, name, path));
    },
    outputBits: (output) => own.O ?? bitsOf(state, known(node.outputs[output], 'output'), 'O'),
    grid: (input) => state.stored.get(node.inputs[input] ?? '')?.grid,
    psumBits: own.psum ?? state.options.override.psum ?? state.options.precision.psum,
    wished: (output) => state.wishes.get(known(node.outputs[output], 'output')),
    freeLayout: (output) => freeLayout(state, known(node.outputs[output], 'output')),
    whole: (output) => wholeness(state, node.outputs[output] ?? ''),
    captured: captured.map((name) => viewOf(state, name)),
    parts: state.compounds.get(node)?.nodes ?? [node],
  };
}

function wholeness({ whole }: LoweringState, name: string): 'no' | 'only' | 'and-leaves' {
  if (!whole.read.has(name)) return 'no';
  return whole.leaves.has(name) ? 'and-leaves' : 'only';
}

/** An output that the node does not make. */
const ABSENT: TensorInfo = { name: '', dtype: 'undefined', shape: [0], constant: true };

function finish(state: LoweringState): Workload {
  const layers = [...state.layers.values()].map((layer) => withTakenOver(state, layer));
  const outputs = new Set(
    state.graph.outputs.flatMap(({ name }) =>
      state.tensor(name).constant ? [] : viewOf(state, name).parts.map((part) => part.map),
    ),
  );
  const used = new Set(outputs);
  for (const { inputs } of layers)
    for (const { sources } of inputs) for (const source of sources) used.add(source.map);
  const fed = [...state.maps.values()].filter((map) => map.producer === null && used.has(map.id));
  const made = layers.map((layer) => known(state.maps.get(layer.output.map), 'output map'));
  return {
    layers,
    maps: [...fed, ...made],
    outputs: [...outputs],
    aliases: state.aliases.map((alias) => ({ ...alias, of: alias.of.map((map) => currentName(state, map)) })),
    macs: layers.reduce((sum, layer) => sum + layer.macs, 0),
  };
}

function withTakenOver(state: LoweringState, layer: Layer): Layer {
  const taken = state.takenOver.get(layer.id);
  if (taken === undefined) return layer;
  return {
    ...layer,
    src: [...layer.src, ...taken.flatMap(({ src }) => src)],
    postOps: [...layer.postOps, ...taken.map(({ postOp }) => postOp)],
  };
}

function currentName(state: LoweringState, map: TensorId): TensorId {
  let name = map;
  for (let next = state.renamed.get(name); next !== undefined; next = state.renamed.get(name)) name = next;
  return name;
}

const nothingToRun = (graph: Graph): Diagnostic =>
  diagnostic(
    'DF2101',
    `nothing to schedule: ${graph.nodes.length} node(s), and every output is known before the network runs or is a view of an input`,
    [],
    {
      help: 'compile a model that computes something from its inputs',
    },
  );
