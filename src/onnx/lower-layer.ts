/** Turns the plan of a node into layers and maps: ids, sources behind views, bits and weights. */
import { known } from '../base/assert.js';
import { tensorId, type LayerId, type TensorId } from '../base/ids.js';
import type {
  Alias,
  FeatureMap,
  InputOperand,
  Layer,
  LoopSize,
  PostOp,
  Provenance,
  Source,
} from '../ir/layer.js';
import type { GraphNode } from '../ir/tensor.js';
import { furtherLayer } from './lower-further.js';
import type { LayerPlan, LowerCall, OperandPlan, Plan, Read, ReadFunction, View } from './lower-plan.js';
import {
  bitsOf,
  freshLayerId,
  freshMapId,
  isReadOnce,
  plainName,
  type LoweringState,
} from './lower-state.js';
import { extents, resolve, shareOf, viewOfMap } from './lower-view.js';
import { elementCount } from './ops/operator.js';
import { operatorName } from './ops/registry.js';

type LayersPlan = Extract<Plan, { kind: 'layers' }>;

export const provenanceOf = ({ parts }: LowerCall): readonly Provenance[] =>
  parts.map((node) => ({ node: node.index, name: node.name, opType: operatorName(node) }));

/** Adds the layers of a node: the last makes its main output, layers behind it make others that are read. */
export function addLayers(state: LoweringState, call: LowerCall, plan: LayersPlan): void {
  const { node } = call;
  const main = mainOutput(state, call, plan);
  const output = known(node.outputs[main], 'output');
  const last = known(plan.layers.at(-1), 'layer').output.shape;
  // The layer may make more than its only output: all states, of which the last is asked for.
  const isMade = elementCount(last) === elementCount(known(call.outputs[main], 'output').shape);
  const steps: View[] = [];
  plan.layers.forEach((layer, step) => {
    const isLast = step === plan.layers.length - 1;
    const name = isLast ? node.name : `${node.name}.${step + 1}`;
    const map = isLast && isMade ? tensorId(output) : freshMapId(state, output, step + 1);
    steps.push(addLayer(state, call, layer, steps, { name, map, bits: call.outputBits(main) }));
  });
  const made = known(steps.at(-1), 'layer');
  const others = node.outputs.flatMap((_, i) =>
    (isMade && i === main) || !isNeeded(state, call, i) ? [] : [i],
  );
  if (isMade) state.views.set(output, { ...made, exclusive: others.length === 0 });
  for (const i of others) {
    const other = plan.also?.[i];
    const view = other ? { ...viewRead(other, steps), exclusive: false } : addFurther(state, call, made, i);
    state.views.set(known(node.outputs[i], 'output'), view);
  }
}

/** The output that the last layer makes: where nobody reads it, another of its shape that is read. */
function mainOutput(state: LoweringState, call: LowerCall, { output = 0, also }: LayersPlan): number {
  if (isNeeded(state, call, output)) return output;
  const shapeOf = (i: number): string => known(call.outputs[i], 'output').shape.join();
  const another = call.outputs.findIndex(
    (_, i) => also?.[i] === undefined && isNeeded(state, call, i) && shapeOf(i) === shapeOf(output),
  );
  return another < 0 ? output : another;
}

/** An output that is there, is not known before the run, and is read. */
export const isNeeded = (state: LoweringState, { node, outputs }: LowerCall, i: number): boolean =>
  outputs[i]?.constant === false && isRead(state, known(node.outputs[i], 'output'));

/** Adds the layer that writes output `i` beside the main one. */
function addFurther(state: LoweringState, call: LowerCall, main: View, i: number): View {
  const output = known(call.node.outputs[i], 'output');
  const name = `${call.node.name}.output${i}`;
  const bits = state.options.ofLayer(plainName(name)).O ?? bitsOf(state, output, 'O');
  const from = known(state.maps.get(known(main.parts[0], 'map').map), 'map');
  const plan = furtherLayer(main, from, known(call.outputs[i], 'output').shape);
  return addLayer(state, call, plan, [], { name, map: tensorId(output), bits });
}

