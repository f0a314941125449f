/**
 * The cost of an operator without a loop nest of its own: it visits its largest output once, reads every input whole and once
 * (in as many passes as the inputs are larger than the output), and its constants count as weights. Approximate
 * by design, visible by its coverage and a warning; never free.
 */
import {
  FULL,
  type LayerPlan,
  type LowerCall,
  type OperandPlan,
  type Plan,
  type Read,
} from '../lower-plan.js';
import { PIXEL_DIMS, pixelLoops } from './nests.js';
import { elementCount } from './operator.js';

/** Of an operator that is known to have no MACs. */
export const lowerGeneric = (call: LowerCall): Plan => oneLayerOf(call, {});

/** Of an operator nobody knows, or that takes other forms than those known. */
export const lowerUnknown = (call: LowerCall): Plan => oneLayerOf(call, { unknownMacs: true });

function oneLayerOf(call: LowerCall, rest: Pick<LayerPlan, 'unknownMacs'>): Plan {
  const sizes = call.outputs.map((output) => (output.constant ? 0 : elementCount(output.shape)));
  const largest = sizes.indexOf(Math.max(...sizes));
  const { shape } = call.outputs[largest]!;
  const layout = call.freeLayout(largest);
  const present = call.inputs.flatMap((input, i) => (input ? [{ input, i }] : []));
  const activations = present.filter(({ i }) => call.isActivation(i));
  const constants = present.filter(({ i }) => !call.isActivation(i));
  const views = [...activations.map(({ i }) => call.view(i)), ...call.captured];
  const reads: readonly Read[] = views.map((view) => ({ view, layout: view.layout, x: FULL, y: FULL }));
  const read = views.reduce((sum, view) => sum + elementCount(view.shape), 0);
  const bits = activations[0] ? call.bits(activations[0].i, 'I') : call.outputBits(largest);
  const inputs: OperandPlan[] = [];
  const weighty = constants.filter(({ input }) => elementCount(input.shape) > 1);
  if (weighty[0]) {
    const weightBits = call.bits(weighty[0].i, 'W');
    inputs.push({ name: 'W', path: 'W', bits: weightBits, dims: PIXEL_DIMS, windows: [], reads: [] });
  }
  inputs.push({ name: 'I', path: 'I', bits, dims: PIXEL_DIMS, windows: [], reads });
  return {
    kind: 'layers',
    output: largest,
    layers: [
      {
        kind: 'vector',
        coverage: 'generic',
        loops: pixelLoops(shape, layout),
        output: { shape, layout, dims: PIXEL_DIMS },
        inputs,
        weights: weighty.map(({ i }) => ({ input: i })),
        passes: Math.max(1, Math.ceil(read / elementCount(shape))),
        ...rest,
      },
    ],
  };
}
