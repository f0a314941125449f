/**
 * Pointwise operations: taken over by the layer that makes their input if nothing else sees that map and they have no
 * further output. Otherwise one that keeps what is stored is a view, others are left to those who read the result if it
 * is only needed whole, as scaled keys are, and are a layer of their own if it is not.
 */
import { known } from '../base/assert.js';
import { bareName, tensorId } from '../base/ids.js';
import type { FeatureMap, Layer } from '../ir/layer.js';
import { addLayers, addViews, aliasOf, isNeeded, parameterBits, provenanceOf } from './lower-layer.js';
import type { LowerCall, PointwisePlan, ReadFunction, View } from './lower-plan.js';
import { isReadOnce, plainName, type LoweringState } from './lower-state.js';
import { ownMap } from './lower-view.js';
import { variesByPixel, withConstants } from './ops/constants.js';
import { visitLayer } from './ops/nests.js';
import { operatorName } from './ops/registry.js';
import { keepsStored } from './stored.js';

export function addPointwise(state: LoweringState, call: LowerCall, plan: PointwisePlan): void {
  const { node } = call;
  const input = known(node.inputs[plan.input], 'input');
  const view = call.view(plan.input);
  const isAlone = node.outputs.every((_, i) => i === 0 || !isNeeded(state, call, i));
  const map = isAlone && isReadOnce(state, input) ? ownMap(view, state.maps) : undefined;
  const producer = map?.producer ? state.layers.get(map.producer) : undefined;
  const isWhole = isAlone && call.whole(0) === 'only';
  if (map && producer && !isOfPixels(call, plan, view)) takeOver(state, call, plan, producer, map);
  else if (keepsStored(node, state.tensor) && keepsBits(state, call, view)) addViews(state, call, [view]);
  else if (plan.onRead || (isWhole && keepsBits(state, call, view))) leaveToReaders(state, call, plan, view);
  else {
    const operand = { name: 'I', bits: call.bits(plan.input, 'I'), view, shape: view.shape } as const;
    const traits = { kind: 'vector', coverage: 'exact', weights: plan.parameters } as const;
    const layer = visitLayer(view.shape, view.layout, [operand], traits);
    const layers = [plan.broadcast ? withConstants(call, layer, plan.parameters) : layer];
    addLayers(state, call, { kind: 'layers', layers });
  }
}

/** Parameters that differ from pixel to pixel are data of the size of a map: they do not stay beside a layer. */
const isOfPixels = (call: LowerCall, { broadcast, parameters }: PointwisePlan, view: View): boolean =>
  broadcast === true &&
  parameters.some(({ input }) => {
    const own = call.inputs[input]?.shape ?? [];
    return variesByPixel(own, view.shape.length, view.layout);
  });

/** The user asks for no layer that stores it in other bits: has set none for it, or those of the maps behind it. */
function keepsBits({ options, maps }: LoweringState, { node }: LowerCall, { parts }: View): boolean {
  const set = options.ofLayer(plainName(node.name)).O;
  return set === undefined || parts.every((part) => maps.get(part.map)?.bits === set);
}

/** Every reader does it for itself: the result is the map as it is stored. */
function leaveToReaders(
  state: LoweringState,
  { node }: LowerCall,
  { parameters }: PointwisePlan,
  view: View,
): void {
  const names = parameters.map(({ input }) => known(node.inputs[input], 'parameter'));
  const own: ReadFunction = { op: operatorName(node), name: node.name, parameters: names };
  const parts = view.parts.map((part) => ({ ...part, onRead: [...(part.onRead ?? []), own] }));
  state.views.set(known(node.outputs[0], 'output'), { ...view, parts, exclusive: false });
  state.aliases.push(aliasOf(node, [view]));
}

/** The producer's map now holds the result: it takes its name and the type it is stored in. */
function takeOver(
  state: LoweringState,
  call: LowerCall,
  plan: PointwisePlan,
  producer: Layer,
  map: FeatureMap,
): void {
  const { node } = call;
  const output = known(node.outputs[0], 'output');
  const parameters = plan.parameters.map(({ input }) => {
    const name = known(node.inputs[input], 'parameter');
    return { layer: producer.id, name, bits: parameterBits(state, name) };
  });
  const added = parameters.reduce((sum, { bits }) => sum + bits, 0);
  if (state.options.countParameters) state.weights.push(...parameters);
  const bits = state.options.ofLayer(bareName(producer.id)).O ?? call.outputBits(0);
  const result: FeatureMap = { ...map, id: tensorId(output), bits };
  state.layers.set(producer.id, {
    ...producer,
    output: { ...producer.output, map: result.id, bits },
    weightBits: producer.weightBits + (state.options.countParameters ? added : 0),
  });
  const taken = state.takenOver.get(producer.id) ?? [];
  taken.push({
    src: provenanceOf(call),
    postOp: { op: operatorName(node), name: node.name, parameterBits: added },
  });
  state.takenOver.set(producer.id, taken);
  state.maps.delete(map.id);
  state.maps.set(result.id, result);
  state.renamed.set(map.id, result.id);
  const view = call.view(plan.input);
  state.views.set(output, { ...view, parts: view.parts.map((part) => ({ ...part, map: result.id })) });
}