/** Adds one layer per output of a node; outputs that are views of what it reads are one alias. */
export function addEach(state: LoweringState, call: LowerCall, outputs: readonly (LayerPlan | View)[]): void {
  const { node } = call;
  outputs.forEach((made, main) => {
    const output = node.outputs[main];
    if (!output || !isRead(state, output)) return;
    const name = main === 0 ? node.name : `${node.name}.${main}`;
    const ids = { name, map: tensorId(output), bits: call.outputBits(main) };
    const view = 'parts' in made ? { ...made, exclusive: false } : addLayer(state, call, made, [], ids);
    state.views.set(output, view);
  });
  const views = outputs.flatMap((made) => ('parts' in made ? [made] : []));
  if (views.length > 0) state.aliases.push(aliasOf(node, views));
}

/** The outputs of a node that makes nothing. */
export function addViews(state: LoweringState, call: LowerCall, views: readonly View[]): void {
  const { node } = call;
  const readOnce = node.inputs.every((name, i) => !call.isActivation(i) || isReadOnce(state, name));
  views.forEach((view, i) => {
    const name = node.outputs[i];
    if (name) state.views.set(name, { ...view, exclusive: view.exclusive && readOnce && views.length === 1 });
  });
  state.aliases.push(aliasOf(node, views));
}

/** A node that costs nothing, and the maps behind its results. */
export const aliasOf = (node: GraphNode, views: readonly View[]): Alias => ({
  op: operatorName(node),
  name: node.name,
  of: [...new Set(views.flatMap((view) => view.parts.map((part) => part.map)))],
});

const isRead = (state: LoweringState, name: string): boolean => (state.readers.get(name) ?? 0) > 0;

function addLayer(
  state: LoweringState,
  call: LowerCall,
  plan: LayerPlan,
  steps: readonly View[],
  { name, map: mapId, bits }: { readonly name: string; readonly map: TensorId; readonly bits: number },
): View {
  const size = extents(plan.output.shape, plan.output.layout);
  const id = freshLayerId(state, name);
  const map: FeatureMap = {
    id: mapId,
    producer: id,
    elementsPerPixel: size.pixel,
    width: size.x,
    height: size.y,
    bits,
  };
  const { postOps, weightBits } = weightsOf(state, call, id, plan, steps);
  const layer: Layer = {
    id,
    op: operatorName(call.node),
    kind: plan.kind,
    coverage: plan.coverage,
    src: provenanceOf(call),
    loops: sharedLoops(state, plan.loops),
    output: { map: map.id, dims: plan.output.dims, bits, psumBits: call.psumBits },
    inputs: plan.inputs.map((operand) => operandOf(state, operand, steps, { x: size.x, y: size.y })),
    upsample: plan.upsample ?? NOT_UPSAMPLED,
    weightBits,
    macs: plan.macs ?? 0,
    passes: plan.passes ?? 1,
    postOps,
    ...(plan.span === undefined ? {} : { span: plan.span }),
    ...(plan.itemRows === undefined ? {} : { itemRows: plan.itemRows }),
    ...(plan.unknownMacs === undefined ? {} : { unknownMacs: plan.unknownMacs }),
  };
  state.layers.set(id, layer);
  state.maps.set(map.id, map);
  return viewOfMap(map, plan.output.shape, plan.output.layout);
}

const NOT_UPSAMPLED = { x: 1, y: 1 } as const;

/** Networks repeat themselves: equal nests share their loops, and with them whatever is worked out per list of loops. */
function sharedLoops({ loops: seen }: LoweringState, loops: readonly LoopSize[]): readonly LoopSize[] {
  let key = '';
  for (const { dim, size } of loops) key += `${dim}${size} `;
  const found = seen.get(key);
  if (found === undefined) seen.set(key, loops);
  return found ?? loops;
}

function operandOf(
  state: LoweringState,
  plan: OperandPlan,
  steps: readonly View[],
  out: { readonly x: number; readonly y: number },
): InputOperand {
  const { name, path, bits, dims, windows, share, reads } = plan;
  const sourcesOf = (read: Read): readonly Source[] =>
    resolve(viewRead(read.view, steps), read, out, state.maps);
  const [only] = reads;
  const sources = reads.length === 1 && only ? sourcesOf(only) : shared(reads.flatMap(sourcesOf));
  return {
    ...{ name, path, bits, dims, windows: shared(windows) },
    ...(share === undefined ? {} : { share }),
    sources,
  };
}

const EMPTY: readonly never[] = [];

/** Layers keep one empty list among them, not thousands. */
const shared = <T>(list: readonly T[]): readonly T[] => (list.length === 0 ? EMPTY : list);

function viewRead(view: Read['view'], steps: readonly View[]): View {
  if (view === 'previous') return known(steps.at(-1), 'layer before in the chain');
  return 'step' in view ? shareOf(known(steps[view.step], 'layer of the plan'), view.share ?? 1) : view;
}

/**
 * Bits of constants, split into the kernel and the parameters of operations on the output, of quantized constants and
 * of what is done to operands as they are read.
 */
function weightsOf(
  state: LoweringState,
  call: LowerCall,
  layer: LayerId,
  plan: LayerPlan,
  steps: readonly View[],
): { readonly postOps: readonly PostOp[]; readonly weightBits: number } {
  const hasKernel = plan.inputs.some((operand) => operand.path === 'W');
  const postOps: PostOp[] = [];
  let weightBits = 0;
  const count = (name: string, bits: number): void => {
    weightBits += bits;
    state.weights.push({ layer, name, bits });
  };
  const countParameter = (name: string, used?: number): number => {
    const bits = parameterBits(state, name, used);
    if (state.options.countParameters) count(name, bits);
    return bits;
  };
  const addPostOp = (op: string, name: string, used?: number): void => {
    postOps.push({ op, name, parameterBits: countParameter(name, used) });
  };
  for (const { input, elements, postOp } of plan.weights ?? []) {
    const name = known(call.node.inputs[input], 'parameter');
    if (postOp !== undefined) {
      addPostOp(postOp, name, elements);
      continue;
    }
    const all = elementCount(known(call.inputs[input], 'weights').shape);
    const used = elements ?? all;
    if (hasKernel) count(name, used * call.bits(input, 'W'));
    else countParameter(name, used);
    for (const one of state.stored.get(name)?.parameters ?? [])
      addPostOp(one.op, one.name, Math.ceil((elementCount(state.tensor(one.name).shape) * used) / all));
  }
  for (const { op, name, parameters } of functionsRead(plan, steps)) {
    const bits = parameters.reduce((sum, parameter) => sum + countParameter(parameter), 0);
    // Without tables it is an alias and nothing else.
    if (bits > 0) postOps.push({ op, name, parameterBits: bits });
  }
  return { postOps: shared(postOps), weightBits };
}

/** What is done to operands as they are read, each once. */
function functionsRead({ inputs }: LayerPlan, steps: readonly View[]): readonly ReadFunction[] {
  const found = new Set<ReadFunction>();
  for (const { reads } of inputs)
    for (const { view } of reads)
      for (const { onRead = EMPTY } of viewRead(view, steps).parts) for (const one of onRead) found.add(one);
  return [...found];
}

/** Parameters are tables with one number per channel or more; a single number is part of the instruction. */
export function parameterBits(state: LoweringState, name: string, used = Infinity): number {
  const elements = Math.min(used, elementCount(state.tensor(name).shape));
  return elements > 1 ? elements * bitsOf(state, name, 'W') : 0;
}
